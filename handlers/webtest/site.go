// Package webtest runs the portal's web side for tests: the real router on a real
// socket, with a real Postgres and Redis behind it, and a browser without eyes
// that keeps cookies and fills forms.
package webtest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"veche/db"
	accountsdb "veche/db/accounts"
	codesdb "veche/db/codes"
	"veche/db/dbtest"
	factorsdb "veche/db/factors"
	"veche/db/given"
	proofsdb "veche/db/proofs"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/handlers"
	"veche/hub"
	"veche/hub/localredis"
)

// Site is a running portal with the areas a test mounts.
type Site struct {
	URL      string
	DB       *db.DB
	Server   *handlers.Server
	Accounts *accountsdb.Store
	Codes    *codesdb.Store
	Proofs   *proofsdb.Store
	Sent     *Sent // the codes that went out
	Live     *hub.Hub
	t        testing.TB

	transport *http.Transport // of all its browsers
}

// Option changes the server from the usual.
type Option func(*handlers.Options)

// New starts a portal in which mount has mounted the areas of the test.
func New(t testing.TB, mount func(*Site), changes ...Option) *Site {
	t.Helper()
	d := dbtest.New(t)
	redisURL, prefix := localredis.ForTest(t)
	redisOptions, err := hub.RedisOptions(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewUniversalClient(redisOptions)
	t.Cleanup(func() { _ = client.Close() })

	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	secret := []byte("a secret only tests know, long enough")
	broker := hub.NewRedisBroker(client, prefix, log)
	passes := hub.NewPasses(secret)
	people := accountsdb.New(d, accountsdb.WithHashing(given.CheapHashing), accountsdb.WithSecret(secret))
	sent := &Sent{}
	codes := codesdb.New(d, secret, sent)
	factors, err := factorsdb.New(d, factorsdb.Options{
		Secret: secret, Issuer: "Вече", RelyingParty: "localhost", Origins: []string{"http://localhost"},
	})
	if err != nil {
		t.Fatal(err)
	}
	proofs := proofsdb.New(d, codes, factors, people)
	people.ProveWith(proofs)
	people.SendWith(codes, sent)
	site := &Site{DB: d, Accounts: people, Codes: codes, Proofs: proofs, Sent: sent, t: t, transport: &http.Transport{MaxIdleConnsPerHost: 20}}
	live := hub.New(hub.Options{
		Broker: broker,
		Census: broker,
		Passes: passes,
		Gate:   people,
		Log:    log,
	})
	options := handlers.Options{
		Sessions: people,
		Hub:      live,
		Passes:   passes,
		Limiter:  handlers.NewLimiter(client, prefix, secret),
		Secret:   secret,
		Zone:     time.FixedZone("MSK", 3*60*60),
		Ready:    d.Ready,
		Metrics:  prometheus.NewRegistry(),
		Log:      log,
	}
	for _, change := range changes {
		change(&options)
	}
	site.Server, site.Live = handlers.NewServer(options), live
	mount(site)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	site.URL = "http://" + listener.Addr().String()
	publisher := db.NewPublisher(d, broker, nil)
	running, stop := context.WithCancel(context.Background())
	done := make(chan error, 3)
	go func() { done <- publisher.Run(running) }()
	go func() { done <- live.Run(running) }()
	go func() { done <- site.Server.App().Listener(listener) }()
	t.Cleanup(func() {
		// A connection that was opened ahead and never used would keep the server waiting.
		site.transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := site.Server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		stop()
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
	return site
}

// Browser is one visitor of the site.
type Browser struct {
	Header http.Header // sent with every request
	client *http.Client
	site   *Site
	csrf   string
}

// Guest is a visitor who did not sign in.
func (s *Site) Guest() *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &Browser{
		Header: http.Header{"Accept-Language": {"ru"}},
		site:   s,
		client: &http.Client{
			Transport:     s.transport,
			Jar:           jar,
			Timeout:       20 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Person is a signed-in confirmed visitor with the roles given.
func (s *Site) Person(grants ...accounts.Grant) (*Browser, access.Actor) {
	actor, token := given.Person(s.t, s.DB, grants...)
	return s.With(token), actor
}

// With is a visitor who has a session's token in the cookie.
func (s *Site) With(token accounts.Token) *Browser {
	b := s.Guest()
	b.SignIn(token)
	return b
}

// SignIn gives the browser a session; what else it was given it keeps.
func (b *Browser) SignIn(token accounts.Token) {
	address, err := url.Parse(b.site.URL)
	if err != nil {
		b.site.t.Fatal(err)
	}
	b.client.Jar.SetCookies(address, []*http.Cookie{{Name: "session", Value: string(token), Path: "/"}})
}

// Answer is what the site answered.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	*goquery.Document
}

// Get visits a page.
func (b *Browser) Get(path string) *Answer { return b.do(http.MethodGet, path, nil, nil) }

// Head asks whether a page is there.
func (b *Browser) Head(path string) *Answer { return b.do(http.MethodHead, path, nil, nil) }

// GetWith visits a page with one header more.
func (b *Browser) GetWith(path, name, value string) *Answer {
	return b.do(http.MethodGet, path, nil, http.Header{name: {value}})
}

// Post sends a form as a page without scripts does, with the CSRF token of the
// page visited last.
func (b *Browser) Post(path string, form url.Values) *Answer {
	return b.do(http.MethodPost, path, form, nil)
}

// PostHTMX sends a form as htmx does.
func (b *Browser) PostHTMX(path string, form url.Values) *Answer {
	return b.do(http.MethodPost, path, form, http.Header{"Hx-Request": {"true"}})
}

// Send posts a body of a media type, such as a form with a file.
func (b *Browser) Send(path, media string, body io.Reader) *Answer {
	return b.send(http.MethodPost, path, body, http.Header{"Content-Type": {media}})
}

func (b *Browser) do(method, path string, form url.Values, header http.Header) *Answer {
	b.site.t.Helper()
	var body io.Reader
	if form != nil {
		if !form.Has("csrf") && b.csrf != "" {
			form.Set("csrf", b.csrf)
		}
		body = strings.NewReader(form.Encode())
		all := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		maps.Copy(all, header)
		header = all
	}
	return b.send(method, path, body, header)
}

func (b *Browser) send(method, path string, body io.Reader, header http.Header) *Answer {
	t := b.site.t
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.site.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, headers := range []http.Header{b.Header, header} {
		for name, values := range headers {
			request.Header[name] = values
		}
	}
	response, err := b.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	// htmx reads a partial as a template; a parser of plain HTML keeps what is in
	// it when the element is an ordinary one.
	document, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if token, ok := document.Find(`input[name="csrf"]`).First().Attr("value"); ok {
		b.csrf = token
	}
	return &Answer{Status: response.StatusCode, Header: response.Header, Body: string(text), Document: document}
}

// CSRFOf is the token that pages give this visitor, for forms they are not shown.
func (s *Site) CSRFOf(b *Browser, path string) string {
	s.t.Helper()
	headers, _ := b.Get(path).Find("body").Attr("hx-headers:inherited")
	_, rest, found := strings.Cut(headers, `"X-CSRF-Token":"`)
	token, _, closed := strings.Cut(rest, `"`)
	if !found || !closed {
		s.t.Fatalf("the page %s carries no token", path)
	}
	return token
}

// CutOffDatabase takes a test's database away as a stopped server would: its
// connections break and no new ones are let in.
func CutOffDatabase(t testing.TB, d *db.DB) {
	t.Helper()
	ctx := context.Background()
	config := d.Pool().Config().ConnConfig.Copy()
	name := config.Database
	config.Database = "postgres"
	admin, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(ctx) }()
	for _, statement := range []string{
		"ALTER DATABASE " + name + " ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'",
	} {
		if _, err := admin.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
}
