// Package event says what happened and whose screens it touches.
//
// An area announces an [Event] in the transaction of the change itself. The
// event names topics, and at most the ids of what changed: never the new state,
// never HTML, nothing personal, and never who voted. What a screen then shows is
// read anew, so an event that is repeated, reordered or folded with others does
// no harm.
package event

import "strings"

// Topic names one thing whose screens may change: a kind, a colon and an id, as
// in "poll:42"; "polls:all" stands for the whole list.
type Topic string

// NewTopic joins a kind and an id.
func NewTopic(kind, id string) Topic { return Topic(kind + ":" + id) }

// Kind is the part before the colon: "poll" of "poll:42".
func (t Topic) Kind() string {
	kind, _, _ := strings.Cut(string(t), ":")
	return kind
}

// ID is the part after the colon: "42" of "poll:42".
func (t Topic) ID() string {
	_, id, _ := strings.Cut(string(t), ":")
	return id
}

// Valid says whether t has both parts and only letters that may stand in an
// element id and a Redis key.
func (t Topic) Valid() bool {
	kind, id, found := strings.Cut(string(t), ":")
	return found && validPart(kind) && validPart(id)
}

// maxPart bounds one part of a topic or region name, in bytes.
const maxPart = 64

func validPart(s string) bool {
	if s == "" || len(s) > maxPart {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}
