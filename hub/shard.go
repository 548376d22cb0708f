package hub

import (
	"runtime"
	"slices"
	"time"

	"veche/domain/event"
)

const (
	maxShards = 8
	// maxTaken bounds for how many sockets a shard takes deliveries at a time, unless
	// a single room has more.
	maxTaken = 1 << 15
)

// shard writes to its share of the sockets, one after the other, from one
// goroutine that lives only while there is something to deliver. A socket stays
// with its shard, and deliveries are made in the order in which they were posted,
// so no socket is sent an older drawing of a region after a newer one.
type shard struct {
	index int

	// under the hub's lock
	posted  []delivery
	working bool

	// of the goroutine, used again and again
	taken  []delivery
	to     []*socket // of all that is taken
	staged []*socket
	buffer []byte
}

// delivery is a message for the sockets of a shard: for those that are in a room
// when it is taken, or for some that were chosen before.
type delivery struct {
	*message
	region  event.Region // of a drawing, "" for a control message
	room    *room        // who is in it gets the message; nil if chosen before
	chosen  []*socket
	from, n int // in shard.to, when taken
}

func newShards() []*shard {
	shards := make([]*shard, min(runtime.GOMAXPROCS(0), maxShards))
	for i := range shards {
		shards[i] = &shard{index: i}
	}
	return shards
}

// post has a delivery made. The lock is held.
func (h *Hub) post(s *shard, d delivery) {
	s.posted = append(s.posted, d)
	if !s.working && !h.stopped {
		s.working = true
		h.work.Go(func() { h.serveShard(s) })
	}
}

// postTo has a message delivered to one socket, after all that was posted for it
// before. The lock is held.
func (h *Hub) postTo(s *socket, region event.Region, m *message) {
	h.post(s.shard, delivery{message: m, region: region, chosen: []*socket{s}})
}

// postEach has a control message delivered to sockets. The lock is held.
func (h *Hub) postEach(sockets []*socket, m *message) {
	chosen := make([][]*socket, len(h.shards))
	for _, s := range sockets {
		chosen[s.shard.index] = append(chosen[s.shard.index], s)
	}
	for i, to := range chosen {
		if len(to) > 0 {
			h.post(h.shards[i], delivery{message: m, chosen: to})
		}
	}
}

// postAll has a message delivered to everyone in a room. Until that is done the
// room is not drawn again: when writing does not keep up, changes are drawn
// together instead of waiting in line. The lock is held.
func (h *Hub) postAll(r *room, m *message) {
	for i, members := range r.members {
		if len(members) > 0 {
			r.flying++
			h.post(h.shards[i], delivery{message: m, region: r.region, room: r})
		}
	}
}

// serveShard delivers what is posted until nothing is left.
func (h *Hub) serveShard(s *shard) {
	for h.takePosted(s) {
		if len(s.taken) == 1 {
			d := s.taken[0]
			for _, to := range s.to {
				to.queue.put(item{message: d.message, region: d.region})
			}
			continue
		}
		for _, d := range s.taken {
			for _, to := range s.to[d.from : d.from+d.n] {
				if to.queue.stage(item{message: d.message, region: d.region}) {
					s.staged = append(s.staged, to)
				}
			}
		}
		for _, to := range s.staged {
			s.buffer = to.queue.flush(s.buffer)
		}
		clear(s.staged)
		s.staged = s.staged[:0]
	}
}

// takePosted settles what was delivered and takes what is next, and who gets it.
func (h *Hub) takePosted(s *shard) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range s.taken {
		if d.room != nil {
			h.land(d.room)
		}
	}
	clear(s.taken)
	clear(s.to)
	s.taken, s.to = s.taken[:0], s.to[:0]
	if len(s.posted) == 0 || h.stopped {
		s.working = false
		return false
	}
	for _, d := range s.posted {
		to := d.chosen
		if d.room != nil {
			to = d.room.members[s.index]
		}
		if len(s.taken) > 0 && len(s.to)+len(to) > maxTaken {
			break
		}
		d.from, d.n, d.chosen = len(s.to), len(to), nil
		s.to = append(s.to, to...)
		s.taken = append(s.taken, d)
	}
	s.posted = slices.Delete(s.posted, 0, len(s.taken))
	return true
}

// land notes that a shard has delivered a room's drawing. With the last of them
// the room may be drawn again. The lock is held.
func (h *Hub) land(r *room) {
	if r.flying--; r.flying > 0 {
		return
	}
	h.metrics.shownSeconds.Observe(time.Since(r.shown.heard).Seconds())
	if r.shown.committed != 0 {
		h.metrics.commitSeconds.Observe(max(0, time.Since(time.UnixMilli(r.shown.committed)).Seconds()))
	}
	if r.dirty {
		h.start(r.desk)
	}
}
