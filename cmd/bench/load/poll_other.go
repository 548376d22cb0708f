//go:build !linux

package load

import "errors"

type poller struct{}

func newPoller() (*poller, error) {
	return nil, errors.New("ten thousand clients in one thread need epoll: the bench runs on Linux only")
}

func (*poller) add(int) error      { return errors.ErrUnsupported }
func (*poller) wait() (int, error) { return 0, errors.ErrUnsupported }
func (*poller) ready(int) int      { return -1 }
