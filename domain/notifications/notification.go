// Package notifications tells people what happened to them (NTF-01 … NTF-08): a
// notice is composed once, becomes an item in the feed of each person it concerns,
// and a letter to those who asked for letters. What an item says is not kept as
// text: it has a kind and the facts the sentence of that kind speaks of, and is put
// into words in the reader's language.
package notifications

import (
	"fmt"
	"time"

	"veche/domain/accounts"
	"veche/domain/problem"
)

// Kind is what happened.
type Kind string

// The kinds of notifications.
const (
	CommentPublished Kind = "comment_published" // a moderator let one's comment through
	CommentRefused   Kind = "comment_refused"   // a moderator refused one's comment
	PollOpened       Kind = "poll_opened"       // everybody may vote
	PasswordOld      Kind = "password_old"      // one's password was chosen three months ago (ID-08)
)

// The kinds of alerts: what happened to one's account (SEC-09, SEC-12, SEC-13).
const (
	NewBrowser     Kind = "new_browser"
	UnusualHour    Kind = "unusual_hour"
	UnknownAttempt Kind = "unknown_attempt" // a failed sign-in from a browser that is not known
	SignInClosed   Kind = "sign_in_closed"  // by password, after too many failures (REC-04)
	SessionStopped Kind = "session_stopped" // used from where, or in what, it may not be
	PasswordNew    Kind = "password_changed"
	SecondNew      Kind = "second_factor_changed"
	ContactNew     Kind = "contact_changed"
	DeviceBound    Kind = "device_bound"
	AccountClosed  Kind = "account_closed" // «Это не я»
)

// Section is a part of the feed that can be looked at by itself (NTF-03).
type Section string

// The sections of the feed.
const (
	Comments Section = "comments"
	Polls    Section = "polls"
	Security Section = "security"
)

// Sections lists the sections in the order in which a filter offers them.
var Sections = []Section{Polls, Comments, Security}

var sections = map[Kind]Section{
	CommentPublished: Comments,
	CommentRefused:   Comments,
	PollOpened:       Polls,
	PasswordOld:      Security,
	NewBrowser:       Security,
	UnusualHour:      Security,
	UnknownAttempt:   Security,
	SignInClosed:     Security,
	SessionStopped:   Security,
	PasswordNew:      Security,
	SecondNew:        Security,
	ContactNew:       Security,
	DeviceBound:      Security,
	AccountClosed:    Security,
}

// Section is the part of the feed a kind stands in, "" of an unknown kind.
func (k Kind) Section() Section { return sections[k] }

// Always says whether a letter goes out whatever the person chose: what concerns the
// safety of an account waits for nothing (C-17).
func (k Kind) Always() bool { return k.Section() == Security }

// Texted says whether a text message goes out as well (REC-04).
func (k Kind) Texted() bool { return k == SignInClosed }

// The facts that sentences speak of.
const (
	Subject = "subject" // what it is about, in its author's words: a question, a title
	Ground  = "ground"  // a moderation.Ground
	Device  = "device"  // browser and system, as far as they are known
	Address = "address" // of the network
)

// Notice is what is told, and to whom.
type Notice struct {
	Kind     Kind
	Facts    map[string]string
	Path     string        // page of the portal where one can act (NTF-02)
	To       []accounts.ID // those it concerns
	Everyone bool          // instead of To: every person whose identity is confirmed
}

// Cause names what a person is told of once, however often it is announced.
func Cause(kind Kind, about int64) string { return fmt.Sprintf("%s:%d", kind, about) }

// Notification is an item of a person's feed.
type Notification struct {
	ID        string // random; the key of the row is nobody's business
	Kind      Kind
	Facts     map[string]string
	Path      string
	CreatedAt time.Time
	ReadAt    *time.Time // nil while unread
	Letter    *Delivery  // nil when none was asked for
}

// Unread says whether the person has yet to see it.
func (n Notification) Unread() bool { return n.ReadAt == nil }

// Key is the item's place in the feed: the newer, the larger.
func (n Notification) Key() int64 { return n.CreatedAt.UnixMicro() }

// State is how far a letter has come (NTF-17).
type State string

// The states of a letter.
const (
	Queued State = "queued"
	Sent   State = "sent"
	Failed State = "failed" // refused for good, or tried too often
)

// Delivery is what became of a letter.
type Delivery struct {
	State State
	At    time.Time
}

// Letter is a notification on its way to a mailbox.
type Letter struct {
	Notification
	Address string
	Lang    string // in which its reader is written to, "ru" or "en"
}

// Text is a notification on its way to a phone.
type Text struct {
	Notification
	Number string // E.164
	Lang   string
}

// Settings are the channels a person chose (NTF-07).
type Settings struct {
	Mail bool
}

// Problems of this area.
var (
	ErrNotFound   = problem.New(problem.NotFound, "notifications.problem.not_found")
	ErrNotOffered = problem.InField("mail", "notifications.problem.not_offered")
)

// RefusedError is a letter that the mail server will never take. It says nothing of
// the person.
type RefusedError struct{ Code int } // of RFC 5321, or of HTTP for a text message

// Error says how the server answered.
func (e RefusedError) Error() string {
	return fmt.Sprintf("it was refused with %d", e.Code)
}
