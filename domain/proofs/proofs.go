// Package proofs holds the second proof of who somebody is: what they can prove it
// with, what they are asked, and what they answer. It is asked for after the password
// (SEC-05) and again before what is sensitive (SEC-06, ID-21).
package proofs

import (
	"slices"

	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/problem"
)

// Method is what a person proves themselves with (SEC-02, SEC-04, ID-14).
type Method string

// The methods, those first that a person is asked for first.
const (
	SMS      Method = "sms"
	TOTP     Method = "totp" // a generator app, RFC 6238
	Passkey  Method = "passkey"
	Mail     Method = "mail"
	Backup   Method = "backup"   // a printed code
	Password Method = "password" // where the session was opened without it
)

// Channel is the channel of codes behind a method, "" of one that needs none.
func (m Method) Channel() codes.Channel {
	switch m {
	case SMS:
		return codes.SMS
	case Mail:
		return codes.Mail
	}
	return ""
}

// Means are what one person could prove themselves with.
type Means struct {
	Phone     string // confirmed; "" when there is none
	Email     string
	TOTP      bool
	Passkeys  int
	Backup    int  // codes left
	Password  bool // has one
	Preferred Method
	Lang      string
}

// Methods lists what can be offered, the preferred first. Without says by what the
// person has come so far: it proves nothing a second time.
func (m Means) Methods(without ...accounts.Means) []Method {
	var offered []Method
	add := func(method Method, has bool) {
		if has && !slices.Contains(without, accounts.Means(method)) && !slices.Contains(offered, method) {
			offered = append(offered, method)
		}
	}
	has := map[Method]bool{
		SMS: m.Phone != "", TOTP: m.TOTP, Passkey: m.Passkeys > 0, Mail: m.Email != "", Backup: m.Backup > 0, Password: m.Password,
	}
	add(m.Preferred, has[m.Preferred])
	for _, method := range []Method{SMS, TOTP, Passkey, Mail, Backup, Password} {
		add(method, has[method])
	}
	return offered
}

// Who is asked for a proof.
type Who struct {
	Account accounts.ID
	Holder  string // a session or a pending sign-in, in which the answer is good
	Purpose codes.Purpose
	Without []accounts.Means
}

// Question is what a person is asked.
type Question struct {
	Method  Method
	Methods []Method // that they could choose instead, this one included
	Code    codes.Code
	Options string // of the passkey, as JSON for the browser
}

// Answer is what a person answered.
type Answer struct {
	Method Method
	Code   string // public id of the code that was sent
	Typed  string
	Signed string // JSON of the browser for a passkey
}

// The names of the fields of an answer. Forms that come along keep theirs.
const (
	MethodField = "proof-method"
	CodeField   = "proof-code"
	TypedField  = "proof"
	SignedField = "proof-signed"
	StepField   = "proof-step" // what to do: "", StepResend
)

// StepResend asks for the code to be sent again.
const StepResend = "resend"

// Problems of proofs.
var (
	ErrWrong      = problem.InField(TypedField, "proofs.problem.wrong")
	ErrExpired    = problem.InField(TypedField, "proofs.problem.expired")
	ErrUsedUp     = problem.InField(TypedField, "proofs.problem.used_up")
	ErrNoAnswer   = problem.InField(TypedField, "proofs.problem.no_answer")
	ErrNoMethod   = problem.New(problem.Forbidden, "proofs.problem.no_method")
	ErrTooMany    = problem.New(problem.TooMany, "proofs.problem.too_many")
	ErrNotOffered = problem.New(problem.Invalid, "proofs.problem.not_offered")
)
