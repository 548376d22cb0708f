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
	members map[*socket]struct{}

	frame   []byte // the newest drawn, nil before the first
	version string // of the topic when the frame was drawn

	dirty    bool      // waits to be drawn
	drawing  bool      // is being drawn
	heard    time.Time // of the oldest change not shown yet
	due      time.Time
	failures int
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
			members: make(map[*socket]struct{}),
		}
		t.rooms[key] = r
		h.metrics.rooms.Inc()
	}
	r.members[s] = struct{}{}
	s.joins[key.region] = r
	return r
}

// leave takes a socket out of the room of a region. The lock is held.
func (h *Hub) leave(s *socket, region event.Region) {
	r := s.joins[region]
	if r == nil {
		return
	}
	delete(s.joins, region)
	delete(r.members, s)
	if len(r.members) == 0 {
		h.forget(r)
	}
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
		s.queue.frame(r.region, r.frame)
	default:
		h.mark(r)
	}
}

// concerns says whether a change of single items touches the room.
func (r *room) concerns(ids []string) bool {
	item := r.region.Item()
	return len(ids) == 0 || item == "" || slices.Contains(ids, item)
}

// replaceVersion gives a topic a new version and has every room drawn that the ids
// touch, all if there are none. The lock is held.
func (h *Hub) replaceVersion(t *topic, version string, ids []string) {
	was := t.version
	t.version, t.blind = version, false
	for _, r := range t.rooms {
		if r.concerns(ids) {
			h.mark(r)
		} else if r.version == was {
			r.version = version // the frame shows what a new drawing would
		}
	}
}
