package load

import (
	"fmt"
	"syscall"
)

// poller tells which of many sockets can be read: epoll(7).
type poller struct {
	fd     int
	events []syscall.EpollEvent
}

func newPoller() (*poller, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make an epoll: %w", err)
	}
	return &poller{fd: fd, events: make([]syscall.EpollEvent, 512)}, nil
}

// add has a socket told of until it is closed. It may be called while wait waits.
func (p *poller) add(fd int) error {
	return syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

// wait waits until something can be read and says how many sockets.
func (p *poller) wait() (int, error) {
	for {
		n, err := syscall.EpollWait(p.fd, p.events, -1)
		if err != syscall.EINTR {
			return n, err
		}
	}
}

// ready is one of those that wait found.
func (p *poller) ready(i int) (fd int) { return int(p.events[i].Fd) }
