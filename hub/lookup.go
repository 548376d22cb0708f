package hub

import (
	"context"
	"time"

	"veche/domain/event"
)

// lookupWithin is how long one lookup may take. Joins wait for theirs, and for a
// moment for the one before it.
const lookupWithin = 2 * time.Second

// lookUp reads the versions of those topics that are new here, and waits for it: a
// herd of pages that all come back costs a few round trips to Redis and not one each.
// The reading begins after the rooms were entered, so that whatever changed before it
// is read, and whatever changes after it is announced.
func (h *Hub) lookUp(entries []entry) map[event.Topic]string {
	var unknown []event.Topic
	h.mu.Lock()
	for _, e := range entries {
		if e.topic.version == event.UnknownVersion {
			unknown = append(unknown, e.topic.name)
		}
	}
	h.mu.Unlock()
	if len(unknown) == 0 {
		return nil
	}
	versions, _ := h.lookups.AskAll(h.ctx, unknown...)
	return versions
}

// readVersions answers a round of lookups. While the feed is lost Redis need not be
// asked.
func (h *Hub) readVersions(ctx context.Context, names []event.Topic) (map[event.Topic]string, error) {
	h.mu.Lock()
	vain := h.stopped || h.feed == feedIsLost
	if !vain {
		h.work.Add(1)
		defer h.work.Done()
	}
	h.mu.Unlock()
	if vain {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	versions, err := h.Broker.Versions(ctx, names)
	if err != nil && h.ctx.Err() == nil {
		h.Log.Warn("versions cannot be read, the pages catch up later", "topics", len(names), "error", err)
	}
	return versions, err
}

// learn notes what was read of a topic after it was entered. The lock is held.
func (h *Hub) learn(t *topic, versions map[event.Topic]string) {
	version, known := versions[t.name]
	switch {
	case h.topics[t.name] != t || t.version != event.UnknownVersion:
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
