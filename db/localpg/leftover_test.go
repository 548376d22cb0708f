package localpg

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Where a parent's death is not passed on, its server goes on running.
func TestServerLeftRunningIsStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	first, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	programs, err := choose(Installed(), 0)
	if err != nil {
		t.Fatal(err)
	}
	left := first.home.command(filepath.Join(programs.Bin, "postgres"), first.settings()...)
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- left.Wait() }()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); err == nil {
			break
		}
		if time.Since(begin) > 10*time.Second {
			t.Fatal("the server that is to be left does not start")
		}
	}

	second, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Stop() })
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the server left running still runs")
	}
}
