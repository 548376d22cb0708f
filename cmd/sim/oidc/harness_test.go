package oidc_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	client "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"veche/cmd/sim/oidc"
	"veche/cmd/sim/site"
)

const secret = "the portal's secret & more+"

// town is a running part, with a portal that takes logout tokens.
type town struct {
	t        *testing.T
	url      string
	provider *oidc.Provider
	portal   *portal

	mu  sync.Mutex
	now time.Time
}

// portal keeps what arrives at its back channel.
type portal struct {
	url    string
	mu     sync.Mutex
	tokens []string
	status []int // answers to the next tokens; 200 when used up
}

func (p *portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/logout") {
		p.tokens = append(p.tokens, r.PostFormValue("logout_token"))
		if len(p.status) > 0 {
			w.WriteHeader(p.status[0])
			p.status = p.status[1:]
		}
	}
}

func (p *portal) arrived() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.tokens...)
}

func (p *portal) answer(status ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = status
}

func (w *town) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *town) later(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(by)
}

func start(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, portal: &portal{}, now: time.Now()}
	portalServer := httptest.NewServer(w.portal)
	w.portal.url = portalServer.URL
	clients := map[string][]oidc.Client{}
	for _, issuer := range oidc.Issuers() {
		clients[issuer] = []oidc.Client{
			oidc.Portal(w.portal.url, issuer, "portal", secret),
			oidc.Portal("https://other.example", issuer, "other", "another secret"),
		}
	}
	server := httptest.NewUnstartedServer(nil)
	w.url = "http://" + server.Listener.Addr().String()
	log := slog.New(slog.DiscardHandler)
	w.provider = oidc.New(oidc.Config{Clients: clients, Pauses: []time.Duration{time.Millisecond, time.Millisecond}}, w.url, w.clock, log)
	card := w.provider.Card()
	frame, err := site.New(time.UTC, log, card)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = frame
	server.Start()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- card.Run(ctx) }()
	t.Cleanup(func() {
		server.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the part ended with %v", err)
		}
		portalServer.Close()
	})
	return w
}

// site is the portal's client of one issuer, as the portal's own libraries make it.
func (w *town) site(issuer string) (*client.Provider, oauth2.Config) {
	w.t.Helper()
	found, err := client.NewProvider(w.t.Context(), w.url+"/oidc/"+issuer)
	if err != nil {
		w.t.Fatal(err)
	}
	return found, oauth2.Config{
		ClientID: "portal", ClientSecret: secret, Endpoint: found.Endpoint(),
		RedirectURL: w.portal.url + "/identities/" + issuer + "/callback",
		Scopes:      []string{"openid", "profile", "email", "phone", "address", "documents", "unheard_of"},
	}
}

// browser is a person's browser; it stops at every redirect.
type browser struct {
	t *testing.T
	*http.Client
}

func newBrowser(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{t, &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// page is an answer read to its end.
type page struct {
	status   int
	header   http.Header
	location *url.URL // nil when there is no redirect
	text     string
}

func (p page) query(name string) string {
	if p.location == nil {
		return ""
	}
	return p.location.Query().Get(name)
}

func (p page) find(t *testing.T, selector string) *goquery.Selection {
	t.Helper()
	document, err := goquery.NewDocumentFromReader(strings.NewReader(p.text))
	if err != nil {
		t.Fatal(err)
	}
	return document.Find(selector)
}

func (b browser) read(response *http.Response, err error) page {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	read := page{status: response.StatusCode, header: response.Header, text: string(text)}
	if response.Header.Get("Location") != "" {
		if read.location, err = response.Location(); err != nil {
			b.t.Fatal(err)
		}
	}
	return read
}

func (b browser) open(address string) page {
	b.t.Helper()
	return b.read(b.Get(address))
}

// send posts a form; pairs are its names and values.
func (b browser) send(address string, pairs ...string) page {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.read(b.PostForm(address, form))
}

// enter signs in on the page of the address and answers where it led.
func (b browser) enter(address, person, method string) page {
	b.t.Helper()
	got := b.send(address, "decision", "enter", "person", person, "method", method)
	if got.status != http.StatusSeeOther {
		b.t.Fatalf("signing in answered %d\n%s", got.status, got.text)
	}
	return got
}

// with replaces parameters of an address; a value of "-" removes one.
func with(t *testing.T, address string, pairs ...string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Del(pairs[i])
		if pairs[i+1] != "-" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// visit is one ordinary sign-in to the portal.
type visit struct {
	verifier string
	address  string
	came     page
}

func (w *town) visit(b browser, issuer, person, method string, more ...string) visit {
	w.t.Helper()
	_, config := w.site(issuer)
	v := visit{verifier: oauth2.GenerateVerifier()}
	v.address = with(w.t, config.AuthCodeURL("the-state", oauth2.S256ChallengeOption(v.verifier), client.Nonce("the-nonce")), more...)
	v.came = b.enter(v.address, person, method)
	return v
}

// redeem exchanges the code of a visit and answers the ID token verified.
func (w *town) redeem(issuer string, v visit) (*oauth2.Token, *client.IDToken, string) {
	w.t.Helper()
	found, config := w.site(issuer)
	token, err := config.Exchange(w.t.Context(), v.came.query("code"), oauth2.VerifierOption(v.verifier))
	if err != nil {
		w.t.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&client.Config{ClientID: "portal", Now: w.clock}).Verify(w.t.Context(), raw)
	if err != nil {
		w.t.Fatal(err)
	}
	return token, id, raw
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%s never happened", what)
		}
	}
}
