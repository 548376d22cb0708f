package moderation

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"veche/domain/moderation"
	"veche/views/ui"
	"veche/views/words"
)

// Root is the address of the queue.
const Root = "/moderation/queue"

// Href is the address of an item.
func Href(id moderation.ID) string { return Root + "/" + id.String() }

// ListID is the id of the element that holds the rows of the queue.
const ListID = "moderation-list"

// The forms that fields and buttons inside live regions belong to.
const (
	takeForm    = "desk-take"
	prolongForm = "desk-prolong" // as taking, but one stays where one is
	releaseForm = "desk-release"
	undoForm    = "desk-undo"
	decideForm  = "desk-decide"
)

// UndoPath takes the undoing of a decision, named by ItemField.
const UndoPath = "/moderation/undo"

// NextPath takes the form that asks for the next text.
const NextPath = "/moderation/next"

// FromField is where a page of the queue begins, in an address.
const FromField = "from"

// endID is the id of the field that holds where the rows on a page end.
const endID = ListID + "-end"

// Names of fields that belong to a form from elsewhere on the page.
const (
	TokenField = "token" // of the lease, in the reader's own region
	DrawnField = "drawn" // the page shows the form of a decision already
	ItemField  = "item"  // whose decision is undone
)

// undoLetters is how much of a text reminds of what was decided.
const undoLetters = 80

// PlaceOf is the id of the element that holds the form of a decision about an item.
func PlaceOf(id moderation.ID) string { return "desk-decision-" + id.String() }

// press makes a button in a live region submit a form outside it. A frame may take the
// button away while its request is under way, and htmx has no use for the answer to
// what is gone.
func press(form string) templ.Attributes { return templ.Attributes{"form": form} }

// clock is a time of today to the second.
func clock(ctx context.Context, t time.Time) string {
	return t.In(words.Zone(ctx)).Format(time.TimeOnly)
}

func outcomeName(ctx context.Context, o moderation.Outcome) string {
	return words.T(ctx, "moderation.outcome."+string(o))
}

// verdictName says what was decided, and whether it is done already.
func verdictName(ctx context.Context, i moderation.Item) string {
	if i.State == moderation.StateSettled {
		return words.T(ctx, "moderation.settled."+string(i.Decision.Outcome))
	}
	return words.T(ctx, "moderation.decided."+string(i.Decision.Outcome))
}

func outcomeTone(o moderation.Outcome) ui.Tone {
	if o == moderation.Refuse {
		return ui.Bad
	}
	return ui.Good
}
