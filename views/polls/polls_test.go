package polls_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"veche/domain/event"
	"veche/domain/polls"
	view "veche/views/polls"
	"veche/views/words"
)

// moscow is three hours ahead of the times that the database answers.
var moscow = time.FixedZone("MSK", 3*60*60)

func draw(t *testing.T, lang words.Lang, component templ.Component) *goquery.Document {
	t.Helper()
	var html strings.Builder
	if err := component.Render(words.WithZone(words.With(context.Background(), lang), moscow), &html); err != nil {
		t.Fatal(err)
	}
	drawn, err := goquery.NewDocumentFromReader(strings.NewReader(html.String()))
	if err != nil {
		t.Fatal(err)
	}
	return drawn
}

func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestCardShowsWhenThePollOpensOrEnds(t *testing.T) {
	t.Parallel()
	opens := time.Date(2026, time.November, 20, 7, 0, 0, 0, time.UTC)
	closes := time.Date(2026, time.December, 5, 21, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		status    polls.Status
		lang      words.Lang
		tag, when string
	}{
		{polls.Scheduled, words.Russian, "Скоро", "с 20 ноября 2026, 10:00"},
		{polls.Open, words.Russian, "Открыто", "до 6 декабря 2026, 00:30"},
		{polls.Closed, words.Russian, "Завершено", "6 декабря 2026, 00:30"},
		{polls.Open, words.English, "Open", "until 6 December 2026, 00:30"},
	} {
		card := draw(t, c.lang, view.Card(view.Item{
			Poll: polls.Poll{ID: 7, Question: "Где скамейка?", Status: c.status, OpensAt: opens, ClosesAt: closes},
			Stamp: event.Stamp{
				Region: event.NewRegion(polls.TopicOf(7), "card"),
			},
		}))
		tag, when := plain(card.Find(".card-over .tag").Text()), plain(card.Find(".card-over .meta").Text())
		if tag != c.tag || when != c.when {
			t.Errorf("%s, %s: the card says %q %q, want %q %q", c.status, c.lang, tag, when, c.tag, c.when)
		}
	}
}

// The database counts by hours of the world; a day ends when it does for the
// reader.
func TestTurnoutTableHasOneRowForEachOfTheReadersDays(t *testing.T) {
	t.Parallel()
	var line []polls.TurnoutPoint
	start := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC) // 03:00 for the reader
	for hour := range 72 {
		line = append(line, polls.TurnoutPoint{Hour: start.Add(time.Duration(hour) * time.Hour), Votes: int64(hour)})
	}
	var got []string
	for _, row := range draw(t, words.Russian, view.Days(line, event.Stamp{Region: "poll:7/days"})).Find("tbody tr").EachIter() {
		got = append(got, plain(row.Find("th").Text())+": "+plain(row.Find("td").Text()))
	}
	// The last hour of 1 November is 20:00 of the world, the twenty-first hour counted.
	want := "1 ноября 2026: 20; 2 ноября 2026: 44; 3 ноября 2026: 68; 4 ноября 2026: 71"
	if strings.Join(got, "; ") != want {
		t.Errorf("the table says %q, want %q", got, want)
	}
}
