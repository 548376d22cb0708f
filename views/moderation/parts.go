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
	actForm    = "desk-act"
	decideForm = "desk-decide"
)

// Names of fields that belong to a form from elsewhere on the page.
const (
	TokenField = "token" // of the lease, in the reader's own region
	DrawnField = "drawn" // the page shows the form of a decision already
)

// undoLetters is how much of a text reminds of what was decided.
const undoLetters = 80

// PlaceOf is the id of the element that holds the form of a decision about an item.
func PlaceOf(id moderation.ID) string { return "desk-decision-" + id.String() }

// act makes a button in a live region post somewhere: by itself where htmx runs, as
// part of ActForm otherwise. then is the element that takes the focus after it.
func act(path, then string) templ.Attributes {
	attrs := templ.Attributes{
		"form":       actForm,
		"formaction": path,
		"hx-post":    path,
		"hx-swap":    "none",
	}
	if then != "" {
		attrs["data-then"] = "#" + then
	}
	return attrs
}

// clock is a time of today to the second.
func clock(ctx context.Context, t time.Time) string {
	return t.In(words.Zone(ctx)).Format(time.TimeOnly)
}

func outcomeName(ctx context.Context, o moderation.Outcome) string {
	return words.T(ctx, "moderation.outcome."+string(o))
}

func outcomeTone(o moderation.Outcome) ui.Tone {
	if o == moderation.Refuse {
		return ui.Bad
	}
	return ui.Good
}
