package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/network"

	"veche/domain/accounts"
)

// balancer is one origin for several processes, as a proxy before them is. What one
// visitor asks for goes to the processes in turn, pages, forms and sockets alike, so a
// page is served by one and its socket by the next; or to one process when the visitor
// was given it. A process that refuses a connection is left out from then on.
type balancer struct {
	URL   string
	plain *http.Transport

	mu        sync.Mutex
	processes []*process
	given     map[string]*process // by visitor
	turns     map[string]int      // by visitor
	served    map[*process]served
}

// served is what a process answered.
type served struct {
	pages   int // and forms
	sockets int
}

// whoAsks is the cookie by which the balancer tells visitors apart.
const whoAsks = "balancer"

// newBalancer listens on an origin behind which nothing is yet.
func newBalancer(t *testing.T) *balancer {
	t.Helper()
	b := &balancer{
		plain:  &http.Transport{DisableKeepAlives: true}, // a dead process refuses, and no open connection hides it
		given:  map[string]*process{},
		turns:  map[string]int{},
		served: map[*process]served{},
	}
	front := httptest.NewServer(&httputil.ReverseProxy{
		// As docs/operations.md asks of a proxy: the host passes unchanged, the
		// visitor's address is written anew.
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		Transport:    b,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		ErrorLog:     log.New(io.Discard, "", 0), // visitors who leave in the middle
	})
	t.Cleanup(front.Close)
	b.URL = front.URL
	return b
}

// startBalanced starts n processes on one database behind a balancer.
func startBalanced(t *testing.T, n int, more ...string) (*fleet, *balancer) {
	t.Helper()
	b := newBalancer(t)
	f := newFleet(t, append([]string{"VECHE_PUBLIC_URL", b.URL, "VECHE_TRUST_PROXY", "true"}, more...)...)
	for range n {
		b.processes = append(b.processes, f.start())
	}
	return f, b
}

// front is the balancer as a page without a browser knows a process.
func (b *balancer) front() *process { return &process{URL: b.URL} }

// give has a process serve all that a visitor asks for.
func (b *balancer) give(visitor string, to *process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.given[visitor] = to
}

// visitor opens a window on the balancer's origin, signed in when there is a token. The
// processes serve it in turn, or the one that is named serves all of it.
func (b *balancer) visitor(t *testing.T, browser context.Context, name string, token accounts.Token, by ...*process) *tab {
	t.Helper()
	for _, p := range by {
		b.give(name, p)
	}
	v := newTab(t, browser, b.URL, token)
	v.run(network.SetCookie(whoAsks, name).WithURL(b.URL))
	return v
}

// RoundTrip asks a process, and the next one while nobody listens there.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	for {
		p, err := b.choose(r)
		if err != nil {
			return nil, err
		}
		to, err := url.Parse(p.URL)
		if err != nil {
			return nil, err
		}
		asked := r.Clone(r.Context())
		asked.URL.Scheme, asked.URL.Host = to.Scheme, to.Host
		asked.Body = io.NopCloser(bytes.NewReader(body))
		answer, err := b.plain.RoundTrip(asked)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			b.leaveOut(p)
			continue
		case err == nil:
			b.note(p, r, answer)
		}
		return answer, err
	}
}

// choose says whose turn it is. What a page is dressed in takes no turn.
func (b *balancer) choose(r *http.Request) (*process, error) {
	visitor := ""
	if cookie, err := r.Cookie(whoAsks); err == nil {
		visitor = cookie.Value
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.processes) == 0 {
		return nil, errors.New("no process is left")
	}
	if p := b.given[visitor]; slices.Contains(b.processes, p) {
		return p, nil
	}
	turn := b.turns[visitor]
	if !dress(r) {
		b.turns[visitor]++
	}
	return b.processes[turn%len(b.processes)], nil
}

func dress(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/static/") }

func (b *balancer) leaveOut(dead *process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.processes = slices.DeleteFunc(slices.Clone(b.processes), func(p *process) bool { return p == dead })
}

func (b *balancer) note(p *process, r *http.Request, answer *http.Response) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.served[p]
	switch {
	case answer.StatusCode == http.StatusSwitchingProtocols:
		s.sockets++
	case !dress(r):
		s.pages++
	}
	b.served[p] = s
}

// by is what a process has served so far.
func (b *balancer) by(p *process) served {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.served[p]
}

// expectAllServed fails unless every process has served pages and sockets.
func (b *balancer) expectAllServed(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, p := range b.processes {
		if s := b.served[p]; s.pages == 0 || s.sockets == 0 {
			t.Errorf("process %d of %d has served %d pages and %d sockets", i+1, len(b.processes), s.pages, s.sockets)
		}
	}
}

// The tests behind the balancer mean something only while it does what it says.
func TestBalancerTakesTurnsAndLeavesTheDeadOut(t *testing.T) {
	t.Parallel()
	b := newBalancer(t)
	for i := range 2 {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%d %s %s %s", i, r.Host, r.URL.Path, body)
		}))
		t.Cleanup(server.Close)
		b.processes = append(b.processes, &process{URL: server.URL})
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	dead := &process{URL: gone.URL}
	host := strings.TrimPrefix(b.URL, "http://")
	ask := func(visitor, path, body, want string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.AddCookie(&http.Cookie{Name: whoAsks, Value: visitor})
		answer, err := visitors.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		if got, _ := io.ReadAll(answer.Body); string(got) != want {
			t.Errorf("%s asked for %s and was answered %q, want %q", visitor, path, got, want)
		}
	}
	all := slices.Clone(b.processes)
	ask("anna", "/a", "x", "0 "+host+" /a x")
	ask("anna", "/static/app.js", "", "1 "+host+" /static/app.js ")
	ask("anna", "/a", "", "1 "+host+" /a ")
	ask("anna", "/a", "", "0 "+host+" /a ")
	ask("boris", "/a", "", "0 "+host+" /a ")
	b.give("vera", all[1])
	ask("vera", "/a", "", "1 "+host+" /a ")
	ask("vera", "/a", "", "1 "+host+" /a ")

	b.processes = []*process{all[0], dead}
	b.give("gleb", dead)
	ask("gleb", "/a", "the form", "0 "+host+" /a the form")
	ask("vera", "/a", "", "0 "+host+" /a ")
	if len(b.processes) != 1 {
		t.Errorf("%d processes are asked, want the one that lives", len(b.processes))
	}
	if s := b.by(all[0]); s != (served{pages: 5}) {
		t.Errorf("the first has served %+v", s)
	}
	if s := b.by(dead); s != (served{}) {
		t.Errorf("the dead one has served %+v", s)
	}
	b.processes = nil
	ask("anna", "/a", "", "")
}
