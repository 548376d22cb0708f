package accounts

import "veche/domain/event"

// SignedIn: a person opened a session.
type SignedIn struct {
	Account    string // public id
	ID         ID
	Session    string // public id
	NewBrowser bool   // the person was never signed in from it, and wants to know
	Unusual    bool   // at an hour at which they never came before
	Note       int64  // the line of the journal that says so
}

// Name is the event's name.
func (SignedIn) Name() string { return "accounts.signed_in" }

// Changes touch the screens about the account, such as its list of sessions.
func (e SignedIn) Changes() []event.Change {
	return []event.Change{{Topic: Topic(e.Account), IDs: []string{e.Session}}}
}

// SignInRefused: a sign-in failed. For a login that nobody has it tells of nobody.
type SignInRefused struct {
	Account string // public id, "" of nobody
	ID      ID     // 0 of nobody
	Closed  bool   // with this try sign-in by password was closed
	Known   bool   // the browser is one of the account's
	Note    int64  // the line of the journal that says so; 0 of nobody
}

// Name is the event's name.
func (SignInRefused) Name() string { return "accounts.sign_in_refused" }

// Changes touch the person's journal.
func (e SignInRefused) Changes() []event.Change {
	if e.Account == "" {
		return nil
	}
	return []event.Change{{Topic: Topic(e.Account)}}
}

// IdleTopic is what the warning depends on that a session is about to end.
func IdleTopic(session string) event.Topic { return event.NewTopic("idle", session) }

// SessionIdle: nobody has used a session for a while, or somebody does again.
type SessionIdle struct{ Session string } // public id

// Name is the event's name.
func (SessionIdle) Name() string { return "accounts.session_idle" }

// Changes are the warning on the session's pages.
func (e SessionIdle) Changes() []event.Change { return []event.Change{{Topic: IdleTopic(e.Session)}} }

// SessionEnded: a session was signed out of, revoked or ran out.
type SessionEnded struct {
	Session string // public id
	Account string // public id
}

// Name is the event's name.
func (SessionEnded) Name() string { return "accounts.session_ended" }

// Changes close the sockets of the session, and touch the list of sessions.
func (e SessionEnded) Changes() []event.Change {
	changes := []event.Change{{Topic: SessionTopic(e.Session), Bye: event.ByeSession}}
	if e.Account != "" {
		changes = append(changes, event.Change{Topic: Topic(e.Account), IDs: []string{e.Session}})
	}
	return changes
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

// ContactClaimed: somebody says that a contact is theirs. Whether it has another owner
// already, and what they are told, is found out later, so that nobody who claims it can
// tell.
type ContactClaimed struct {
	Registration int64 // key; 0 when it is not for a registration
	ID           ID    // of who claims it; 0 for a registration
	Channel      Channel
}

// Name is the event's name.
func (ContactClaimed) Name() string { return "accounts.contact_claimed" }

// Changes are none: what follows is a job.
func (ContactClaimed) Changes() []event.Change { return nil }

// LinkWanted: a letter with a link has to go out (ID-17).
type LinkWanted struct{ Link int64 } // key

// Name is the event's name.
func (LinkWanted) Name() string { return "accounts.link_wanted" }

// Changes are none: what follows is a job.
func (LinkWanted) Changes() []event.Change { return nil }

// Registered: somebody has an account now (ID-01).
type Registered struct {
	Account string // public id
	ID      ID
}

// Name is the event's name.
func (Registered) Name() string { return "accounts.registered" }

// Changes touch the screens about the account.
func (e Registered) Changes() []event.Change { return []event.Change{{Topic: Topic(e.Account)}} }

// Identified: an account was confirmed (ID-03). All services are open to it.
type Identified struct {
	Account string // public id
	ID      ID
}

// Name is the event's name.
func (Identified) Name() string { return "accounts.identified" }

// Changes touch the screens about the account.
func (e Identified) Changes() []event.Change { return []event.Change{{Topic: Topic(e.Account)}} }

// ContactChanged: a person is reached by another contact than before, or for the first
// time by this channel.
type ContactChanged struct {
	Account string // public id
	ID      ID
	Channel Channel
	Change  int64 // key of what is told to the reader of the former one; 0 when there was none
}

// Name is the event's name.
func (ContactChanged) Name() string { return "accounts.contact_changed" }

// Changes touch the screens about the account.
func (e ContactChanged) Changes() []event.Change { return []event.Change{{Topic: Topic(e.Account)}} }

// PasswordChanged: a person chose another password.
type PasswordChanged struct {
	Account string // public id
	ID      ID
}

// Name is the event's name.
func (PasswordChanged) Name() string { return "accounts.password_changed" }

// Changes touch the screens about the account.
func (e PasswordChanged) Changes() []event.Change { return []event.Change{{Topic: Topic(e.Account)}} }

// PasswordOld: a password was chosen long ago (ID-08).
type PasswordOld struct{ Reminder int64 } // key

// Name is the event's name.
func (PasswordOld) Name() string { return "accounts.password_old" }

// Changes are none: the person is told by a job.
func (PasswordOld) Changes() []event.Change { return nil }
