package accounts

import "veche/domain/event"

// SignedIn: a person opened a session.
type SignedIn struct {
	Account string // public id
	Session string // public id
}

// Name is the event's name.
func (SignedIn) Name() string { return "accounts.signed_in" }

// Changes touch the screens about the account, such as its list of sessions.
func (e SignedIn) Changes() []event.Change {
	return []event.Change{{Topic: Topic(e.Account), IDs: []string{e.Session}}}
}

// SessionEnded: a session was signed out of, revoked or ran out.
type SessionEnded struct {
	Session string // public id
}

// Name is the event's name.
func (SessionEnded) Name() string { return "accounts.session_ended" }

// Changes close the sockets of the session.
func (e SessionEnded) Changes() []event.Change {
	return []event.Change{{Topic: SessionTopic(e.Session), Bye: event.ByeSession}}
}

// SignedOutEverywhere: all sessions of a person were ended at once.
type SignedOutEverywhere struct {
	Account string // public id
}

// Name is the event's name.
func (SignedOutEverywhere) Name() string { return "accounts.signed_out_everywhere" }

// Changes close the sockets of all sessions.
func (e SignedOutEverywhere) Changes() []event.Change {
	return []event.Change{{Topic: Topic(e.Account), Bye: event.ByeSession}}
}

// RightsChanged: what a person may do became more or less.
type RightsChanged struct {
	Account string // public id
}

// Name is the event's name.
func (RightsChanged) Name() string { return "accounts.rights_changed" }

// Changes send the person's pages to be loaded anew, with their new rights.
func (e RightsChanged) Changes() []event.Change {
	return []event.Change{{Topic: Topic(e.Account), Bye: event.ByeRole}}
}
