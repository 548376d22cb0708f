package hub

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"veche/domain/event"
	"veche/internal/together"
)

// Wanted is a region to draw, and the version of its topic to write into
// data-version of the drawing.
type Wanted struct {
	Region  event.Region
	Version string
}

// Drawing is a region as it looks now. HTML is one element that carries its own
// id, data-live, data-version and data-state. Gone says that this audience is not
// to see the region any more: it is deleted from the pages.
type Drawing struct {
	HTML []byte
	Gone bool
}

// Drawer draws many regions for one audience with few queries. A region that is
// absent from the answer could not be drawn and is asked for again, as are all of
// them after an error.
type Drawer func(ctx context.Context, audience Audience, wanted []Wanted) (map[event.Region]Drawing, error)

// Gate knows who is still allowed in.
type Gate interface {
	// Rights answers the current rights version of those sessions that are alive.
	Rights(ctx context.Context, sessions []string) (map[string]int64, error)
}

// Options of a hub. Durations and bounds left zero take the value in brackets.
type Options struct {
	Broker     Broker
	Passes     *Passes
	Gate       Gate // nil: rights are not checked again
	Log        *slog.Logger
	Registerer prometheus.Registerer // nil: metrics are not exported
	// Origins are further hosts whose pages may connect, as patterns of path.Match.
	// The host of the request itself always may.
	Origins []string
	Census  Census // nil: nobody is counted

	Interval    time.Duration // between drawings of one region for one audience [100 ms]
	Compare     time.Duration // between comparisons of all versions [30 s]
	Presence    time.Duration // between reports of how many pages are in view [1 s]
	Ping        time.Duration // between pings of a socket [25 s]
	Pong        time.Duration // within which a page's browser answers one [10 s]
	DrawTimeout time.Duration // for one call of a drawer [10 s]
	PerVisitor  int           // sockets of one person, negative for any number [32]
	PerAddress  int           // sockets of one address, negative for any number [2000]
}

func (o *Options) setDefaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		value   *time.Duration
		without time.Duration
	}{
		{&o.Interval, 100 * time.Millisecond},
		{&o.Compare, 30 * time.Second},
		{&o.Presence, time.Second},
		{&o.Ping, 25 * time.Second},
		{&o.Pong, 10 * time.Second},
		{&o.DrawTimeout, 10 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.without
		}
	}
	if o.PerVisitor == 0 {
		o.PerVisitor = 32
	}
	if o.PerAddress == 0 {
		o.PerAddress = 2000
	}
}

// Hub keeps the open pages of one process alive.
//
// One lock guards topics, rooms, desks and the list of sockets. It is held for
// bookkeeping in memory only: never while something is drawn, read from Redis or
// Postgres, or written to a socket.
type Hub struct {
	Options
	metrics *metrics
	ctx     context.Context // ends with Run: drawings and queries stop
	stop    context.CancelFunc
	work    sync.WaitGroup // desks, shards and checks
	shards  []*shard
	next    atomic.Uint64 // counts sockets, to spread them over the shards
	renewed chan struct{}
	lookups *together.Rounds[event.Topic, string]

	mu        sync.Mutex
	drawers   map[viewKey]Drawer
	hearers   map[string]Hearer // by kind of topic
	topics    map[event.Topic]*topic
	desks     map[deskKey]*desk
	sockets   map[*socket]struct{}
	visitors  map[event.Topic]map[*socket]struct{} // by "session:…" and "account:…"
	addresses map[string]int
	refused   map[string]int            // sockets by address that are being told so
	farewells map[event.Topic]time.Time // withdrawals heard lately
	presence  presence
	feed      feedState
	listening bool // the feed goes on; what was missed may not be made good for yet
	gap       int  // counts losses of the feed
	outage    int  // counts those that interrupted live pages
	learning  bool // versions of blind topics are being read
	draining  bool
	stopped   bool
}

// viewKey names what a drawer draws.
type viewKey struct{ kind, view string }

// New makes a hub. Run starts it.
func New(o Options) *Hub {
	o.setDefaults()
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{
		Options:   o,
		metrics:   newMetrics(o.Registerer),
		ctx:       ctx,
		stop:      stop,
		renewed:   make(chan struct{}, 1),
		shards:    newShards(),
		drawers:   make(map[viewKey]Drawer),
		hearers:   make(map[string]Hearer),
		topics:    make(map[event.Topic]*topic),
		desks:     make(map[deskKey]*desk),
		sockets:   make(map[*socket]struct{}),
		visitors:  make(map[event.Topic]map[*socket]struct{}),
		addresses: make(map[string]int),
		refused:   make(map[string]int),
		farewells: make(map[event.Topic]time.Time),
		presence:  newPresence(),
	}
	h.lookups = together.New(lookupWithin, h.readVersions)
	return h
}

// Handle names who draws a view of topics of a kind.
func (h *Hub) Handle(kind, view string, d Drawer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drawers[viewKey{kind, view}] = d
}

// Hearer hears for how many seconds a visitor had a topic in view. It must not wait:
// the page's next message is not read before it returns.
type Hearer func(v Visitor, topic event.Topic, seconds int)

// HandleBeats names who hears for how long topics of a kind are looked at. Beats of
// other kinds are heard by nobody.
func (h *Hub) HandleBeats(kind string, hear Hearer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hearers[kind] = hear
}

// Run keeps pages alive until ctx ends, then cuts off the sockets that are left;
// call [Hub.Drain] before to close them politely.
func (h *Hub) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h.mu.Lock()
	h.giveGrace()
	h.mu.Unlock()
	var parts sync.WaitGroup
	var err error
	parts.Go(func() {
		err = h.Broker.Listen(ctx, (*feedListener)(h))
		cancel() // a hub that hears nothing must not look alive
	})
	parts.Go(func() { h.tend(ctx) })
	parts.Go(func() { h.sweep(ctx) })
	parts.Go(func() { h.countPresence(ctx) })
	parts.Wait()

	h.mu.Lock()
	h.stopped = true
	left := h.snapshot()
	h.mu.Unlock()
	h.stop()
	for _, s := range left {
		s.queue.line.Kill()
	}
	h.work.Wait()
	return err
}

// snapshot lists the sockets. The lock is held.
func (h *Hub) snapshot() []*socket {
	all := make([]*socket, 0, len(h.sockets))
	for s := range h.sockets {
		all = append(all, s)
	}
	return all
}

// pageWaits is how long rendering a page waits for versions.
const pageWaits = 250 * time.Millisecond

// Versions reads the current versions of topics for a page that is about to be
// rendered. It must be called before the page's state is read, so that a change
// in between makes the versions differ and not the state. A version that cannot be
// read in time is [event.UnknownVersion]; the page then catches up when it joins.
func (h *Hub) Versions(ctx context.Context, topics ...event.Topic) map[event.Topic]string {
	versions := make(map[event.Topic]string, len(topics))
	for _, topic := range topics {
		versions[topic] = event.UnknownVersion
	}
	h.mu.Lock()
	lost := h.feed == feedIsLost
	h.mu.Unlock()
	if lost || len(topics) == 0 {
		return versions
	}
	ctx, cancel := context.WithTimeout(ctx, pageWaits)
	defer cancel()
	known, err := h.Broker.Versions(ctx, topics)
	if err != nil {
		h.Log.Warn("page is rendered without versions", "error", err)
		return versions
	}
	for topic, version := range known {
		versions[topic] = version
	}
	return versions
}
