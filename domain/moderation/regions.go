package moderation

import (
	"strconv"

	"veche/domain/event"
)

// The regions above the list: which items are the newest, and how many wait.
var (
	HeadRegion  = event.NewRegion(TopicQueue, "head")
	CountRegion = event.NewRegion(TopicQueue, "count")
)

// CardOf is the region of an item in the list.
func CardOf(id ID) event.Region { return event.NewItem(TopicQueue, "card", id.String()) }

// LeaseOf is the region that says who has an item, or what was decided.
func LeaseOf(id ID) event.Region { return event.NewItem(TopicQueue, "lease", id.String()) }

// UndoOf is the region of a moderator's own decisions that can still be undone.
func UndoOf(account string) event.Region { return event.NewRegion(TopicDesk(account), "undo") }

// OwnOf is the region of what a moderator has to do with an item themselves.
func OwnOf(account string, id ID) event.Region {
	return event.NewItem(TopicDesk(account), "item", id.String())
}

// String writes the key as it stands in addresses and regions.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }
