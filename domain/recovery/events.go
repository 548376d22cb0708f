package recovery

import (
	"strconv"

	"veche/domain/accounts"
	"veche/domain/event"
)

// QuestionsSet: a person chose control questions, or chose anew.
type QuestionsSet struct{ Account string } // public id

// Name is the name of the event.
func (QuestionsSet) Name() string { return "recovery.questions_set" }

// Changes touch the screens about the account's safety.
func (e QuestionsSet) Changes() []event.Change {
	return []event.Change{{Topic: accounts.Topic(e.Account), IDs: []string{questions}}}
}

// QuestionsRemoved: a person does without control questions.
type QuestionsRemoved struct{ Account string } // public id

// Name is the name of the event.
func (QuestionsRemoved) Name() string { return "recovery.questions_removed" }

// Changes touch the screens about the account's safety.
func (e QuestionsRemoved) Changes() []event.Change {
	return []event.Change{{Topic: accounts.Topic(e.Account), IDs: []string{questions}}}
}

// questions names what changed among the things of an account.
const questions = "questions"

// PasswordReset: a person who had lost their password chose a new one (REC-01).
type PasswordReset struct {
	Account string // public id
	ID      accounts.ID
}

// Name is the name of the event.
func (PasswordReset) Name() string { return "recovery.password_reset" }

// Changes touch the screens about the account's safety.
func (e PasswordReset) Changes() []event.Change {
	return []event.Change{{Topic: accounts.Topic(e.Account)}}
}

// Unlocked: sign-in was opened again to the owner of an account (REC-04).
type Unlocked struct {
	Account string // public id
	ID      accounts.ID
	At      int64 // key of the attempt
}

// Name is the name of the event.
func (Unlocked) Name() string { return "recovery.unlocked" }

// Changes touch the screens about the account's safety.
func (e Unlocked) Changes() []event.Change { return []event.Change{{Topic: accounts.Topic(e.Account)}} }

// Topic is what the page depends on that follows a decision.
func Topic(attempt string) event.Topic { return event.NewTopic("recovery", attempt) }

// StatusOf is the region that tells how far a decision has come.
func StatusOf(attempt string) event.Region { return event.NewRegion(Topic(attempt), "status") }

// PaperShown: a copy of a paper waits for the register's answer (REC-05).
type PaperShown struct {
	Key     int64
	Attempt string // public id
}

// Name is the name of the event.
func (PaperShown) Name() string { return "recovery.paper_shown" }

// Changes are those of the page that follows it.
func (e PaperShown) Changes() []event.Change { return []event.Change{{Topic: Topic(e.Attempt)}} }

// PaperMoved: a decision went on to people, or was made.
type PaperMoved struct {
	Key     int64
	Attempt string // public id
	State   State
}

// Name is the name of the event.
func (PaperMoved) Name() string { return "recovery.paper_moved" }

// Changes are those of the page that follows it.
func (e PaperMoved) Changes() []event.Change { return []event.Change{{Topic: Topic(e.Attempt)}} }

// TopicDesk is what the support desk's screens depend on.
var TopicDesk = event.NewTopic("recoveries", "queue")

// HeadRegion says which requests are the newest.
var HeadRegion = event.NewRegion(TopicDesk, "head")

// CardOf is the region of a request in the list.
func CardOf(id RequestID) event.Region {
	return event.NewItem(TopicDesk, "card", strconv.FormatInt(int64(id), 10))
}

// Requested: the support desk is asked.
type Requested struct{ Request RequestID }

// Name is the name of the event.
func (Requested) Name() string { return "recovery.requested" }

// Changes are those of the desk.
func (e Requested) Changes() []event.Change { return deskChange(e.Request) }

// RequestMoved: somebody at the desk did something with a request.
type RequestMoved struct {
	Request RequestID
	State   RequestState
}

// Name is the name of the event.
func (RequestMoved) Name() string { return "recovery.request_moved" }

// Changes are those of the desk.
func (e RequestMoved) Changes() []event.Change { return deskChange(e.Request) }

func deskChange(id RequestID) []event.Change {
	return []event.Change{{Topic: TopicDesk, IDs: []string{strconv.FormatInt(int64(id), 10)}}}
}
