// Package child runs programs that must not outlive the one that started them.
//
// A child stands in a process group of its own: Ctrl-C in a terminal reaches the
// parent alone, and the parent decides in which order its children stop. Should the
// parent be killed outright, Linux passes the death on; elsewhere the child stays,
// and whoever starts it next has to find it.
package child

import (
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Child is a running program. Its methods may be called from any goroutine.
type Child struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start runs cmd. When the parent dies without stopping it, Linux sends the child
// orphaned. SysProcAttr may already name a user to run as; its other fields are
// set here.
func Start(cmd *exec.Cmd, orphaned syscall.Signal) (*Child, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr, orphaned)
	// A grandchild may keep the output open after the child is gone.
	cmd.WaitDelay = 2 * time.Second

	c := &Child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// Linux ties the child to the thread that forked it, not to the process:
		// the thread is kept until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		c.err = cmd.Wait()
		close(c.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return c, nil
}

// PID is the child's process number.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Done is closed once the child has ended and its output has been read.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err says how the child ended: nil for exit code 0. It may be asked after Done.
func (c *Child) Err() error { return c.err }

// Ended reports whether the child is gone.
func (c *Child) Ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Stop asks the child to end by the given signal and waits. What has not ended
// within grace is killed together with everything it started; the error says so.
func (c *Child) Stop(ask syscall.Signal, grace time.Duration) error {
	// The signal can only fail when there is nobody left to take it.
	_ = c.cmd.Process.Signal(ask)
	select {
	case <-c.done:
		return nil
	case <-time.After(grace):
		c.Kill()
		return fmt.Errorf("%s did not end within %s and was killed", c.cmd.Path, grace)
	}
}

// Kill ends the child and everything in its group at once, and waits.
func (c *Child) Kill() {
	if !c.Ended() {
		// The group keeps the child's number while anything of it runs, also when
		// the child itself is gone and only a grandchild holds its output.
		_ = syscall.Kill(-c.PID(), syscall.SIGKILL)
	}
	<-c.done
}
