// Package problem holds the errors a person can read: what kind of trouble it
// is, and a sentence naming cause and cure. The sentence is a key of the word
// catalogues with its values, so that it can be said in the reader's language.
//
// Any other error is internal: it is logged once, at the edge, and the person
// gets a plain apology.
package problem

import (
	"errors"
	"fmt"
)

// Kind decides the status of the answer.
type Kind string

// The kinds of trouble a person can be in.
const (
	NotFound        Kind = "not_found"       // there is no such thing, or it is not for this person to see
	Invalid         Kind = "invalid"         // the input has to be corrected
	Conflict        Kind = "conflict"        // the state of things does not allow it (any more)
	Forbidden       Kind = "forbidden"       // signed in, but without the right
	Unauthenticated Kind = "unauthenticated" // has to sign in first
	TooMany         Kind = "too_many"        // has to wait
)

// Error is a problem a person can read.
type Error struct {
	Kind    Kind
	Message string            // key of the catalogues
	Values  []any             // name, value, name, value … for the message
	Fields  map[string]string // form field to key of its message
}

// Sentences are keys of further sentences among the values of a message, said one
// after the other where it names them.
type Sentences []string

// New makes a problem with its message; values are name-value pairs the message
// speaks of.
func New(kind Kind, message string, values ...any) *Error {
	return &Error{Kind: kind, Message: message, Values: values}
}

// InField is invalid input in one field of a form.
func InField(field, message string, values ...any) *Error {
	return &Error{Kind: Invalid, Message: message, Values: values, Fields: map[string]string{field: message}}
}

// Error is for logs and tests; people are shown Message.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Kind, e.Message) }

// Is makes errors.Is compare by kind and message, so that an area's problems can
// be told apart however they were wrapped and whatever values they carry.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Kind == e.Kind && other.Message == e.Message
}

// As finds the problem in err, or answers false when err is internal.
func As(err error) (*Error, bool) {
	var found *Error
	ok := errors.As(err, &found)
	return found, ok
}
