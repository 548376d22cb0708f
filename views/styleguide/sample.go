// Package styleguide shows every part of views/ui in every state, and how whole
// pages are put together from them. It is served in development only.
package styleguide

import (
	"context"
	"time"

	"veche/domain/event"
	"veche/domain/problem"
	"veche/views/ui"
	"veche/views/words"
)

// say is a sentence of the style guide's own catalogue.
func say(ctx context.Context, id string, pairs ...any) string {
	return words.T(ctx, "styleguide."+id, pairs...)
}

// noon is the moment at which all samples stand.
var noon = time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)

// parking is a poll with the votes of an evening.
func parking(ctx context.Context) []ui.Bar {
	return []ui.Bar{
		{Label: say(ctx, "poll.answer.benches"), Votes: 5214, Share: 0.4224},
		{Label: say(ctx, "poll.answer.paths"), Votes: 3861, Share: 0.3128},
		{Label: say(ctx, "poll.answer.stage"), Votes: 2107, Share: 0.1707},
		{Label: say(ctx, "poll.answer.same"), Votes: 1163, Share: 0.0942},
	}
}

// parkingTotal is the number of votes in parking.
const parkingTotal = 5214 + 3861 + 2107 + 1163

// turnout is how the votes came in, day by day.
func turnout(ctx context.Context) ui.ChartProps {
	totals := []int{0, 640, 1490, 2120, 2480, 3950, 5630, 6840, 7410, 8920, 10260, 11480, parkingTotal}
	points := make([]ui.Point, len(totals))
	for day, total := range totals {
		points[day] = ui.Point{At: noon.AddDate(0, 0, day-len(totals)+1), Value: total}
	}
	return ui.ChartProps{Title: say(ctx, "poll.turnout"), Points: points}
}

// wrongForm is a form that came back with two fields to correct.
var wrongForm = &problem.Error{
	Kind:    problem.Invalid,
	Message: "styleguide.form.wrong",
	Fields: map[string]string{
		"wrong-email": "styleguide.form.wrong_email",
		"wrong-code":  "styleguide.form.wrong_code",
	},
}

// stamp is that of a region no drawer answers for.
func stamp(view string) event.Stamp {
	return event.Stamp{Region: event.NewRegion("styleguide:1", view), Version: event.UnknownVersion}
}

// pollCard is a poll as lists show it.
type pollCard struct {
	title  string // id below styleguide.card
	tone   ui.Tone
	state  string // id below styleguide.state
	leader string // id below styleguide.poll.answer
	share  float64
	votes  int
	until  time.Time
}

var pollCards = []pollCard{
	{"park", ui.Good, "open", "benches", 0.4224, parkingTotal, noon.AddDate(0, 0, 7)},
	{"bus", ui.Good, "open", "yes", 0.6871, 4630, noon.AddDate(0, 0, 12)},
	{"books", ui.Warn, "closing", "evening", 0.5133, 8204, noon.Add(9 * time.Hour)},
	{"yard", ui.Neutral, "closed", "trees", 0.7418, 21877, noon.AddDate(0, -1, 0)},
}

// swatches are the roles of colour, in the order of tokens.css.
var swatches = []string{
	"paper", "paper-sunk", "ink", "ink-soft", "line", "edge",
	"action", "action-strong", "action-soft", "action-faded",
	"live", "live-soft", "good", "good-soft", "warn", "warn-soft", "bad", "bad-soft",
}
