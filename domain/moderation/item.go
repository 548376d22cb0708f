package moderation

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"veche/domain/accounts"
	"veche/domain/problem"
)

// State is where an item is on its way. A job moves it on; nothing is concluded from
// the clock alone.
type State string

// The states of an item.
const (
	StateWaiting State = "waiting" // somebody may be looking at it
	StateDecided State = "decided" // can still be undone
	StateSettled State = "settled" // took effect
)

// Item is one text in the queue.
type Item struct {
	ID         ID
	Kind       Kind
	Object     int64 // key of the comment
	Author     accounts.ID
	AuthorName string
	Text       string
	Title      string // of where it was said
	Path       string // address of that page
	Suspicions []Suspicion
	CreatedAt  time.Time
	DueAt      time.Time // decided by then (MOD-04)
	State      State
	Lease      Lease
	Decision   Decision
}

// Person is a moderator as colleagues see them.
type Person struct {
	Account accounts.ID // 0 for nobody
	Public  string      // public id
	Name    string      // full
}

// Short is the given name and the initial of the surname: «Глеб К.».
func (p Person) Short() string {
	names := strings.Fields(p.Name)
	if len(names) < 2 {
		return p.Name
	}
	initial, _ := utf8.DecodeRuneInString(names[len(names)-1])
	return names[0] + " " + string(initial) + "."
}

// Lease is who has an item to themselves, and until when.
type Lease struct {
	Holder Person    // nobody while the item is free
	Before Person    // who lost it: theirs ran out. Nobody when it was given back
	Until  time.Time // zero while the item is free
	// Token grows whenever the item passes into other hands. What was decided under
	// an older one does not count.
	Token int64
}

// Decision is what was decided, the zero value while nothing is. After an undo it has
// a ground and a note alone, from which whoever has the item goes on.
type Decision struct {
	Verdict
	By          Person
	At          time.Time
	EffectiveAt time.Time
}

// Verdict is what a moderator says of a text.
type Verdict struct {
	Outcome Outcome
	Ground  Ground // "" when allowed
	Note    string // for colleagues
}

// MaxNote bounds a note, in letters.
const MaxNote = 500

// What stands between a moderator and a decision. Those about another moderator
// carry the value Name.
var (
	ErrOwnSubmission = problem.New(problem.Forbidden, "moderation.problem.own_submission")
	ErrHeld          = problem.New(problem.Conflict, "moderation.problem.held")
	ErrLapsed        = problem.New(problem.Conflict, "moderation.problem.lapsed")
	ErrStaleForm     = problem.New(problem.Conflict, "moderation.problem.stale_form")
	ErrDecided       = problem.New(problem.Conflict, "moderation.problem.decided")
	ErrNothingToUndo = problem.New(problem.Conflict, "moderation.problem.nothing_to_undo")
	ErrTooLate       = problem.New(problem.Conflict, "moderation.problem.too_late")
	ErrNotYours      = problem.New(problem.Forbidden, "moderation.problem.not_yours")
	ErrNoOutcome     = problem.InField("outcome", "moderation.problem.no_outcome")
	ErrNoGround      = problem.InField("ground", "moderation.problem.no_ground")
	ErrLongNote      = problem.InField("note", "moderation.problem.long_note")
)

// about is a conflict that names who stands in the way.
func about(conflict *problem.Error, who Person) error {
	return problem.New(conflict.Kind, conflict.Message, "Name", who.Short())
}

// EarlyError is an attempt to do something before its time.
type EarlyError struct{ By time.Duration }

// Error says how early it was.
func (e EarlyError) Error() string { return fmt.Sprintf("%s too early", e.By) }

// Take gives an item to a moderator for a while: a free one, one whose lease has run
// out, or one's own once more. Who keeps what they have keeps the token too.
func (i Item) Take(who Person, now time.Time) (Item, error) {
	running := i.Lease.Holder.Account != 0 && now.Before(i.Lease.Until)
	mine := i.Lease.Holder.Account == who.Account
	switch {
	case i.Author == who.Account:
		return i, ErrOwnSubmission
	case i.State != StateWaiting:
		return i, about(ErrDecided, i.Decision.By)
	case running && !mine:
		return i, about(ErrHeld, i.Lease.Holder)
	case !mine:
		before := i.Lease.Holder
		if before.Account == 0 && i.Lease.Before.Account != who.Account {
			before = i.Lease.Before
		}
		i.Lease, i.Decision = Lease{Holder: who, Before: before, Token: i.Lease.Token + 1}, Decision{}
	}
	i.Lease.Until = now.Add(LeaseFor)
	return i, nil
}

// Release gives an item back before its time. Who does not have it changes nothing.
func (i Item) Release(who Person) (after Item, changed bool) {
	if i.State != StateWaiting || i.Lease.Holder.Account != who.Account {
		return i, false
	}
	i.Lease, i.Decision = Lease{Token: i.Lease.Token}, Decision{}
	return i, true
}

// Lapse frees an item whose lease has run out. A lease that was given up, or has
// passed into other hands, is none of the job's business; one that was prolonged is
// an EarlyError.
func (i Item) Lapse(token int64, now time.Time) (after Item, changed bool, err error) {
	if i.State != StateWaiting || i.Lease.Token != token || i.Lease.Holder.Account == 0 {
		return i, false, nil
	}
	if now.Before(i.Lease.Until) {
		return i, false, EarlyError{By: i.Lease.Until.Sub(now)}
	}
	i.Lease, i.Decision = Lease{Before: i.Lease.Holder, Token: token}, Decision{}
	return i, true, nil
}

// Decide notes a moderator's verdict, under the lease they hold. It takes effect
// UndoFor later.
func (i Item) Decide(who Person, token int64, v Verdict, now time.Time) (Item, error) {
	if v.Outcome == Allow {
		v.Ground = ""
	}
	mine := i.Lease.Holder.Account == who.Account
	switch {
	case i.Author == who.Account:
		return i, ErrOwnSubmission
	case i.State != StateWaiting:
		return i, about(ErrDecided, i.Decision.By)
	case !mine && i.Lease.Holder.Account != 0 && now.Before(i.Lease.Until):
		return i, about(ErrHeld, i.Lease.Holder)
	case !mine, !now.Before(i.Lease.Until):
		return i, ErrLapsed
	case token != i.Lease.Token:
		return i, ErrStaleForm
	}
	if err := v.check(); err != nil {
		return i, err
	}
	i.State = StateDecided
	i.Decision = Decision{Verdict: v, By: who, At: now, EffectiveAt: now.Add(UndoFor)}
	i.Lease = Lease{Token: token}
	return i, nil
}

// NewVerdict reads a verdict as it was typed. The note is kept in Unicode's normal
// form, without signs that cannot be seen.
func NewVerdict(outcome, ground, note string) Verdict {
	note = norm.NFC.String(strings.ToValidUTF8(strings.ReplaceAll(note, "\r\n", "\n"), ""))
	note = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, note)
	return Verdict{Outcome: Outcome(outcome), Ground: Ground(ground), Note: strings.TrimSpace(note)}
}

func (v Verdict) check() error {
	switch {
	case v.Outcome != Allow && v.Outcome != Refuse:
		return ErrNoOutcome
	case v.Outcome == Refuse && !v.Ground.Valid():
		return ErrNoGround
	case utf8.RuneCountInString(v.Note) > MaxNote:
		return ErrLongNote
	}
	return nil
}

// Valid says whether there is such a ground.
func (g Ground) Valid() bool {
	for _, known := range Grounds {
		if g == known {
			return true
		}
	}
	return false
}

// Undo takes a decision back before it takes effect. Who decided has the item again,
// with the ground and the note they gave, under a new token: jobs that wait for the
// decision find it gone.
func (i Item) Undo(who Person, now time.Time) (Item, error) {
	switch {
	case i.State == StateWaiting:
		return i, ErrNothingToUndo
	case i.Decision.By.Account != who.Account:
		return i, ErrNotYours
	case i.State == StateSettled, !now.Before(i.Decision.EffectiveAt):
		return i, ErrTooLate
	}
	i.State, i.Decision = StateWaiting, Decision{Verdict: Verdict{Ground: i.Decision.Ground, Note: i.Decision.Note}}
	i.Lease = Lease{Holder: who, Until: now.Add(LeaseFor), Token: i.Lease.Token + 1}
	return i, nil
}

// Settle lets a decision take effect. Early is an EarlyError; twice is not, and
// neither is a decision that was undone since.
func (i Item) Settle(token int64, now time.Time) (after Item, changed bool, err error) {
	if i.State != StateDecided || i.Lease.Token != token {
		return i, false, nil
	}
	if now.Before(i.Decision.EffectiveAt) {
		return i, false, EarlyError{By: i.Decision.EffectiveAt.Sub(now)}
	}
	i.State = StateSettled
	return i, true, nil
}

// Record is what moderators decided about somebody's texts before.
type Record struct {
	Allowed int64
	Refused int64
}
