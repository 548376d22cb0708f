package hub_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gofiber/fiber/v2"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
)

// TestMain fails the run when a goroutine of the hub is left behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if stopBrowser != nil {
		stopBrowser()
	}
	if left := goroutinesLeft("veche/hub."); code == 0 && left != "" {
		fmt.Fprintf(os.Stderr, "goroutines are left behind:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// goroutinesLeft waits a while for goroutines of a package to end and answers the
// stacks of those that do not.
func goroutinesLeft(of string) string {
	var left []string
	for range 120 {
		buffer := make([]byte, 4<<20)
		buffer = buffer[:runtime.Stack(buffer, true)]
		left = nil
		for stack := range strings.SplitSeq(string(buffer), "\n\n") {
			if strings.Contains(stack, of) {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return ""
		}
		time.Sleep(100 * time.Millisecond)
	}
	return strings.Join(left, "\n\n")
}

// portal is a Fiber app with a hub, listening on a real port.
type portal struct {
	t      *testing.T
	h      *hub.Hub
	app    *fiber.App
	town   *town
	passes *hub.Passes
	addr   string
	broker hub.Broker
}

// startPortal runs a portal until the test ends. Who a page belongs to is said in
// its address, as in /live?session=s&account=a&rights=1.
func startPortal(t *testing.T, o hub.Options, mount ...func(p *portal)) *portal {
	t.Helper()
	p := &portal{t: t, town: newTown(), passes: hub.NewPasses([]byte("a secret of the tests"))}
	if o.Broker == nil {
		o.Broker = hubtest.NewBroker()
	}
	o.Passes = p.passes
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	p.broker = o.Broker
	p.h = hub.New(o)
	p.h.Handle("poll", "tally", p.town.draw)
	p.h.Handle("post", "comment", p.town.draw)

	p.app = fiber.New(fiber.Config{
		DisableStartupMessage: true,
		Immutable:             true,
		ReadTimeout:           300 * time.Millisecond,
		WriteTimeout:          300 * time.Millisecond,
	})
	hub.PrepareFiber(p.app)
	p.app.Get("/live", func(c *fiber.Ctx) error {
		if c.Query("refuse") != "" {
			return p.h.Refuse(c)
		}
		rights, _ := strconv.ParseInt(c.Query("rights"), 10, 64)
		return p.h.Upgrade(c, hub.Visitor{Session: c.Query("session"), Account: c.Query("account"), Rights: rights})
	})
	p.app.Get("/plain", func(c *fiber.Ctx) error { return c.SendString("plain") })

	for _, m := range mount {
		m(p)
	}

	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- p.app.Listener(listener) }()
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- p.h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ran; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := p.app.ShutdownWithTimeout(5 * time.Second); err != nil {
			t.Errorf("shut down: %v", err)
		}
		<-served
	})
	return p
}

func (p *portal) open(query string) *hubtest.Page {
	p.t.Helper()
	return hubtest.OpenPage(p.t, "ws://"+p.addr+"/live"+query, nil)
}

// show opens a guest's page that shows a region as it is now.
func (p *portal) show(region event.Region) *hubtest.Page {
	p.t.Helper()
	page := p.open("")
	version := p.h.Versions(p.t.Context(), region.Topic())[region.Topic()]
	if _, ok := page.Join(region, version, p.passes.Mint(region, "ru", hub.Visitor{})); !ok {
		p.t.Fatalf("join of %s was denied", region)
	}
	return page
}

func (p *portal) change(changes ...event.Change) {
	p.t.Helper()
	for _, change := range changes {
		p.town.change(change.Topic)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Second)
	defer cancel()
	if err := p.broker.Publish(ctx, changes); err != nil {
		p.t.Fatal(err)
	}
}

// dialFrom dials as a page of another host would.
func dialFrom(origin string) *websocket.DialOptions {
	return &websocket.DialOptions{HTTPHeader: map[string][]string{"Origin": {origin}}}
}
