// Package identities holds the rules of people whom somebody else vouches for: the
// state's sign-in («ЕСИА»), a bank, a network (ID-09, ID-15).
//
// How far a provider's word goes is its [Trust]. The state alone opens accounts,
// confirms them and keeps their data fresh; a bank and a network only let in whom the
// person has bound before. Nobody is ever found by an e-mail or a phone: those who
// share one are asked to sign in first, and to bind the provider then.
package identities

import (
	"slices"
	"strings"
	"time"

	"veche/domain/accounts"
)

// Trust is how far the word of a provider goes.
type Trust string

// The kinds of providers.
const (
	State  Trust = "state"  // vouches for names, contacts and numbers of documents
	Bank   Trust = "bank"   // vouches for names and contacts
	Social Trust = "social" // vouches for nothing but that it is the same person again
)

// Provider is somebody who vouches for people.
type Provider struct {
	Key   string // in addresses
	Names map[string]string
	Icon  string // one of static/icons, "" for none
	Trust Trust
}

// Name is the provider's name in a language, "ru" or "en".
func (p Provider) Name(lang string) string { return p.Names[lang] }

// Person is what a provider says of who came. What may not be believed was left out.
type Person struct {
	Provider  string // its key
	Issuer    string
	Subject   string // names the person at the issuer for ever
	Name      string // given name, patronymic, family name
	Email     string // as the provider shows it; a login only when Verified
	Phone     string // E.164
	SNILS     string // eleven digits; of the state alone
	INN       string // twelve digits; of the state alone
	BirthDate time.Time
	Trusted   bool // the state knows the person from a visit

	EmailVerified bool
	PhoneVerified bool

	ACR     string
	AMR     []string
	Session string // sid, by which the provider ends the session again
}

// Level is how sure a provider is of a person.
type Level int

// The levels of assurance (Regulation (EU) 2015/1502, and «ЕСИА» alike).
const (
	Low Level = iota
	Substantial
	High
)

// Level reads the last part of the acr: providers name their levels by addresses that
// differ in what stands before it.
func (p Person) Level() Level {
	named := p.ACR[strings.LastIndexAny(p.ACR, ":/")+1:]
	switch {
	case strings.EqualFold(named, "high"):
		return High
	case strings.EqualFold(named, "substantial"):
		return Substantial
	}
	return Low
}

// secondFactors are the methods (RFC 8176) by which a person shows more than that they
// know a password (ID-10).
var secondFactors = []string{"otp", "face", "fpt", "hwk", "mfa"}

// Proves says whether coming by the provider is worth two proofs. A network's word is
// worth one, whatever it says of itself.
func (p Person) Proves(trust Trust) bool {
	if trust == Social {
		return false
	}
	return p.Level() == High || p.Level() == Substantial && slices.ContainsFunc(p.AMR, func(method string) bool {
		return slices.Contains(secondFactors, method)
	})
}

// Identity is a provider that is bound to an account.
type Identity struct {
	PublicID string
	Provider string
	Name     string // as the provider shows the person
	Email    string
	LinkedAt time.Time
	UsedAt   *time.Time // nil before the first sign-in
}

// Overview is what the page «Способы входа» tells.
type Overview struct {
	Password   bool // the account has one
	Phone      bool // signs in by a code to the phone
	Passkeys   int
	Identities []Identity
}

// Purpose is what somebody goes to a provider for.
type Purpose string

// The purposes.
const (
	SignIn Purpose = "sign_in"
	Link   Purpose = "link"
)

// Errand is a way to a provider and back.
type Errand struct {
	Provider string
	Purpose  Purpose
	Account  accounts.ID // whose binding it is; 0 for a sign-in
	Next     string      // where the person goes afterwards
}

// ErrandFor is how long an errand may take.
const ErrandFor = 10 * time.Minute

// Logout says who signed out at a provider.
type Logout struct {
	ID      string // jti: taken once
	Subject string // "" when only the session is named
	Session string // sid; "" when all sessions of the subject are meant
	Expires time.Time
}
