package main

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	moderationdb "veche/db/moderation"
	pollsdb "veche/db/polls"
	"veche/domain/event"
	"veche/domain/moderation"
	"veche/domain/polls"
	"veche/domain/publics"
)

// pgxTx is the transaction River works with.
type pgxTx = pgx.Tx

// reactions is the table of what follows from what: the jobs that an event puts
// into the queue, in the transaction that emits it. Screens need no line here;
// they follow the event's topics.
func reactions(happened event.Event) []river.InsertManyParams {
	switch e := happened.(type) {
	case polls.Announced:
		return []river.InsertManyParams{
			{Args: pollsdb.OpenArgs{Poll: e.Poll}, InsertOpts: &river.InsertOpts{ScheduledAt: e.OpensAt}},
			{Args: pollsdb.CloseArgs{Poll: e.Poll}, InsertOpts: &river.InsertOpts{ScheduledAt: e.ClosesAt}},
		}
	case publics.CommentHeld:
		return []river.InsertManyParams{{Args: moderationdb.QueueArgs{Of: moderation.Comments, Object: int64(e.Comment), Suspicions: e.Suspicions}}}
	case moderation.Taken:
		return []river.InsertManyParams{lapse(e.Item, e.Token, e.Until)}
	case moderation.Undone:
		return []river.InsertManyParams{lapse(e.Item, e.Token, e.Until)}
	case moderation.Decided:
		return []river.InsertManyParams{{Args: moderationdb.SettleArgs{Item: e.Item, Token: e.Token}}}
	}
	return nil
}

// lapse ends a lease at its time.
func lapse(item moderation.ID, token int64, until time.Time) river.InsertManyParams {
	return river.InsertManyParams{
		Args:       moderationdb.LapseArgs{Item: item, Token: token},
		InsertOpts: &river.InsertOpts{ScheduledAt: until},
	}
}
