package hub_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
)

// page is a page without a network: a line that keeps what is written to it.
type page struct {
	h      *hub.Hub
	passes *hub.Passes
	v      hub.Visitor
	socket *hub.Socket

	mu       sync.Mutex
	messages []string
	block    chan struct{} // a write waits for it, unless nil
	dead     chan struct{}
	code     websocket.StatusCode
	closed   bool
}

// TryWrite implements the line: a page that does not read takes nothing.
func (p *page) TryWrite(wire []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.block != nil {
		return 0, nil
	}
	p.hear(wire)
	return len(wire), nil
}

// hear takes text messages apart (RFC 6455, section 5.2).
func (p *page) hear(wire []byte) {
	for len(wire) > 0 {
		size, head := int(wire[1]), 2
		switch size {
		case 126:
			size, head = int(binary.BigEndian.Uint16(wire[2:])), 4
		case 127:
			size, head = int(binary.BigEndian.Uint64(wire[2:])), 10
		}
		p.messages = append(p.messages, string(wire[head:head+size]))
		wire = wire[head+size:]
	}
}

func (p *page) Write(wire []byte) error {
	p.mu.Lock()
	block := p.block
	p.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-p.dead:
			return errors.New("killed")
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hear(wire)
	return nil
}

func (p *page) Close(code websocket.StatusCode, _ string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code, p.closed = code, true
}

func (p *page) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		close(p.dead)
	}
}

func (p *page) Answered() time.Time { return time.Now() }

// stopReading makes writes wait until the answer is called.
func (p *page) stopReading() (goOn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	block := make(chan struct{})
	p.block = block
	return func() {
		p.mu.Lock()
		p.block = nil
		p.mu.Unlock()
		close(block)
	}
}

// take answers the messages since the last call.
func (p *page) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := p.messages
	p.messages = nil
	return taken
}

var drawnText = regexp.MustCompile(`<p[^>]*>([^<]*)</p>`)

// shown are the texts of the frames since the last call of take.
func (p *page) shown() []string {
	var texts []string
	for _, message := range p.take() {
		for _, m := range drawnText.FindAllStringSubmatch(message, -1) {
			texts = append(texts, m[1])
		}
	}
	return texts
}

func (p *page) closeCode() (websocket.StatusCode, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code, p.closed
}

func joinMessage(t testing.TB, joins map[event.Region][]string) string {
	t.Helper()
	message, err := json.Marshal(map[string]any{"join": joins})
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

func (p *page) join(t testing.TB, region event.Region, version string) {
	t.Helper()
	p.h.Receive(p.socket, joinMessage(t, map[event.Region][]string{
		region: {version, p.passes.Mint(region, "ru", p.v)},
	}))
}

// town draws regions as "<region> <count>", the count being how often the topic, or
// the region alone, was changed.
type town struct {
	mu     sync.Mutex
	counts map[event.Topic]int
	items  map[event.Region]int
	gone   map[event.Region]bool
	calls  [][]hub.Wanted
	times  []time.Time
	fail   error
	omit   event.Region
	panics event.Region
	slow   time.Duration
	filler string
}

// pad makes drawings long.
func (w *town) pad(bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.filler = "<!--" + strings.Repeat("x", bytes) + "-->"
}

func newTown() *town {
	return &town{counts: make(map[event.Topic]int), items: make(map[event.Region]int), gone: make(map[event.Region]bool)}
}

func (w *town) change(topic event.Topic) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[topic]++
}

func (w *town) changeItem(region event.Region) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.items[region]++
}

func (w *town) of(region event.Region) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts[region.Topic()] + w.items[region]
}

func (w *town) draw(ctx context.Context, audience hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	w.mu.Lock()
	w.calls = append(w.calls, wanted)
	w.times = append(w.times, time.Now())
	counts, items, fail, slow := maps.Clone(w.counts), maps.Clone(w.items), w.fail, w.slow
	w.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if fail != nil {
		return nil, fail
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	drawings := make(map[event.Region]hub.Drawing)
	for _, want := range wanted {
		switch {
		case want.Region == w.panics:
			panic("the view of " + want.Region)
		case want.Region == w.omit:
			continue
		}
		drawings[want.Region] = hub.Drawing{
			HTML: fmt.Appendf(nil, `<p id=%q data-live=%q data-version=%q lang=%q>%s%s %d</p>`,
				want.Region.ElementID(), want.Region, want.Version, audience, w.filler, want.Region, counts[want.Region.Topic()]+items[want.Region]),
			Gone: w.gone[want.Region],
		}
	}
	return drawings, nil
}

func (w *town) drawCalls() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.calls)
}

// scene is a hub with a broker in memory, run within a bubble of testing/synctest.
type scene struct {
	t      *testing.T
	h      *hub.Hub
	broker *hubtest.Broker
	town   *town
	passes *hub.Passes
}

// play runs a test in a bubble in which time stands still until nothing moves.
func play(t *testing.T, o hub.Options, act func(s *scene), mount ...func(*hub.Hub)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scene{t: t, broker: hubtest.NewBroker(), town: newTown(), passes: hub.NewPasses([]byte("a secret of the tests"))}
		o.Broker, o.Passes = s.broker, s.passes
		s.h = hub.New(o)
		s.h.Handle("poll", "tally", s.town.draw)
		s.h.Handle("post", "comment", s.town.draw)
		for _, m := range mount {
			m(s.h)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.h.Run(ctx) }()
		synctest.Wait()
		act(s)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		synctest.Wait()
	})
}

func (s *scene) open(v hub.Visitor) *page {
	s.t.Helper()
	p := &page{h: s.h, passes: s.passes, v: v, dead: make(chan struct{})}
	var admitted bool
	p.socket, admitted = s.h.Attach(p, v, "192.0.2.1")
	if !admitted {
		s.t.Fatal("page was turned away")
	}
	synctest.Wait()
	return p
}

// show opens a page that shows the region as it is now.
func (s *scene) show(region event.Region) *page {
	s.t.Helper()
	p := s.open(hub.Visitor{})
	p.join(s.t, region, s.broker.Version(region.Topic()))
	synctest.Wait()
	p.take()
	return p
}

// change commits a change and publishes it.
func (s *scene) change(topic event.Topic, ids ...string) {
	s.t.Helper()
	s.town.change(topic)
	if err := s.broker.Publish(s.t.Context(), []event.Change{{Topic: topic, IDs: ids}}); err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
}

func (s *scene) want(p *page, texts ...string) {
	s.t.Helper()
	synctest.Wait()
	if got := p.shown(); strings.Join(got, "|") != strings.Join(texts, "|") {
		s.t.Errorf("page was shown %q, want %q", got, texts)
	}
}

// pass lets time go by.
func (s *scene) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
