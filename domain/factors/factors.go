// Package factors holds what proves a person a second time, after the password or
// instead of it: a code sent to their phone or mailbox, an app that makes codes
// (RFC 6238), a passkey (WebAuthn) and backup codes on paper.
//
// It says which of them a person can use, which one they are asked for, and what
// may not be switched off (SEC-05). Codes that are sent belong to another area; here
// they are known as methods only.
package factors

import (
	"slices"
	"time"

	"veche/domain/problem"
)

// Method is a way to prove who one is a second time.
type Method string

// The methods, and Off, which a person may prefer to all of them.
const (
	Off     Method = "off"
	SMS     Method = "sms"     // a code sent to the confirmed phone
	Mail    Method = "mail"    // a code sent to the confirmed mailbox
	TOTP    Method = "totp"    // a code that an app makes from a shared key
	Passkey Method = "passkey" // a signature by a device that knows its owner
	Backup  Method = "backup"  // one of the codes on paper
)

// Choices are the methods that can be preferred, in the order in which they are
// offered (SEC-02, ID-14).
var Choices = []Method{SMS, TOTP, Mail, Passkey}

// Limits of what a person keeps.
const (
	MostPasskeys = 20
	MostName     = 60 // characters of a passkey's name
	FewCodes     = 3  // backup codes left at which new ones are worth making
)

// Methods is what a person can prove themselves with now.
type Methods struct {
	Phone       string // E.164, "" when none is confirmed
	Email       string // "" when none is confirmed
	TOTP        bool
	Passkeys    int
	BackupCodes int    // left
	Preferred   Method // as chosen, Off included
	Staff       bool   // holds a role: a second factor is asked for in any case
}

// Has says whether the person can use the method now.
func (m Methods) Has(method Method) bool {
	switch method {
	case SMS:
		return m.Phone != ""
	case Mail:
		return m.Email != ""
	case TOTP:
		return m.TOTP
	case Passkey:
		return m.Passkeys > 0
	case Backup:
		return m.BackupCodes > 0
	}
	return false
}

// On says whether a second factor is asked for after the password: where one is
// preferred, and of staff whatever they prefer (SEC-05, C-05). Nobody is asked for
// what they do not have.
func (m Methods) On() bool { return (m.Preferred != Off || m.Staff) && m.Asked() != Off }

// Asked is the method a person is asked for first: the preferred one, or where that
// is not to be had any more, the next best. It is Off when there is none at all.
func (m Methods) Asked() Method {
	if m.Has(m.Preferred) {
		return m.Preferred
	}
	for _, method := range Choices {
		if m.Has(method) {
			return method
		}
	}
	return Off
}

// Usable lists what the person may prove themselves with, the method that is asked
// for first at the head and the paper last.
func (m Methods) Usable() []Method {
	asked := m.Asked()
	var usable []Method
	if asked != Off {
		usable = append(usable, asked)
	}
	for _, method := range append(slices.Clone(Choices), Backup) {
		if method != asked && m.Has(method) {
			usable = append(usable, method)
		}
	}
	return usable
}

// Prefer answers the problem with preferring a method.
func (m Methods) Prefer(method Method) error {
	switch {
	case method == Off && m.Staff:
		return ErrObligatory
	case method == Off:
		return nil
	case !slices.Contains(Choices, method):
		return ErrUnknownMethod
	case m.Has(method):
		return nil
	}
	switch method {
	case SMS:
		return ErrNoPhone
	case Mail:
		return ErrNoEmail
	case TOTP:
		return ErrNoTOTP
	}
	return ErrNoPasskey
}

// Without is the person's methods after one was taken away (one passkey of several
// leaves the others), with the preference moved on where it has lost its method. A
// member of staff keeps at least one.
func (m Methods) Without(method Method) (Methods, error) {
	switch method {
	case TOTP:
		m.TOTP = false
	case Passkey:
		m.Passkeys--
	}
	if m.Preferred == Off || m.Has(m.Preferred) {
		return m, nil
	}
	m.Preferred = m.Asked()
	if m.Preferred == Off && m.Staff {
		return m, ErrObligatory
	}
	return m, nil
}

// PasskeyRecord is a passkey as its owner sees it.
type PasskeyRecord struct {
	PublicID  string
	Name      string
	BackedUp  bool // kept by the maker of the device on others of the person too
	CreatedAt time.Time
	UsedAt    *time.Time // nil when it was never used to sign in
}

// Problems of proving, of which none says more than the person needs: a code that is
// wrong, of somebody else or taken already is not the right one now.
var (
	ErrWrongCode     = problem.InField(CodeField, "factors.problem.wrong_code")
	ErrUsedCode      = problem.InField(CodeField, "factors.problem.used_code")
	ErrWrongBackup   = problem.InField(CodeField, "factors.problem.wrong_backup")
	ErrWrongPasskey  = problem.New(problem.Invalid, "factors.problem.wrong_passkey")
	ErrStalePasskey  = problem.New(problem.Conflict, "factors.problem.stale_passkey")
	ErrClonedPasskey = problem.New(problem.Conflict, "factors.problem.cloned_passkey")
)

// Problems of setting up.
var (
	ErrUnknownMethod   = problem.InField(MethodField, "factors.problem.unknown_method")
	ErrNoPhone         = problem.InField(MethodField, "factors.problem.no_phone")
	ErrNoEmail         = problem.InField(MethodField, "factors.problem.no_email")
	ErrNoTOTP          = problem.InField(MethodField, "factors.problem.no_totp")
	ErrNoPasskey       = problem.InField(MethodField, "factors.problem.no_passkey")
	ErrObligatory      = problem.New(problem.Conflict, "factors.problem.obligatory")
	ErrOff             = problem.New(problem.Conflict, "factors.problem.off")
	ErrHasTOTP         = problem.New(problem.Conflict, "factors.problem.has_totp")
	ErrNothingBegun    = problem.New(problem.Conflict, "factors.problem.nothing_begun")
	ErrUnknownPasskey  = problem.New(problem.NotFound, "factors.problem.unknown_passkey")
	ErrKnownPasskey    = problem.New(problem.Conflict, "factors.problem.known_passkey")
	ErrTooManyPasskeys = problem.New(problem.Conflict, "factors.problem.too_many_passkeys")
	ErrNoRelyingParty  = problem.New(problem.Conflict, "factors.problem.no_relying_party")
	ErrLongName        = problem.InField(NameField, "factors.problem.long_name")
	ErrNoName          = problem.InField(NameField, "factors.problem.no_name")
)

// The names of the forms' fields.
const (
	MethodField     = "method"
	CodeField       = "code"
	NameField       = "name"
	CredentialField = "credential" // what the browser answered, as JSON
)
