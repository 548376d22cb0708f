package accounts

import (
	"net/netip"
	"slices"
)

// MaxFailures is how many failed tries close sign-in by password (REC-03).
const MaxFailures = 5

// Lock is what keeps a person out of their account, whatever they know (C-04, C-15).
// Failed tries are no lock of the account: they close sign-in by password for browsers
// it does not know.
type Lock string

// The locks.
const (
	Unlocked       Lock = ""
	LockSuspicious Lock = "suspicious" // REC-05
	LockBlocked    Lock = "blocked"    // by moderation or an administrator
)

// Way is how a person got in.
type Way struct {
	Means  []Means
	Proved bool // by two proofs, or one that is worth two
	Via    Via
}

// Via is through whom a person got in, where somebody else vouches for them.
type Via struct {
	Identity int64  // key of the bound identity; 0 when nobody vouches
	Session  string // what the provider calls its own session, "" when it does not
}

// Entry is what came of a sign-in.
type Entry struct {
	Token      Token // of the session, "" while a second proof is due
	Session    Session
	Pending    Token // under which the second proof is waited for
	MustChange bool  // the password is a temporary one
	Confirm    bool  // the person is to be led to «Подтверждение учётной записи» (ID-03)
}

// Note is what a person reads about their account in «Журнал активности» (SEC-11).
type Note string

// What is noted.
const (
	NoteSignedIn        Note = "signed_in"
	NoteRefused         Note = "refused"
	NoteClosed          Note = "closed" // sign-in by password, after failures
	NoteOpened          Note = "opened"
	NoteEnded           Note = "ended"
	NoteEndedAll        Note = "ended_all"
	NoteThreat          Note = "threat" // a session was used from where, or in what, it may not be
	NotePassword        Note = "password_changed"
	NoteSecondFactor    Note = "second_factor_changed"
	NoteContact         Note = "contact_changed"
	NoteConfirmed       Note = "confirmed"
	NoteSuspicious      Note = "suspicious" // «Это не я»
	NoteMine            Note = "mine"       // «Это я»
	NoteSuspicionLifted Note = "suspicion_lifted"
	NoteBlocked         Note = "blocked" // by an administrator
	NoteUnblocked       Note = "unblocked"
	NoteDevice          Note = "device_changed"
	NoteIdentity        Note = "identity_changed"
	NoteSettings        Note = "settings_changed"
)

// Within says whether an address is in one of the networks; no networks are all of
// them.
func Within(networks []netip.Prefix, address string) bool {
	if len(networks) == 0 {
		return true
	}
	at, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	at = at.Unmap().WithZone("")
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(at) })
}
