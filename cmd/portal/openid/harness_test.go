package openid_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"veche/cmd/portal/openid"
	"veche/cmd/sim/oidc"
	"veche/cmd/sim/site"
)

const portalURL = "https://portal.example"

// town is the simulated outside world, with somebody on the line who may change what
// the providers answer.
type town struct {
	t   *testing.T
	url string

	mu     sync.Mutex
	change func(path string, answer map[string]any) // of JSON answers
	down   bool
	asked  map[string]int
}

func start(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, asked: map[string]int{}}
	server := httptest.NewUnstartedServer(nil)
	w.url = "http://" + server.Listener.Addr().String()
	clients := map[string][]oidc.Client{}
	for _, issuer := range oidc.Issuers() {
		mine, others := oidc.Portal(portalURL, issuer, "portal", "secret"), oidc.Portal(portalURL, issuer, "other", "other secret")
		mine.BackChannel, others.BackChannel = "", "" // nothing leaves the test
		clients[issuer] = []oidc.Client{mine, others}
	}
	log := slog.New(slog.DiscardHandler)
	provider := oidc.New(oidc.Config{Clients: clients}, w.url, time.Now, log)
	card := provider.Card()
	frame, err := site.New(time.UTC, log, card)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = w.between(frame)
	server.Start()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- card.Run(ctx) }()
	t.Cleanup(func() {
		server.Close()
		cancel()
		<-ended
	})
	return w
}

// between stands on the line.
func (w *town) between(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		change, down := w.change, w.down
		w.asked[r.URL.Path]++
		w.mu.Unlock()
		if down {
			http.Error(out, "away", http.StatusServiceUnavailable)
			return
		}
		recorded := httptest.NewRecorder()
		next.ServeHTTP(recorded, r)
		body := recorded.Body.Bytes()
		answer := map[string]any{}
		if change != nil && json.Unmarshal(body, &answer) == nil {
			change(r.URL.Path, answer)
			body, _ = json.Marshal(answer)
		}
		for name, values := range recorded.Header() {
			out.Header()[name] = values
		}
		out.WriteHeader(recorded.Code)
		_, _ = out.Write(body)
	})
}

func (w *town) intercept(change func(path string, answer map[string]any)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.change = change
}

func (w *town) takeDown(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

func (w *town) visits(path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[path]
}

// row is a provider as the file would have it.
func (w *town) row(issuer string) openid.Provider {
	trust := map[string]openid.Trust{"esia": openid.TrustState, "bank": openid.TrustBank, "social": openid.TrustSocial}[issuer]
	return openid.Provider{
		Key: issuer, Name: openid.Name{RU: issuer, EN: issuer}, Issuer: w.url + "/oidc/" + issuer, ClientID: "portal", Secret: "secret",
		Scopes: []string{"profile", "email", "phone", "address", "documents"}, Trust: trust,
	}
}

func (w *town) client(issuer string) *openid.Client {
	return openid.New(w.row(issuer), portalURL, time.Now)
}

// browser is a person's browser; it stops at every redirect.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// goes is the visit of a person to the provider; it answers what the browser brings back.
func goes(t *testing.T, b *http.Client, c *openid.Client, r openid.Request, person, method string) openid.Answer {
	t.Helper()
	address, err := c.AuthURL(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return decides(t, b, address, url.Values{"decision": {"enter"}, "person": {person}, "method": {method}}, r.State)
}

func decides(t *testing.T, b *http.Client, address string, form url.Values, state string) openid.Answer {
	t.Helper()
	response, err := b.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	led, err := response.Location()
	if err != nil {
		t.Fatalf("the provider answered %s", response.Status)
	}
	if !strings.HasPrefix(led.String(), portalURL+"/identities/") || led.Query().Get("state") != state {
		t.Fatalf("the person was led to %s", led)
	}
	return openid.Answer{Code: led.Query().Get("code"), Issuer: led.Query().Get("iss"), Problem: led.Query().Get("error")}
}
