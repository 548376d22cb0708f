package main

import (
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	notificationsdb "veche/db/notifications"
	pollsdb "veche/db/polls"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/notifications"
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
	case polls.Opened:
		return tell(notifications.PollOpened, int64(e.Poll), nil)
	case publics.CommentPublished:
		if e.Reviewed {
			return tell(notifications.CommentPublished, int64(e.Comment), nil)
		}
	case publics.CommentRefused:
		return tell(notifications.CommentRefused, int64(e.Comment), map[string]string{notifications.Ground: string(e.Ground)})
	case notifications.Told:
		return told(e)
	}
	return nil
}

// tell is the job that tells people of something.
func tell(what notifications.Kind, about int64, facts map[string]string) []river.InsertManyParams {
	return []river.InsertManyParams{{Args: notificationsdb.TellArgs{What: what, About: about, Facts: facts}}}
}

// told is what follows once some people were told: their letters, and the others.
func told(e notifications.Told) []river.InsertManyParams {
	var jobs []river.InsertManyParams
	for _, letter := range e.Letters {
		jobs = append(jobs, river.InsertManyParams{Args: notificationsdb.MailArgs{Notification: letter}})
	}
	if e.Next != 0 {
		jobs = append(jobs, river.InsertManyParams{Args: notificationsdb.TellArgs{
			What: e.Kind, About: e.About, Facts: e.Facts, After: accounts.ID(e.Next),
		}})
	}
	return jobs
}
