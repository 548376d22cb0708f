package hub_test

// Order never misleads, between processes: a page whose socket moves from one
// process to another and back, while drawings of each take their time, never goes
// back from newer state to older, and ends at the newest.

import (
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/gofiber/fiber/v2"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/localredis"
)

// front stands before several processes, as a balancer does, and sends all
// connections to one of them.
type front struct {
	listener net.Listener
	backends []string
	current  atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	pipes sync.WaitGroup
}

func startFront(t *testing.T, backends ...string) *front {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &front{listener: listener, backends: backends, conns: make(map[net.Conn]struct{})}
	f.pipes.Go(f.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		f.cut()
		f.pipes.Wait()
	})
	return f
}

func (f *front) accept() {
	for {
		client, err := f.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp4", f.backends[f.current.Load()])
		if err != nil {
			_ = client.Close()
			continue
		}
		f.mu.Lock()
		f.conns[client], f.conns[server] = struct{}{}, struct{}{}
		f.mu.Unlock()
		f.pipes.Go(func() { f.pipe(client, server) })
		f.pipes.Go(func() { f.pipe(server, client) })
	}
}

func (f *front) pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	f.mu.Lock()
	defer f.mu.Unlock()
	_, _ = to.Close(), from.Close()
	delete(f.conns, to)
	delete(f.conns, from)
}

// move sends everybody to the next process.
func (f *front) move() {
	f.current.Store((f.current.Load() + 1) % int64(len(f.backends)))
	f.cut()
}

func (f *front) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for conn := range f.conns {
		_ = conn.Close()
	}
}

// journeyViews are regions of one topic that are drawn apart.
var journeyViews = []string{"tally", "turnout", "map", "ages", "hours", "streets", "districts", "devices"}

// hesitantDrawer reads the state, a counter, and answers after a delay: mostly a
// short one, so that many frames come, and now and then one so long that the page has
// been shown what is newer by the other process, and has come here.
func hesitantDrawer(counter *atomic.Int64) hub.Drawer {
	return func(_ context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
		state := counter.Load()
		delay := time.Duration(rand.IntN(4)) * time.Millisecond
		if rand.IntN(12) == 0 {
			delay = time.Duration(rand.IntN(500)) * time.Millisecond
		}
		time.Sleep(delay)
		drawings := make(map[event.Region]hub.Drawing, len(wanted))
		for _, want := range wanted {
			drawings[want.Region] = hub.Drawing{HTML: []byte(journeyElement(want.Region, want.Version, state, ""))}
		}
		return drawings, nil
	}
}

func journeyElement(region event.Region, version string, state int64, pass string) string {
	return fmt.Sprintf(`<section id=%q data-live=%q data-version=%q data-state="town:%d"%s><p>%d</p></section>`,
		region.ElementID(), region, version, state, pass, state)
}

// witness notes in the page what every region shows, one after the other, and how
// many of the frames that arrived were older than what stood there.
const witness = `(() => {
	htmx.config.ws.reconnectDelay = htmx.config.ws.reconnectMaxDelay = 30;
	window.seen = { shown: 0, back: [], frames: 0, older: 0 };
	const last = {};
	const look = () => {
		for (const region of document.querySelectorAll("[data-live]")) {
			const now = Number(region.textContent);
			if (now === last[region.id]) continue;
			if (now < last[region.id]) seen.back.push(region.id + ": " + last[region.id] + " → " + now);
			seen.shown++;
			last[region.id] = now;
		}
	};
	look();
	new MutationObserver(look).observe(document.getElementById("content"), { subtree: true, childList: true, characterData: true, attributes: true });
	document.addEventListener("htmx:ws:before:message:incoming", (event) => {
		for (const [, id, state] of event.detail.message.data.matchAll(/<section id="([^"]+)"[^>]* data-state="town:(\d+)"/g)) {
			seen.frames++;
			if (Number(state) < last[id]) seen.older++;
		}
	});
})()`

type seen struct {
	Shown  int
	Back   []string
	Frames int
	Older  int
}

func TestPageThatMovesBetweenProcessesNeverGoesBack(t *testing.T) {
	t.Parallel()
	const enough = 2000 // frames that reach the page
	js, err := script()
	if err != nil {
		t.Fatal(err)
	}
	var counter atomic.Int64
	regions := make([]event.Region, len(journeyViews))
	looks := make(map[event.Region]look)
	for i, view := range journeyViews {
		regions[i] = event.NewRegion("poll:42", view)
		looks[regions[i]] = look{}
	}
	url, prefix := localredis.ForTest(t)
	process := func() *portal {
		broker := hub.NewRedisBroker(dialRedis(t, url), prefix, slog.New(slog.DiscardHandler))
		return startPortal(t, hub.Options{Broker: broker, Interval: 2 * time.Millisecond}, func(p *portal) {
			for _, view := range journeyViews {
				p.h.Handle("poll", view, hesitantDrawer(&counter))
			}
			p.app.Get("/page", func(c *fiber.Ctx) error {
				version := p.h.Versions(c.UserContext(), "poll:42")["poll:42"]
				var content strings.Builder
				for _, region := range regions {
					pass := fmt.Sprintf(" data-pass=%q", p.passes.Mint(region, "ru", anna))
					content.WriteString(journeyElement(region, version, counter.Load(), pass))
				}
				who := fmt.Sprintf("session=%s&account=%s&rights=%d", anna.Session, anna.Account, anna.Rights)
				c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
				return c.SendString(fmt.Sprintf(frameOfPage, "", content.String(), html.EscapeString(who)))
			})
			p.app.Get("/app.js", func(c *fiber.Ctx) error {
				c.Set(fiber.HeaderContentType, "text/javascript; charset=utf-8")
				return c.Send(js)
			})
		})
	}
	one, two := process(), process()
	// Others stay, so that drawings are under way wherever the page arrives.
	for _, p := range []*portal{one, two} {
		other := p.open("")
		for _, region := range regions {
			if _, ok := other.Join(region, "?", p.passes.Mint(region, "ru", hub.Visitor{})); !ok {
				t.Fatalf("join of %s was denied", region)
			}
		}
	}
	f := startFront(t, one.addr, two.addr)
	s := &stage{portal: &portal{t: t, h: one.h, addr: f.listener.Addr().String()}, looks: looks}
	v := s.visit()
	v.run(chromedp.Evaluate(witness, nil))

	stop := make(chan struct{})
	var changing sync.WaitGroup
	halt := sync.OnceFunc(func() { close(stop); changing.Wait() })
	t.Cleanup(halt)
	changing.Go(func() {
		for i := 0; ; i++ {
			counter.Add(1)
			if err := []*portal{one, two}[i%2].broker.Publish(t.Context(), []event.Change{{Topic: "poll:42"}}); err != nil {
				if t.Context().Err() == nil {
					t.Error(err)
				}
				return
			}
			select {
			case <-stop:
				return
			case <-time.After(4 * time.Millisecond):
			}
		}
	})

	began, moves := time.Now(), 0
	var got seen
	for time.Since(began) < 2*time.Minute && (got.Frames < enough || got.Older == 0 || moves < 20) {
		time.Sleep(time.Duration(150+rand.IntN(300)) * time.Millisecond)
		f.move()
		moves++
		got = eval[seen](v, `window.seen`)
	}
	halt()
	for _, region := range regions {
		v.awaitText("#"+region.ElementID()+" p", fmt.Sprint(counter.Load()))
	}
	got = eval[seen](v, `window.seen`)
	t.Logf("%d frames came in %v over %d moves, %d of them older than what stood there; regions changed %d times",
		got.Frames, time.Since(began).Round(time.Second), moves, got.Older, got.Shown)
	if len(got.Back) > 0 {
		t.Errorf("the page went back %d times: %q", len(got.Back), got.Back)
	}
	if got.Frames < enough || got.Shown < enough/4 {
		t.Errorf("only %d frames reached the page and changed it %d times", got.Frames, got.Shown)
	}
	if got.Older == 0 {
		t.Error("no frame was older than what stood there: nothing was tested")
	}
}
