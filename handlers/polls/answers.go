package polls

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/a-h/templ"

	pollsdb "veche/db/polls"
	"veche/domain/event"
	"veche/domain/polls"
	"veche/handlers"
	view "veche/views/polls"
	"veche/views/words"
)

// answers keeps what the answer to a vote shows to everybody alike, drawn once for
// those whose votes one snapshot shows. Like frames, these drawings carry no pass:
// the page that sent the form keeps its own.
type answers struct {
	mu   sync.Mutex
	last map[answerKey]*answer // the newest of each poll and language
}

type answerKey struct {
	poll polls.ID
	lang words.Lang
}

type answer struct {
	state string
	draw  func() (string, error) // once
}

// maxAnswers bounds the memory of drawings.
const maxAnswers = 1000

// regions are the shared parts of a poll's page as of a sheet. A sheet of the same
// state shows the same, whoever read it.
func (a *answers) regions(c *handlers.Ctx, sheet pollsdb.Sheet, stamps handlers.Stamps) (templ.Component, error) {
	key := answerKey{sheet.Poll.ID, c.Lang()}
	a.mu.Lock()
	if len(a.last) >= maxAnswers {
		clear(a.last)
	}
	drawn := a.last[key]
	if drawn == nil || drawn.state != sheet.State {
		// Drawn by whoever comes first, but for those who come after as well.
		ctx := context.WithoutCancel(c.Context())
		drawn = &answer{state: sheet.State, draw: sync.OnceValues(func() (string, error) { return drawShared(ctx, sheet, stamps) })}
		a.last[key] = drawn
	}
	a.mu.Unlock()
	html, err := drawn.draw()
	return templ.Raw(html), err
}

func drawShared(ctx context.Context, sheet pollsdb.Sheet, stamps handlers.Stamps) (string, error) {
	id := sheet.Poll.ID
	shared := func(region event.Region) event.Stamp { return stamps.Shared(region, sheet.State) }
	var html bytes.Buffer
	for _, part := range []templ.Component{
		handlers.Partial(statusRegion(id), view.Status(sheet.Poll, shared(statusRegion(id)))),
		handlers.Partial(tallyRegion(id), view.Tally(sheet.Tally, shared(tallyRegion(id)))),
		handlers.Partial(turnoutRegion(id), view.Turnout(sheet.Tally, sheet.Turnout, shared(turnoutRegion(id)))),
		handlers.Partial(daysRegion(id), view.Days(sheet.Turnout, shared(daysRegion(id)))),
	} {
		if err := part.Render(ctx, &html); err != nil {
			return "", fmt.Errorf("draw poll %d: %w", id, err)
		}
	}
	return html.String(), nil
}
