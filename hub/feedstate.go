package hub

import (
	"context"
	"math/rand/v2"
	"time"
)

// feedState is whether the hub hears of changes. Regions are drawn only while it
// is live.
type feedState int

const (
	feedStarts feedState = iota // not heard yet, pages are not told
	feedIsLive
	feedBroke  // lost a moment ago, pages are not told yet
	feedIsLost // pages are told
)

// feedGrace is how long the feed may be away before pages are told.
const feedGrace = time.Second

// feedListener is the hub as its broker sees it.
type feedListener Hub

// Announced implements [Listener].
func (l *feedListener) Announced(changes []Announcement) {
	h := (*Hub)(l)
	var leavers []leaver
	h.mu.Lock()
	for _, change := range changes {
		if change.Bye != "" {
			leavers = append(leavers, h.hearFarewell(change.Topic, change.Bye)...)
		}
		t := h.topics[change.Topic]
		if t == nil || t.version == change.Version {
			continue
		}
		ids := change.IDs
		if t.version != change.Was {
			ids = nil // something was missed before it
		}
		h.replaceVersion(t, change.Version, ids, cause{heard: time.Now(), committed: change.At, traces: change.Traces})
	}
	h.mu.Unlock()
	h.sayBye(leavers)
}

// Renewed implements [Listener].
func (l *feedListener) Renewed() {
	l.mu.Lock()
	l.listening = true
	l.mu.Unlock()
	select {
	case l.renewed <- struct{}{}:
	default:
	}
}

// Lost implements [Listener].
func (l *feedListener) Lost() {
	h := (*Hub)(l)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listening = false
	h.gap++
	if h.feed == feedIsLive {
		h.feed = feedBroke
		h.outage++
		h.metrics.feed.Set(0)
		h.giveGrace()
	}
}

// giveGrace tells pages that the feed is lost unless it is back in time. The lock
// is held.
func (h *Hub) giveGrace() {
	outage := h.outage
	time.AfterFunc(feedGrace, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.feed == feedIsLive || h.outage != outage || h.stopped {
			return
		}
		h.feed = feedIsLost
		h.tell(feedLost)
	})
}

// tell has a message delivered to every page. The lock is held, so none hears of
// the feed in the wrong order.
func (h *Hub) tell(m *message) { h.postEach(h.snapshot(), m) }

// pingMessage is a ping, for which the page's browser answers, and a word on how
// things stand: by it the script, which sees no pings, tells a quiet connection from
// a dead one. The lock is held.
func (h *Hub) pingMessage() *message {
	if h.feed == feedIsLost {
		return pingWhileLost
	}
	return pingWhileLive
}

// tend brings pages up to date after every gap, and compares rights and versions
// now and then even if nothing seems amiss.
func (h *Hub) tend(ctx context.Context) {
	tick := time.NewTicker(h.Compare)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.renewed:
			h.resume(ctx)
		case <-tick.C:
			h.review(ctx)
		}
	}
}

// resume ends a gap: rights first, then versions, and only then is anything
// drawn. It tries until it succeeds or the feed is lost again.
func (h *Hub) resume(ctx context.Context) {
	h.mu.Lock()
	gap := h.gap
	h.mu.Unlock()
	for delay := retryFirst; h.hears(gap); delay = min(2*delay, retryLast) {
		err := h.checkRights(ctx)
		if err == nil {
			err = h.compare(ctx)
		}
		if err == nil {
			h.goLive(gap)
			return
		}
		if ctx.Err() != nil {
			return
		}
		h.Log.Warn("live updates cannot go on yet", "error", err)
		select {
		case <-time.After(delay/2 + rand.N(delay/2)):
		case <-ctx.Done():
			return
		}
	}
}

// hears says whether the feed has gone on since the given gap.
func (h *Hub) hears(gap int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.listening && h.gap == gap
}

func (h *Hub) goLive(gap int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.listening || h.gap != gap || h.feed == feedIsLive {
		return
	}
	if h.feed == feedIsLost {
		h.tell(feedLive)
	}
	h.feed = feedIsLive
	h.metrics.feed.Set(1)
	for _, d := range h.desks {
		h.start(d)
	}
	h.learnLater() // of those who joined since the comparison
}

// review is the look around that needs no reason.
func (h *Hub) review(ctx context.Context) {
	h.forgetFarewells()
	if err := h.checkRights(ctx); err != nil {
		h.Log.Warn("rights of live pages cannot be checked", "error", err)
	}
	h.mu.Lock()
	live := h.feed == feedIsLive
	h.mu.Unlock()
	if !live {
		return
	}
	if err := h.compare(ctx); err != nil {
		h.Log.Warn("versions of live pages cannot be compared", "error", err)
	}
}
