package moderation_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"veche/domain/event"
	"veche/domain/moderation"
	view "veche/views/moderation"
	"veche/views/words"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	noon = time.Date(2026, 11, 21, 12, 30, 0, 0, time.FixedZone("MSK", 3*60*60))

	gleb = moderation.Person{Account: 1, Public: "GLEB", Name: "Глеб Ильич Котов"}
	dina = moderation.Person{Account: 2, Public: "DINA", Name: "Дина Зайцева"}

	free = moderation.Item{
		ID: 7, Kind: moderation.Comments, Object: 70, Author: 9, AuthorName: "Анна Сергеевна Лебедева",
		Text: "Смотрите <b>www.example.ru</b>\n\nТам всё.", Title: "Скамейки & фонари", Path: "/publics/dvor/posts/7",
		Suspicions: []moderation.Suspicion{moderation.Links, moderation.Shouting},
		CreatedAt:  noon.Add(-20 * time.Hour), DueAt: noon.Add(4 * time.Hour), State: moderation.StateWaiting,
	}
	held    = with(free, func(i *moderation.Item) { i.ID, i.Lease = 8, moderation.Lease{Holder: gleb, Until: noon, Token: 3} })
	lost    = with(held, func(i *moderation.Item) { i.Lease.Holder, i.Lease.Before = dina, gleb })
	lapsed  = with(held, func(i *moderation.Item) { i.Lease = moderation.Lease{Before: gleb, Token: 3} })
	refused = with(free, func(i *moderation.Item) {
		i.ID, i.State, i.DueAt = 9, moderation.StateDecided, noon.Add(-time.Minute)
		i.Decision = moderation.Decision{
			Verdict: moderation.Verdict{Outcome: moderation.Refuse, Ground: moderation.Advertising, Note: "Ссылка на <магазин>"},
			By:      gleb, At: noon, EffectiveAt: noon.Add(10 * time.Second),
		}
	})
	settled = with(refused, func(i *moderation.Item) { i.State = moderation.StateSettled })
)

func with(i moderation.Item, change func(*moderation.Item)) moderation.Item {
	change(&i)
	return i
}

func queue(items ...moderation.Item) view.Queue {
	q := view.Queue{
		Head:    view.Head{Stamp: event.Stamp{Region: moderation.HeadRegion}},
		Waiting: view.Waiting{Count: len(items), Stamp: event.Stamp{Region: moderation.CountRegion}},
	}
	for _, i := range items {
		q.Rows = append(q.Rows, view.Row{Item: i, Stamp: event.Stamp{Region: moderation.CardOf(i.ID)}})
		q.Head.Newest = append([]int64{int64(i.ID)}, q.Head.Newest...)
		q.End = i.Place().String()
	}
	return q
}

func undo(items ...moderation.Item) view.Undo {
	return view.Undo{Items: items, Stamp: event.Stamp{Region: moderation.UndoOf(gleb.Public)}}
}

// sheet is Gleb's page of an item.
func sheet(i moderation.Item) view.Sheet {
	return view.Sheet{
		Queue: queue(free, i),
		Undo:  undo(),
		Item:  i,
		Lease: event.Stamp{Region: moderation.LeaseOf(i.ID)},
		Own:   view.Own{Item: i, Account: gleb.Public, Stamp: event.Stamp{Region: moderation.OwnOf(gleb.Public, i.ID)}},
		Now:   noon,
	}
}

func TestViews(t *testing.T) {
	t.Parallel()
	long := queue(free, held)
	long.Next, long.Waiting.Count = "1.1", moderation.CountTo+1
	deciding, wrong, mine, known := sheet(held), sheet(lost), sheet(free), sheet(settled)
	deciding.Form = &view.Form{Item: held.ID, Answer: "desk-GLEB-undo"}
	wrong.Form = &view.Form{Item: held.ID, Answer: "desk-GLEB-undo", Ground: "insult", Note: "Писал <долго>", Trouble: moderation.ErrNoGround}
	mine.Mine = true
	known.Record = moderation.Record{Allowed: 3, Refused: 1}
	decided := sheet(refused)
	decided.Undo = undo(refused)
	for name, component := range map[string]templ.Component{
		"queue":         view.QueuePage(queue(free, held, refused), undo(refused)),
		"queue-long":    view.QueuePage(long, undo()),
		"queue-empty":   view.QueuePage(queue(), undo()),
		"item-free":     view.ItemPage(sheet(free)),
		"item-mine":     view.ItemPage(mine),
		"item-deciding": view.ItemPage(deciding),
		"item-lost":     view.ItemPage(wrong),
		"item-lapsed":   view.ItemPage(sheet(lapsed)),
		"item-decided":  view.ItemPage(decided),
		"item-settled":  view.ItemPage(known),
		"undone":        view.Undone(held),
	} {
		for _, lang := range words.Langs {
			t.Run(name+"."+string(lang), func(t *testing.T) {
				t.Parallel()
				ctx := words.WithZone(words.With(context.Background(), lang), noon.Location())
				golden(t, name+"."+string(lang)+".html", draw(t, ctx, component))
			})
		}
	}
}

var drawing = regexp.MustCompile(`(?s)<svg .*?</svg>`)

func draw(t *testing.T, ctx context.Context, component templ.Component) string {
	t.Helper()
	var html bytes.Buffer
	if err := component.Render(ctx, &html); err != nil {
		t.Fatal(err)
	}
	// Drawings come from npm and are not what is tested; one tag a line shows a
	// change as a line of its own.
	return strings.ReplaceAll(drawing.ReplaceAllString(html.String(), "<svg/>"), "><", ">\n<") + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; after a look at the change, rewrite it with -update:\n%s", name, got)
	}
}

// What all moderators see holds nothing of one of them, nor what the author wrote as
// markup.
func TestSharedRegionsHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	for _, i := range []moderation.Item{free, held, lost, lapsed, refused, settled} {
		for name, region := range map[string]templ.Component{
			"card":  view.Card(i, event.Stamp{Region: moderation.CardOf(i.ID)}),
			"lease": view.Lease(i, event.Stamp{Region: moderation.LeaseOf(i.ID)}),
		} {
			html := draw(t, context.Background(), region)
			for _, told := range []string{gleb.Public, dina.Public, gleb.Name, dina.Name, i.AuthorName, "Лебедева", "csrf", "<b>", "<магазин>"} {
				if strings.Contains(html, told) {
					t.Errorf("%s of item %d, %s, holds %q", name, i.ID, i.State, told)
				}
			}
		}
	}
}
