package event

import (
	"context"
	"slices"
)

// MaxTraces is how many ids a change carries: a burst folded into one change has
// thousands of origins, and a log line needs a few.
const MaxTraces = 8

type traceKey struct{}

// WithTrace gives ctx the id of the request or job that acts in it. What is emitted
// with such a context carries the id to every log line it leads to. It tells nothing
// about the person, and is never shown to another one. An id that is not
// [ValidTrace] is not taken.
func WithTrace(ctx context.Context, id string) context.Context {
	if !ValidTrace(id) {
		return ctx
	}
	return context.WithValue(ctx, traceKey{}, id)
}

// Trace is the id that WithTrace gave, "" for none.
func Trace(ctx context.Context) string {
	id, _ := ctx.Value(traceKey{}).(string)
	return id
}

// ValidTrace says whether id is short and made of letters that need no quoting in
// logs and headers: those of a part of a topic.
func ValidTrace(id string) bool { return validPart(id) }

// UniteTraces adds to a the traces of b it lacks, up to MaxTraces.
func UniteTraces(a, b []string) []string {
	for _, id := range b {
		if len(a) >= MaxTraces {
			break
		}
		if !slices.Contains(a, id) {
			a = append(a, id)
		}
	}
	return a
}

// Older is the smaller of two times of commit, of which 0 is not known.
func Older(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
