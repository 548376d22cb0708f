package main

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	accountsdb "veche/db/accounts"
	codesdb "veche/db/codes"
	devicesdb "veche/db/devices"
	moderationdb "veche/db/moderation"
	notificationsdb "veche/db/notifications"
	pollsdb "veche/db/polls"
	publicsdb "veche/db/publics"
	recoverydb "veche/db/recovery"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/devices"
	"veche/domain/event"
	"veche/domain/moderation"
	"veche/domain/notifications"
	"veche/domain/polls"
	"veche/domain/publics"
	"veche/domain/recovery"
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
	case accounts.SignedIn:
		return signedIn(e)
	case accounts.SignInRefused:
		return refused(e)
	case accounts.Noted:
		if kind, tells := alertOf[e.Kind]; tells {
			return alert(kind, e.Event)
		}

	case polls.Announced:
		return jobs{
			at(e.OpensAt, pollsdb.OpenArgs{Poll: e.Poll}),
			at(e.ClosesAt, pollsdb.CloseArgs{Poll: e.Poll}),
		}
	case polls.Opened:
		return jobs{now(notificationsdb.TellArgs{What: notifications.PollOpened, About: int64(e.Poll)})}

	case accounts.ContactClaimed:
		return jobs{now(accountsdb.TellOwnerArgs{Registration: e.Registration, Account: e.ID, Channel: e.Channel})}
	case accounts.LinkWanted:
		return jobs{now(accountsdb.SendLinkArgs{Link: e.Link})}
	case accounts.ContactChanged:
		return contactChanged(e)
	case accounts.PasswordOld:
		return jobs{now(notificationsdb.TellArgs{What: notifications.PasswordOld, About: e.Reminder})}

	case codes.Requested:
		return jobs{now(codesdb.SendArgs{Code: e.Code, Sending: e.Sending})}

	case devices.LinkAsked:
		return jobs{now(devicesdb.SendLinkArgs{Device: e.Device})}

	case publics.CommentHeld:
		return jobs{now(moderationdb.QueueArgs{Of: moderation.Comments, Object: int64(e.Comment), Suspicions: e.Suspicions})}
	case publics.CommentPublished:
		return published(e)
	case publics.CommentRefused:
		return jobs{now(notificationsdb.TellArgs{
			What: notifications.CommentRefused, About: int64(e.Comment), Facts: map[string]string{notifications.Ground: string(e.Ground)},
		})}

	case moderation.Taken:
		return jobs{at(e.Until, moderationdb.LapseArgs{Item: e.Item, Token: e.Token})}
	case moderation.Undone:
		return jobs{at(e.Until, moderationdb.LapseArgs{Item: e.Item, Token: e.Token})}
	case moderation.Decided:
		return jobs{now(moderationdb.SettleArgs{Item: e.Item, Token: e.Token})}
	case moderation.Settled:
		return settled(e)

	case recovery.PaperShown:
		return jobs{now(recoverydb.CheckPaperArgs{Recovery: e.Key})}
	case recovery.PaperMoved:
		return paperMoved(e)
	case recovery.Unlocked:
		return jobs{now(recoverydb.TellArgs{What: recovery.TellUnlocked, Account: e.ID, At: e.At})}
	case recovery.Requested:
		return jobs{
			now(recoverydb.TellArgs{What: recovery.TellRequested, Request: e.Request}),
			now(recoverydb.TellArgs{What: recovery.TellWay, Request: e.Request}),
		}
	case recovery.RequestMoved:
		return requestMoved(e)

	case notifications.Told:
		return told(e)
	}
	return nil
}

// published stops telling the author so after a while, and puts it into their feed
// when they had to wait for it.
func published(e publics.CommentPublished) jobs {
	follow := jobs{at(e.NoticeUntil, publicsdb.NoticeArgs{Comment: e.Comment})}
	if e.Reviewed {
		follow = append(follow, now(notificationsdb.TellArgs{What: notifications.CommentPublished, About: int64(e.Comment)}))
	}
	return follow
}

// settled leads a decision to the area that the object belongs to.
func settled(e moderation.Settled) jobs {
	switch e.Kind {
	case moderation.Comments:
		return jobs{now(publicsdb.SettleArgs{Comment: publics.CommentID(e.Object), Outcome: e.Outcome, Ground: e.Ground})}
	}
	return nil
}

// contactChanged tells the reader of the former contact, where there was one.
func contactChanged(e accounts.ContactChanged) jobs {
	if e.Change == 0 {
		return nil
	}
	return jobs{now(accountsdb.TellFormerArgs{Change: e.Change})}
}

// told sends the letters of those who were told, and tells the others.
func told(e notifications.Told) jobs {
	var follow jobs
	for _, letter := range e.Letters {
		follow = append(follow, now(notificationsdb.MailArgs{Notification: letter}))
	}
	for _, text := range e.Texts {
		follow = append(follow, now(notificationsdb.TextArgs{Notification: text}))
	}
	if e.Next != 0 {
		follow = append(follow, now(notificationsdb.TellArgs{What: e.Kind, About: e.About, Facts: e.Facts, After: accounts.ID(e.Next)}))
	}
	return follow
}

// paperMoved tells the owner what was decided about their paper.
func paperMoved(e recovery.PaperMoved) jobs {
	switch e.State {
	case recovery.Approved:
		return jobs{now(recoverydb.TellArgs{What: recovery.TellApproved, Recovery: e.Key})}
	case recovery.Refused:
		return jobs{now(recoverydb.TellArgs{What: recovery.TellRefused, Recovery: e.Key})}
	}
	return nil
}

// requestMoved tells whoever asked the support desk, and the owner of the account, what
// was decided.
func requestMoved(e recovery.RequestMoved) jobs {
	switch e.State {
	case recovery.RequestIssued:
		return jobs{
			now(recoverydb.TellArgs{What: recovery.TellIssued, Request: e.Request}),
			now(recoverydb.TellArgs{What: recovery.TellPassword, Request: e.Request}),
		}
	case recovery.RequestRefused:
		return jobs{now(recoverydb.TellArgs{What: recovery.TellDenied, Request: e.Request})}
	}
	return nil
}

// now is a job to be done as soon as the change is committed.
func now(args river.JobArgs) river.InsertManyParams { return river.InsertManyParams{Args: args} }

// at is a job to be done at a time.
func at(due time.Time, args river.JobArgs) river.InsertManyParams {
	return river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{ScheduledAt: due}}
}
