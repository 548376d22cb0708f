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
}

// Section is the part of the feed a kind stands in, "" of an unknown kind.
func (k Kind) Section() Section { return sections[k] }

// The facts that sentences speak of.
const (
	Subject = "subject" // what it is about, in its author's words: a question, a title
	Ground  = "ground"  // a moderation.Ground
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
type RefusedError struct{ Code int } // of RFC 5321

// Error says how the server answered.
func (e RefusedError) Error() string {
	return fmt.Sprintf("the mail server refused it with %d", e.Code)
}
