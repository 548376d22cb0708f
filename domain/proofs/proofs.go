// Package proofs holds the second proof of who somebody is: what they can prove it
// with, what they are asked, and what they answer. It is asked for after the password
// (SEC-05) and again before what is sensitive (SEC-06, ID-21).
package proofs

import (
	"slices"

	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/factors"
	"veche/domain/problem"
)

// Method is what a person proves themselves with: one of the factors, or the password
// in a session that was opened without it.
type Method = factors.Method

// The methods (SEC-02, SEC-04, ID-14).
const (
	SMS      = factors.SMS
	Mail     = factors.Mail
	TOTP     = factors.TOTP
	Passkey  = factors.Passkey
	Backup   = factors.Backup
	Password = Method(accounts.ByPassword)
)

// Channel is the channel of codes behind a method, "" of one that needs none.
func Channel(m Method) codes.Channel {
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
	factors.Methods
	Password bool // has one
	Lang     string
}

// Offered lists what can be asked for, the preferred first. Without says by what the
// person has come so far: it proves nothing a second time.
func (m Means) Offered(without ...accounts.Means) []Method {
	offered := m.Usable()
	if m.Password {
		offered = append(offered, Password)
	}
	return slices.DeleteFunc(offered, func(method Method) bool {
		return slices.Contains(without, accounts.Means(method))
	})
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
	SignedField = factors.CredentialField
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
	ErrNoMethod   = problem.New(problem.Conflict, "proofs.problem.no_method")
	ErrTooMany    = problem.New(problem.TooMany, "proofs.problem.too_many")
	ErrNotOffered = problem.New(problem.Invalid, "proofs.problem.not_offered")
)
