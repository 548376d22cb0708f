package hub

import (
	"math/rand/v2"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"veche/domain/event"
)

// Messages of one page, pings and pongs included: so many a second, after so many at
// once.
const (
	messagesPerSecond = 5
	messagesAtOnce    = 40
)

// socket is one open page.
type socket struct {
	visitor Visitor
	address string
	shard   *shard
	queue   queue

	// of the one goroutine that reads
	limiter  *rate.Limiter
	lastBeat time.Time // up to when time in view was told

	// under the hub's lock
	joins    map[event.Region]seat
	leaving  bool // takes no joins any more
	nextPing time.Time
	pinged   time.Time // zero when the answer came
}

// newSocket makes the socket of a page. Attach takes it in.
func (h *Hub) newSocket(l line, v Visitor, address string) *socket {
	now := time.Now()
	return &socket{
		visitor:  v,
		address:  address,
		shard:    h.shards[h.next.Add(1)%uint64(len(h.shards))],
		queue:    queue{line: l, m: h.metrics},
		limiter:  rate.NewLimiter(messagesPerSecond, messagesAtOnce),
		lastBeat: now,
		joins:    make(map[event.Region]seat),
		nextPing: now.Add(h.Ping/2 + rand.N(h.Ping/2)),
	}
}

// attach takes in a page whose connection is open. It says false when the page
// was turned away; the line is closed then.
func (h *Hub) attach(s *socket) bool {
	h.mu.Lock()
	code, reason := h.admit(s)
	suspect := code == 0 && h.heardFarewell(s.visitor)
	if code == 0 && h.feed == feedIsLost {
		h.postTo(s, "", feedLost)
	}
	h.mu.Unlock()

	if code != 0 {
		s.queue.finish(nil, code, reason, closeByeWithin)
		return false
	}
	if suspect {
		h.recheck(s)
	}
	return true
}

// admit counts a socket in, or says with which code it is turned away. The lock is
// held.
func (h *Hub) admit(s *socket) (websocket.StatusCode, string) {
	switch {
	case h.draining || h.stopped:
		return websocket.StatusServiceRestart, "restarting"
	case h.PerAddress > 0 && h.addresses[s.address] >= h.PerAddress:
		return websocket.StatusPolicyViolation, "too many connections"
	}
	keys := s.visitor.topics()
	for _, key := range keys {
		if h.PerVisitor > 0 && len(h.visitors[key]) >= h.PerVisitor {
			return websocket.StatusPolicyViolation, "too many connections"
		}
	}
	for _, key := range keys {
		if h.visitors[key] == nil {
			h.visitors[key] = make(map[*socket]struct{})
		}
		h.visitors[key][s] = struct{}{}
	}
	h.addresses[s.address]++
	h.sockets[s] = struct{}{}
	h.metrics.sockets.Inc()
	return 0, ""
}

// topics are those by which access of the visitor is withdrawn.
func (v Visitor) topics() []event.Topic {
	var keys []event.Topic
	if v.Session != "" {
		keys = append(keys, event.NewTopic("session", v.Session))
	}
	if v.Account != "" {
		keys = append(keys, event.NewTopic("account", v.Account))
	}
	return keys
}

// detach forgets a socket whose connection is gone.
func (h *Hub) detach(s *socket) {
	s.queue.stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, attached := h.sockets[s]; !attached {
		return
	}
	h.dismiss(s)
	delete(h.sockets, s)
	h.metrics.sockets.Dec()
	for _, key := range s.visitor.topics() {
		if delete(h.visitors[key], s); len(h.visitors[key]) == 0 {
			delete(h.visitors, key)
		}
	}
	if h.addresses[s.address]--; h.addresses[s.address] == 0 {
		delete(h.addresses, s.address)
	}
}

// dismiss takes a socket out of all rooms for good. The lock is held.
func (h *Hub) dismiss(s *socket) {
	s.leaving = true
	for region := range s.joins {
		h.leave(s, region)
	}
}

// heeds counts what a page sends, pings and pongs of the protocol too, and says
// whether to take notice of it.
func (h *Hub) heeds(s *socket) bool {
	if s.queue.closing() {
		return false // only the page's answer to the close is still of interest
	}
	if !s.limiter.Allow() {
		h.expel(s, "too many messages")
		return false
	}
	return true
}

// receive answers a message of a page. A page that breaks the contract is expelled.
func (h *Hub) receive(s *socket, message []byte) {
	if !h.heeds(s) {
		return
	}
	r, err := parseRequest(message)
	if err != nil {
		h.expel(s, "malformed message")
		return
	}
	if len(r.leave) > 0 {
		h.mu.Lock()
		for _, region := range r.leave {
			h.leave(s, region)
		}
		h.mu.Unlock()
	}
	if len(r.join) > 0 && !h.join(s, r.join) {
		h.expel(s, "too many regions")
		return
	}
	h.hearBeats(s, r.beat)
}

func (h *Hub) expel(s *socket, reason string) {
	h.mu.Lock()
	h.dismiss(s)
	h.mu.Unlock()
	s.queue.finish(nil, websocket.StatusPolicyViolation, reason, closeByeWithin)
}

// entry is a join on its way.
type entry struct {
	*room
	version string // what the page shows
}

// join follows regions: passes first, then the rooms are entered, and only then
// versions are compared, so that no change can fall in between. False means that
// the page follows too many.
func (h *Hub) join(s *socket, requests []joinRequest) bool {
	entries, denied, fits := h.enterAll(s, requests)
	if !fits {
		return false
	}
	if len(denied) > 0 {
		h.metrics.denied.Add(float64(len(denied)))
		s.queue.control(deniedMessage(denied))
	}
	if len(entries) == 0 {
		return true
	}
	h.metrics.joins.Add(float64(len(entries)))
	versions := h.lookUp(entries)

	joined := make(map[event.Region]string, len(entries))
	h.mu.Lock()
	for _, e := range entries {
		h.learn(e.topic, versions)
		joined[e.region] = e.topic.version
	}
	h.mu.Unlock()
	s.queue.control(joinedMessage(joined))

	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range entries {
		if s.joins[e.region].room == e.room {
			h.catchUp(s, e.room, e.version)
		}
	}
	return true
}

// enterAll enters the rooms of the regions whose passes are good.
func (h *Hub) enterAll(s *socket, requests []joinRequest) (entries []entry, denied []event.Region, fits bool) {
	audiences := make([]Audience, len(requests))
	for i, r := range requests {
		audiences[i], _ = h.Passes.Verify(r.pass, r.region, s.visitor)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.leaving {
		return nil, nil, true
	}
	for i, r := range requests {
		draw := h.drawers[viewKey{r.region.Topic().Kind(), r.region.View()}]
		if audiences[i] == "" || draw == nil {
			denied = append(denied, r.region)
			continue
		}
		key := roomKey{r.region, audiences[i]}
		if old, joined := s.joins[r.region]; joined && old.roomKey != key {
			h.leave(s, r.region)
		}
		entries = append(entries, entry{room: h.enter(s, key, draw), version: r.version})
		if len(s.joins) > maxRegions {
			return nil, nil, false
		}
	}
	return entries, denied, true
}

// hearBeats passes on for how long a page was looked at: topics it joined, and no
// longer than the time that went by since its last beats. A second more is believed
// once, for messages take their time, and not with every message.
func (h *Hub) hearBeats(s *socket, beats map[event.Topic]int) {
	if len(beats) == 0 {
		return
	}
	now := time.Now()
	passed := int((now.Sub(s.lastBeat) + time.Second).Seconds())
	hearers := make(map[event.Topic]Hearer)
	h.mu.Lock()
	for region := range s.joins {
		topic := region.Topic()
		if hear := h.hearers[topic.Kind()]; hear != nil {
			hearers[topic] = hear
		}
	}
	h.mu.Unlock()
	most := 0
	for topic, seconds := range beats {
		seconds = min(seconds, passed)
		if hear := hearers[topic]; hear != nil && seconds > 0 {
			hear(s.visitor, topic, seconds)
			most = max(most, seconds)
		}
	}
	if s.lastBeat = s.lastBeat.Add(time.Duration(most) * time.Second); s.lastBeat.Before(now) {
		s.lastBeat = now
	}
}
