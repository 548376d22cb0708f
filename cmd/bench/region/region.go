// Package region draws the one region the bench is about, and reads it again on the
// other side: an element of a message of 600 bytes that says when its topic changed.
package region

import (
	"bytes"
	"fmt"
	"strconv"

	"veche/domain/event"
)

// MessageBytes is the length of a message with one drawing, as the hub sends it.
const MessageBytes = 600

// Views the bench draws: a tally that many look at, and a bell of one account.
const (
	Poll    = "poll"
	Tally   = "tally"
	Account = "account"
	Bell    = "bell"
)

// Topic is the topic with a number: of a poll, or of an account if personal.
func Topic(personal bool, number int) event.Topic {
	if personal {
		return event.NewTopic(Account, strconv.Itoa(number))
	}
	return event.NewTopic(Poll, strconv.Itoa(number))
}

// Of is what a page shows of a topic.
func Of(topic event.Topic) event.Region {
	if topic.Kind() == Account {
		return event.NewRegion(topic, Bell)
	}
	return event.NewRegion(topic, Tally)
}

// Number is the number of a region's topic.
func Number(r event.Region) (int, error) {
	number, err := strconv.Atoi(r.Topic().ID())
	if err != nil {
		return 0, fmt.Errorf("region %s has no number: %w", r, err)
	}
	return number, nil
}

const (
	before = `<hx-partial hx-target="#`
	morph  = `" hx-swap="outerMorph">`
	after  = `</hx-partial>`
)

// Draw draws the element. It is as long as a message of 600 bytes needs, whatever the
// length of name and version.
func Draw(r event.Region, version string, stamp int64) []byte {
	id := r.ElementID()
	html := make([]byte, 0, MessageBytes)
	html = fmt.Appendf(html, `<section id="%s" data-live="%s" data-version="%s" data-state="%019d"><p>`, id, r, version, stamp)
	const end = `</p></section>`
	room := MessageBytes - len(before) - len(id) - len(morph) - len(after) - len(html) - len(end)
	html = append(html, bytes.Repeat([]byte("votes "), max(0, room)/6+1)[:max(0, room)]...)
	return append(html, end...)
}

// Message is the message the hub makes of a drawing.
func Message(r event.Region, html []byte) []byte {
	message := make([]byte, 0, MessageBytes)
	message = append(message, before...)
	message = append(message, r.ElementID()...)
	message = append(message, morph...)
	message = append(message, html...)
	return append(message, after...)
}

// Shown is what one drawing in a message says.
type Shown struct {
	Number  int // of the topic
	Version []byte
	Stamp   int64
}

// Next reads the first drawing of a message and answers what follows it. At the end,
// or when there is no drawing, found is false.
func Next(message []byte) (s Shown, rest []byte, found bool) {
	id, rest, found := between(message, before, `"`)
	if !found {
		return Shown{}, nil, false
	}
	_, number, _ := bytes.Cut(id, []byte("-"))
	number, _, _ = bytes.Cut(number, []byte("-"))
	version, rest, found := between(rest, `data-version="`, `"`)
	if !found {
		return Shown{}, nil, false
	}
	stamp, rest, found := between(rest, `data-state="`, `"`)
	if !found {
		return Shown{}, nil, false
	}
	n, good := decimal(number)
	at, goodToo := decimal(stamp)
	return Shown{Number: int(n), Version: version, Stamp: at}, rest, good && goodToo
}

func between(text []byte, open, end string) (inside, rest []byte, found bool) {
	at := bytes.Index(text, []byte(open))
	if at < 0 {
		return nil, nil, false
	}
	text = text[at+len(open):]
	at = bytes.IndexByte(text, end[0])
	if at < 0 {
		return nil, nil, false
	}
	return text[:at], text[at+1:], true
}

// decimal reads digits without making a string of them.
func decimal(digits []byte) (n int64, good bool) {
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, len(digits) > 0
}
