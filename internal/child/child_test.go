package child_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"veche/internal/child"
)

// shell starts a script and returns once it has said its first line. The reader
// ends when the script and everything it started have.
func shell(t *testing.T, script string) (*child.Child, *bufio.Reader) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", script)
	cmd.Stdout = in
	c, err := child.Start(cmd, syscall.SIGKILL)
	_ = in.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Kill(); _ = out.Close() })
	if err := out.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(out)
	if line, err := said.ReadString('\n'); line != "up\n" {
		t.Fatalf("it says %q (%v)", line, err)
	}
	return c, said
}

func TestChildIsAskedBeforeItIsKilled(t *testing.T) {
	t.Parallel()
	c, _ := shell(t, `trap 'exit 4' TERM; echo up; while :; do sleep 0.05; done`)
	if c.Ended() {
		t.Fatal("it ended by itself")
	}
	if err := c.Stop(syscall.SIGTERM, 10*time.Second); err != nil {
		t.Error(err)
	}
	if err := c.Err(); err == nil || err.Error() != "exit status 4" {
		t.Errorf("it ended with %v", err)
	}
	if err := c.Stop(syscall.SIGTERM, time.Second); err != nil {
		t.Errorf("stopping it again gives %v", err)
	}
}

func TestDeafChildIsKilledWithItsChildren(t *testing.T) {
	t.Parallel()
	c, said := shell(t, `trap '' TERM; sleep 300 & echo up; wait`)
	err := c.Stop(syscall.SIGTERM, 100*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("stopping gives %v", err)
	}
	if _, err := said.ReadByte(); err != io.EOF {
		t.Errorf("the grandchild lives on: %v", err)
	}
}

func TestMissingProgramIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := child.Start(exec.Command("/nowhere/program"), syscall.SIGKILL); err == nil {
		t.Error("it started")
	}
}
