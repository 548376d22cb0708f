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

func TestEveryPingOfAFloodIsAnsweredAndNobodyWaits(t *testing.T) {
	t.Parallel()
	const pings, atOnce = 10_000, 100
	s := besiege(t, hub.Options{Interval: time.Millisecond})
	a := s.attack(t, "", "")
	var worst time.Duration
	for sent := 0; sent < pings; sent += atOnce {
		var flood strings.Builder
		for i := range atOnce {
			flood.WriteString(frame(finBit|opPing, fmt.Sprint("ping ", sent+i)))
		}
		a.send(flood.String())
		began := time.Now()
		if sent%1000 == 0 {
			s.serves(t)
			worst = max(worst, time.Since(began))
		}
		for i := range atOnce {
			op, payload, err := a.next()
			if err != nil {
				t.Fatalf("after %d pongs: %v", sent+i, err)
			}
			if want := fmt.Sprint("ping ", sent+i); op != opPong || string(payload) != want {
				t.Fatalf("answer %d has opcode %d and payload %q, want a pong of %q", sent+i, op, payload, want)
			}
		}
	}
	if worst > 2*time.Second {
		t.Errorf("another page waited %v", worst)
	}
	a.send(frame(finBit|opText, s.guestJoin(t, tally)))
	a.awaitText("joined")
	a.send(closeFrame(uint16(websocket.StatusNormalClosure), ""))
	a.awaitEnd()
	s.repelled(t)
}

// A pong nobody asked for is no sign of life either: the counted ones of the hub are.
func TestPongsNobodyAskedForAreIgnored(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{Interval: time.Millisecond})
	a := s.attack(t, "", "")
	flood := strings.Repeat(frame(finBit|opPong, strings.Repeat("p", 125)), 1000)
	for range 10 {
		a.send(flood)
		s.serves(t)
	}
	a.send(frame(finBit|opText, s.guestJoin(t, tally)))
	a.awaitText("joined")
	a.send(closeFrame(uint16(websocket.StatusNormalClosure), ""))
	a.awaitEnd()
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
			time.Sleep(10 * time.Millisecond)
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
