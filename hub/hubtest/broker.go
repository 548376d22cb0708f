// Package hubtest has what tests of the live layer need: a broker in memory that
// can lose its feed, and a page that speaks the wire contract.
package hubtest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"veche/domain/event"
	"veche/hub"
)

// ErrAway is what a broken broker answers.
var ErrAway = errors.New("broker is away")

// Broker keeps versions in memory and announces to the listeners of one process.
type Broker struct {
	mu        sync.Mutex
	versions  map[event.Topic]string
	next      int
	away      bool
	unread    bool // versions cannot be read
	slow      time.Duration
	reads     int
	listeners map[*listening]struct{}
}

// listening is one call of Listen.
type listening struct{ to hub.Listener }

// NewBroker makes a broker that works.
func NewBroker() *Broker {
	return &Broker{versions: make(map[event.Topic]string), listeners: make(map[*listening]struct{})}
}

// Publish implements [hub.Broker].
func (b *Broker) Publish(_ context.Context, changes []event.Change) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return ErrAway
	}
	b.announce(b.replace(changes))
	return nil
}

// PublishUnheard changes versions as if the announcement was lost on its way.
func (b *Broker) PublishUnheard(changes ...event.Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replace(changes)
}

func (b *Broker) replace(changes []event.Change) []hub.Announcement {
	announcements := make([]hub.Announcement, len(changes))
	for i, change := range changes {
		was := b.versions[change.Topic]
		announcements[i] = hub.Announcement{Change: change, Version: b.renew(change.Topic), Was: was}
	}
	return announcements
}

func (b *Broker) announce(changes []hub.Announcement) {
	for l := range b.listeners {
		l.to.Announced(changes)
	}
}

func (b *Broker) renew(topic event.Topic) string {
	b.next++
	b.versions[topic] = "v" + strconv.Itoa(b.next)
	return b.versions[topic]
}

// Version is the current version of a topic.
func (b *Broker) Version(topic event.Topic) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.versions[topic] == "" {
		b.renew(topic)
	}
	return b.versions[topic]
}

// Versions implements [hub.Broker].
func (b *Broker) Versions(_ context.Context, topics []event.Topic) (map[event.Topic]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reads++
	if b.away || b.unread {
		return nil, ErrAway
	}
	versions := make(map[event.Topic]string, len(topics))
	for _, topic := range topics {
		if b.versions[topic] == "" {
			b.renew(topic)
		}
		versions[topic] = b.versions[topic]
	}
	slow := b.slow
	b.mu.Unlock()
	time.Sleep(slow)
	b.mu.Lock()
	return versions, nil
}

// Listen implements [hub.Broker].
func (b *Broker) Listen(ctx context.Context, to hub.Listener) error {
	l := &listening{to: to}
	b.mu.Lock()
	b.listeners[l] = struct{}{}
	if !b.away {
		to.Renewed()
	}
	b.mu.Unlock()
	<-ctx.Done()
	b.mu.Lock()
	delete(b.listeners, l)
	b.mu.Unlock()
	return nil
}

// Break takes the broker away: nothing is heard, read or published.
func (b *Broker) Break() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = true
	for l := range b.listeners {
		l.to.Lost()
	}
}

// Heal brings the broker back, empty as a restarted Redis if so asked.
func (b *Broker) Heal(empty bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = false
	if empty {
		clear(b.versions)
	}
	for l := range b.listeners {
		l.to.Renewed()
	}
}

// Mute takes only the feed away: it is lost while versions can still be read.
func (b *Broker) Mute() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		l.to.Lost()
	}
}

// FailReads has reading of versions fail, or no longer, while the feed goes on.
func (b *Broker) FailReads(fail bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unread = fail
}

// Reads says how often versions were read.
func (b *Broker) Reads() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reads
}

// SlowReads has reading of versions take a while: what is answered is then as old.
func (b *Broker) SlowReads(by time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.slow = by
}
