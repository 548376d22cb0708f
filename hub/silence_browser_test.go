package hub_test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"veche/hub"
)

// wire passes bytes between pages and a portal until it is frozen: connections of
// that time stay open, and nothing comes through any more.
type wire struct {
	addr   string
	frozen atomic.Int32 // connections up to this number
	opened atomic.Int32
}

func layWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	w := &wire{addr: listener.Addr().String()}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp4", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			t.Cleanup(func() { _, _ = near.Close(), far.Close() })
			n := w.opened.Add(1)
			go w.pass(n, near, far)
			go w.pass(n, far, near)
		}
	}()
	return w
}

func (w *wire) freeze() { w.frozen.Store(w.opened.Load()) }

func (w *wire) pass(n int32, to io.WriteCloser, from io.Reader) {
	var buffer [4096]byte
	for {
		got, err := from.Read(buffer[:])
		frozen := n <= w.frozen.Load()
		switch {
		case frozen && err == nil:
			continue // swallowed, as by a network that is gone
		case frozen:
			return // nor is an end heard of
		case err == nil:
			_, err = to.Write(buffer[:got])
		}
		if err != nil {
			_ = to.Close()
			return
		}
	}
}

func TestSocketThatDiesWithoutAWordIsReplaced(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{Ping: 300 * time.Millisecond}, tally)
	w := layWire(t, s.addr)
	s.addr = w.addr
	s.config = `,"silence":1500`
	v := s.visit()
	w.freeze()
	s.put(tally, look{text: "not heard", state: 11})
	s.put(tally, look{text: "changed in silence", state: 12})
	v.awaitText(tallyText, "changed in silence")
	v.awaitStrip("live", "")
	if s.loads != 1 {
		t.Errorf("page was loaded %d times", s.loads)
	}
}

// Pings keep a quiet socket from being taken for dead.
func TestQuietSocketIsKept(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{Ping: 300 * time.Millisecond}, tally)
	w := layWire(t, s.addr)
	s.addr = w.addr
	s.config = `,"silence":1500`
	v := s.visit()
	opened := w.opened.Load()
	time.Sleep(4 * time.Second) // in which a page that heard nothing would have come back twice
	if again := w.opened.Load() - opened; again != 0 {
		t.Errorf("page opened %d more connections", again)
	}
	v.awaitStrip("live", "")
}
