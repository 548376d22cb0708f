package hub

import (
	"context"
	"math/rand/v2"
	"time"

	"veche/domain/event"
)

const (
	compareAtOnce = 1000 // topics
	compareWithin = 5 * time.Second
)

// compare reads the versions of all topics that have listeners and has redrawn
// what differs.
func (h *Hub) compare(ctx context.Context) error {
	return h.compareThose(ctx, func(*topic) bool { return true })
}

func (h *Hub) compareThose(ctx context.Context, wanted func(*topic) bool) error {
	before := make(map[event.Topic]string)
	h.mu.Lock()
	for name, t := range h.topics {
		if wanted(t) {
			before[name] = t.version
		}
	}
	h.mu.Unlock()
	batch := make([]event.Topic, 0, min(len(before), compareAtOnce))
	for name := range before {
		batch = append(batch, name)
		if len(batch) == compareAtOnce {
			if err := h.compareBatch(ctx, batch, before); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return h.compareBatch(ctx, batch, before)
}

func (h *Hub) compareBatch(ctx context.Context, names []event.Topic, before map[event.Topic]string) error {
	if len(names) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, compareWithin)
	defer cancel()
	current, err := h.Broker.Versions(ctx, names)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		t := h.topics[name]
		if t == nil || t.version != before[name] {
			continue // left, or announced while versions were read
		}
		if t.version != current[name] {
			h.metrics.differing.Inc()
			h.replaceVersion(t, current[name], nil, cause{heard: time.Now()})
		}
	}
	return nil
}

// learnLater has the versions of blind topics read until it succeeds. While the
// feed is lost that is left to the comparison that ends the gap. The lock is held.
func (h *Hub) learnLater() {
	if h.learning || h.stopped || h.feed != feedIsLive {
		return
	}
	h.learning = true
	h.work.Go(func() {
		for delay := retryFirst; h.hasBlind(); delay = min(2*delay, retryLast) {
			if h.compareThose(h.ctx, func(t *topic) bool { return t.blind }) != nil {
				sleep(h.ctx, delay/2+rand.N(delay/2))
			}
		}
	})
}

// hasBlind says whether there is still something to learn; if not, learning ends.
func (h *Hub) hasBlind() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.feed == feedIsLive && h.ctx.Err() == nil {
		for _, t := range h.topics {
			if t.blind {
				return true
			}
		}
	}
	h.learning = false
	return false
}
