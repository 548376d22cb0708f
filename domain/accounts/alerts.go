package accounts

import (
	"time"

	"veche/domain/event"
	"veche/domain/problem"
)

// AlertFor is how long a person may say of an alert whether it was them.
const AlertFor = 7 * 24 * time.Hour

// AlertAnswer is what a person said.
type AlertAnswer string

// The answers to «Это вы?» (SEC-13).
const (
	Unanswered AlertAnswer = ""
	Mine       AlertAnswer = "mine"     // «Это я»
	NotMine    AlertAnswer = "not_mine" // «Это не я»
)

// Alert asks a person about something that happened to their account.
type Alert struct {
	PublicID  string
	Account   ID
	Public    string // the account's public id
	Kind      string
	At        time.Time // when it happened
	Device    string
	Address   string
	Answer    AlertAnswer
	ExpiresAt time.Time
}

// Place is where it happened.
func (a Alert) Place() Session { return Session{Device: a.Device, Address: a.Address} }

// AlertSettings are what a person wants to be told of; the rest is always told.
type AlertSettings struct {
	Browsers bool // a sign-in from a browser that is new (SEC-12)
	Attempts bool // a failed try from a browser that is not known (SEC-12)
}

// Problems of alerts.
var (
	ErrNoAlert   = problem.New(problem.NotFound, "sessions.problem.no_alert")
	ErrAlertOver = problem.New(problem.Conflict, "sessions.problem.alert_over")
	ErrNoSession = problem.New(problem.NotFound, "sessions.problem.no_session")
)

// Noted: something happened to an account that its owner should be told of.
type Noted struct {
	Account string // public id
	Event   int64  // the line of the journal that says what
	Kind    Note
}

// Name is the event's name.
func (Noted) Name() string { return "accounts.noted" }

// Changes touch the screens about the account.
func (e Noted) Changes() []event.Change { return []event.Change{{Topic: Topic(e.Account)}} }

// Disowned: a person said of something that it was not them, and the account was closed
// to everybody until they prove that it is theirs.
type Disowned struct{ Account string } // public id

// Name is the event's name.
func (Disowned) Name() string { return "accounts.disowned" }

// Changes send away whoever is signed in.
func (e Disowned) Changes() []event.Change {
	return []event.Change{{Topic: Topic(e.Account), Bye: event.ByeSession}}
}
