package main

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	moderationdb "veche/db/moderation"
	pollsdb "veche/db/polls"
	publicsdb "veche/db/publics"
	"veche/domain/event"
	"veche/domain/moderation"
	"veche/domain/polls"
	"veche/domain/publics"
)

// pgxTx is the transaction River works with.
type pgxTx = pgx.Tx

// jobs are what follows from an event.
type jobs = []river.InsertManyParams

// reactions is the table of what follows from what: the jobs that an event puts
// into the queue, in the transaction that emits it. Screens need no line here;
// they follow the event's topics.
func reactions(happened event.Event) jobs {
	switch e := happened.(type) {
	case polls.Announced:
		return jobs{
			at(e.OpensAt, pollsdb.OpenArgs{Poll: e.Poll}),
			at(e.ClosesAt, pollsdb.CloseArgs{Poll: e.Poll}),
		}

	case publics.CommentHeld:
		return jobs{now(moderationdb.QueueArgs{Of: moderation.Comments, Object: int64(e.Comment), Suspicions: e.Suspicions})}
	case publics.CommentPublished:
		return jobs{at(e.NoticeUntil, publicsdb.NoticeArgs{Comment: e.Comment})}

	case moderation.Taken:
		return jobs{at(e.Until, moderationdb.LapseArgs{Item: e.Item, Token: e.Token})}
	case moderation.Undone:
		return jobs{at(e.Until, moderationdb.LapseArgs{Item: e.Item, Token: e.Token})}
	case moderation.Decided:
		return jobs{now(moderationdb.SettleArgs{Item: e.Item, Token: e.Token})}
	case moderation.Settled:
		return settled(e)
	}
	return nil
}

// settled leads a decision to the area that the object belongs to.
func settled(e moderation.Settled) jobs {
	switch e.Kind {
	case moderation.Comments:
		return jobs{now(publicsdb.SettleArgs{Comment: publics.CommentID(e.Object), Outcome: e.Outcome, Ground: e.Ground})}
	}
	return nil
}

// now is a job to be done as soon as the change is committed.
func now(args river.JobArgs) river.InsertManyParams { return river.InsertManyParams{Args: args} }

// at is a job to be done at a time.
func at(due time.Time, args river.JobArgs) river.InsertManyParams {
	return river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{ScheduledAt: due}}
}
