package hub_test

// One slow reader hurts nobody, and neither do three hundred: peers that never read
// among three thousand real sockets cost the others no frame and little time, and
// are closed.

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"veche/domain/event"
	"veche/hub"
)

const (
	crowdReaders = 2700
	crowdStuck   = 300
	// With stuck peers frames may take so many times as long as without, by the
	// median. They take about as long; the rest is for a busy machine.
	crowdRatio = 3
)

const flood = event.Region("post:9/comment/1") // what fills the buffers of those who do not read

// peer is a page without a WebSocket library: a raw connection of which whole
// messages are cut, without a goroutine of its own.
type peer struct {
	conn   *net.TCPConn
	raw    syscall.RawConn
	kept   []byte
	joined atomic.Bool
	count  atomic.Int64 // what the newest frame of the tally shows
	ended  atomic.Bool
}

// dialPeers opens sockets and reads the answers to the upgrades, and no more. A
// machine that is very busy may let the short timeouts of the test's server pass.
func dialPeers(t *testing.T, n int, addr, join string, dialer *net.Dialer) []*peer {
	t.Helper()
	const atOnce, tries = 20, 5
	peers := make([]*peer, n)
	errs := make([]error, n)
	var dialing sync.WaitGroup
	for part := range atOnce {
		dialing.Go(func() {
			for i := part; i < n; i += atOnce {
				for try := 0; try < tries && peers[i] == nil; try++ {
					peers[i], errs[i] = upgradePeer(addr, join, dialer)
				}
			}
		})
	}
	dialing.Wait()
	for i, p := range peers {
		if p == nil {
			t.Fatalf("peer %d: %v", i, errs[i])
		}
		t.Cleanup(func() { _ = p.conn.Close() })
	}
	return peers
}

func upgradePeer(addr, join string, dialer *net.Dialer) (*peer, error) {
	dialed, err := dialer.Dial("tcp4", addr)
	if err != nil {
		return nil, err
	}
	p := &peer{conn: dialed.(*net.TCPConn)}
	p.raw, err = p.conn.SyscallConn()
	if err == nil {
		_, err = fmt.Fprintf(dialed, upgradeRequest+"%s", addr, textFrame(join))
	}
	for buffer := make([]byte, 512); err == nil; {
		var n int
		n, err = dialed.Read(buffer)
		p.kept = append(p.kept, buffer[:n]...)
		if head, rest, answered := bytes.Cut(p.kept, []byte("\r\n\r\n")); answered && err == nil {
			if p.kept = rest; bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
				return p, nil
			}
			err = fmt.Errorf("upgrade was answered with %s", head)
		}
	}
	_ = dialed.Close()
	return nil, err
}

// littleRoom keeps the kernel from taking much for a peer: loopback has large
// segments, and sends ahead many of them.
func littleRoom(_, _ string, raw syscall.RawConn) error {
	var err error
	if controlled := raw.Control(func(fd uintptr) {
		err = errors.Join(
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096),
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1400),
		)
	}); controlled != nil {
		return controlled
	}
	return err
}

// read takes what has come, without waiting for more, and says whether there was
// anything.
func (p *peer) read(buffer []byte) bool {
	any := false
	for !p.ended.Load() {
		var n int
		var err error
		if p.raw.Read(func(fd uintptr) bool { n, err = syscall.Read(int(fd), buffer); return true }) != nil {
			err = io.EOF
		}
		switch {
		case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
			return any
		case err != nil || n == 0:
			p.ended.Store(true)
			return any
		}
		any = true
		p.kept = append(p.kept, buffer[:n]...)
		p.kept = slices.Clone(p.cut(p.kept))
	}
	return any
}

// cut hears whole messages (RFC 6455, section 5.2, never masked by a server) and
// answers what is left.
func (p *peer) cut(bytesRead []byte) (rest []byte) {
	rest = bytesRead
	for len(rest) >= 2 {
		head, size := 2, int(rest[1])
		switch size {
		case 126:
			head = 4
		case 127:
			head = 10
		}
		if len(rest) < head {
			return rest
		}
		switch head {
		case 4:
			size = int(binary.BigEndian.Uint16(rest[2:]))
		case 10:
			size = int(binary.BigEndian.Uint64(rest[2:]))
		}
		if len(rest) < head+size {
			return rest
		}
		p.hear(rest[head : head+size])
		rest = rest[head+size:]
	}
	return rest
}

func (p *peer) hear(message []byte) {
	if bytes.HasPrefix(message, []byte(`{"joined"`)) {
		p.joined.Store(true)
		return
	}
	_, after, found := bytes.Cut(message, []byte("poll:42/tally "))
	if !found {
		return
	}
	digits, _, _ := bytes.Cut(after, []byte("<"))
	if count, err := strconv.ParseInt(string(digits), 10, 64); err == nil {
		p.count.Store(count)
	}
}

// crowd reads for many peers with two goroutines.
type crowd struct {
	*portal
	peers []*peer
}

func (c *crowd) readAll(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	for part := range 2 {
		reading.Go(func() {
			buffer := make([]byte, 64<<10)
			for ctx.Err() == nil {
				any := false
				for i := part; i < len(c.peers); i += 2 {
					any = c.peers[i].read(buffer) || any
				}
				if !any {
					time.Sleep(2 * time.Millisecond)
				}
			}
		})
	}
	return func() { cancel(); reading.Wait() }
}

// await waits until all peers fit.
func (c *crowd) await(what string, fits func(p *peer) bool) {
	c.t.Helper()
	awaitTrue(c.t, func() string {
		missing := 0
		for _, p := range c.peers {
			if !fits(p) {
				missing++
			}
		}
		return fmt.Sprintf("%d of %d peers: %s", missing, len(c.peers), what)
	}, func() bool { return !slices.ContainsFunc(c.peers, func(p *peer) bool { return !fits(p) }) })
}

// rounds changes the tally so many times, waits each time until every peer was sent
// it, and answers how long that took. The flood changes along with it.
func (c *crowd) rounds(n int) []time.Duration {
	c.t.Helper()
	took := make([]time.Duration, n)
	for i := range took {
		began := time.Now()
		c.change(event.Change{Topic: tally.Topic()}, event.Change{Topic: flood.Topic()})
		want := int64(c.town.of(tally))
		c.await(fmt.Sprintf("change %d did not come", want), func(p *peer) bool { return p.count.Load() == want })
		took[i] = time.Since(began)
	}
	return took
}

// openStuck opens peers that follow tally and flood and read neither.
func (c *crowd) openStuck() []*peer {
	c.t.Helper()
	join := joinMessage(c.t, map[event.Region][]string{
		tally: {"?", c.passes.Mint(tally, "ru", hub.Visitor{})},
		flood: {"?", c.passes.Mint(flood, "ru", hub.Visitor{})},
	})
	stuck := dialPeers(c.t, crowdStuck, c.addr, join, &net.Dialer{Control: littleRoom})
	c.awaitSockets(crowdReaders + crowdStuck)
	return stuck
}

func (c *crowd) awaitSockets(want int) {
	c.t.Helper()
	var sockets int
	awaitTrue(c.t, func() string { return fmt.Sprintf("%d sockets are open, want %d", sockets, want) }, func() bool {
		_, _, sockets = c.h.Counts()
		return sockets == want
	})
}

// floodOf draws as the town does, and makes the flood long.
func floodOf(draw hub.Drawer) hub.Drawer {
	long := bytes.Repeat([]byte("x"), 64<<10)
	return func(ctx context.Context, audience hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
		drawings, err := draw(ctx, audience, wanted)
		for region, drawing := range drawings {
			drawing.HTML = append(append(drawing.HTML, long...), "</p>"...)
			drawings[region] = drawing
		}
		return drawings, err
	}
}

func median(durations []time.Duration) time.Duration {
	slices.Sort(durations)
	return durations[len(durations)/2]
}

func TestThreeHundredWhoNeverReadHurtNoneOfThreeThousand(t *testing.T) {
	t.Parallel()
	allowOpenFiles(t, 2*(crowdReaders+crowdStuck)+1000)
	c := &crowd{portal: startPortal(t, hub.Options{PerAddress: -1, Ping: time.Hour, Interval: 5 * time.Millisecond})}
	c.h.Handle("post", "comment", floodOf(c.town.draw))
	c.town.pad(500)
	join := joinMessage(t, map[event.Region][]string{tally: {"?", c.passes.Mint(tally, "ru", hub.Visitor{})}})
	c.peers = dialPeers(t, crowdReaders, c.addr, join, &net.Dialer{})
	stop := c.readAll(t.Context())
	defer stop()
	c.await("join was not answered", func(p *peer) bool { return p.joined.Load() })
	c.rounds(3)

	var without, with []time.Duration
	for range 3 {
		without = append(without, c.rounds(5)...)
		stuck := c.openStuck()
		c.rounds(2) // their buffers are full after these
		with = append(with, c.rounds(5)...)
		for _, p := range stuck {
			_ = p.conn.Close()
		}
		c.awaitSockets(crowdReaders)
	}
	alone, together := median(without), median(with)
	t.Logf("a frame reached %d readers within %v without and %v with %d who never read (medians of %d)",
		crowdReaders, alone, together, crowdStuck, len(with))
	if together > crowdRatio*alone {
		t.Errorf("frames took %v with peers that never read, %v without", together, alone)
	}

	// Those who stay stuck are closed, while everybody else is sent everything.
	c.openStuck()
	for began := time.Now(); time.Since(began) < hub.StuckAfter+10*time.Second; time.Sleep(time.Second) {
		c.rounds(1)
		if _, _, sockets := c.h.Counts(); sockets == crowdReaders {
			break
		}
	}
	c.awaitSockets(crowdReaders)
	c.rounds(1)
	for i, p := range c.peers {
		if p.ended.Load() {
			t.Fatalf("reader %d was closed", i)
		}
	}
}

// allowOpenFiles raises the bound of open files as far as may be needed.
func allowOpenFiles(t *testing.T, want uint64) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur >= want {
		return
	}
	limit.Cur = min(limit.Max, want)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < want {
		t.Fatalf("the test needs %d open files, %d are allowed: %v", want, limit.Cur, err)
	}
}
