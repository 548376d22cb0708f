package accounts

import (
	"slices"
	"strings"
	"time"

	"veche/domain/problem"
)

// ActivityPage is how many lines a page of «Журнал активности» shows.
const ActivityPage = 20

// HideAfter is how old a line has to be before it may be put out of sight: what
// happened today nobody may hide, least of all a stranger.
const HideAfter = 24 * time.Hour

// ErrNoActivity says that there is no such line to put out of sight.
var ErrNoActivity = problem.New(problem.NotFound, "sessions.problem.no_activity")

// Activity is a line of the journal that a person reads about their account (SEC-11).
type Activity struct {
	Key      int64
	Kind     Note
	At       time.Time
	Device   string // the browser's own name for itself
	Address  string
	Means    []Means   // of a sign-in
	Reason   EndReason // of an end
	Hideable bool      // old, and not of a session that is still open
}

// Place is where it happened.
func (a Activity) Place() Session { return Session{Device: a.Device, Address: a.Address} }

// ActivityGroup is a part of the journal.
type ActivityGroup string

// The groups of lines.
const (
	AllActivity ActivityGroup = ""
	SignIns     ActivityGroup = "sign_ins"
	Endings     ActivityGroup = "endings"
	Changes     ActivityGroup = "changes"
)

// ActivityGroups lists them in the order in which a page offers them.
var ActivityGroups = []ActivityGroup{AllActivity, SignIns, Endings, Changes}

var (
	signInNotes = []Note{NoteSignedIn, NoteRefused, NoteClosed, NoteOpened}
	endNotes    = []Note{NoteEnded, NoteEndedAll, NoteThreat}
)

// Notes are the kinds of lines in a group; Changes has whatever no other group has.
func (g ActivityGroup) Notes() []Note {
	switch g {
	case SignIns:
		return signInNotes
	case Endings:
		return endNotes
	case Changes:
		return slices.Concat(signInNotes, endNotes)
	}
	return nil
}

// ActivityFilter narrows the journal.
type ActivityFilter struct {
	Group   ActivityGroup
	From    time.Time // the zero time is the beginning
	Until   time.Time // the zero time is now
	Device  string    // part of what the browser calls itself
	Address string    // how the address begins
	Before  int64     // the key the previous page ended with; 0 is the start
}

// momentForm is how a browser sends a day and an hour (datetime-local of the HTML
// standard).
const momentForm = "2006-01-02T15:04"

// maxSought bounds what is looked for.
const maxSought = 64

// ParseActivityFilter reads a filter from a query string, its times in a zone. What it
// does not understand shows all: a link from elsewhere should lead somewhere.
func ParseActivityFilter(group, from, until, device, address string, before int64, zone *time.Location) ActivityFilter {
	f := ActivityFilter{Device: sought(device), Address: sought(address), Before: max(before, 0)}
	if g := ActivityGroup(group); slices.Contains(ActivityGroups, g) {
		f.Group = g
	}
	if t, err := time.ParseInLocation(momentForm, from, zone); err == nil {
		f.From = t
	}
	if t, err := time.ParseInLocation(momentForm, until, zone); err == nil {
		f.Until = t
	}
	return f
}

func sought(typed string) string { return printable(strings.ReplaceAll(typed, "\x00", ""), maxSought) }

// Narrow says whether the filter leaves anything out, pages apart.
func (f ActivityFilter) Narrow() bool {
	f.Before = 0
	return f != ActivityFilter{}
}

// Moment writes a time of the filter as a field shows it, "" for none.
func Moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(momentForm)
}
