package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"veche/db/given"
	"veche/handlers/webtest"
)

// notPages are the routes that answer with something else than a page.
var notPages = map[string]bool{"/live": true, "/metrics": true, "/healthz": true, "/readyz": true}

// A sample of every page of the portal is looked at with axe-core, as a guest on a
// phone and as a citizen at a desk, and neither may scroll sideways. The style
// guide has a test of its own, in every language and theme.
func TestEveryPageIsAccessibleInBrowser(t *testing.T) {
	t.Parallel()
	site, routes := town(t)
	_, token := given.Person(t, site.DB)
	browser := chromium(t)
	guest, citizen := site.visitor(t, browser, ""), site.visitor(t, browser, token)
	// Tall enough for the whole page: what lies under the bar at the lower edge at
	// one moment of scrolling is not out of reach.
	guest.run(chromedp.EmulateViewport(360, 9000))
	citizen.run(
		chromedp.EmulateViewport(1440, 900),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}),
	)
	visited := 0
	for _, route := range routes {
		if route.Method != http.MethodGet || notPages[route.Path] || strings.HasPrefix(route.Path, "/styleguide") {
			continue
		}
		visited++
		for name, v := range map[string]*tab{"guest on a phone": guest, "citizen in the dark": citizen} {
			v.open(route.Sample)
			v.awaitJS(`document.getAnimations().every(a => a.playState !== 'running' || a.effect.getComputedTiming().iterations === Infinity)`)
			found, err := webtest.Axe(v.ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, violation := range found {
				t.Errorf("%s, %s: %s", route.Sample, name, violation)
			}
			var beyond int
			v.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &beyond)
			if beyond > 0 {
				t.Errorf("%s, %s: scrolls %d px sideways", route.Sample, name, beyond)
			}
		}
	}
	if visited < 8 {
		t.Errorf("only %d pages were visited", visited)
	}
}
