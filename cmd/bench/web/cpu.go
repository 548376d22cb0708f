package web

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tick is the unit of times in /proc (USER_HZ, proc(5)).
const tick = 10 * time.Millisecond

// spent is the processor time that this process and all that come of it have used:
// the portal, Postgres, Redis and the load client. Other programs on the machine
// slow a round down, but are no part of it. Only Linux tells.
func spent() (time.Duration, bool) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		return 0, false
	}
	type process struct{ parent, ticks int }
	all := make(map[int]process, len(stats))
	for _, path := range stats {
		line, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		// The name stands in brackets and may hold anything; what follows is numbers.
		fields := bytes.Fields(line[bytes.LastIndexByte(line, ')')+1:])
		if len(fields) < 15 {
			continue
		}
		at := func(i int) int { n, _ := strconv.Atoi(string(fields[i])); return n }
		// Time of its own, and of those of its children that have ended.
		all[pid] = process{parent: at(1), ticks: at(11) + at(12) + at(13) + at(14)}
	}
	total := 0
	for pid, p := range all {
		for ancestor := pid; ancestor > 1; ancestor = all[ancestor].parent {
			if ancestor == os.Getpid() {
				total += p.ticks
				break
			}
		}
	}
	return time.Duration(total) * tick, true
}
