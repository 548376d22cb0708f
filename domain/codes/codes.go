// Package codes holds one-time codes: six digits that come by text message or by
// letter and prove that whoever types them reads that phone or that mailbox
// (ID-01, ID-13, REC-01, REC-09, SEC-02).
//
// A code is good once, for one purpose and for one holder, for a short time, with few
// tries and few sendings. It stands nowhere: it follows from the portal's secret, the
// request and the number of the sending (HOTP, RFC 4226), so that nobody who reads the
// database or a queue can answer with it.
package codes

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/problem"
)

// Purpose is what a code is asked for. A code for one is no good for another.
type Purpose string

// The purposes of codes.
const (
	ForSignIn      Purpose = "sign_in"       // the second proof after the password
	ForPhoneSignIn Purpose = "phone"         // the only proof (ID-13)
	ForStepUp      Purpose = "step_up"       // before something sensitive (SEC-06)
	ForRegister    Purpose = "register"      // that the contact is one's own (ID-01)
	ForConfirm     Purpose = "confirm"       // «Подтверждение учётной записи» (ID-03)
	ForRecover     Purpose = "recover"       // a new password (REC-01)
	ForUnlock      Purpose = "unlock"        // «Разблокировать аккаунт» (REC-04)
	ForContact     Purpose = "contact"       // a new phone or e-mail
	ForDevice      Purpose = "device"        // binding a device (SEC-16)
	ForSecond      Purpose = "second_factor" // switching a second factor on (SEC-03)
)

// Channel is how a code travels.
type Channel string

// The channels of codes.
const (
	SMS  Channel = "sms"
	Mail Channel = "mail"
)

// Delivery is how far a code has come.
type Delivery string

// The states of a sending.
const (
	Queued    Delivery = "queued"
	Sent      Delivery = "sent"
	Delivered Delivery = "delivered" // the operator says so; mail servers do not
	Failed    Delivery = "failed"
)

// The limits of a code.
const (
	Digits      = 6
	Lifetime    = 10 * time.Minute // of each sending
	MaxTries    = 5                // of all sendings together
	MaxSends    = 5
	ResendAfter = 30 * time.Second
)

// Field is the name of the field a code is typed into.
const Field = "code"

// Request is what a code is wanted for.
type Request struct {
	Purpose Purpose
	Account accounts.ID // 0 where nobody has the login that was typed
	Holder  string      // who may answer: a session, a pending sign-in, a visitor
	Channel Channel
	Address string // "" where nobody has the login that was typed
	Lang    string // of the message
}

// Code is a code on its way, as the page that asks for it shows it.
type Code struct {
	ID        string // names it in forms; opens nothing by itself
	Account   accounts.ID
	Channel   Channel
	Address   string
	Delivery  Delivery
	Sends     int
	Tries     int
	SentAt    time.Time
	ExpiresAt time.Time
}

// ResendAt is when the code may be sent again, the zero time when it may not.
func (c Code) ResendAt() time.Time {
	if c.Sends >= MaxSends {
		return time.Time{}
	}
	return c.SentAt.Add(ResendAfter)
}

// Message is a code ready to be sent.
type Message struct {
	ID      string // of the sending: the same when it is sent twice
	Purpose Purpose
	Channel Channel
	Address string
	Lang    string
	Code    string
}

// Problems of codes.
var (
	ErrNoCode  = problem.InField(Field, "codes.problem.no_code")
	ErrWrong   = problem.InField(Field, "codes.problem.wrong")
	ErrExpired = problem.InField(Field, "codes.problem.expired") // «Код подтверждения просрочен» (REC-09)
	ErrUsedUp  = problem.InField(Field, "codes.problem.used_up")
	ErrSoon    = problem.New(problem.TooMany, "codes.problem.soon")
	ErrNoMore  = problem.New(problem.TooMany, "codes.problem.no_more")
)

// Parse reads a code as it was typed or pasted, with spaces or hyphens in it.
func Parse(typed string) (string, error) {
	if len(typed) > 64 || !utf8.ValidString(typed) {
		return "", ErrNoCode
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, typed)
	if len(digits) != Digits || strings.Trim(digits, "0123456789") != "" {
		return "", ErrNoCode
	}
	return digits, nil
}

// Mask shows enough of an address to tell which it is, and no more.
func Mask(channel Channel, address string) string {
	if address == "" {
		return ""
	}
	if channel == SMS {
		const shown = 2
		digits := []rune(address)
		if len(digits) <= 2*shown {
			return "•••"
		}
		return string(digits[:shown]) + " ••• ••• " + string(digits[len(digits)-shown:])
	}
	name, host, _ := strings.Cut(address, "@")
	first, _ := utf8.DecodeRuneInString(name)
	return string(first) + "•••@" + host
}

// Requested: a code was asked for and has to be sent, the first time or again.
type Requested struct {
	Code    int64 // key
	Sending int
	Channel Channel
}

// Name is the event's name.
func (Requested) Name() string { return "codes.requested" }

// Changes are none: what follows is a job.
func (Requested) Changes() []event.Change { return nil }

// Topic is what the page that asks for a code depends on.
func Topic(id string) event.Topic { return event.NewTopic("code", id) }

// Forwarded: a sending was handed to the operator or the mail server, arrived, or
// failed.
type Forwarded struct{ Code string } // public id

// Name is the event's name.
func (Forwarded) Name() string { return "codes.forwarded" }

// Changes are the page that asks for the code.
func (e Forwarded) Changes() []event.Change { return []event.Change{{Topic: Topic(e.Code)}} }

// RefusedError is a message that will never be taken. It says nothing of the person.
type RefusedError struct{ Code string } // the operator's or the mail server's word for why

// Error says how the message was answered.
func (e RefusedError) Error() string { return "the message was refused: " + e.Code }
