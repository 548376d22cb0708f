package hub_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"veche/hub"
	"veche/hub/hubtest"
)

// socketSeeds are what peers may send once they have a socket: the good, the broken
// and the malicious.
func socketSeeds(join string) []string {
	text := func(message string) string { return frame(finBit|opText, message) }
	seeds := []string{
		"", "\x00", "\xff", "\x81", "GET /live HTTP/1.1\r\n\r\n",
		text(join), text(join) + text(leaveOne), text(leaveOne)[:7], text(`{"beat":{"poll:42":5}}`),
		text(join) + text(leaveMessageOf("poll:42/tally")) + text(join) + closeFrame(1000, "bye"),
		frame(opText, join[:10]) + frame(finBit|opPing, "?") + frame(finBit|opContinuation, join[10:]),
		frame(opText, "") + strings.Repeat(frame(opContinuation, ""), 20) + frame(finBit|opContinuation, join),
		strings.Repeat(text(leaveOne), 50), strings.Repeat(frame(finBit|opPing, "ping"), 20), strings.Repeat(frame(finBit|opPong, "1"), 20),
		header(finBit|opText, 1<<63) + "x", header(finBit|opText, 1<<63-1) + "x", header(finBit|opText, hub.MaxMessage+1) + "x",
		frame(finBit|opPing, strings.Repeat("p", 126)), frame(opPing, ""), frame(finBit|0x2, "x"), frame(finBit|opContinuation, "x"),
		closeFrame(1000, ""), closeFrame(1005, ""), closeFrame(65535, "\xff"), frame(finBit|opClose, "\x03"), frame(finBit|opClose, ""),
		closeFrame(1001, "") + text(join), text("abuse") + text(join), text("abuse") + header(finBit|opText, 1<<40) + "x",
		string([]byte{finBit | opText, 2}) + "{}", text("\xff\xfe"), text(strings.Repeat("[", 500)),
	}
	for bits := byte(0x10); bits <= 0x70; bits += 0x10 {
		seeds = append(seeds, frame(finBit|bits|opText, join))
	}
	for op := byte(0x3); op <= 0xF; op++ {
		seeds = append(seeds, frame(finBit|op, "x"))
	}
	for _, message := range requestSeeds() {
		if len(message) < 1000 {
			seeds = append(seeds, text(message))
		}
	}
	return seeds
}

func leaveMessageOf(region string) string { return fmt.Sprintf(`{"leave":[%q]}`, region) }

// startQuietPortal runs a portal without a log, for as long as f fuzzes: nothing may
// be said to f while its target runs.
func startQuietPortal(f *testing.F) *portal {
	f.Helper()
	p := &portal{town: newTown(), passes: hub.NewPasses([]byte("a secret of the tests")), broker: hubtest.NewBroker()}
	p.h = hub.New(hub.Options{Broker: p.broker, Passes: p.passes, Ping: time.Hour, PerAddress: -1})
	p.h.Handle("poll", "tally", p.town.draw)
	p.h.Handle("post", "comment", p.town.draw)
	p.app = fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true})
	hub.PrepareFiber(p.app)
	p.app.Get("/live", func(c *fiber.Ctx) error { return p.h.Upgrade(c, hub.Visitor{}) })
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	p.addr = listener.Addr().String()
	var parts sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	parts.Go(func() { _ = p.app.Listener(listener) })
	parts.Go(func() { _ = p.h.Run(ctx) })
	f.Cleanup(func() {
		stop()
		if err := p.app.ShutdownWithTimeout(5 * time.Second); err != nil {
			f.Errorf("shut down: %v", err)
		}
		parts.Wait()
	})
	return p
}

// Whatever bytes arrive behind an upgrade, the hub survives them, ends the socket
// once the peer has no more to say, and remembers nothing of it.
func FuzzSocket(f *testing.F) {
	p := startQuietPortal(f)
	for _, seed := range socketSeeds(p.guestJoin(f, tally, "post:7/comment/1")) {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	var source atomic.Uint32
	f.Fuzz(func(t *testing.T, bytes []byte, early bool) {
		topics, rooms, sockets := p.h.Counts() // none, unless an input before left some
		var dialer net.Dialer
		if runtime.GOOS == "linux" { // where all of 127/8 is this machine
			// In turn, for a closed connection blocks its port for a while.
			n := source.Add(1)
			dialer.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, byte(n>>8)&0x7F, byte(n)|1)}
		}
		conn, err := dialer.DialContext(t.Context(), "tcp4", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		request := upgradeTo("/live", p.addr)
		if early {
			request += string(bytes)
		}
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		if !early {
			// The hub may end the socket before it has read all.
			_, _ = conn.Write(bytes)
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		answer, err := io.ReadAll(conn)
		if isTimeout(err) {
			t.Fatal("socket stays open")
		}
		if !strings.HasPrefix(string(answer), "HTTP/1.1 101 ") && err == nil {
			t.Fatalf("no socket was opened: %q", answer)
		}
		p.awaitCounts(t, topics, rooms, sockets)
	})
}
