// Package load is the other side of the sockets: a crowd of open pages in one process
// and one thread, which does nothing for a message but look at the stamps in it, so
// that most of the machine is left to the server that is measured.
package load

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"veche/cmd/bench/stamp"
	"veche/hub"
)

// Crowd is many pages of one server.
type Crowd struct {
	board *stamp.Board
	poll  *poller

	mu     sync.Mutex
	spec   Open
	passes *hub.Passes
	pages  []*page
	byFD   map[int]*page
	window *window
	inTurn chan struct{} // a place for each upgrade under way
}

// upgradesAtOnce keeps the server's backlog from overflowing: a connection that is
// dropped there comes a second later, and that second would be measured.
const upgradesAtOnce = 500

// Open says which pages to open, and of which server.
type Open struct {
	Address  string
	Sockets  int
	Regions  int  // that a page shows
	Personal bool // each page shows topics of its own, and belongs to an account
	Bare     bool // the server writes frames at once: no upgrade, no joins
	Secret   []byte
	Join     bool // as soon as the socket is open
}

// NewCrowd makes a crowd without pages. Its thread lives as long as the process.
func NewCrowd(board *stamp.Board) (*Crowd, error) {
	poll, err := newPoller()
	if err != nil {
		return nil, err
	}
	c := &Crowd{
		board:  board,
		poll:   poll,
		byFD:   make(map[int]*page),
		window: newWindow(),
		inTurn: make(chan struct{}, upgradesAtOnce),
	}
	go c.read()
	return c, nil
}

// read hears all sockets, for ever.
func (c *Crowd) read() {
	buffer := make([]byte, 256<<10)
	for {
		n, err := c.poll.wait()
		c.mu.Lock()
		if err != nil {
			c.window.fail(fmt.Errorf("wait for messages: %w", err))
			c.mu.Unlock()
			return
		}
		for i := range n {
			if p := c.byFD[c.poll.ready(i)]; p != nil {
				if err := c.readPage(p, buffer); err != nil {
					c.window.fail(fmt.Errorf("page %d: %w", p.number, err))
					c.close(p)
				}
			}
		}
		c.mu.Unlock()
	}
}

var errHungUp = errors.New("server hung up")

func (c *Crowd) readPage(p *page, buffer []byte) error {
	n, err := syscall.Read(p.fd, buffer)
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return nil
	case err != nil:
		return fmt.Errorf("read: %w", err)
	case n == 0:
		return errHungUp
	}
	data := buffer[:n]
	if len(p.rest) > 0 {
		data = append(p.rest, data...)
		p.rest = nil
	}
	if p.phase == upgrading {
		rest, whole, err := upgradeAnswer(data)
		if err != nil {
			return err
		}
		if !whole {
			p.rest = append([]byte(nil), data...)
			return nil
		}
		p.phase = open
		<-c.inTurn
		if c.spec.Join {
			if err := c.join(p); err != nil {
				return err
			}
		}
		data = rest
	}
	return p.take(data, c.window, c.spec.Personal)
}

func (c *Crowd) join(p *page) error {
	message, err := p.joinMessage(c.passes, c.spec.Personal)
	if err != nil {
		return err
	}
	return send(p.fd, message)
}

// close closes a page's socket at once. The lock is held.
func (c *Crowd) close(p *page) {
	if p.phase == closed {
		return
	}
	if p.phase == upgrading {
		<-c.inTurn
	}
	delete(c.byFD, p.fd)
	// A reset leaves no port waiting, of which ten thousand reconnections would run out.
	_ = syscall.SetsockoptLinger(p.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	_ = syscall.Close(p.fd)
	p.phase, p.rest, p.joined = closed, nil, 0
}

// Drop closes all sockets. The pages stay, and show what they showed.
func (c *Crowd) Drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pages {
		c.close(p)
	}
}

// Open opens the sockets of all pages, as quickly as the server answers. Pages that
// were dropped come back with what they show.
func (c *Crowd) Open(spec Open) error {
	server, err := netip.ParseAddrPort(spec.Address)
	if err != nil {
		return fmt.Errorf("read the server's address: %w", err)
	}
	c.mu.Lock()
	c.spec, c.passes = spec, hub.NewPasses(spec.Secret)
	for n := len(c.pages); n < spec.Sockets; n++ {
		p := &page{number: n, shown: make([]int64, spec.Regions), versions: unknown(spec.Regions)}
		if spec.Personal {
			p.first = n * spec.Regions
		}
		c.pages = append(c.pages, p)
	}
	c.mu.Unlock()
	for _, p := range c.pages {
		if !spec.Bare {
			select {
			case c.inTurn <- struct{}{}:
			case <-time.After(upgradeWithin):
				return fmt.Errorf("server does not answer upgrades: page %d waits for its turn: %w", p.number, c.trouble())
			}
		}
		if err := c.connect(p, server); err != nil {
			return fmt.Errorf("open the socket of page %d: %w", p.number, err)
		}
	}
	return nil
}

const upgradeWithin = 30 * time.Second

func (c *Crowd) trouble() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.window.trouble
}

// portsPerSource is fewer than a client address has ports (ip_local_port_range).
const portsPerSource = 20000

func (c *Crowd) connect(p *page, server netip.AddrPort) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	syscall.CloseOnExec(fd)
	if source := p.number / portsPerSource; source > 0 {
		local := &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(1 + source)}}
		if err := syscall.Bind(fd, local); err != nil {
			_ = syscall.Close(fd)
			return err
		}
	}
	err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(server.Port()), Addr: server.Addr().As4()})
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		_ = syscall.Close(fd)
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p.fd, p.phase = fd, open
	c.byFD[fd] = p
	if !c.spec.Bare {
		p.phase = upgrading
		if err := send(fd, upgradeRequest(c.spec.Address, p.number)); err != nil {
			return err
		}
	}
	return c.poll.add(fd)
}

// Join joins the regions of all pages whose sockets are open, some at a time: the
// herd of those who come back is measured elsewhere.
func (c *Crowd) Join() error {
	for some := range slices.Chunk(c.pages, upgradesAtOnce) {
		for _, p := range some {
			c.mu.Lock()
			err := c.join(p)
			c.mu.Unlock()
			if err != nil {
				return fmt.Errorf("page %d: %w", p.number, err)
			}
		}
		if _, err := c.await(some, Wait{Joined: true, Within: upgradeWithin}); err != nil {
			return err
		}
	}
	return nil
}
