package part

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

// Usage is what a process has used of the machine.
type Usage struct {
	CPU      time.Duration // user and system, since it began
	Resident int64         // bytes in memory now, proc_pid_status(5) VmRSS
	Peak     int64         // the most there were, VmHWM, since it began or was last freed
}

// Usage asks a part for its usage.
func (p *Part) Usage() (Usage, error) {
	var u Usage
	return u, p.Call("usage", nil, &u)
}

// Free has a part give back the memory it does not need, forget its peak, and tell
// its usage then.
func (p *Part) Free() (Usage, error) {
	var u Usage
	return u, p.Call("free", nil, &u)
}

func usage() (Usage, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return Usage{}, fmt.Errorf("read the time used: %w", err)
	}
	u := Usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano())}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return Usage{}, fmt.Errorf("read the memory used, which only Linux tells: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		name, rest, _ := bytes.Cut(lines.Bytes(), []byte(":"))
		into := map[string]*int64{"VmRSS": &u.Resident, "VmHWM": &u.Peak}[string(name)]
		if into == nil {
			continue
		}
		kilobytes, err := strconv.ParseInt(string(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte(" kB"))), 10, 64)
		if err != nil {
			return Usage{}, fmt.Errorf("read the memory used: %w", err)
		}
		*into = kilobytes << 10
	}
	return u, lines.Err()
}

func free() (Usage, error) {
	// What pools let go of goes with the next collection, and each halves a stack that
	// once was larger.
	for range 3 {
		runtime.GC()
	}
	debug.FreeOSMemory()
	// proc_pid_clear_refs(5): 5 sets the peak back to what is in memory now.
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return Usage{}, fmt.Errorf("forget the peak of memory: %w", err)
	}
	return usage()
}

// RoomForFiles fails unless a process may open so many files at once.
func RoomForFiles(wanted int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("read the limit of open files: %w", err)
	}
	if limit.Cur >= uint64(wanted) {
		return nil // the Go runtime has raised it as far as it may
	}
	return fmt.Errorf("a process must open %d files and may open %d: raise the hard limit (ulimit -Hn %d, LimitNOFILE= of systemd) or ask for fewer sockets (-sockets)",
		wanted, limit.Cur, wanted)
}
