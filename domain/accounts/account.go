// Package accounts holds the people of the portal: who they are, how they prove
// it, what they were granted, and the sessions in which they act.
//
// It holds rules over plain values. A login is read into the one spelling under
// which it is kept ([ParseLogin]), a password is never altered beyond its Unicode
// form ([NewPassword]), a session is known by a token of which the portal keeps
// only the hash ([Token]). Proving who one is ends in a session; further proofs,
// such as a second code, stand between [Credentials] and [Session] and change
// neither.
package accounts

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"veche/domain/event"
)

// ID is the key of an account. It never leaves the server: URLs, topics and
// receipts carry the account's public id.
type ID int64

// Account is a person known to the portal.
type Account struct {
	ID        ID
	PublicID  string // random; stands in URLs, topics and receipts
	Name      string
	Email     string // as Login keeps it
	Phone     string // E.164; "" when none is bound
	Confirmed bool   // identity «Подтвержденная» (ID-03)
	Rights    int64  // grows whenever what the person may do changes
	CreatedAt time.Time
	BirthDate *time.Time // as the state tells it; nil when it does not
}

// Profile is what a person is shown about themselves.
type Profile struct {
	Account
	Grants   []Grant
	Session  Session // the one in which they ask
	Standing Standing
}

// Signature is how a person signs what they say: the given name and the surname of
// their full name. The patronymic stays with the account.
func Signature(name string) string {
	names := strings.Fields(name)
	if len(names) < 3 {
		return name
	}
	return names[0] + " " + names[len(names)-1]
}

// Initials are the first letters of the given name and the surname, in capitals.
func Initials(name string) string {
	var initials []rune
	names := strings.Fields(name)
	for i, part := range names {
		if i == 0 || i == len(names)-1 {
			initials = append(initials, []rune(strings.ToUpper(part))[0])
		}
	}
	return string(initials)
}

// NewPublicID makes a public id: 128 random bits in letters and digits that may
// stand in a URL, a topic and an element id.
func NewPublicID() string { return strings.ToLower(rand.Text()) }

// Topic is what the screens about an account depend on.
func Topic(publicID string) event.Topic { return event.NewTopic("account", publicID) }

// Role is what a person may be trusted with beyond their own affairs.
type Role string

// The roles of the portal's people so far.
const (
	RoleEditor    Role = "editor"
	RoleModerator Role = "moderator"
	RoleOfficial  Role = "official"
	RoleSupport   Role = "support"
	RoleAdmin     Role = "admin"
)

// Roles lists every role, in the order in which a page names them.
var Roles = []Role{RoleEditor, RoleModerator, RoleOfficial, RoleSupport, RoleAdmin}

// Valid says whether the portal knows the role.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// Grant gives a role, in a scope ("" is everywhere, "public:dvor" one public),
// until a time or for good.
type Grant struct {
	Role  Role
	Scope string
	Until *time.Time
}

// Active says whether the grant holds at a time.
func (g Grant) Active(now time.Time) bool { return g.Until == nil || now.Before(*g.Until) }

// Check answers the problem with giving the grant at a time: an unknown role, a
// scope that names nothing, an end that has passed.
func (g Grant) Check(now time.Time) error {
	switch {
	case !g.Role.Valid():
		return ErrUnknownRole
	case g.Scope != "" && !event.Topic(g.Scope).Valid():
		return ErrUnclearScope
	case !g.Active(now):
		return ErrGrantOver
	}
	return nil
}
