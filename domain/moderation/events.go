package moderation

import (
	"strconv"

	"veche/domain/event"
)

// TopicQueue is the topic of the queue and of every item in it.
const TopicQueue event.Topic = "moderation:queue"

// TopicDesk is the topic of a moderator's own desk: what they hold and what they
// may still undo.
func TopicDesk(account string) event.Topic { return event.NewTopic("desk", account) }

func itemOf(id ID) []event.Change {
	return []event.Change{{Topic: TopicQueue, IDs: []string{strconv.FormatInt(int64(id), 10)}}}
}

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
func (e Settled) Changes() []event.Change {
	return append(itemOf(e.Item), event.Change{Topic: TopicDesk(e.Moderator)})
}
