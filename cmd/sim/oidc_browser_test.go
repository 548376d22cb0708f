package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
)

// Browsers hold the page's policy against redirects too: the form must be let back to
// the portal, and nowhere else.
func TestPersonComesBackToThePortalInBrowser(t *testing.T) {
	came := make(chan url.Values, 1)
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/identities/esia/callback" {
			came <- r.URL.Query()
		}
	}))
	t.Cleanup(portal.Close)
	pages, _ := startSim(t, func(c *Config) { c.PublicURL = portal.URL })
	ask := pages + "/oidc/esia/authorize?" + url.Values{
		"client_id": {"portal"}, "redirect_uri": {portal.URL + "/identities/esia/callback"}, "response_type": {"code"},
		"scope": {"openid profile"}, "state": {"the-state"}, "nonce": {"n"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}.Encode()
	browser := browse(t)
	for _, button := range []string{"enter", "continue"} { // the second time the person is known
		err := chromedp.Run(browser, chromedp.Navigate(ask), chromedp.WaitVisible("form.ask"))
		if err == nil && button == "enter" {
			err = chromedp.Run(browser, chromedp.Click("input[value=nina]"), chromedp.Click("input[value=face]"))
		}
		if err == nil {
			err = chromedp.Run(browser, chromedp.Click("button[value="+button+"]"))
		}
		if err != nil {
			t.Fatal(err)
		}
		select {
		case query := <-came:
			if query.Get("code") == "" || query.Get("state") != "the-state" || query.Get("iss") != pages+"/oidc/esia" {
				t.Errorf("%s: came back with %v", button, query)
			}
		case <-browser.Done():
			t.Fatalf("%s: the browser never came back", button)
		}
	}
}
