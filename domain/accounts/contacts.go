package accounts

import "time"

// Channel is how a person is reached.
type Channel string

// The channels, named as those of codes.
const (
	ByText   Channel = "sms"
	ByLetter Channel = "mail"
)

// Valid says whether there is such a channel.
func (c Channel) Valid() bool { return c == ByText || c == ByLetter }

// Contacts are how a person is reached, as far as it is known and as far as it was
// shown to be theirs (ID-17, C-18).
type Contacts struct {
	Email       string // confirmed; "" while none is
	EmailWanted string // said and not confirmed yet
	Phone       string
	PhoneWanted string
}

// To is where a code to confirm a channel goes: the contact that waits, or else the one
// that is bound.
func (c Contacts) To(by Channel) string {
	bound, wanted := c.Phone, c.PhoneWanted
	if by == ByLetter {
		bound, wanted = c.Email, c.EmailWanted
	}
	if wanted != "" {
		return wanted
	}
	return bound
}

// Standing is how far an account has come, and what its owner may be reminded of.
type Standing struct {
	Contacts
	Identified     bool // identity «Подтвержденная» (ID-03)
	EmailConfirmed bool
	SNILS          bool // is known
	SecondFactor   bool // is on
	PhoneSignIn    bool // by a code alone (ID-13)
	Staff          bool
	PasswordSetAt  time.Time
	Temporary      bool // the password is
}

// PasswordAge is after how long people are advised to choose another password
// (ID-08: every three months).
const PasswordAge = 91 * 24 * time.Hour

// OldPassword says whether the password was chosen so long ago that another is advised.
func OldPassword(setAt, now time.Time) bool { return now.Sub(setAt) >= PasswordAge }

// How long what was begun is waited for.
const (
	RegistrationFor = time.Hour
	EmailLinkFor    = 3 * 24 * time.Hour
)

// Draft is a registration under way.
type Draft struct {
	Registration
	ID        int64
	Channel   Channel // by which the code went
	Code      string  // public id of the code
	Confirmed bool    // the code was answered
	Account   ID      // 0 till the end
	Lang      string
}

// Address is the contact that the code went to.
func (d Draft) Address() string {
	if d.Channel == ByLetter {
		return d.Email
	}
	return d.Phone
}

// LetterKind is what the portal has to tell somebody about an account.
type LetterKind string

// What is told.
const (
	TellOwner LetterKind = "owner" // somebody registers with a contact that has an account
	TellLink  LetterKind = "link"  // the e-mail is to be confirmed (ID-17)
	TellMoved LetterKind = "moved" // another contact takes the place of this one (C-18)
)

// Message is something to be told at once, outside the feed: it may go to somebody who
// cannot get at it.
type Message struct {
	ID      string // the same when it is sent twice
	Kind    LetterKind
	Channel Channel
	Address string
	Lang    string
	Token   Token // of a link, "" of the others
}

// RefusedError is a message that will never be taken. It says nothing of the person.
type RefusedError struct{ Code string }

// Error says how the message was answered.
func (e RefusedError) Error() string { return "the message was refused: " + e.Code }

// Owner is how an account is named to somebody who may not be its owner: the given
// name and the first letter of the surname.
func Owner(name string) string {
	signed := []rune(Signature(name))
	for i, r := range signed {
		if r == ' ' && i+1 < len(signed) {
			return string(signed[:i+2]) + "."
		}
	}
	return string(signed)
}
