// Package statistics draws how a post is read: a line on the post's own page, and
// the page of its editors.
package statistics

import (
	"context"
	"time"

	"veche/domain/event"
	"veche/domain/publics"
	"veche/domain/statistics"
	"veche/views/ui"
	"veche/views/words"
)

// Href is the address of the statistics of a post.
func Href(slug string, id publics.PostID) string { return publics.Address(slug, id) + "/statistics" }

// Readers is what the page of a post shows of those who read it.
type Readers struct {
	Public string // slug
	Post   publics.PostID
	Here   event.Stamp
	Editor bool // the reader edits the public
}

// Present is how many have a post in view; not known while nobody can say.
type Present struct {
	Pages int
	Known bool
}

// Sheet is what the statistics page of a post shows.
type Sheet struct {
	Public    string // slug
	Post      publics.PostID
	Title     string
	Present   Present
	Figures   statistics.Figures
	Reactions statistics.Reactions

	Now, Totals, Curve, Hours, Did event.Stamp
}

func presentText(ctx context.Context, p Present) string {
	if !p.Known {
		return words.T(ctx, "statistics.none")
	}
	return words.Number(ctx, p.Pages)
}

// lasted writes how long: «1 мин 20 с».
func lasted(ctx context.Context, d time.Duration) string {
	minutes, seconds := int(d/time.Minute), int(d%time.Minute/time.Second)
	switch {
	case d == 0:
		return words.T(ctx, "statistics.none")
	case minutes == 0:
		return words.T(ctx, "statistics.lasted.seconds", "Seconds", seconds)
	}
	return words.T(ctx, "statistics.lasted.minutes", "Minutes", minutes, "Seconds", seconds)
}

// dayChart is the day as a line from midnight to midnight, as far as it has come.
func dayChart(ctx context.Context, f statistics.Figures) ui.ChartProps {
	chart := ui.ChartProps{
		Title: words.T(ctx, "statistics.day.title"),
		Hours: true,
		From:  f.Day.Begins,
		Until: f.Day.Ends,
		Empty: words.T(ctx, "statistics.day.none"),
	}
	for _, h := range f.Curve() {
		chart.Points = append(chart.Points, ui.Point{At: h.Hour, Value: int(h.Views)})
	}
	return chart
}

func hourRows(ctx context.Context, f statistics.Figures) [][]string {
	var rows [][]string
	for _, h := range f.Curve() {
		rows = append(rows, []string{
			words.Time(ctx, h.Hour),
			words.Number(ctx, h.Views),
			lasted(ctx, h.Average()),
		})
	}
	return rows
}
