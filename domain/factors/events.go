package factors

import (
	"veche/domain/accounts"
	"veche/domain/event"
)

// Added: a person has one more thing to prove themselves with.
type Added struct {
	Account string // public id
	Method  Method
}

// Name is the event's name.
func (Added) Name() string { return "factors.added" }

// Changes touch the screens about the account.
func (e Added) Changes() []event.Change { return ofAccount(e.Account) }

// Removed: a person has one thing less to prove themselves with.
type Removed struct {
	Account string // public id
	Method  Method
}

// Name is the event's name.
func (Removed) Name() string { return "factors.removed" }

// Changes touch the screens about the account.
func (e Removed) Changes() []event.Change { return ofAccount(e.Account) }

// Preferred: a person is asked for another method from now on, or with Off for none.
type Preferred struct {
	Account string // public id
	Method  Method
}

// Name is the event's name.
func (Preferred) Name() string { return "factors.preferred" }

// Changes touch the screens about the account.
func (e Preferred) Changes() []event.Change { return ofAccount(e.Account) }

// BackupCodesMade: a person got new backup codes, and those before are void.
type BackupCodesMade struct{ Account string } // public id

// Name is the event's name.
func (BackupCodesMade) Name() string { return "factors.backup_codes_made" }

// Changes touch the screens about the account.
func (e BackupCodesMade) Changes() []event.Change { return ofAccount(e.Account) }

// BackupCodeUsed: a person proved themselves with a backup code.
type BackupCodeUsed struct{ Account string } // public id

// Name is the event's name.
func (BackupCodeUsed) Name() string { return "factors.backup_code_used" }

// Changes touch the screens about the account.
func (e BackupCodeUsed) Changes() []event.Change { return ofAccount(e.Account) }

// CloneSuspected: a passkey answered with a count that was used already, so that
// somebody may hold a copy of it (WebAuthn level 3, 6.1.1).
type CloneSuspected struct{ Account string } // public id

// Name is the event's name.
func (CloneSuspected) Name() string { return "factors.clone_suspected" }

// Changes touch the screens about the account.
func (e CloneSuspected) Changes() []event.Change { return ofAccount(e.Account) }

func ofAccount(public string) []event.Change {
	return []event.Change{{Topic: accounts.Topic(public)}}
}
