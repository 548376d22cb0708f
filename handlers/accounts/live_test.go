package accounts_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/coder/websocket"

	"veche/db/given"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/handlers/webtest"
	"veche/hub/hubtest"
)

// open opens the socket of a page that is shown in a session.
func open(t *testing.T, site *webtest.Site, token accounts.Token) *hubtest.Page {
	t.Helper()
	return hubtest.OpenPage(t, site.URL+"/live", &websocket.DialOptions{
		HTTPHeader: http.Header{"Cookie": {"session=" + string(token)}, "Origin": {site.URL}},
	})
}

func TestSigningOutClosesThePagesOfTheSession(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	_, token := given.Person(t, site.DB)
	_, other := given.Person(t, site.DB)
	pages := []*hubtest.Page{open(t, site, token), open(t, site, token)}
	stays := open(t, site, other)

	anna := site.With(token)
	anna.Get("/profile")
	if out := anna.Post("/sign-out", url.Values{}); out.Status != http.StatusSeeOther {
		t.Fatalf("answered %d", out.Status)
	}
	for _, page := range pages {
		page.AwaitText(`"bye":"session"`)
		if code := page.AwaitEnd(); code != websocket.StatusPolicyViolation {
			t.Errorf("closed with %d", code)
		}
	}
	if code := open(t, site, token).AwaitEnd(); code != websocket.StatusPolicyViolation {
		t.Errorf("the stolen cookie opens a socket: %d", code)
	}
	if messages := stays.Messages(); len(messages) != 0 {
		t.Errorf("another person's page was told %q", messages)
	}
}

func TestSigningOutEverywhereClosesThePagesOfAllSessions(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	anna, here := given.Person(t, site.DB)
	elsewhere := given.Session(t, site.DB, anna)
	_, other := given.Person(t, site.DB)
	pages := []*hubtest.Page{open(t, site, here), open(t, site, elsewhere)}
	stays := open(t, site, other)

	browser := site.With(here)
	profile := browser.Get("/profile")
	if button := profile.Find(`button[name=everywhere]`); button.Text() != "Выйти из всех сеансов" {
		t.Fatalf("the button says %q", button.Text())
	}
	if out := browser.Post("/sign-out", url.Values{"everywhere": {"1"}}); out.Status != http.StatusSeeOther {
		t.Fatalf("answered %d", out.Status)
	}
	for _, page := range pages {
		if code := page.AwaitEnd(); code != websocket.StatusPolicyViolation {
			t.Errorf("closed with %d", code)
		}
	}
	if again := site.With(elsewhere).Get("/profile"); again.Status != http.StatusSeeOther {
		t.Errorf("the other session reads the profile: %d", again.Status)
	}
	if messages := stays.Messages(); len(messages) != 0 {
		t.Errorf("another person's page was told %q", messages)
	}
}

func TestChangedRightsReachOpenPages(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	admin, _ := given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleAdmin})
	anna, token := given.Person(t, site.DB)
	page := open(t, site, token)
	if err := site.Accounts.Grant(t.Context(), admin, anna.Public, accounts.Grant{Role: accounts.RoleModerator}); err != nil {
		t.Fatal(err)
	}
	page.AwaitText(`"bye":"role"`)
	now, err := site.Accounts.Actor(t.Context(), string(token))
	if err != nil || !now.Has(accounts.RoleModerator, "") {
		t.Errorf("acts as %+v (%v)", now, err)
	}
	if err := access.Can(now, access.GrantRoles, access.Object{}); err == nil {
		t.Error("a moderator grants roles")
	}
}
