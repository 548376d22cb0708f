package main

import (
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	pollsdb "veche/db/polls"
	publicsdb "veche/db/publics"
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
	case publics.CommentPublished:
		return []river.InsertManyParams{
			{Args: publicsdb.NoticeArgs{Comment: e.Comment}, InsertOpts: &river.InsertOpts{ScheduledAt: e.NoticeUntil}},
		}
	case moderation.Settled:
		if e.Kind == moderation.Comments {
			return []river.InsertManyParams{
				{Args: publicsdb.SettleArgs{Comment: publics.CommentID(e.Object), Outcome: e.Outcome, Ground: e.Ground}},
			}
		}
	}
	return nil
}
