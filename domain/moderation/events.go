package moderation

import (
	"time"

	"veche/domain/event"
)

// TopicQueue is the topic of the queue and of every item in it.
const TopicQueue event.Topic = "moderation:queue"

// TopicDesk is the topic of a moderator's own desk: what they hold and what they
// may still undo.
func TopicDesk(account string) event.Topic { return event.NewTopic("desk", account) }

// itemOf are the item's own screens and the desks of the moderators concerned. ""
// is nobody's.
func itemOf(id ID, desks ...string) []event.Change {
	ids := []string{id.String()}
	changes := []event.Change{{Topic: TopicQueue, IDs: ids}}
	for _, account := range desks {
		if account != "" {
			changes = append(changes, event.Change{Topic: TopicDesk(account), IDs: ids})
		}
	}
	return changes
}

// Queued tells that a text waits for a moderator.
type Queued struct{ Item ID }

// Name is the name of the event.
func (Queued) Name() string { return "moderation.queued" }

// Changes are the queue.
func (e Queued) Changes() []event.Change { return itemOf(e.Item) }

// Taken tells that a moderator has an item to themselves until a time, or for longer.
type Taken struct {
	Item   ID
	By     string // public id of the moderator
	Before string // public id of who had it before, "" for nobody
	Token  int64
	Until  time.Time
}

// Name is the name of the event.
func (Taken) Name() string { return "moderation.taken" }

// Changes are the queue and the desks of both.
func (e Taken) Changes() []event.Change { return itemOf(e.Item, e.By, e.Before) }

// Freed tells that nobody has an item any more: it was given back, or the time ran
// out.
type Freed struct {
	Item ID
	By   string // public id of who had it
}

// Name is the name of the event.
func (Freed) Name() string { return "moderation.freed" }

// Changes are the queue and the desk of who had the item.
func (e Freed) Changes() []event.Change { return itemOf(e.Item, e.By) }

// Decided tells that a decision was made that takes effect soon.
type Decided struct {
	Item        ID
	By          string // public id of who decided
	Before      string // public id of who had it before them, "" for nobody
	Token       int64
	EffectiveAt time.Time
}

// Name is the name of the event.
func (Decided) Name() string { return "moderation.decided" }

// Changes are the queue and the desks of those who had the item.
func (e Decided) Changes() []event.Change { return itemOf(e.Item, e.By, e.Before) }

// Undone tells that a decision was taken back. Who made it has the item again.
type Undone struct {
	Item  ID
	By    string // public id of who had decided
	Token int64
	Until time.Time
}

// Name is the name of the event.
func (Undone) Name() string { return "moderation.undone" }

// Changes are the queue and the desk of who had decided.
func (e Undone) Changes() []event.Change { return itemOf(e.Item, e.By) }

// Settled tells that a decision took effect and can no longer be undone. The area
// the object belongs to follows.
type Settled struct {
	Item      ID
	Moderator string // public id of who decided
	Kind      Kind
	Object    int64 // key of the comment
	Outcome   Outcome
	Ground    Ground // "" when allowed
}

// Name is the name of the event.
func (Settled) Name() string { return "moderation.settled" }

// Changes are the queue and the desk of who decided.
func (e Settled) Changes() []event.Change { return itemOf(e.Item, e.Moderator) }
