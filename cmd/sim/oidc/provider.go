package oidc

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"veche/cmd/sim/site"
)

//go:embed words.ru.toml words.en.toml *.html
var files embed.FS

// Client is a site that people sign in to through an issuer.
type Client struct {
	ID          string
	Secret      string
	Redirects   []string // compared character by character
	BackChannel string   // where logout tokens go; "" wants none
	AfterLogout []string // where people may be sent after RP-initiated logout
}

// Portal is the portal as a client of an issuer, by the addresses it has for a
// provider of the same key. public is the portal's address without a slash at its end.
func Portal(public, issuer, id, secret string) Client {
	own := strings.TrimSuffix(public, "/")
	return Client{
		ID: id, Secret: secret,
		Redirects:   []string{own + "/identities/" + issuer + "/callback"},
		BackChannel: own + "/identities/" + issuer + "/logout",
		AfterLogout: []string{own + "/", own + "/sign-in"},
	}
}

// Config is what the part is told.
type Config struct {
	Clients map[string][]Client // by the key of the issuer
	Pauses  []time.Duration     // between the tries to deliver a logout token
}

// Pauses are long enough for a portal that is being restarted.
var Pauses = []time.Duration{500 * time.Millisecond, 2 * time.Second, 10 * time.Second}

// Provider is the part: all issuers.
type Provider struct {
	address string
	people  []Person
	realms  []*realm
	now     func() time.Time
	log     *slog.Logger
	client  *http.Client
	pauses  []time.Duration

	front, home, ask, refused, leave, left *site.Page

	life    context.Context // ends deliveries under way
	end     context.CancelFunc
	working sync.WaitGroup
}

// realm is one issuer at work.
type realm struct {
	*Provider
	Issuer
	URL     string // the issuer identifier
	clients []Client
	keys    ring
	store   store
}

// New makes the providers. address is the program's base URL.
func New(config Config, address string, now func() time.Time, log *slog.Logger) *Provider {
	life, end := context.WithCancel(context.Background())
	p := &Provider{
		address: address, people: People(), now: now, log: log.With("part", "oidc"), pauses: config.Pauses,
		client: &http.Client{
			Timeout:       5 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		life: life, end: end,
	}
	for _, issuer := range issuers {
		p.realms = append(p.realms, &realm{
			Provider: p, Issuer: issuer, URL: address + "/oidc/" + issuer.Key,
			clients: config.Clients[issuer.Key], store: newStore(),
		})
	}
	return p
}

// Card introduces the providers to the program.
func (p *Provider) Card() site.Card {
	return site.Card{
		Key: "oidc", Protocol: "OpenID Connect", Address: p.address + "/oidc", Page: "/oidc",
		Files: files, Mount: p.mount, Run: p.run,
	}
}

// Issuers are the keys of all issuers, in their order.
func Issuers() []string {
	var keys []string
	for _, issuer := range issuers {
		keys = append(keys, issuer.Key)
	}
	return keys
}

func (p *Provider) mount(mux *http.ServeMux, frame *site.Site) error {
	for name, page := range map[string]**site.Page{
		"front.html": &p.front, "home.html": &p.home, "ask.html": &p.ask,
		"refused.html": &p.refused, "leave.html": &p.leave, "left.html": &p.left,
	} {
		drawn, err := frame.Page(files, name)
		if err != nil {
			return err
		}
		*page = drawn
	}
	mux.HandleFunc("GET /oidc", p.showFront)
	for _, r := range p.realms {
		at := "/oidc/" + r.Key
		mux.HandleFunc("GET "+at+"/.well-known/openid-configuration", r.discover)
		mux.HandleFunc("GET "+at+"/keys", r.showKeys)
		mux.HandleFunc("GET "+at+"/authorize", r.askPerson)
		mux.HandleFunc("POST "+at+"/authorize", r.hearPerson)
		mux.HandleFunc("POST "+at+"/token", r.token)
		mux.HandleFunc("GET "+at+"/userinfo", r.userinfo)
		mux.HandleFunc("POST "+at+"/userinfo", r.userinfo)
		mux.HandleFunc("GET "+at+"/logout", r.logout)
		mux.HandleFunc("POST "+at+"/logout", r.confirmLogout)
		mux.HandleFunc("GET "+at, r.showHome)
		mux.HandleFunc("POST "+at+"/sessions/{sid}/end", r.endSession)
		mux.HandleFunc("POST "+at+"/keys", r.rotateKeys)
	}
	return nil
}

// run waits for the end, then ends what is under way.
func (p *Provider) run(ctx context.Context) error {
	<-ctx.Done()
	p.end()
	p.working.Wait()
	return nil
}
