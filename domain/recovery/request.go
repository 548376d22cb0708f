package recovery

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/problem"
)

// The fields of the request to the support desk.
const (
	NameField    = "name"
	INNField     = "inn"
	ContactField = "contact"
	TextField    = "text"
	ReasonField  = "reason"
)

// Plea is what somebody writes to the support desk who has lost every other way
// (REC-07): full name, ИНН and a contact, or the cabinet's login with a description.
type Plea struct {
	Key     string // idempotency
	Name    string
	INN     string
	Contact accounts.Login // a phone or an e-mail at which they can be reached now
	Login   accounts.Login // of the cabinet; may be empty
	Text    string
	Lang    string
}

const maxText = 2000 // characters

// ParsePlea reads the form. Its problem names every field that has to be corrected.
func ParsePlea(name, inn, contact, login, text string) (Plea, error) {
	var plea Plea
	wrong := problem.New(problem.Invalid, "recovery.problem.check_request")
	wrong.Fields = map[string]string{}
	if strings.TrimSpace(name) != "" || strings.TrimSpace(login) == "" {
		read, err := accounts.ParseFullName(name)
		if err != nil {
			wrong.Fields[NameField] = "recovery.problem.request_name"
		}
		plea.Name = read
	}
	if strings.TrimSpace(inn) != "" || strings.TrimSpace(login) == "" {
		read, err := accounts.ParseLogin(inn)
		if err != nil || read.Kind != accounts.ByINN {
			wrong.Fields[INNField] = "recovery.problem.request_inn"
		}
		plea.INN = read.Value
	}
	if strings.TrimSpace(login) != "" {
		read, err := accounts.ParseLogin(login)
		if err != nil {
			wrong.Fields[accounts.LoginField] = "recovery.problem.request_login"
		}
		plea.Login = read
	}
	read, err := accounts.ParseLogin(contact)
	if err != nil || read.Kind != accounts.ByEmail && read.Kind != accounts.ByPhone {
		wrong.Fields[ContactField] = "recovery.problem.request_contact"
	}
	plea.Contact = read
	plea.Text = strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(text, "")))
	switch {
	case utf8.RuneCountInString(plea.Text) > maxText:
		wrong.Fields[TextField] = "recovery.problem.request_long"
	case plea.Text == "" && strings.TrimSpace(login) != "":
		wrong.Fields[TextField] = "recovery.problem.request_text"
	}
	if len(wrong.Fields) > 0 {
		return Plea{}, wrong
	}
	return plea, nil
}

// RequestID is the key of a request to the support desk.
type RequestID int64

// Number is how a request is called in conversation: 2026-000123.
func (id RequestID) Number(at time.Time) string { return fmt.Sprintf("%d-%06d", at.Year(), int64(id)) }

// RequestState is what became of a request.
type RequestState string

// The states of a request.
const (
	RequestWaiting RequestState = "waiting"
	RequestIssued  RequestState = "issued" // a temporary password
	RequestLifted  RequestState = "lifted" // the lock
	RequestRefused RequestState = "refused"
)

// Request is a request as the desk lists it.
type Request struct {
	ID        RequestID
	State     RequestState
	Paper     bool // about the copy of a paper, otherwise about a lost account
	CreatedAt time.Time
	DueAt     time.Time
	DecidedAt *time.Time
	Reason    string
}

// Typed is what the requester typed.
type Typed struct {
	Name    string
	INN     string
	Contact string
	Channel codes.Channel
	Login   string
	Text    string
}

// Comparison is what was typed beside what the account holds, without showing the
// latter. A field that one of both lacks is not compared.
type Comparison struct {
	Name    Match
	INN     Match
	Contact Match
	Login   Match
}

// Match is how two values compare.
type Match string

// The matches.
const (
	NotCompared Match = ""
	Same        Match = "same"
	Different   Match = "different"
)

// Compare says how two values compare.
func Compare(typed, kept string) Match {
	switch {
	case typed == "" || kept == "":
		return NotCompared
	case fold(typed) == fold(kept):
		return Same
	}
	return Different
}

// CompareNames compares full names, in whatever order their parts were typed.
func CompareNames(typed, kept string) Match {
	if typed == "" || kept == "" {
		return NotCompared
	}
	left := strings.Fields(strings.ToLower(strings.ReplaceAll(typed, "ё", "е")))
	for _, part := range strings.Fields(strings.ToLower(strings.ReplaceAll(kept, "ё", "е"))) {
		found := false
		for at, other := range left {
			if other == part {
				left, found = append(left[:at:at], left[at+1:]...), true
				break
			}
		}
		if !found {
			return Different
		}
	}
	if len(left) > 0 {
		return Different
	}
	return Same
}

// Good says whether enough matches: the name or the ИНН, beside something by which the
// account is found, and nothing that is known differs. A contact may: it was lost.
func (c Comparison) Good() bool {
	known := 0
	for _, m := range []Match{c.Name, c.INN, c.Login} {
		switch m {
		case Different:
			return false
		case Same:
			known++
		}
	}
	if c.Contact == Same {
		known++
	}
	return known >= 2 && (c.Name == Same || c.INN == Same)
}

// Checks are what has to stand before access is given back by a person (REC-06).
type Checks struct {
	Matched   bool // by Comparison, or the code to a bound contact for a paper
	Questions bool // answered rightly
	HasAny    bool // control questions are set
	Seconded  bool // a second operator is sure
	Two       bool // two are needed whatever else stands: the account has roles, or the register refused its paper
}

// Why access may not be given back, nil when it may.
func (c Checks) Why() error {
	switch {
	case !c.Matched:
		return ErrUnmatched
	case c.HasAny && !c.Questions:
		return ErrUnasked
	case (!c.HasAny || c.Two) && !c.Seconded:
		return ErrAlone
	}
	return nil
}

// ParseReason reads why a request is refused or an account blocked.
func ParseReason(typed string) (string, error) {
	text := strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(typed, "")))
	if text == "" || utf8.RuneCountInString(text) > 500 {
		return "", ErrNoReason
	}
	return text, nil
}

// Problems of the desk.
var (
	ErrNoRequest = problem.New(problem.NotFound, "recovery.problem.no_request")
	ErrDecided   = problem.New(problem.Conflict, "recovery.problem.decided")
	ErrUnmatched = problem.New(problem.Conflict, "recovery.problem.unmatched")
	ErrUnasked   = problem.New(problem.Conflict, "recovery.problem.unasked")
	ErrAlone     = problem.New(problem.Conflict, "recovery.problem.alone")
	ErrOwn       = problem.New(problem.Forbidden, "recovery.problem.own")
	ErrNoAccount = problem.New(problem.Conflict, "recovery.problem.no_account")
	ErrNoReason  = problem.InField(ReasonField, "recovery.problem.no_reason")
)
