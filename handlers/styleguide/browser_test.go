package styleguide_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"veche/handlers/webtest"
	"veche/views/layout"
)

// browser starts Chromium and complains at the end about what its console
// complained about, broken content policies above all. These pages have no live
// layer, so that its socket is always lost.
func browser(t *testing.T, tolerated ...string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)

	var mutex sync.Mutex
	var complaints []string
	chromedp.ListenTarget(ctx, func(happened any) {
		mutex.Lock()
		defer mutex.Unlock()
		switch event := happened.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, event.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if event.Type == runtime.APITypeError {
				complaints = append(complaints, string(event.Args[0].Value))
			}
		}
	})
	t.Cleanup(func() {
		mutex.Lock()
		defer mutex.Unlock()
		tolerated = append(tolerated, "WebSocket", "htmx:ws:error")
		for _, complaint := range complaints {
			is := func(known string) bool { return strings.Contains(complaint, known) }
			if !slices.ContainsFunc(tolerated, is) {
				t.Errorf("the console says: %s", complaint)
			}
		}
	})
	return ctx
}

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// as is a reader: a language and a look.
func as(base, lang string, look layout.Prefs) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		if err := network.SetCookie("lang", lang).WithURL(base).Do(ctx); err != nil {
			return err
		}
		return network.SetCookie(layout.PrefsCookie, look.Cookie()).WithURL(base).Do(ctx)
	})
}

func screen(width, height int64) chromedp.Action {
	return emulation.SetDeviceMetricsOverride(width, height, 1, width < 700)
}

// Motion would let axe measure colours half way.
var still = emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}})

// looks are those in which every part has to be readable.
var looks = []layout.Prefs{
	{Theme: "light"},
	{Theme: "dark"},
	{Contrast: "black-on-white"},
	{Contrast: "white-on-black"},
	{Contrast: "blue", Text: "largest", Font: "serif"},
}

func TestAxeFindsNothingInBrowser(t *testing.T) {
	base := serve(t)
	ctx := browser(t)
	run(t, ctx, still)
	told := map[string]bool{}
	look := func(p page, lang string, prefs layout.Prefs, width int64) {
		run(t, ctx, as(base, lang, prefs), screen(width, 900), chromedp.Navigate(base+p.path), chromedp.WaitReady("#content"))
		found, err := webtest.Axe(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, violation := range found {
			if !told[violation.String()] {
				told[violation.String()] = true
				t.Errorf("%s, %s, %s, %d px wide: %s", p.path, lang, prefs.Cookie(), width, violation)
			}
		}
	}
	for _, lang := range []string{"ru", "en"} {
		for _, prefs := range looks {
			look(pages[0], lang, prefs, 1440)
		}
		for _, p := range pages {
			look(p, lang, looks[0], 360)
			look(p, lang, looks[1], 1440)
		}
	}
}

// From a small phone with the largest text to a wall display nothing scrolls
// sideways. 640 px is 1280 px at 200 % zoom.
func TestNothingScrollsSidewaysInBrowser(t *testing.T) {
	base := serve(t)
	ctx := browser(t)
	for _, text := range []string{"usual", "largest"} {
		for _, p := range pages {
			run(t, ctx, as(base, "ru", layout.Prefs{Text: text}), chromedp.Navigate(base+p.path), chromedp.WaitReady("#content"))
			for _, width := range []int64{320, 360, 640, 768, 1024, 1440, 2560} {
				var over int
				run(t, ctx, screen(width, 800),
					chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &over))
				if over > 0 {
					t.Errorf("%s, %d px wide, text %s: %d px stick out", p.path, width, text, over)
				}
			}
		}
	}
}

func TestMovesKeepTheFrameInBrowser(t *testing.T) {
	base := serve(t)
	ctx := browser(t)
	var socketKept, focused bool
	var current, title, signIn string
	run(t, ctx,
		screen(1440, 900),
		chromedp.Navigate(base+"/about"),
		chromedp.WaitReady("#live-toggle:not([hidden])"),
		chromedp.Evaluate(`document.getElementById("live").mine = true`, nil),
		chromedp.Click(`footer a[href="/help"]`),
		chromedp.WaitVisible("#question-sign_in"), // the first question of the help page
		chromedp.Evaluate(`document.getElementById("live").mine === true`, &socketKept),
		chromedp.Evaluate(`document.activeElement === document.querySelector("h1")`, &focused),
		chromedp.Title(&title),
		chromedp.AttributeValue("a[data-sign-in]", "href", &signIn, nil),
		chromedp.Evaluate(`document.querySelector('.bottom [aria-current="page"]')?.getAttribute("href") ?? ""`, &current),
	)
	if !socketKept {
		t.Error("the move replaced the socket element")
	}
	if !focused {
		t.Error("the heading did not take the focus")
	}
	if !strings.HasPrefix(title, "Помощь") {
		t.Errorf("the title stayed %q", title)
	}
	if current != "/help" {
		t.Errorf("the menu shows %q", current)
	}
	if !strings.HasSuffix(signIn, "next=%2Fhelp") {
		t.Errorf("sign-in leads back to %q", signIn)
	}

	var heading string
	run(t, ctx,
		chromedp.NavigateBack(),
		chromedp.Poll(`document.querySelector("h1").textContent === "О портале"`, nil),
		chromedp.Evaluate(`document.getElementById("live").mine === true`, &socketKept),
		chromedp.Text("h1", &heading),
	)
	if !socketKept {
		t.Error("going back replaced the socket element")
	}
}

// Someone who signed in elsewhere gets the whole page, not the old frame around it.
func TestAnotherFrameIsLoadedWholeInBrowser(t *testing.T) {
	base := serve(t)
	ctx := browser(t)
	var kept bool
	run(t, ctx,
		screen(1440, 900),
		chromedp.Navigate(base+"/about"),
		chromedp.WaitReady("#live-toggle:not([hidden])"),
		chromedp.Evaluate(`document.getElementById("live").mine = true`, nil),
		chromedp.ActionFunc(func(ctx context.Context) error {
			return network.SetCookie("person", "Anna").WithURL(base).Do(ctx)
		}),
		chromedp.Click(`footer a[href="/help"]`),
		chromedp.WaitVisible("#question-sign_in"),
		chromedp.WaitVisible("#person"),
		chromedp.Evaluate(`document.getElementById("live").mine === true`, &kept),
	)
	if kept {
		t.Error("the old frame stands around the new page")
	}
}

func TestChosenLookShowsAtOnceInBrowser(t *testing.T) {
	base := serve(t)
	ctx := browser(t)
	const paper = `getComputedStyle(document.body).backgroundColor`
	var light, dark, again string
	run(t, ctx,
		screen(1440, 900), as(base, "ru", layout.Prefs{Theme: "light"}),
		chromedp.Navigate(base+"/about"),
		chromedp.WaitReady("#live-toggle:not([hidden])"),
		chromedp.Evaluate(paper, &light),
		chromedp.Click("#appearance > summary"),
		chromedp.WaitVisible("#appearance-form"),
		chromedp.Click(`#appearance-form input[value="dark"]`),
		chromedp.WaitVisible(`html[data-theme="dark"]`),
		chromedp.Evaluate(paper, &dark),
		chromedp.Poll(`document.cookie.includes("dark")`, nil),
		chromedp.Navigate(base+"/help"),
		chromedp.Evaluate(paper, &again),
	)
	if light == dark || dark != again {
		t.Errorf("light %s, chosen dark %s, next page %s", light, dark, again)
	}
}

// Without scripts the page reads, its forms work, and no control is dead.
func TestPageWorksWithoutScriptInBrowser(t *testing.T) {
	base := serve(t)
	ctx := browser(t)
	var pauseShown, refreshShown bool
	run(t, ctx,
		emulation.SetScriptExecutionDisabled(true),
		screen(1440, 900), as(base, "ru", layout.Prefs{}),
		chromedp.Navigate(base+"/about"),
		chromedp.WaitReady("h1"),
		chromedp.Click("#appearance > summary"),
		chromedp.WaitReady("#appearance[open]"),
		chromedp.Click(`#appearance-form input[value="black-on-white"]`),
		chromedp.Click(`#appearance-form button[type="submit"]`),
		chromedp.WaitReady(`html[data-contrast="black-on-white"]`),
		visible("#live-toggle", &pauseShown),
		visible("noscript a", &refreshShown),
	)
	if pauseShown {
		t.Error("without a script there is nothing to pause, yet the switch is shown")
	}
	if !refreshShown {
		t.Error("there is no link to refresh the page")
	}
}

// visible asks the layout, which needs no script on the page.
func visible(selector string, is *bool) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		var width float64
		err := chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().width`, selector), &width).Do(ctx)
		*is = width > 1
		return err
	})
}

// A click that gets no answer is told.
func TestLostConnectionIsToldInBrowser(t *testing.T) {
	base := serve(t)
	ctx := browser(t, "Failed to fetch")
	run(t, ctx,
		screen(1440, 900),
		chromedp.Navigate(base+"/about"),
		chromedp.WaitReady("#live-toggle:not([hidden])"),
		network.Enable(),
		network.EmulateNetworkConditions(true, 0, -1, -1),
		chromedp.Click(`footer a[href="/help"]`),
		chromedp.WaitVisible("#trouble"),
		network.EmulateNetworkConditions(false, 0, -1, -1),
		chromedp.Click(`footer a[href="/help"]`),
		chromedp.WaitVisible("#question-sign_in"),
		chromedp.WaitNotVisible("#trouble"),
	)
}
