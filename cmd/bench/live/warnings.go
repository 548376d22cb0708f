package live

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
)

// warnings is the log of a server under load: it counts, and writes down the first of
// each kind. Ten thousand lines of the same would be measured too.
type warnings struct {
	slog.Handler
	count atomic.Int64
	told  sync.Map // by message
}

func newWarnings(out io.Writer) *warnings {
	return &warnings{Handler: slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelWarn})}
}

// Handle implements [slog.Handler].
func (w *warnings) Handle(ctx context.Context, r slog.Record) error {
	w.count.Add(1)
	if _, told := w.told.LoadOrStore(r.Message, true); told {
		return nil
	}
	return w.Handler.Handle(ctx, r)
}
