package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopLeftover ends a server that a killed run left on our data, and removes a
// postmaster.pid whose process is gone: its number may belong to somebody else by
// now, and Postgres would then refuse to start.
func (h home) stopLeftover(ctx context.Context, log *slog.Logger) error {
	file := filepath.Join(h.data(), "postmaster.pid")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a server left running: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || !h.runsHere(pid) {
		return removeIfThere(file)
	}
	log.Info("stopping the Postgres that an earlier run left", "process", pid)
	for _, try := range []struct {
		signal syscall.Signal
		grace  time.Duration
	}{{stopFast, 15 * time.Second}, {stopAtOnce, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		if err := syscall.Kill(pid, try.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the Postgres left as process %d: %w", pid, err)
		}
		for end := time.Now().Add(try.grace); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if !h.runsHere(pid) {
				return removeIfThere(file)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return fmt.Errorf("the Postgres left as process %d cannot be stopped", pid)
}

// runsHere reports whether process pid is a Postgres on our data. A server makes
// its data directory its working directory.
func (h home) runsHere(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	if runtime.GOOS == "linux" {
		// A zombie has no working directory any more.
		dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		if err != nil {
			return false
		}
		own, err := filepath.EvalSymlinks(h.data())
		return err == nil && dir == own
	}
	line, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(line), h.data())
}

func removeIfThere(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
