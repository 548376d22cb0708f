//go:build unix

package hub

import (
	"errors"
	"sync"
	"syscall"
)

// attempt is one write that does not wait. Attempts are used again, and so is the
// function the runtime calls with the descriptor: a delivery allocates nothing.
type attempt struct {
	p   []byte
	n   int
	err error
	run func(fd uintptr) (done bool)
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.run = func(fd uintptr) bool {
		for {
			a.n, a.err = syscall.Write(int(fd), a.p)
			if !errors.Is(a.err, syscall.EINTR) {
				return true // also when the kernel would not take it: nobody waits here
			}
		}
	}
	return a
}}

// tryWrite writes of p what the kernel takes at once.
func tryWrite(raw syscall.RawConn, p []byte) (int, error) {
	a := attempts.Get().(*attempt)
	a.p, a.n, a.err = p, 0, nil
	err := raw.Write(a.run)
	n, failed := a.n, a.err
	a.p = nil
	attempts.Put(a)
	switch {
	case err != nil:
		return 0, err
	case errors.Is(failed, syscall.EAGAIN):
		return 0, nil
	case failed != nil:
		return 0, failed
	}
	return n, nil
}
