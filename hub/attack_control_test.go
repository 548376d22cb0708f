package hub_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/hub"
)

// Pings are answered as the protocol asks (RFC 6455, section 5.5.3), and no page sends
// many: they count as messages do.
func TestPingsAreAnsweredUntilTheyAreAFlood(t *testing.T) {
	t.Parallel()
	const few = 30
	s := besiege(t, hub.Options{Interval: time.Millisecond})
	a := s.attack(t, "", "")
	for i := range few {
		a.send(frame(finBit|opPing, fmt.Sprint("ping ", i)))
	}
	for i := range few {
		op, payload, err := a.next()
		if err != nil {
			t.Fatalf("after %d pongs: %v", i, err)
		}
		if want := fmt.Sprint("ping ", i); op != opPong || string(payload) != want {
			t.Fatalf("answer %d has opcode %d and payload %q, want a pong of %q", i, op, payload, want)
		}
	}
	a.send(frame(finBit|opText, s.guestJoin(t, tally)))
	a.awaitText("joined")
	s.expectFloodEnds(t, a, frame(finBit|opPing, "ping"))
}

// A pong nobody asked for is ignored (RFC 6455, section 5.5.3), a flood of them is not.
func TestPongsNobodyAskedForAreIgnoredUntilTheyAreAFlood(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{"of no ping": strings.Repeat("p", 125), "of the hub's ping": "veche"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := besiege(t, hub.Options{Interval: time.Millisecond})
			a := s.attack(t, "", "")
			pong := frame(finBit|opPong, payload)
			a.send(strings.Repeat(pong, 30))
			s.serves(t)
			a.send(frame(finBit|opText, s.guestJoin(t, tally)))
			a.awaitText("joined")
			s.expectFloodEnds(t, a, pong)
		})
	}
}

// expectFloodEnds has a peer send a frame many times over: it is expelled, and others
// are served meanwhile.
func (s *siege) expectFloodEnds(t *testing.T, a *attacker, frame string) {
	t.Helper()
	go a.try(strings.Repeat(frame, 10_000))
	s.serves(t)
	if code := a.awaitEnd(); code != int(websocket.StatusPolicyViolation) {
		t.Errorf("the flood was ended with %d, want 1008", code)
	}
	s.repelled(t)
}

func TestPongsOfAnotherPingDoNotKeepASocket(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{Ping: time.Second, Pong: 2 * time.Second})
	a := s.attack(t, "", "")
	go func() {
		for {
			if _, err := io.WriteString(a.conn, frame(finBit|opPong, "no ping said this")); err != nil {
				return
			}
			time.Sleep(200 * time.Millisecond) // no flood
		}
	}()
	a.awaitCut()
	s.repelled(t)
}

// A peer that asks and does not listen fills the buffers of the kernel. Its pongs do
// not pile up behind them: it is cut off.
func TestPingsOfAPeerThatNeverReadsDoNotPileUp(t *testing.T) {
	t.Parallel()
	var served sync.WaitGroup
	s := besiege(t, hub.Options{Ping: time.Hour}, func(*portal) { t.Cleanup(served.Wait) }) // after the portal stopped
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served.Go(func() { _ = s.app.Server().Serve(narrowListener{listener}) })
	narrow := *s.portal
	narrow.addr = listener.Addr().String()
	a := narrow.attack(t, "", "")
	flood := strings.Repeat(frame(finBit|opPing, strings.Repeat("p", 125)), 100)
	for {
		_, err := io.WriteString(a.conn, flood)
		if isTimeout(err) {
			t.Fatal("socket stays open")
		}
		if err != nil {
			break
		}
	}
	s.repelled(t)
}

// narrowListener accepts connections for which the kernel keeps little that was not
// read yet.
type narrowListener struct{ net.Listener }

func (l narrowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn, conn.(*net.TCPConn).SetWriteBuffer(4 << 10)
}
