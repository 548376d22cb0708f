package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/db/given"
	"veche/domain/accounts"
)

// overhearer stands between the providers and the portal and keeps their words.
type overhearer struct {
	URL string

	mu     sync.Mutex
	portal string
	words  []string
}

func overhear(t *testing.T, portal string) *overhearer {
	t.Helper()
	o := &overhearer{portal: portal}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.FormValue("logout_token")
		o.mu.Lock()
		o.words = append(o.words, token)
		o.mu.Unlock()
		answer, err := http.PostForm(o.portal+r.URL.Path, url.Values{"logout_token": {token}})
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_ = answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
	}))
	t.Cleanup(server.Close)
	o.URL = server.URL
	return o
}

func (o *overhearer) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.words) == 0 {
		return ""
	}
	return o.words[len(o.words)-1]
}

func (w *walker) token() accounts.Token {
	address, _ := url.Parse(w.site.URL)
	for _, cookie := range w.http.Jar.Cookies(address) {
		if cookie.Name == "session" {
			return accounts.Token(cookie.Value)
		}
	}
	return ""
}

// Who signs out at the provider is out at the portal within a second, on every process;
// other sessions stay, and a word that was forged or heard before ends nothing.
func TestSignOutAtTheProviderClosesSocketsOnEveryProcess(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	public := "http://127.0.0.1:" + port
	heard := overhear(t, public)
	sim := vouchers(t, public, heard.URL)
	f := newFleet(t, append(vouched(t, sim, public), "PORT", port)...)
	one := f.start()
	f.env["PORT"] = "0"
	two := f.start()
	poll := given.OpenPoll(t, f.DB)
	site := &program{URL: one.URL, DB: f.DB}

	// A busy machine may be slow now and then. A portal that is slow is so each time.
	const tries = 3
	for try := 1; ; try++ {
		goer, stayer := newWalker(t, site, ""), newWalker(t, site, "")
		goer.get(goer.goes("esia", "nina", "otp"))
		stayer.get(stayer.goes("esia", "nina", "otp"))
		stay := f.open(stayer.token(), pagePath(poll), two)
		pages := []*page{f.open(goer.token(), pagePath(poll), one), f.open(goer.token(), pagePath(poll), two)}
		var sid string
		err := f.DB.Pool().QueryRow(t.Context(), `SELECT provider_sid FROM sessions WHERE token_hash = $1`, goer.token().Hash()).Scan(&sid)
		if err != nil || sid == "" {
			t.Fatalf("the session of the provider is %q: %v", sid, err)
		}
		began := time.Now()
		goer.do(http.MethodPost, sim+"/oidc/esia/sessions/"+sid+"/end", nil)
		var took time.Duration
		for _, p := range pages {
			end := p.awaitEnd()
			took = max(took, end.at.Sub(began))
			if end.code != websocket.StatusPolicyViolation {
				t.Errorf("a socket was closed with %d", end.code)
			}
		}
		if goer.known() != "" || stayer.known() == "" || stay.opened() != 1 {
			t.Errorf("who left is known as %q, who stayed as %q with %d sockets", goer.known(), stayer.known(), stay.opened())
		}
		if n := f.count(`SELECT count(*) FROM sessions WHERE end_reason = 'provider' AND provider_sid = $1`, sid); n != 1 {
			t.Errorf("%d sessions say why they ended", n)
		}
		if t.Logf("the last socket was closed after %s", took.Round(time.Millisecond)); took <= withdrawnWithin {
			break
		} else if try == tries {
			t.Errorf("in %d tries sockets were never closed within %s", tries, withdrawnWithin)
			break
		}
	}

	say := func(provider, token string) int {
		t.Helper()
		answer, err := http.PostForm(one.URL+"/identities/"+provider+"/logout", url.Values{"logout_token": {token}})
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	token := heard.last()
	flipped := token[:len(token)-8] + "AAAAAAAA"
	for name, status := range map[string]int{
		"heard before":        say("esia", token),
		"tampered with":       say("esia", flipped),
		"of another provider": say("bank", token),
		"no token":            say("esia", "hello"),
		"nothing":             say("esia", ""),
		"dots":                say("esia", ".."),
	} {
		if status != http.StatusForbidden {
			t.Errorf("a word %s: %d", name, status)
		}
	}
	if n := f.count(`SELECT count(*) FROM sessions WHERE ended_at IS NULL`); n == 0 {
		t.Error("a word of no worth ended sessions")
	}
}

// Who signs out here is told that the provider knows them still, and led there.
func TestSignOutRemindsOfTheProvider(t *testing.T) {
	t.Parallel()
	site, sim := vouchedPortal(t)
	w := newWalker(t, site, "")
	w.get(w.goes("esia", "nina", "otp"))
	if out := w.post("/profile", "/sign-out", nil); out.to != "/identities/esia/left" || w.known() != "" {
		t.Fatalf("signed out with %d to %q, known as %q", out.status, out.to, w.known())
	}
	exit := w.get("/identities/esia/left").page.Find(`main a[href="/identities/esia/exit"]`)
	if exit.Length() != 1 {
		t.Error("no way out of the provider is shown")
	}
	if led := w.get("/identities/esia/exit"); led.status != http.StatusSeeOther || len(led.to) < len(sim) || led.to[:len(sim)] != sim {
		t.Errorf("led with %d to %q", led.status, led.to)
	}
}
