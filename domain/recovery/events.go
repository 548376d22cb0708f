package recovery

import (
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
