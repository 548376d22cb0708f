package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"veche/db"
	"veche/db/dbtest"
	"veche/domain/accounts"
	"veche/hub/localredis"
)

// program is the portal running as it runs for people, on a port of its own.
type program struct {
	URL  string
	DB   *db.DB
	stop func()
}

// environmentOf is what a test's portal is told; more overrides it.
func environmentOf(databaseURL, redisURL, prefix string, more ...string) map[string]string {
	env := map[string]string{
		"PORT":               "0",
		"VECHE_DATABASE_URL": databaseURL,
		"VECHE_REDIS_URL":    redisURL,
		"VECHE_REDIS_PREFIX": prefix,
		"VECHE_SECRET":       "a secret only tests know, long enough",
		"VECHE_DEV":          "true",
		"VECHE_DRAIN":        "100ms",
		"VECHE_LOG":          "warn",
	}
	for i := 0; i+1 < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

// withTexts is what a portal is told of its SMS gateway.
func withTexts(address string) []string {
	return []string{
		"VECHE_SMS_URL", address,
		"VECHE_SMS_TOKEN", smsToken,
		"VECHE_SMS_SECRET", smsSecret,
	}
}

// start runs the portal on a fresh database.
func start(t *testing.T, more ...string) *program {
	t.Helper()
	redisURL, prefix := localredis.ForTest(t)
	return startWith(t, environmentOf(dbtest.URL(t), redisURL, prefix, more...))
}

// startWith runs the portal in an environment and waits until it listens.
func startWith(t *testing.T, env map[string]string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, written := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"serve"}, written, env)
		_ = written.CloseWithError(err)
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		cancel()
		t.Fatalf("the portal did not start: %v", lines.Err())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	d, err := db.Open(context.Background(), db.Options{URL: env["VECHE_DATABASE_URL"], MaxConns: 4})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	p := &program{URL: strings.TrimPrefix(lines.Text(), "listening on "), DB: d}
	stopped := false
	p.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the portal ended with: %v", err)
		}
	}
	t.Cleanup(func() {
		p.stop()
		d.Close()
	})
	return p
}

// patience is how long a test waits for what has to come.
const patience = 20 * time.Second

// chromium is one Chromium for a test; each visitor gets a window without the
// others' cookies.
func chromium(t *testing.T) context.Context {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.WSURLReadTimeout(60*time.Second),
	)
	allocator, closeAll := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(closeAll)
	browser, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	if err := chromedp.Run(browser); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return browser
}

// tab is one visitor looking at one page.
type tab struct {
	t       *testing.T
	ctx     context.Context
	origin  string       // "http://127.0.0.1:8080"
	sockets atomic.Int32 // opened so far
}

// visitor opens a window on the site, signed in when there is a token.
func (p *program) visitor(t *testing.T, browser context.Context, token accounts.Token) *tab {
	t.Helper()
	return newTab(t, browser, p.URL, token)
}

// newTab opens a window on an origin, signed in when there is a token.
func newTab(t *testing.T, browser context.Context, origin string, token accounts.Token) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithTargetID(newWindow(t, browser)))
	t.Cleanup(closeTab)
	// The context of the first run is the life of the window.
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("attach to the window: %v", err)
	}
	v := &tab{t: t, ctx: ctx, origin: origin}
	chromedp.ListenTarget(ctx, func(happened any) {
		switch happened := happened.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page's script failed: %v", happened.ExceptionDetails)
		case *network.EventWebSocketHandshakeResponseReceived:
			v.sockets.Add(1)
		}
	})
	v.run(
		network.Enable(),
		network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": "ru"}),
		emulation.SetFocusEmulationEnabled(true), // a window behind another is in view all the same
	)
	if token != "" {
		v.run(network.SetCookie("session", string(token)).WithURL(origin).WithHTTPOnly(true))
	}
	return v
}

// newWindow opens an empty window with cookies of its own.
func newWindow(t *testing.T, browser context.Context) target.ID {
	t.Helper()
	ctx := cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser)
	jar, err := target.CreateBrowserContext().Do(ctx)
	if err != nil {
		t.Fatal(err)
	}
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(jar).WithNewWindow(true).Do(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (v *tab) run(actions ...chromedp.Action) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		v.t.Fatalf("in Chromium: %v", err)
	}
}

// open visits a page and waits for its socket. The mark it leaves behind is gone
// when the page is ever loaded anew.
func (v *tab) open(path string) {
	v.t.Helper()
	before := v.sockets.Load()
	v.run(chromedp.Navigate(v.origin+path), chromedp.WaitReady("main"))
	eventually(v.t, "the socket of "+path, func() bool { return v.sockets.Load() > before })
	v.awaitJS(`document.querySelector('#live-strip')?.dataset.liveState === 'live'`)
	v.eval(`window.untouched = true`, nil)
}

// neverReloaded fails when the page was loaded anew since open.
func (v *tab) neverReloaded() {
	v.t.Helper()
	var untouched bool
	v.eval(`window.untouched === true`, &untouched)
	if !untouched {
		v.t.Error("the page was loaded anew")
	}
}

// awaitReload waits until the page was loaded anew by itself.
func (v *tab) awaitReload() {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	eventually(v.t, "the page to be loaded anew", func() bool {
		var anew bool
		err := chromedp.Run(ctx, chromedp.Evaluate(`window.untouched === undefined && document.readyState === 'complete'`, &anew))
		return err == nil && anew // nothing can be asked in between two pages
	})
}

// click presses what a person could press: it is in view, enabled, and nothing
// lies over it. The press goes through the page, since Chromium hands real input
// only to the window in front.
func (v *tab) click(selector string) {
	v.t.Helper()
	v.awaitJS(`(() => {
		const element = document.querySelector(` + quoteJS(selector) + `);
		if (!element?.checkVisibility() || element.disabled) return false;
		element.scrollIntoView({block: 'center', behavior: 'instant'});
		const box = element.getBoundingClientRect();
		const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
		return element.contains(top) || top?.closest('label')?.control === element;
	})()`)
	v.eval(`document.querySelector(`+quoteJS(selector)+`).click()`, nil)
}

func (v *tab) eval(script string, into any) {
	v.t.Helper()
	if into == nil {
		var ignored any
		into = &ignored
	}
	v.run(chromedp.Evaluate(script, into))
}

// awaitJS waits until an expression is true in the page.
func (v *tab) awaitJS(expression string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, chromedp.Poll(expression, nil, chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		var body string
		_ = chromedp.Run(v.ctx, chromedp.Evaluate(`document.body.innerText.slice(0, 1500)`, &body))
		v.t.Fatalf("waited in vain for %s: %v; the page says:\n%s", expression, err, body)
	}
}

// awaitText waits until an element's text contains something.
func (v *tab) awaitText(selector, text string) {
	v.t.Helper()
	v.awaitJS(`(document.querySelector(` + quoteJS(selector) + `)?.textContent ?? '').replace(/\s+/g, ' ').includes(` + quoteJS(text) + `)`)
}

// arrives waits for a page that says something. Nothing can be asked in between two
// pages.
func (v *tab) arrives(selector, text string) {
	v.t.Helper()
	v.becomes(`document.querySelector(` + quoteJS(selector) + `)?.textContent.replace(/\s+/g, ' ').includes(` + quoteJS(text) + `)`)
}

// becomes waits until an expression is true on a page that is loaded whole.
func (v *tab) becomes(expression string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	eventually(v.t, expression, func() bool {
		var holds bool
		err := chromedp.Run(ctx, chromedp.Evaluate(`document.readyState === 'complete' && !!(`+expression+`)`, &holds))
		return err == nil && holds
	})
}

func (v *tab) visible(selector string) bool {
	v.t.Helper()
	var visible bool
	v.eval(`document.querySelector(`+quoteJS(selector)+`)?.checkVisibility() === true`, &visible)
	return visible
}

// shots is the folder that pictures of the pages go to while the tests run; without it
// none are taken.
const shots = "PORTAL_TEST_SHOTS"

// shot takes a picture of the whole page, for a person to look at.
func (v *tab) shot(name string) {
	v.t.Helper()
	folder := os.Getenv(shots)
	if folder == "" {
		return
	}
	var png []byte
	v.run(chromedp.FullScreenshot(&png, 100))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		v.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		v.t.Fatal(err)
	}
}

// freePort is a port nobody listens on, for a program that comes back to it.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func quoteJS(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
