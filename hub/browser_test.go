package hub_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/evanw/esbuild/pkg/api"
	"github.com/gofiber/fiber/v2"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
)

// script is htmx, its socket extension and live.js in one file, as pages get them.
var script = sync.OnceValues(func() ([]byte, error) {
	root, err := filepath.Abs("..")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, "node_modules", "htmx.org")); err != nil {
		return nil, errors.New("htmx is not installed: run npm ci --ignore-scripts")
	}
	built := api.Build(api.BuildOptions{
		Stdin: &api.StdinOptions{
			Contents:   `import "htmx.org"; import "htmx.org/dist/ext/hx-ws.js"; import "./live.js";`,
			ResolveDir: filepath.Join(root, "static", "js"),
		},
		Bundle: true,
		Format: api.FormatIIFE,
	})
	if len(built.Errors) > 0 {
		return nil, errors.New(strings.Join(api.FormatMessages(built.Errors, api.FormatMessagesOptions{}), ""))
	}
	return built.OutputFiles[0].Contents, nil
})

// look is how a region looks: what its drawer draws, in pages, answers and frames.
type look struct {
	text  string
	state int
	attrs string
}

// stage is a small site: a page with regions that a test changes one by one.
type stage struct {
	*portal
	broker *hubtest.Broker

	mu     sync.Mutex
	looks  map[event.Region]look
	loads  int
	rights int64
	extra  string // further content of the page
	config string // further settings of its sockets
	answer string // what GET /answer says
}

// setStage serves a page that shows the given regions.
func setStage(t *testing.T, o hub.Options, regions ...event.Region) *stage {
	t.Helper()
	s := &stage{looks: make(map[event.Region]look), broker: hubtest.NewBroker()}
	for _, region := range regions {
		s.looks[region] = look{text: "at first", state: 10}
	}
	js, err := script()
	if err != nil {
		t.Fatal(err)
	}
	o.Broker = s.broker
	s.portal = startPortal(t, o, func(p *portal) {
		s.portal = p
		p.h.Handle("poll", "tally", s.draw)
		p.h.Handle("post", "comment", s.draw)
		p.h.Handle("post", "head", s.draw)
		p.app.Get("/page", func(c *fiber.Ctx) error { return s.page(c, regions) })
		p.app.Get("/answer", func(c *fiber.Ctx) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
			return c.SendString(s.answer)
		})
		p.app.Get("/app.js", func(c *fiber.Ctx) error {
			c.Set(fiber.HeaderContentType, "text/javascript; charset=utf-8")
			return c.Send(js)
		})
	})
	return s
}

func (s *stage) draw(_ context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	drawings := make(map[event.Region]hub.Drawing)
	for _, want := range wanted {
		drawings[want.Region] = hub.Drawing{HTML: []byte(s.element(want.Region, want.Version, ""))}
	}
	return drawings, nil
}

// element draws a region. The lock is held.
func (s *stage) element(region event.Region, version, pass string) string {
	l := s.looks[region]
	if pass != "" {
		pass = fmt.Sprintf(" data-pass=%q", pass)
	}
	return fmt.Sprintf(`<section id=%q data-live=%q data-version=%q data-state="town:%d"%s %s><p>%s</p></section>`,
		region.ElementID(), region, version, l.state, pass, l.attrs, l.text)
}

const frameOfPage = `<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>Stage</title>
<meta name="htmx-config" content='{"ws":{"reconnectDelay":100,"reconnectMaxDelay":60000,"reconnectJitter":0.1%s}}'>
<script src="/app.js" defer></script></head><body>
<div id="live-strip" role="status" data-live-state="" hidden><span data-live-words></span><button type="button" data-live-action hidden></button></div>
<button type="button" id="live-toggle" aria-pressed="false"><span data-live-label></span></button>
<div id="live-said" aria-live="polite" aria-atomic="true"></div>
<main id="content" hx-history-elt>%s</main>
<div id="live" hidden hx-ws:connect="/live?%s" data-text-paused="Приостановлено"
 data-text-held-one="{n} новое" data-text-held-few="{n} новых" data-text-held-many="{n} новых"
 data-text-unavailable="Недоступно" data-text-connecting="Соединяемся" data-text-reconnecting-one="Через {n} секунду"
 data-text-reconnecting-few="Через {n} секунды" data-text-reconnecting-many="Через {n} секунд" data-text-offline="Нет связи"
 data-text-stale="Устарела" data-text-bye-session="Вы вышли" data-text-bye-role="Права изменились" data-text-reload="Обновить"
 data-text-retry="Сейчас" data-text-resume="Продолжить" data-text-pause="Приостановить" data-text-more-one="и ещё {n} изменение"
 data-text-more-few="и ещё {n} изменения" data-text-more-many="и ещё {n} изменений"></div>
</body></html>`

func (s *stage) page(c *fiber.Ctx, regions []event.Region) error {
	topics := make([]event.Topic, len(regions))
	for i, region := range regions {
		topics[i] = region.Topic()
	}
	versions := s.h.Versions(c.UserContext(), topics...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	visitor := anna
	visitor.Rights = s.rights
	var content strings.Builder
	for _, region := range regions {
		content.WriteString(s.element(region, versions[region.Topic()], s.passes.Mint(region, "ru", visitor)))
	}
	content.WriteString(s.extra)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	who := fmt.Sprintf("session=%s&account=%s&rights=%d", visitor.Session, visitor.Account, visitor.Rights)
	return c.SendString(fmt.Sprintf(frameOfPage, s.config, content.String(), html.EscapeString(who)))
}

// put changes how a region looks and announces it.
func (s *stage) put(region event.Region, l look) {
	s.t.Helper()
	s.mu.Lock()
	s.looks[region] = l
	s.mu.Unlock()
	change := event.Change{Topic: region.Topic()}
	if item := region.Item(); item != "" {
		change.IDs = []string{item}
	}
	if err := s.broker.Publish(s.t.Context(), []event.Change{change}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// cutSockets breaks all connections off, as a lost network would.
func (s *stage) cutSockets() { s.h.KillAll() }

// browser is a Chromium that all tests of the package share; each takes a tab.
var browser = sync.OnceValue(func() context.Context {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)
	ctx, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser = chromedp.NewContext(ctx)
	return ctx
})

var (
	stopBrowser context.CancelFunc
	startOnce   sync.Once
	errBrowser  error
)

// tab is an open page of the stage in a real browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// visit opens the page of the stage and waits until it follows its regions.
func (s *stage) visit() *tab {
	s.t.Helper()
	startOnce.Do(func() { errBrowser = chromedp.Run(browser()) })
	if errBrowser != nil {
		s.t.Fatalf("start Chromium: %v", errBrowser)
	}
	// A window of its own: a tab behind another is hidden, and closes its socket.
	chromium := browser()
	id, err := target.CreateTarget("about:blank").WithNewWindow(true).Do(cdp.WithExecutor(chromium, chromedp.FromContext(chromium).Browser))
	if err != nil {
		s.t.Fatalf("open a window: %v", err)
	}
	ctx, closeTab := chromedp.NewContext(chromium, chromedp.WithTargetID(id))
	s.t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	s.t.Cleanup(cancel)
	v := &tab{t: s.t, ctx: ctx}
	v.run(chromedp.Navigate("http://" + s.addr + "/page"))
	v.await(`document.getElementById("live-strip").dataset.liveState === "live"`)
	s.awaitJoins()
	return v
}

// awaitJoins waits until the hub follows as many regions as the page shows.
func (s *stage) awaitJoins() {
	s.t.Helper()
	s.mu.Lock()
	want := len(s.looks)
	s.mu.Unlock()
	for range 1000 {
		if _, rooms, _ := s.h.Counts(); rooms == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("the page does not follow its %d regions", want)
}

func (v *tab) run(actions ...chromedp.Action) {
	v.t.Helper()
	if err := chromedp.Run(v.ctx, actions...); err != nil {
		v.t.Fatal(err)
	}
}

// await waits until an expression is true in the page, which may be loaded anew
// meanwhile.
func (v *tab) await(expression string) {
	v.t.Helper()
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var is bool
		if err = chromedp.Run(v.ctx, chromedp.Evaluate(expression, &is)); err == nil && is {
			return
		}
	}
	var seen string
	_ = chromedp.Run(v.ctx, chromedp.OuterHTML("body", &seen))
	v.t.Fatalf("%s did not come true: %v\n%s", expression, err, seen)
}

func (v *tab) awaitText(selector, want string) {
	v.t.Helper()
	v.await(fmt.Sprintf(`document.querySelector(%q)?.textContent.trim() === %q`, selector, want))
}

func (v *tab) awaitStrip(state, words string) {
	v.t.Helper()
	v.await(fmt.Sprintf(`(s => s.dataset.liveState === %q && s.hidden === (%[1]q === "live") && s.querySelector("[data-live-words]").textContent.startsWith(%q))(document.getElementById("live-strip"))`, state, words))
}

// eval answers a value of the page.
func eval[T any](v *tab, expression string) T {
	v.t.Helper()
	var value T
	v.run(chromedp.Evaluate(expression, &value))
	return value
}
