package moderation

import (
	"strconv"
	"strings"
	"time"

	"veche/domain/accounts"
)

const (
	// PageSize is how many rows a page of the queue has.
	PageSize = 20
	// CountTo is up to where those who wait are counted: beyond, nobody works them
	// off today anyway, and counting costs.
	CountTo = 999
	// ExcerptLetters is how much of a text a row of the queue shows.
	ExcerptLetters = 140
)

// Excerpt is the beginning of the text, cut at a word to at most n letters.
func (i Item) Excerpt(n int) string {
	text := strings.Join(strings.Fields(i.Text), " ")
	letters := []rune(text)
	if len(letters) <= n {
		return text
	}
	cut := string(letters[:n])
	if space := strings.LastIndexByte(cut, ' '); space > 0 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:—–-") + "…"
}

// Paragraphs are the lines of the text that say something.
func (i Item) Paragraphs() []string {
	var all []string
	for line := range strings.Lines(i.Text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// Signature is the author's name as under a published comment.
func (i Item) Signature() string { return accounts.Signature(i.AuthorName) }

// Place is where a page of the queue goes on: after the item due at this time with
// this key. The queue runs by deadline.
type Place struct {
	At time.Time
	ID ID
}

// Start is before everything that is due.
func Start() Place { return Place{At: time.UnixMicro(0).UTC()} }

// Place is where the item stands in the queue.
func (i Item) Place() Place { return Place{At: i.DueAt, ID: i.ID} }

// String writes the place as it stands in a query string: microseconds since 1970, a
// dot, the key.
func (p Place) String() string {
	return strconv.FormatInt(p.At.UnixMicro(), 10) + "." + strconv.FormatInt(int64(p.ID), 10)
}

// latest bounds a time that is read from outside, to what Postgres can keep.
var latest = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// ParsePlace reads a place. Whatever is none, such as a link cut short, is the start:
// a list should show something.
func ParsePlace(s string) Place {
	micros, key, found := strings.Cut(s, ".")
	at, errAt := strconv.ParseInt(micros, 10, 64)
	id, errID := strconv.ParseInt(key, 10, 64)
	if !found || errAt != nil || errID != nil || id <= 0 || at < 0 || at > latest.UnixMicro() {
		return Start()
	}
	return Place{At: time.UnixMicro(at).UTC(), ID: ID(id)}
}
