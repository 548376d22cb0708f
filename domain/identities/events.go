package identities

import (
	"veche/domain/accounts"
	"veche/domain/event"
)

// Bound: a person may sign in by one more provider.
type Bound struct {
	Account  string // public id
	Provider string
}

// Name is the event's name.
func (Bound) Name() string { return "identities.bound" }

// Changes touch the screens about the account.
func (e Bound) Changes() []event.Change { return ofAccount(e.Account) }

// Unlinked: a person may no longer sign in by a provider.
type Unlinked struct {
	Account  string // public id
	Provider string
}

// Name is the event's name.
func (Unlinked) Name() string { return "identities.unlinked" }

// Changes touch the screens about the account.
func (e Unlinked) Changes() []event.Change { return ofAccount(e.Account) }

// Refreshed: the state told something new of a person.
type Refreshed struct {
	Account string // public id
	Fields  []Field
}

// Name is the event's name.
func (Refreshed) Name() string { return "identities.refreshed" }

// Changes touch the screens about the account.
func (e Refreshed) Changes() []event.Change { return ofAccount(e.Account) }

func ofAccount(public string) []event.Change { return []event.Change{{Topic: accounts.Topic(public)}} }
