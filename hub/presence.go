package hub

import (
	"context"
	"time"

	"veche/domain/event"
)

// Shares are said again so often, and forgotten after so long, in reports: one that
// comes late must not make a number jump.
const (
	renewEvery = 3
	keepFor    = 10
	countFor   = 2 * time.Second // one report
)

// PresenceDrawer draws regions that say how many pages of each topic are in view on
// all processes together. It is a [Drawer] that needs no state but that: its
// drawings carry no data-state, the order of the socket is enough.
type PresenceDrawer func(ctx context.Context, audience Audience, wanted []Wanted, present map[event.Topic]int) (map[event.Region]Drawing, error)

// presence is what a process knows of pages in view. The hub's lock guards it.
type presence struct {
	views  map[string]string        // the view that counts, by kind of topic
	here   map[event.Topic]int      // sockets of this process in that view
	moved  map[event.Topic]struct{} // those that came or went since the last report
	told   map[event.Topic]int      // this process's share as the others know it
	drawn  map[event.Topic]sum      // what regions here say
	failed bool                     // the last report was in vain
}

// sum is a number of pages in view, drawn at a version of its topic.
type sum struct {
	version string
	present int // disputed when drawings of the same version differ
}

// disputed equals no number of pages, nor any share.
const disputed = -1

func newPresence() presence {
	return presence{
		views: make(map[string]string),
		here:  make(map[event.Topic]int),
		moved: make(map[event.Topic]struct{}),
		told:  make(map[event.Topic]int),
		drawn: make(map[event.Topic]sum),
	}
}

// CountPresence has the sockets counted that follow a view of topics of a kind: a
// page in view is one that follows it, since a hidden page closes its socket. A kind
// has one such view, so that a page counts once. Call it before Run.
func (h *Hub) CountPresence(kind, view string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.presence.views[kind] = view
}

// HandlePresence names who draws a view that says how many are present. The topic
// must be of a kind named to CountPresence. Call it before Run.
func (h *Hub) HandlePresence(kind, view string, draw PresenceDrawer) {
	h.Handle(kind, view, func(ctx context.Context, audience Audience, wanted []Wanted) (map[event.Region]Drawing, error) {
		topics := make([]event.Topic, len(wanted))
		for i, w := range wanted {
			topics[i] = w.Region.Topic()
		}
		present, err := h.Census.Count(ctx, "", 0, nil, topics)
		if err != nil {
			return nil, err
		}
		h.mu.Lock()
		for _, w := range wanted {
			h.presence.draw(w, present[w.Region.Topic()])
		}
		h.mu.Unlock()
		return draw(ctx, audience, wanted, present)
	})
}

// Present answers how many pages of a topic are in view, for a page that is about to
// be rendered; read the topic's version before. It never fails: known is false while
// that cannot be said.
func (h *Hub) Present(ctx context.Context, topic event.Topic) (present int, known bool) {
	h.mu.Lock()
	lost := h.feed == feedIsLost
	h.mu.Unlock()
	if lost || h.Census == nil {
		return 0, false
	}
	ctx, cancel := context.WithTimeout(ctx, pageWaits)
	defer cancel()
	sums, err := h.Census.Count(ctx, "", 0, nil, []event.Topic{topic})
	if err != nil {
		h.Log.Warn("page is rendered without who is present", "error", err)
		return 0, false
	}
	return sums[topic], true
}

// counts says whether who follows a region is present.
func (p *presence) counts(region event.Region) bool {
	view, counted := p.views[region.Topic().Kind()]
	return counted && view == region.View() && region.Item() == ""
}

// move notes that a socket entered a room or left it.
func (p *presence) move(r *room, by int) {
	if !r.counted {
		return
	}
	topic := r.topic.name
	if p.here[topic] += by; p.here[topic] == 0 {
		delete(p.here, topic)
	}
	p.moved[topic] = struct{}{}
}

// draw notes what a region is going to say. Two views of one version that read
// different numbers leave a dispute, which the next round settles by a new version.
func (p *presence) draw(w Wanted, present int) {
	topic := w.Region.Topic()
	if last, drawn := p.drawn[topic]; drawn && last.version == w.Version && last.present != present {
		present = disputed
	}
	p.drawn[topic] = sum{w.Version, present}
}

// countPresence reports this process's share while Run goes on: what changed at each
// tick, everything now and then. What other processes said and did not say again,
// because they died, is found missing then.
func (h *Hub) countPresence(ctx context.Context) {
	h.mu.Lock()
	counts := len(h.presence.views) > 0 && h.Census != nil
	h.mu.Unlock()
	if !counts {
		return
	}
	process := newVersion()
	tick := time.NewTicker(h.Presence)
	defer tick.Stop()
	for round := 1; ; round++ {
		select {
		case <-ctx.Done():
			h.withdraw(context.WithoutCancel(ctx), process)
			return
		case <-tick.C:
			h.report(ctx, process, round%renewEvery == 0)
		}
	}
}

// withdraw takes back what this process said: its sockets end with it.
func (h *Hub) withdraw(ctx context.Context, process string) {
	h.mu.Lock()
	clear(h.presence.here)
	for topic := range h.presence.told {
		h.presence.moved[topic] = struct{}{}
	}
	h.mu.Unlock()
	h.report(ctx, process, false)
}

// report says what is new, or everything, and has the screens of all processes
// redrawn where it makes a difference. What cannot be said is said next time; the
// screens keep what they show.
func (h *Hub) report(ctx context.Context, process string, everything bool) {
	own, ask := h.shares(everything)
	if len(own)+len(ask) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, countFor)
	defer cancel()
	sums, err := h.Census.Count(ctx, process, keepFor*h.Presence, own, ask)
	if err == nil {
		if changes := h.learnSums(own, sums); len(changes) > 0 {
			err = h.Broker.Publish(ctx, changes)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		for topic := range own {
			h.presence.told[topic] = disputed
			h.presence.moved[topic] = struct{}{}
		}
		if !h.presence.failed && ctx.Err() == nil {
			h.Log.Warn("who is present cannot be counted", "error", err)
		}
	}
	h.presence.failed = err != nil
}

// shares are what this process has to say and to ask.
func (h *Hub) shares(everything bool) (own map[event.Topic]int, ask []event.Topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := &h.presence
	own = make(map[event.Topic]int)
	for topic := range p.moved {
		if p.told[topic] != p.here[topic] {
			own[topic] = p.here[topic]
		}
	}
	clear(p.moved)
	if !everything {
		return own, nil
	}
	for topic, here := range p.here {
		own[topic] = here
	}
	for topic := range h.topics {
		if _, counted := p.views[topic.Kind()]; counted {
			ask = append(ask, topic)
		}
	}
	for topic := range p.drawn {
		if h.topics[topic] == nil {
			delete(p.drawn, topic) // nobody here looks at it any more
		}
	}
	return own, ask
}

// learnSums notes that shares are told and answers which topics have to be drawn
// anew: those whose share moved, and those about which screens here say another
// number.
func (h *Hub) learnSums(own, sums map[event.Topic]int) []event.Change {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := &h.presence
	var changes []event.Change
	for topic, present := range sums {
		share, said := own[topic]
		moved := said && p.told[topic] != share
		if said {
			p.told[topic] = share
			if share == 0 {
				delete(p.told, topic)
			}
		}
		drawn, known := p.drawn[topic]
		wrong := h.topics[topic] != nil && (!known || drawn.present != present)
		if moved || wrong {
			changes = append(changes, event.Change{Topic: topic})
		}
	}
	return changes
}
