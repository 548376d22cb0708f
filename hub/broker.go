package hub

import (
	"context"
	"time"

	"veche/domain/event"
)

// Announcement is a change as the processes hear of it: the topic has a new
// Version, which replaced Was. Was is "" when the topic had none.
type Announcement struct {
	event.Change
	Version string `json:"version"`
	Was     string `json:"was"`
}

// Listener hears what a broker has to tell, one call at a time. Its methods return
// at once.
type Listener interface {
	// Announced tells of changes, in the order in which versions were replaced.
	Announced(changes []Announcement)
	// Renewed tells that the feed begins, or begins again: whatever was announced
	// before may have been missed, whatever comes after is not.
	Renewed()
	// Lost tells that announcements may be missed from now on.
	Lost()
}

// Broker carries changes between the processes of an installation and keeps the
// versions of topics.
type Broker interface {
	// Publish gives each topic a new version and announces it to every process.
	// After an error some of the changes may have been announced; publishing again
	// does no harm.
	Publish(ctx context.Context, changes []event.Change) error
	// Versions reads the current versions. A topic without one is given one.
	Versions(ctx context.Context, topics []event.Topic) (map[event.Topic]string, error)
	// Listen tells a listener of changes until ctx ends. It comes back by itself
	// from anything that happens to the connection.
	Listen(ctx context.Context, to Listener) error
}

// Census keeps for a short while how many pages each process has in view, and adds
// up what the processes say.
type Census interface {
	// Count notes the share of a process in each topic of own, for as long as keep,
	// and answers the sums over all processes for the topics of own and of ask. A
	// share of 0 is forgotten at once, one that is not said again after keep.
	Count(ctx context.Context, process string, keep time.Duration, own map[event.Topic]int, ask []event.Topic) (map[event.Topic]int, error)
}
