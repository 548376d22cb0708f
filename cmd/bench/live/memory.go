package live

import (
	"context"
	"strconv"
	"sync"

	"veche/domain/event"
	"veche/hub"
)

// memory is a broker that costs as little as one can: what a hub costs without Redis
// is what it costs over this.
type memory struct {
	mu       sync.Mutex
	versions map[event.Topic]string
	next     int
	to       hub.Listener // nil: nobody listens
}

func newMemory() *memory { return &memory{versions: make(map[event.Topic]string)} }

// Publish implements [hub.Broker].
func (m *memory) Publish(_ context.Context, changes []event.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	announcements := make([]hub.Announcement, len(changes))
	for i, change := range changes {
		was := m.versions[change.Topic]
		announcements[i] = hub.Announcement{Change: change, Version: m.renew(change.Topic), Was: was}
	}
	if m.to != nil {
		m.to.Announced(announcements)
	}
	return nil
}

func (m *memory) renew(topic event.Topic) string {
	m.next++
	version := "v" + strconv.Itoa(m.next)
	m.versions[topic] = version
	return version
}

// Versions implements [hub.Broker].
func (m *memory) Versions(_ context.Context, topics []event.Topic) (map[event.Topic]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	versions := make(map[event.Topic]string, len(topics))
	for _, topic := range topics {
		version, known := m.versions[topic]
		if !known {
			version = m.renew(topic)
		}
		versions[topic] = version
	}
	return versions, nil
}

// Listen implements [hub.Broker] for one listener.
func (m *memory) Listen(ctx context.Context, to hub.Listener) error {
	m.mu.Lock()
	m.to = to
	to.Renewed()
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	m.to = nil
	m.mu.Unlock()
	return nil
}
