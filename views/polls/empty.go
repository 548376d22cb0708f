package polls

import (
	"context"

	"veche/views/words"
)

// emptyText says why the list is empty and what to do about it.
func emptyText(ctx context.Context, l List) string {
	if l.Filter.Search != "" {
		return words.T(ctx, "polls.list.nothing_found", "Search", l.Filter.Search)
	}
	return words.T(ctx, "polls.list.nothing_yet")
}

// emptyTitle says that nothing was found, or that there is nothing yet.
func emptyTitle(ctx context.Context, l List) string {
	if l.Filter.Search != "" {
		return words.T(ctx, "polls.list.none")
	}
	return words.T(ctx, "polls.list.empty")
}
