package hubtest

import (
	"context"
	"sync"
	"time"

	"veche/domain/event"
)

// Census keeps in memory who is present.
type Census struct {
	mu     sync.Mutex
	shares map[event.Topic]map[string]share
	said   int
	away   bool
}

type share struct {
	count int
	until time.Time
}

// NewCensus makes a census that works.
func NewCensus() *Census { return &Census{shares: make(map[event.Topic]map[string]share)} }

// Count implements [hub.Census].
func (c *Census) Count(_ context.Context, process string, keep time.Duration, own map[event.Topic]int, ask []event.Topic) (map[event.Topic]int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return nil, ErrAway
	}
	if len(own) > 0 {
		c.said++
	}
	sums := make(map[event.Topic]int)
	for topic, count := range own {
		if c.shares[topic] == nil {
			c.shares[topic] = make(map[string]share)
		}
		c.shares[topic][process] = share{count, time.Now().Add(keep)}
		sums[topic] = c.sum(topic)
	}
	for _, topic := range ask {
		sums[topic] = c.sum(topic)
	}
	return sums, nil
}

func (c *Census) sum(topic event.Topic) (sum int) {
	for process, s := range c.shares[topic] {
		if !time.Now().Before(s.until) {
			delete(c.shares[topic], process)
			continue
		}
		sum += s.count
	}
	return sum
}

// Said is how many reports there were that said something.
func (c *Census) Said() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said
}

// Break takes the census away, or brings it back.
func (c *Census) Break(away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = away
}
