package main

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/coder/websocket"
	"golang.org/x/net/html"

	"veche/domain/accounts"
	"veche/domain/event"
)

// page is an open page without a browser around it. It does what the scripts of
// static/js/live do: it joins the regions it shows with the versions and passes
// written into them, puts frames in their place unless something newer stands there,
// and comes back after a lost socket, to whichever process takes it.
type page struct {
	t         *testing.T
	path      string
	token     accounts.Token
	processes []*process // to connect to, the first one while it answers

	mu      sync.Mutex
	shown   map[event.Region]*goquery.Selection
	joined  map[event.Region]bool // with the socket that is open now
	sockets int                   // opened so far
	said    []string              // control messages but for the answers to joins
	ended   []ending
	changed chan struct{} // closed and replaced at each change
}

// ending is how a socket came to its end.
type ending struct {
	code websocket.StatusCode // -1 when it broke off
	at   time.Time
}

// open loads a page from the first process and waits until it is live.
func (f *fleet) open(token accounts.Token, path string, processes ...*process) *page {
	f.t.Helper()
	p := &page{t: f.t, path: path, token: token, processes: processes, changed: make(chan struct{})}
	status, document, err := load(f.t.Context(), processes[0], token, path)
	if err != nil || status != http.StatusOK {
		f.t.Fatalf("load %s: %d (%v)", path, status, err)
	}
	p.shown = regionsOf(document.Selection)
	if len(p.shown) == 0 {
		f.t.Fatalf("%s has no live regions", path)
	}
	living, leave := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		p.live(living)
	}()
	f.t.Cleanup(func() { leave(); <-gone })
	p.await("all regions are followed", p.follows)
	return p
}

// load asks a process for a page.
func load(ctx context.Context, from *process, token accounts.Token, path string) (int, *goquery.Document, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from.URL+path, nil)
	if err != nil {
		return 0, nil, err
	}
	request.Header = headerOf(token, from)
	response, err := visitors.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	document, err := goquery.NewDocumentFromReader(response.Body)
	return response.StatusCode, document, err
}

// visitors keeps connections open as browsers do, and follows no redirects.
var visitors = &http.Client{
	Timeout:       patience,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func headerOf(token accounts.Token, p *process) http.Header {
	header := http.Header{"Origin": {p.URL}, "Accept-Language": {"ru"}}
	if token != "" {
		header.Set("Cookie", "session="+string(token))
	}
	return header
}

func regionsOf(in *goquery.Selection) map[event.Region]*goquery.Selection {
	regions := map[event.Region]*goquery.Selection{}
	in.Find("[data-live]").Each(func(_ int, region *goquery.Selection) {
		regions[event.Region(region.AttrOr("data-live", ""))] = region
	})
	return regions
}

// live keeps a socket open until the person leaves or is sent away for good.
func (p *page) live(ctx context.Context) {
	// As in static/js/live/reconnect.js.
	const firstDelay, jitter = 1500 * time.Millisecond, 0.9
	at, delay := 0, firstDelay
	for ctx.Err() == nil {
		opened := time.Now()
		code := p.follow(ctx, p.processes[at%len(p.processes)])
		switch {
		case ctx.Err() != nil:
			return
		case code == websocket.StatusPolicyViolation:
			return
		case code == -1:
			at++ // nothing answers there any more
		}
		if time.Since(opened) > 10*time.Second {
			delay = firstDelay
		}
		select {
		case <-time.After(time.Duration(float64(delay) * (1 + (rand.Float64()*2-1)*jitter))):
		case <-ctx.Done():
		}
		delay = min(2*delay, 30*time.Second)
	}
}

// follow is the life of one socket.
func (p *page) follow(ctx context.Context, process *process) websocket.StatusCode {
	conn, response, err := websocket.Dial(ctx, process.URL+"/live", &websocket.DialOptions{HTTPHeader: headerOf(p.token, process)})
	if err != nil {
		if response != nil && response.Body != nil {
			_, _ = io.Copy(io.Discard, response.Body)
		}
		return -1
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(-1)
	p.update(func() {
		p.sockets++
		p.joined = map[event.Region]bool{}
	})
	if err := conn.Write(ctx, websocket.MessageText, p.join()); err != nil {
		return -1
	}
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			code := websocket.CloseStatus(err)
			p.update(func() { p.ended = append(p.ended, ending{code, time.Now()}) })
			return code
		}
		p.update(func() { p.take(string(message)) })
	}
}

func (p *page) update(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *page) join() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	join := map[event.Region][2]string{}
	for name, region := range p.shown {
		join[name] = [2]string{region.AttrOr("data-version", "?"), region.AttrOr("data-pass", "")}
	}
	message, err := json.Marshal(map[string]any{"join": join})
	if err != nil {
		panic(err) // strings cannot fail
	}
	return message
}

// take is what a page does with a message. The lock is held.
func (p *page) take(message string) {
	if strings.HasPrefix(message, "{") {
		var answer struct{ Joined map[event.Region]string }
		if err := json.Unmarshal([]byte(message), &answer); err != nil {
			p.t.Errorf("the page was sent %q", message)
		}
		for region := range answer.Joined {
			p.joined[region] = true
		}
		if answer.Joined == nil {
			p.said = append(p.said, message)
		}
		return
	}
	frame, err := goquery.NewDocumentFromReader(strings.NewReader(message))
	if err != nil {
		p.t.Errorf("the page was sent %q", message)
		return
	}
	for name, drawn := range regionsOf(frame.Find("hx-partial")) {
		standing := p.shown[name]
		if standing == nil {
			continue
		}
		if older(drawn, standing) {
			standing.SetAttr("data-version", drawn.AttrOr("data-version", "?"))
			continue
		}
		drawn.SetAttr("data-pass", standing.AttrOr("data-pass", ""))
		p.shown[name] = drawn
	}
}

// older says whether a drawing was read before what stands in the page.
func older(drawn, standing *goquery.Selection) bool {
	installation, number := stateOf(drawn)
	other, newest := stateOf(standing)
	return installation == other && number < newest
}

func stateOf(region *goquery.Selection) (installation string, number int64) {
	installation, digits, _ := strings.Cut(region.AttrOr("data-state", ""), ":")
	number, _ = strconv.ParseInt(digits, 10, 64)
	return installation, number
}

// await waits until the page is as wanted. The lock is held while it is asked.
func (p *page) await(what string, holds func() bool) {
	p.t.Helper()
	timeout := time.After(patience)
	for {
		p.mu.Lock()
		done, changed := holds(), p.changed
		p.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("waited in vain until %s; %d sockets, ended %v, said %q, shows %q", what, p.sockets, p.ended, p.said, p.texts())
		}
	}
}

// follows says whether every region shown is joined. The lock is held.
func (p *page) follows() bool { return p.joined != nil && len(p.joined) == len(p.shown) }

// texts is what stands in the regions of the page. The lock is held.
func (p *page) texts() map[event.Region]string {
	texts := map[event.Region]string{}
	for name, region := range p.shown {
		texts[name] = strings.Join(strings.Fields(region.Text()), " ")
	}
	return texts
}

func (p *page) text(region event.Region) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.texts()[region]
}

// version is the one a region of the page was drawn at.
func (p *page) version(region event.Region) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown[region].AttrOr("data-version", "")
}

// awaitText waits until a region of the page contains a text.
func (p *page) awaitText(region event.Region, text string) {
	p.t.Helper()
	p.await(string(region)+" says "+text, func() bool { return strings.Contains(p.texts()[region], text) })
}

// awaitSaid waits for a control message.
func (p *page) awaitSaid(message string) {
	p.t.Helper()
	p.await("it is told "+message, func() bool {
		for _, said := range p.said {
			if said == message {
				return true
			}
		}
		return false
	})
}

// awaitEnd waits until the first socket of the page has ended and answers how.
func (p *page) awaitEnd() ending {
	p.t.Helper()
	p.await("its socket ends", func() bool { return len(p.ended) > 0 })
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended[0]
}

// opened is how many sockets the page has had.
func (p *page) opened() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sockets
}

// awaitFresh waits until every region of the page is what a fresh load of it from a
// process would show.
func (p *page) awaitFresh(from *process) {
	p.t.Helper()
	status, document, err := load(p.t.Context(), from, p.token, p.path)
	if err != nil || status != http.StatusOK {
		p.t.Fatalf("load %s: %d (%v)", p.path, status, err)
	}
	for name, fresh := range regionsOf(document.Selection) {
		want := looks(fresh)
		p.await(string(name)+" is as in a fresh page: "+want, func() bool { return p.shown[name] != nil && looks(p.shown[name]) == want })
	}
}

// looks is a region without what says how new it is, its attributes in one order.
func looks(region *goquery.Selection) string {
	bare := region.Clone()
	for _, stamp := range []string{"data-version", "data-state", "data-pass"} {
		bare.RemoveAttr(stamp)
	}
	for _, element := range bare.Find("*").AddSelection(bare).Nodes {
		slices.SortFunc(element.Attr, func(a, b html.Attribute) int { return strings.Compare(a.Key, b.Key) })
	}
	text, err := goquery.OuterHtml(bare)
	if err != nil {
		panic(err) // a parsed document can be written
	}
	return text
}
