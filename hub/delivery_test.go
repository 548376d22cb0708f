package hub_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gofiber/fiber/v2"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
)

// countingLine takes everything and keeps nothing.
type countingLine struct{ writes, bytes atomic.Int64 }

func (l *countingLine) TryWrite(p []byte) (int, error) {
	l.writes.Add(1)
	l.bytes.Add(int64(len(p)))
	return len(p), nil
}
func (l *countingLine) Write(p []byte) error               { _, err := l.TryWrite(p); return err }
func (l *countingLine) Close(websocket.StatusCode, string) {}
func (l *countingLine) Kill()                              {}
func (l *countingLine) Answered() time.Time                { return time.Now() }

// mass is many sockets that show the same regions, with a hub that draws nothing.
func mass(t testing.TB, h *hub.Hub, passes *hub.Passes, sockets int, regions ...event.Region) *countingLine {
	t.Helper()
	line := &countingLine{}
	joins := make(map[event.Region][]string)
	for _, region := range regions {
		joins[region] = []string{"?", passes.Mint(region, "ru", hub.Visitor{})}
	}
	for range sockets {
		s, admitted := h.Attach(line, hub.Visitor{}, "192.0.2.1")
		if !admitted {
			t.Fatal("page was turned away")
		}
		h.Receive(s, joinMessage(t, joins))
	}
	return line
}

func quietHub() (*hub.Hub, *hub.Passes) {
	passes := hub.NewPasses([]byte("a secret of the tests"))
	h := hub.New(hub.Options{Broker: hubtest.NewBroker(), Passes: passes, PerAddress: -1})
	draw := func(context.Context, hub.Audience, []hub.Wanted) (map[event.Region]hub.Drawing, error) {
		return nil, nil
	}
	h.Handle("poll", "tally", draw)
	h.Handle("post", "comment", draw)
	return h, passes
}

func TestDeliveryAllocatesNothing(t *testing.T) {
	const sockets = 1000
	h, passes := quietHub()
	regions := []event.Region{tally, "post:7/comment/1", "post:7/comment/2"}
	line := mass(t, h, passes, sockets, regions...)
	for name, shown := range map[string][]event.Region{"one region": regions[:1], "three regions together": regions} {
		perRound := testing.AllocsPerRun(20, func() { h.Deliver(shown, strings.Repeat("x", 600)) })
		if perDelivery := perRound / sockets; perDelivery > 0.05 {
			t.Errorf("%s: %.2f allocations for each socket", name, perDelivery)
		}
	}
	line.writes.Store(0)
	h.Deliver(regions, "together")
	if got := line.writes.Load(); got != sockets {
		t.Errorf("three regions took %d writes to %d sockets", got, sockets)
	}
}

// BenchmarkDelivery writes one drawing to real sockets: an operation is one
// delivery.
func BenchmarkDelivery(b *testing.B) {
	for _, sockets := range []int{100, 1000} {
		b.Run(fmt.Sprintf("%d sockets", sockets), func(b *testing.B) {
			h, passes := quietHub()
			app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true})
			hub.PrepareFiber(app)
			app.Get("/live", func(c *fiber.Ctx) error { return h.Upgrade(c, hub.Visitor{}) })
			listener, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			go func() { _ = app.Listener(listener) }()
			defer func() { _ = app.Shutdown() }()
			join := joinMessage(b, map[event.Region][]string{tally: {"?", passes.Mint(tally, "ru", hub.Visitor{})}})
			for range sockets {
				conn, err := net.Dial("tcp4", listener.Addr().String())
				if err != nil {
					b.Fatal(err)
				}
				defer conn.Close()
				if _, err := fmt.Fprintf(conn, upgradeRequest+"%s", listener.Addr(), textFrame(join)); err != nil {
					b.Fatal(err)
				}
				go func() { _, _ = io.Copy(io.Discard, conn) }()
			}
			for h.Members(tally) < sockets {
				time.Sleep(time.Millisecond)
			}
			text := strings.Repeat("x", 600)
			b.SetBytes(600)
			b.ReportAllocs()
			b.ResetTimer()
			for sent := 0; sent < b.N; sent += sockets {
				h.Deliver([]event.Region{tally}, text)
			}
		})
	}
}

// Under TLS there is no descriptor to write to; frames go out all the same.
func TestPagesUnderTLSAreServedByOrdinaryWrites(t *testing.T) {
	t.Parallel()
	served := httptest.NewUnstartedServer(http.NotFoundHandler())
	served.StartTLS()
	defer served.Close() // for its certificate
	var address string
	p := startPortal(t, hub.Options{}, func(p *portal) {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address = listener.Addr().String()
		secure := tls.NewListener(listener, &tls.Config{Certificates: served.TLS.Certificates})
		ended, ready := make(chan struct{}), make(chan struct{})
		p.app.Hooks().OnListen(func(fiber.ListenData) error { // the routes are in place
			close(ready)
			return nil
		})
		go func() {
			defer close(ended)
			<-ready
			_ = p.app.Server().Serve(secure)
		}()
		t.Cleanup(func() { _ = secure.Close(); <-ended })
	})
	page := hubtest.OpenPage(t, "wss://"+address+"/live", &websocket.DialOptions{HTTPClient: served.Client()})
	version := p.h.Versions(t.Context(), tally.Topic())[tally.Topic()]
	if _, ok := page.Join(tally, version, p.passes.Mint(tally, "ru", hub.Visitor{})); !ok {
		t.Fatal("join was denied")
	}
	p.town.pad(100_000)
	for i := range 20 {
		p.change(event.Change{Topic: "poll:42"})
		page.AwaitText(fmt.Sprintf("poll:42/tally %d</p>", i+1))
	}
	if err := p.h.Drain(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if code := page.AwaitEnd(); code != websocket.StatusServiceRestart {
		t.Errorf("closed with %d, want 1012", code)
	}
}
