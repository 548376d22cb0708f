package hub

import (
	"slices"
	"time"

	"veche/domain/event"
)

// What tests from outside need to put a page on the hub without a network.
type (
	Line   = line
	Socket = socket
)

const (
	MaxRegions = maxRegions
	MaxMessage = maxMessage
	StuckAfter = stuckAfter
	GatherFor  = gatherFor
	MaxRefused = maxRefused
)

func (h *Hub) Attach(l Line, v Visitor, address string) (*Socket, bool) {
	s := h.newSocket(l, v, address)
	return s, h.attach(s)
}

func (h *Hub) Detach(s *Socket) { h.detach(s) }

func (h *Hub) Receive(s *Socket, message string) { h.receive(s, []byte(message)) }

// Counts says how many topics, rooms and sockets the hub remembers.
func (h *Hub) Counts() (topics, rooms, sockets int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.topics {
		rooms += len(t.rooms)
	}
	return len(h.topics), rooms, len(h.sockets)
}

// Refused says how many sockets are waited for that were not let in.
func (h *Hub) Refused() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, of := range h.refused {
		n += of
	}
	return n
}

func ParseRequest(message []byte) (joins, leaves, beats int, err error) {
	r, err := parseRequest(message)
	return len(r.join), len(r.leave), len(r.beat), err
}

func BucketOf(topic event.Topic) int { return bucketOf(topic) }

// KillAll breaks off every connection and waits until the hub has forgotten them:
// whoever is counted after it has come back.
func (h *Hub) KillAll() {
	h.mu.Lock()
	all := h.snapshot()
	h.mu.Unlock()
	for _, s := range all {
		s.queue.line.Kill()
	}
	for h.knowsAnyOf(all) {
		time.Sleep(time.Millisecond)
	}
}

func (h *Hub) knowsAnyOf(sockets []*socket) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(sockets, func(s *socket) bool { _, known := h.sockets[s]; return known })
}

// Deliver has a text delivered as the drawing of regions, all at once, and waits
// until it has been.
func (h *Hub) Deliver(regions []event.Region, text string) {
	h.mu.Lock()
	for _, region := range regions {
		for _, r := range h.topics[region.Topic()].rooms {
			if r.region == region {
				h.postAll(r, newMessage([]byte(text)))
			}
		}
	}
	h.mu.Unlock()
	h.work.Wait()
}

// Members says how many sockets are in the rooms of a region.
func (h *Hub) Members(region event.Region) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	if t := h.topics[region.Topic()]; t != nil {
		for _, r := range t.rooms {
			if r.region == region {
				n += r.size()
			}
		}
	}
	return n
}
