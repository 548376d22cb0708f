package hub

import (
	"context"
	"time"

	"veche/domain/event"
)

// lookupWithin is how long one lookup may take. Joins wait for theirs, and for the
// one before it.
const lookupWithin = 2 * time.Second

// lookup reads the versions of topics that nobody here listened to before. Joins
// that come while one is under way share the next: a herd of pages that all come
// back costs a few round trips to Redis and not one each.
type lookup struct {
	topics map[event.Topic]struct{}
	done   chan struct{}
}

// learnVersions has the versions of those topics read that are new here, and waits
// for it.
func (h *Hub) learnVersions(entries []entry) {
	var done chan struct{}
	h.mu.Lock()
	for _, e := range entries {
		if e.topic.version == event.UnknownVersion {
			done = h.lookUpSoon(e.topic)
		}
	}
	h.mu.Unlock()
	if done != nil {
		<-done
	}
}

// lookUpSoon adds a topic to the next lookup. The lock is held.
func (h *Hub) lookUpSoon(t *topic) (done chan struct{}) {
	if h.gathering == nil {
		h.gathering = &lookup{topics: make(map[event.Topic]struct{}), done: make(chan struct{})}
	}
	l := h.gathering
	l.topics[t.name] = struct{}{}
	switch {
	case h.stopped:
		h.gathering = nil
		close(l.done)
	case !h.lookingUp:
		h.lookingUp = true
		h.work.Go(h.lookUp)
	}
	return l.done
}

// lookUp makes one lookup after the other until nobody waits for one.
func (h *Hub) lookUp() {
	for {
		h.mu.Lock()
		l, lost := h.gathering, h.feed == feedIsLost
		h.gathering = nil
		h.lookingUp = l != nil
		h.mu.Unlock()
		if l == nil {
			return
		}
		var versions map[event.Topic]string
		if !lost { // else Redis need not be asked
			versions = h.readVersions(l)
		}
		h.mu.Lock()
		for name := range l.topics {
			h.learn(name, versions)
		}
		h.mu.Unlock()
		close(l.done)
	}
}

func (h *Hub) readVersions(l *lookup) map[event.Topic]string {
	ctx, cancel := context.WithTimeout(h.ctx, lookupWithin)
	defer cancel()
	names := make([]event.Topic, 0, len(l.topics))
	for name := range l.topics {
		names = append(names, name)
	}
	versions, err := h.Broker.Versions(ctx, names)
	if err != nil && h.ctx.Err() == nil {
		h.Log.Warn("versions cannot be read, the pages catch up later", "topics", len(names), "error", err)
	}
	return versions
}

// learn notes what was read of a topic. The lock is held.
func (h *Hub) learn(name event.Topic, versions map[event.Topic]string) {
	t := h.topics[name]
	version, known := versions[name]
	switch {
	case t == nil || t.version != event.UnknownVersion:
		// Left meanwhile, or announced meanwhile: what was announced counts.
	case !known:
		t.blind = true
		h.learnLater()
	case t.blind:
		h.replaceVersion(t, version, nil, cause{heard: time.Now()})
	default:
		t.version = version
	}
}
