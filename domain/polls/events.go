package polls

import (
	"strconv"
	"time"

	"veche/domain/event"
)

// TopicOf is the topic of one poll.
func TopicOf(id ID) event.Topic {
	return event.NewTopic("poll", strconv.FormatInt(int64(id), 10))
}

// TopicAll is the topic of the list: which polls there are.
const TopicAll event.Topic = "polls:all"

// TopicPulse is the topic of the town's pulse: how many polls are open and how many
// votes are in them.
const TopicPulse event.Topic = "polls:pulse"

// TopicBallots is the topic of a person's own ballots.
func TopicBallots(account string) event.Topic { return event.NewTopic("ballots", account) }

// VoteCast tells that a poll has one vote more. It does not say whose.
type VoteCast struct{ Poll ID }

// Name is the name of the event.
func (VoteCast) Name() string { return "polls.vote_cast" }

// Changes are the poll's own screens and the pulse.
func (e VoteCast) Changes() []event.Change {
	return []event.Change{{Topic: TopicOf(e.Poll)}, {Topic: TopicPulse}}
}

// BallotsChanged tells that a person's own ballots look different now. It does
// not say in which poll.
type BallotsChanged struct{ Account string } // public id

// Name is the name of the event.
func (BallotsChanged) Name() string { return "polls.ballots_changed" }

// Changes are the person's own screens.
func (e BallotsChanged) Changes() []event.Change {
	return []event.Change{{Topic: TopicBallots(e.Account)}}
}

// Announced tells that a poll was put into the calendar.
type Announced struct {
	Poll              ID
	OpensAt, ClosesAt time.Time
}

// Name is the name of the event.
func (Announced) Name() string { return "polls.announced" }

// Changes are the list: there is a new poll in it.
func (e Announced) Changes() []event.Change { return []event.Change{{Topic: TopicAll}} }

// Opened tells that people may vote.
type Opened struct{ Poll ID }

// Name is the name of the event.
func (Opened) Name() string { return "polls.opened" }

// Changes are the poll's own screens, the list and the pulse.
func (e Opened) Changes() []event.Change {
	return []event.Change{{Topic: TopicOf(e.Poll)}, {Topic: TopicAll}, {Topic: TopicPulse}}
}

// ClosedForVotes tells that the result is final.
type ClosedForVotes struct{ Poll ID }

// Name is the name of the event.
func (ClosedForVotes) Name() string { return "polls.closed" }

// Changes are the poll's own screens, the list and the pulse.
func (e ClosedForVotes) Changes() []event.Change {
	return []event.Change{{Topic: TopicOf(e.Poll)}, {Topic: TopicAll}, {Topic: TopicPulse}}
}
