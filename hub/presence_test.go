package hub_test

// Presence: how many pages of a topic are in view on all processes together. Held in
// fake time for what it costs, and at a real Redis for what it says.

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
	"veche/hub/localredis"
)

const (
	readers = event.Topic("viewers:7")
	reading = event.Region("viewers:7/here") // counts
	watched = event.Region("viewers:7/now")  // says the same and does not count
)

// crowdDrawer draws how many are present, and counts its drawings.
type crowdDrawer struct {
	mu    sync.Mutex
	drawn int
}

func (c *crowdDrawer) draw(_ context.Context, _ hub.Audience, wanted []hub.Wanted, present map[event.Topic]int) (map[event.Region]hub.Drawing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	drawings := make(map[event.Region]hub.Drawing)
	for _, w := range wanted {
		c.drawn++
		drawings[w.Region] = hub.Drawing{HTML: fmt.Appendf(nil, `<p id=%q data-live=%q data-version=%q>%d present</p>`,
			w.Region.ElementID(), w.Region, w.Version, present[w.Region.Topic()])}
	}
	return drawings, nil
}

func (c *crowdDrawer) drawings() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drawn
}

func (c *crowdDrawer) mount(h *hub.Hub) {
	h.CountPresence("viewers", "here")
	h.HandlePresence("viewers", "here", c.draw)
	h.HandlePresence("viewers", "now", c.draw)
}

// counted is a scene in which those who look at a post are counted.
type counted struct {
	*scene
	census *hubtest.Census
	crowd  *crowdDrawer
}

func playCounted(t *testing.T, act func(s *counted)) {
	t.Helper()
	census, crowd := hubtest.NewCensus(), &crowdDrawer{}
	play(t, hub.Options{Census: census, PerAddress: -1, Compare: 1000 * time.Hour}, func(s *scene) {
		act(&counted{s, census, crowd})
	}, crowd.mount)
}

// shows is the number that a page shows last.
func (p *page) shows() string {
	texts := p.shown()
	if len(texts) == 0 {
		return ""
	}
	return texts[len(texts)-1]
}

func (s *counted) read() *page {
	p := s.open(hub.Visitor{})
	p.join(s.t, reading, event.UnknownVersion)
	return p
}

func TestThoseWhoLookAreCountedAndThoseWhoWatchAreNot(t *testing.T) {
	t.Parallel()
	playCounted(t, func(s *counted) {
		first, watcher := s.read(), s.open(hub.Visitor{})
		watcher.join(s.t, watched, s.broker.Version(readers))
		s.pass(2 * time.Second)
		if got := watcher.shows(); got != "1 present" {
			t.Errorf("with one reader the watcher sees %q", got)
		}
		second := s.read()
		s.pass(2 * time.Second)
		if got := first.shows(); got != "2 present" {
			t.Errorf("with two readers the first sees %q", got)
		}
		s.h.Receive(second.socket, fmt.Sprintf(`{"leave":[%q]}`, reading))
		s.h.Detach(first.socket)
		s.pass(2 * time.Second)
		if got := watcher.shows(); got != "0 present" {
			t.Errorf("when all have left the watcher sees %q", got)
		}
	})
}

func TestBurstOfReadersIsReportedOnceASecond(t *testing.T) {
	t.Parallel()
	playCounted(t, func(s *counted) {
		watcher := s.open(hub.Visitor{})
		watcher.join(s.t, watched, s.broker.Version(readers))
		s.pass(10 * time.Second)
		said, drawn := s.census.Said(), s.crowd.drawings()
		for range 1000 {
			s.read()
		}
		s.pass(3500 * time.Millisecond)
		if got := watcher.shows(); got != "1000 present" {
			t.Errorf("the watcher sees %q", got)
		}
		// Joining takes no time here: one report of what changed, one of everything. A
		// drawing of each view for the first who came, one for the report.
		if n := s.census.Said() - said; n > 3 {
			t.Errorf("%d reports of a thousand readers", n)
		}
		if n := s.crowd.drawings() - drawn; n > 4 {
			t.Errorf("%d drawings of a thousand readers", n)
		}
	})
}

func TestNothingIsDrawnWhileNobodyComesOrGoes(t *testing.T) {
	t.Parallel()
	playCounted(t, func(s *counted) {
		readers := []*page{s.read(), s.read(), s.open(hub.Visitor{})}
		readers[2].join(s.t, watched, event.UnknownVersion)
		s.pass(10 * time.Second)
		drawn := s.crowd.drawings()
		s.pass(10 * time.Minute)
		if n := s.crowd.drawings() - drawn; n != 0 {
			t.Errorf("%d drawings of nothing new", n)
		}
		// One who comes and goes between two reports is no news either.
		s.h.Detach(s.read().socket)
		s.pass(10 * time.Second)
		if n := s.crowd.drawings() - drawn; n > 1 {
			t.Errorf("%d drawings for one who was hardly there", n)
		}
	})
}

// Shares that did not change are said again now and then, so that they do not expire,
// and at no other time: a page that is loaded anew every second is no news.
func TestUnchangedSharesAreSaidOnlyToKeepThem(t *testing.T) {
	t.Parallel()
	playCounted(t, func(s *counted) {
		reader := s.read()
		s.pass(10 * time.Second)
		said := s.census.Said()
		const seconds = 60
		for range seconds {
			next := s.read()
			s.h.Detach(reader.socket)
			reader = next
			s.pass(time.Second)
		}
		if n := s.census.Said() - said; n < seconds/3-1 || n > seconds/3+1 {
			t.Errorf("within %d s the one reader is reported %d times, want every 3 s", seconds, n)
		}
		if n, known := s.h.Present(s.t.Context(), readers); n != 1 || !known {
			t.Errorf("%d are said to be present", n)
		}
	})
}

func TestScreensKeepTheLastNumberWhileTheCensusIsAway(t *testing.T) {
	t.Parallel()
	playCounted(t, func(s *counted) {
		watcher := s.open(hub.Visitor{})
		watcher.join(s.t, watched, event.UnknownVersion)
		s.read()
		s.pass(5 * time.Second)
		if got := watcher.shows(); got != "1 present" {
			s.t.Fatalf("the watcher sees %q", got)
		}
		s.census.Break(true)
		s.read()
		s.pass(time.Minute)
		if got := watcher.shows(); got != "" {
			t.Errorf("while nobody can count the watcher is told %q", got)
		}
		if n, known := s.h.Present(s.t.Context(), readers); known {
			t.Errorf("%d are said to be present", n)
		}
		s.census.Break(false)
		s.pass(2 * time.Second)
		if got := watcher.shows(); got != "2 present" {
			t.Errorf("after that the watcher sees %q", got)
		}
	})
}

// countingProcess is a hub at a real Redis, with a connection of its own that can be cut.
type countingProcess struct {
	h      *hub.Hub
	client redis.UniversalClient
	passes *hub.Passes
}

func startCounting(t *testing.T, url, prefix string, crowd *crowdDrawer) *countingProcess {
	t.Helper()
	p := &countingProcess{client: dialRedis(t, url), passes: hub.NewPasses([]byte("a secret of the tests"))}
	broker := hub.NewRedisBroker(p.client, prefix, slog.New(slog.DiscardHandler))
	p.h = hub.New(hub.Options{Broker: broker, Census: broker, Passes: p.passes, PerAddress: -1, Presence: 100 * time.Millisecond})
	crowd.mount(p.h)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = p.h.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return p
}

func (p *countingProcess) open(t *testing.T, region event.Region) *page {
	t.Helper()
	v := &page{h: p.h, passes: p.passes, dead: make(chan struct{})}
	var admitted bool
	if v.socket, admitted = p.h.Attach(v, hub.Visitor{}, "192.0.2.1"); !admitted {
		t.Fatal("page was turned away")
	}
	v.join(t, region, event.UnknownVersion)
	return v
}

// awaitShows waits until the last drawing sent to a page says so.
func (p *page) awaitShows(t *testing.T, want string) {
	t.Helper()
	last := ""
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if text := p.shows(); text != "" {
			last = text
		}
		if last == want {
			return
		}
	}
	t.Fatalf("page shows %q, want %q", last, want)
}

func TestReadersOfAllProcessesAddUpAndThoseOfADeadOneVanish(t *testing.T) {
	t.Parallel()
	url, prefix := localredis.ForTest(t)
	crowd := &crowdDrawer{}
	one, two := startCounting(t, url, prefix, crowd), startCounting(t, url, prefix, crowd)
	watcher := two.open(t, watched)
	for range 3 {
		one.open(t, reading)
	}
	last := two.open(t, reading)
	watcher.awaitShows(t, "4 present")
	if n, known := one.h.Present(t.Context(), readers); n != 4 || !known {
		t.Errorf("a page of the first process is rendered with %d, %v", n, known)
	}

	// A process that is killed says nothing any more.
	if err := one.client.Close(); err != nil {
		t.Fatal(err)
	}
	watcher.awaitShows(t, "1 present")
	two.h.Detach(last.socket)
	watcher.awaitShows(t, "0 present")
}

func TestProcessThatStopsTakesItsReadersWithIt(t *testing.T) {
	t.Parallel()
	url, prefix := localredis.ForTest(t)
	client := dialRedis(t, url)
	broker := hub.NewRedisBroker(client, prefix, slog.New(slog.DiscardHandler))
	passes := hub.NewPasses([]byte("a secret of the tests"))
	// What was said is kept for so long that only a word at the end can take it back.
	h := hub.New(hub.Options{Broker: broker, Census: broker, Passes: passes, Presence: 5 * time.Second})
	(&crowdDrawer{}).mount(h)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(stop) // also when the test gives up before
	p := &countingProcess{h: h, client: client, passes: passes}
	p.open(t, reading).awaitShows(t, "1 present")
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the hub does not end")
	}
	sums, err := broker.Count(t.Context(), "", 0, nil, []event.Topic{readers})
	if err != nil || sums[readers] != 0 {
		t.Errorf("%d readers are left (%v)", sums[readers], err)
	}
}

func TestCensusAddsUpAndForgets(t *testing.T) {
	t.Parallel()
	b, client, prefix := sharedBroker(t)
	own := make(map[event.Topic]int)
	for i := range 40 {
		own[event.Topic(fmt.Sprintf("viewers:%d", i))] = i
	}
	count := func(process string, keep time.Duration, own map[event.Topic]int) map[event.Topic]int {
		t.Helper()
		sums, err := b.Count(t.Context(), process, keep, own, []event.Topic{"viewers:3", "viewers:900"})
		if err != nil {
			t.Fatal(err)
		}
		return sums
	}
	count("one", time.Minute, own)
	for topic, sum := range count("two", time.Minute, own) {
		if sum != 2*own[topic] {
			t.Errorf("%s: %d", topic, sum)
		}
	}
	if left := client.TTL(t.Context(), prefix+fmt.Sprintf("{b%02d}:n:viewers:3", hub.BucketOf("viewers:3"))).Val(); left <= 0 || left > time.Minute {
		t.Errorf("the key lives for %v", left)
	}
	if sum := count("one", time.Minute, map[event.Topic]int{"viewers:3": 0})["viewers:3"]; sum != 3 {
		t.Errorf("%d after one of two left", sum)
	}
	count("three", time.Millisecond, map[event.Topic]int{"viewers:3": 50})
	for deadline := time.Now().Add(10 * time.Second); count("", 0, nil)["viewers:3"] != 3; {
		if time.Now().After(deadline) {
			t.Fatal("what was not said again is still counted")
		}
	}
}
