package db

import (
	"context"
	"log/slog"
	"time"

	"veche/domain/event"
)

// aged is when something happened so many seconds ago, in Unix milliseconds. The age
// comes from the database's clock alone, so that clocks need not agree.
func aged(seconds float64) int64 {
	return time.Now().Add(-time.Duration(seconds * float64(time.Second))).UnixMilli()
}

// published names in the log what the changes came from. Topics are counted, not
// named: some are a person's own.
func (p *Publisher) published(ctx context.Context, changes []event.Change) {
	if !p.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	var traces []string
	seen := make(map[string]bool)
	topics := make(map[event.Topic]bool)
	oldest := time.Now().UnixMilli()
	for _, c := range changes {
		topics[c.Topic] = true
		oldest = min(oldest, c.At)
		for _, id := range c.Traces {
			if !seen[id] {
				seen[id] = true
				traces = append(traces, id)
			}
		}
	}
	p.log.DebugContext(ctx, "published",
		"traces", traces,
		"topics", len(topics),
		"delay", time.Since(time.UnixMilli(oldest)).Round(time.Millisecond),
	)
}
