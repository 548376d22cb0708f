package hub

import (
	"slices"
	"time"

	"veche/domain/event"
)

// topic is a topic with at least one listener in this process.
type topic struct {
	name    event.Topic
	version string // the newest heard of or read, [event.UnknownVersion] until then
	// blind: someone joined while the version could not be read, so nothing is known
	// about what that page shows. All is redrawn as soon as the version is known.
	blind bool
	rooms map[roomKey]*room
}

type roomKey struct {
	region   event.Region
	audience Audience
}

// room is a region with the sockets of one audience that show it.
type room struct {
	roomKey
	topic   *topic
	desk    *desk
	members [][]*socket // by shard
	counted bool        // who is in it is present, see [Hub.CountPresence]

	frame   *message // the newest drawn, nil before the first
	version string   // of the topic when the frame was drawn

	dirty    bool  // waits to be drawn
	cause    cause // of what is dirty or being drawn
	drawing  bool  // is being drawn
	flying   int   // shards that have still to deliver the newest drawing
	shown    cause // of that drawing
	due      time.Time
	failures int
}

// seat is the place of a socket in a room.
type seat struct {
	*room
	index int // among the members of the socket's shard
}

// cause is what a drawing shows for the first time, for measurements and logs.
type cause struct {
	heard     time.Time // when this process heard of the oldest change
	committed int64     // when that was committed, see [event.Change]
	traces    []string
}

// with unites what a drawing is going to show.
func (c cause) with(other cause) cause {
	if c.heard.IsZero() || !other.heard.IsZero() && other.heard.Before(c.heard) {
		c.heard = other.heard
	}
	c.committed = event.Older(c.committed, other.committed)
	if c.traces == nil {
		c.traces = other.traces // shared by many rooms, but only ever replaced
	} else if len(other.traces) > 0 {
		c.traces = event.UniteTraces(slices.Clip(c.traces), other.traces)
	}
	return c
}

// enter puts a socket into the room of a region, made if need be. The lock is
// held.
func (h *Hub) enter(s *socket, key roomKey, draw Drawer) *room {
	name := key.region.Topic()
	t := h.topics[name]
	if t == nil {
		t = &topic{name: name, version: event.UnknownVersion, rooms: make(map[roomKey]*room)}
		h.topics[name] = t
		h.metrics.topics.Inc()
	}
	r := t.rooms[key]
	if r == nil {
		r = &room{
			roomKey: key,
			topic:   t,
			desk:    h.desk(deskKey{viewKey{name.Kind(), key.region.View()}, key.audience}, draw),
			members: make([][]*socket, len(h.shards)),
			counted: h.presence.counts(key.region),
		}
		t.rooms[key] = r
		h.metrics.rooms.Inc()
	}
	if s.joins[key.region].room != r {
		members := r.members[s.shard.index]
		s.joins[key.region] = seat{r, len(members)}
		r.members[s.shard.index] = append(members, s)
		h.presence.move(r, 1)
	}
	return r
}

// leave takes a socket out of the room of a region. The lock is held.
func (h *Hub) leave(s *socket, region event.Region) {
	left, joined := s.joins[region]
	if !joined {
		return
	}
	delete(s.joins, region)
	r := left.room
	members := r.members[s.shard.index]
	last := len(members) - 1
	if moved := members[last]; moved != s {
		members[left.index] = moved
		moved.joins[region] = left
	}
	members[last] = nil
	r.members[s.shard.index] = shrink(members[:last])
	h.presence.move(r, -1)
	if r.size() == 0 {
		h.forget(r)
	}
}

// shrink gives back the room of members who have left in great number.
func shrink(members []*socket) []*socket {
	if cap(members) > 64 && len(members) < cap(members)/4 {
		return slices.Clone(members)
	}
	return members
}

// size is how many sockets are in the room.
func (r *room) size() int {
	n := 0
	for _, members := range r.members {
		n += len(members)
	}
	return n
}

// forget drops a room nobody is in, and its topic with the last one. The lock is
// held.
func (h *Hub) forget(r *room) {
	if r.topic.rooms[r.roomKey] != r {
		return
	}
	delete(r.topic.rooms, r.roomKey)
	delete(r.desk.due, r)
	h.metrics.rooms.Dec()
	if len(r.topic.rooms) == 0 {
		delete(h.topics, r.topic.name)
		h.metrics.topics.Dec()
	}
}

// gatherFor is how long a page that missed something waits for others that did, so
// that a herd coming back is drawn in few calls.
const gatherFor = 10 * time.Millisecond

// catchUp brings a member who shows the given version of a room up to date: with
// the newest frame if that was drawn at the current version, else by drawing the
// room. The lock is held.
func (h *Hub) catchUp(s *socket, r *room, version string) {
	current := r.topic.version
	switch {
	case current == event.UnknownVersion:
		// Nothing to compare with. The topic is blind and will be redrawn whole.
	case version == current:
	case r.dirty || r.drawing:
		// The drawing under way reaches all who are members when it is done. Should
		// the topic have changed since it began, the room is dirty too.
	case r.frame != nil && r.version == current && h.feed == feedIsLive:
		h.postTo(s, r.region, r.frame)
	default:
		now := time.Now()
		if r.desk.gathered.Before(now) {
			r.desk.gathered = now.Add(gatherFor)
		}
		if r.due.Before(r.desk.gathered) {
			r.due = r.desk.gathered
		}
		h.mark(r, cause{heard: now})
	}
}

// concerns says whether a change of single items touches the room.
func (r *room) concerns(ids []string) bool {
	item := r.region.Item()
	return len(ids) == 0 || item == "" || slices.Contains(ids, item)
}

// replaceVersion gives a topic a new version and has every room drawn that the ids
// touch, all if there are none. The lock is held.
func (h *Hub) replaceVersion(t *topic, version string, ids []string, c cause) {
	was := t.version
	t.version, t.blind = version, false
	for _, r := range t.rooms {
		if r.concerns(ids) {
			h.mark(r, c)
		} else if r.version == was {
			r.version = version // the frame shows what a new drawing would
		}
	}
}
