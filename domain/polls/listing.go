package polls

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"veche/domain/problem"
)

// PageSize is how many polls a page of the list shows.
const PageSize = 20

// maxSearch bounds what is looked for, in characters.
const maxSearch = 100

// Filter narrows the list of polls.
type Filter struct {
	Status Status // "" is all
	Search string // words of the question or description
	Before int64  // the key the previous page ended with; 0 is the start
}

// ErrSearchTooLong is more text than a search takes.
var ErrSearchTooLong = problem.InField("q", "polls.problem.search_too_long")

// noPartOfAWord says what separates words: spaces, and control characters, of
// which Postgres does not even take all.
func noPartOfAWord(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// ParseFilter reads the filter of a list from a query string. An unknown status
// shows all polls: a link from elsewhere should lead somewhere.
func ParseFilter(status, search string, before int64) (Filter, error) {
	f := Filter{Search: strings.Join(strings.FieldsFunc(norm.NFC.String(strings.ToValidUTF8(search, "")), noPartOfAWord), " ")}
	if s := Status(status); s == Scheduled || s == Open || s == Closed {
		f.Status = s
	}
	if before > 0 {
		f.Before = before
	}
	if utf8.RuneCountInString(f.Search) > maxSearch {
		return f, ErrSearchTooLong
	}
	return f, nil
}
