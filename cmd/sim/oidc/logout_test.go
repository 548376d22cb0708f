package oidc_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	client "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// sid reads the session of an ID token.
func sid(t *testing.T, id *client.IDToken) string {
	t.Helper()
	var said struct{ SID string }
	if err := id.Claims(&said); err != nil {
		t.Fatal(err)
	}
	return said.SID
}

func TestSigningOutAtTheProviderReachesThePortal(t *testing.T) {
	t.Parallel()
	w := start(t)
	token, id, _ := w.redeem("esia", w.visit(newBrowser(t), "esia", "anna", "otp"))
	found, _ := w.site("esia")
	operator := newBrowser(t)
	action, _ := operator.open(w.url+"/oidc/esia").find(t, ".sessions form").Attr("action")
	if got := operator.send(w.url + action); got.status != http.StatusSeeOther {
		t.Fatalf("signing out answered %d", got.status)
	}
	arrived := w.portal.arrived()
	if len(arrived) != 1 {
		t.Fatalf("%d logout tokens arrived", len(arrived))
	}
	said, err := found.Verifier(&client.Config{ClientID: "portal", Now: w.clock}).VerifyLogout(t.Context(), arrived[0])
	if err != nil {
		t.Fatal(err)
	}
	if said.Subject != id.Subject || said.SessionID != sid(t, id) || said.TokenID == "" || said.IssuedAt.Unix() != w.clock().Unix() {
		t.Errorf("the logout token says %+v", said)
	}
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(arrived[0], ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	var kind struct{ Typ, Alg string }
	if err := json.Unmarshal(header, &kind); err != nil || kind.Typ != "logout+jwt" || kind.Alg != "RS256" {
		t.Errorf("header %s (%v)", header, err)
	}
	if _, err := found.UserInfo(t.Context(), oauth2.StaticTokenSource(token)); err == nil {
		t.Error("the access token outlived the session")
	}
	page := operator.open(w.url + "/oidc/esia")
	if !strings.Contains(page.text, "Сейчас никто не вошёл") || !strings.Contains(page.find(t, "tbody").Text(), "принял") {
		t.Error("the page does not tell that the portal was told")
	}
	if got := operator.send(w.url + action); got.status != http.StatusSeeOther || len(w.portal.arrived()) != 1 {
		t.Error("a session that is over was signed out again")
	}
}

func TestPortalThatIsAwayIsToldLater(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, c := range []struct {
		answers []int
		tries   int
		state   string
	}{
		{[]int{503}, 2, "принял"},
		{[]int{503, 502, 500}, 3, "не ответил"},
		{[]int{400}, 1, "отказался принять"},
	} {
		t.Run(fmt.Sprint(c.answers), func(t *testing.T) {
			before := len(w.portal.arrived())
			w.portal.answer(c.answers...)
			b := newBrowser(t)
			w.visit(b, "bank", "anna", "otp")
			b.send(w.url + "/oidc/bank/logout")
			eventually(t, "the end of the delivery", func() bool {
				return b.open(w.url+"/oidc/bank").find(t, "tbody tr td:last-child").First().Text() == c.state
			})
			if got := len(w.portal.arrived()) - before; got != c.tries {
				t.Errorf("%d tries, want %d", got, c.tries)
			}
		})
	}
}

func TestSitesThePersonDidNotGoToAreNotTold(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := newBrowser(t)
	// Signed in for another client alone, whose back channel does not exist.
	got := b.enter(with(t, w.address("esia"), "client_id", "other", "redirect_uri", "https://other.example/identities/esia/callback"), "anna", "otp")
	if got.query("code") == "" {
		t.Fatalf("led to %v", got.location)
	}
	b.open(w.url + "/oidc/esia")
	b.send(w.url + "/oidc/esia/logout")
	if n := len(w.portal.arrived()); n != 0 {
		t.Errorf("%d logout tokens arrived", n)
	}
}

func TestPortalSignsOutItsOwnPersonWithoutAsking(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := newBrowser(t)
	_, id, raw := w.redeem("esia", w.visit(b, "esia", "anna", "otp"))
	leave := w.url + "/oidc/esia/logout?" + url.Values{
		"id_token_hint": {raw}, "post_logout_redirect_uri": {w.portal.url + "/sign-in"}, "state": {"bye"},
	}.Encode()
	got := b.open(leave)
	if got.status != http.StatusSeeOther || got.location.String() != w.portal.url+"/sign-in?state=bye" {
		t.Errorf("status %d, led to %v", got.status, got.location)
	}
	if again := b.open(w.address("esia", "prompt", "none")); again.query("error") != "login_required" {
		t.Error("the person is still signed in at the provider")
	}
	if n := len(w.portal.arrived()); n != 1 {
		t.Errorf("%d logout tokens for session %s", n, sid(t, id))
	}
}

func TestLogoutThatAnybodyCouldAskForIsConfirmedFirst(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := newBrowser(t)
	_, _, own := w.redeem("esia", w.visit(b, "esia", "anna", "otp"))
	_, _, others := w.redeem("esia", w.visit(newBrowser(t), "esia", "boris", "otp"))
	_, _, elsewhere := w.redeem("bank", w.visit(newBrowser(t), "bank", "anna", "otp"))
	payload := strings.Split(own, ".")[1]
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + payload + "."
	for name, hint := range map[string]string{"no hint": "", "somebody else's": others, "of another issuer": elsewhere, "unsigned": none, "broken": own + "x"} {
		got := b.open(w.url + "/oidc/esia/logout?" + url.Values{"id_token_hint": {hint}}.Encode())
		if got.status != http.StatusOK || !strings.Contains(got.find(t, "h1").Text(), "Выйти?") {
			t.Errorf("%s: status %d, led to %v", name, got.status, got.location)
		}
	}
	if got := b.open(w.address("esia", "prompt", "none")); got.query("code") == "" {
		t.Fatal("the person was signed out without being asked")
	}
	b.send(w.url + "/oidc/esia/logout")
	if got := b.open(w.address("esia", "prompt", "none")); got.query("error") != "login_required" {
		t.Error("the confirmed logout did nothing")
	}
}

func TestLogoutLeadsOnlyToRegisteredAddresses(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := newBrowser(t)
	_, _, raw := w.redeem("esia", w.visit(b, "esia", "anna", "otp"))
	for name, query := range map[string]url.Values{
		"elsewhere":        {"id_token_hint": {raw}, "post_logout_redirect_uri": {"https://evil.example/"}},
		"another client's": {"id_token_hint": {raw}, "post_logout_redirect_uri": {"https://other.example/"}},
		"wrong client":     {"id_token_hint": {raw}, "client_id": {"other"}, "post_logout_redirect_uri": {w.portal.url + "/"}},
		"nobody's":         {"post_logout_redirect_uri": {w.portal.url + "/"}},
	} {
		address := w.url + "/oidc/esia/logout?" + query.Encode()
		for _, got := range []page{b.open(address), b.send(address)} {
			if got.status != http.StatusBadRequest || got.location != nil {
				t.Errorf("%s: status %d, led to %v", name, got.status, got.location)
			}
		}
	}
}

func TestAnotherPersonInTheSameBrowserEndsTheFirstSession(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := newBrowser(t)
	_, first, _ := w.redeem("esia", w.visit(b, "esia", "anna", "otp"))
	_, second, _ := w.redeem("esia", w.visit(b, "esia", "boris", "otp"))
	if first.Subject == second.Subject || sid(t, first) == sid(t, second) {
		t.Error("two people share a session")
	}
	if n := len(w.portal.arrived()); n != 1 {
		t.Errorf("%d logout tokens arrived", n)
	}
	// The same person, asked anew, keeps the session.
	_, third, _ := w.redeem("esia", w.visit(b, "esia", "boris", "token"))
	if sid(t, third) != sid(t, second) {
		t.Error("showing a token began another session")
	}
}
