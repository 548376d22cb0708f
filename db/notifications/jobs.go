package notifications

import (
	"context"
	"errors"

	"github.com/riverqueue/river"

	"veche/domain/accounts"
	"veche/domain/notifications"
	"veche/domain/problem"
)

// TellArgs is the job that tells people what happened: a chunk of them, beginning
// after an account.
type TellArgs struct {
	What  notifications.Kind `json:"what"`
	About int64              `json:"about"`
	Facts map[string]string  `json:"facts,omitempty"` // what only the event knew
	After accounts.ID        `json:"after,omitempty"`
}

// Kind names the job.
func (TellArgs) Kind() string { return "notifications.tell" }

// MailArgs is the job that sends the letter of a notification.
type MailArgs struct {
	Notification int64 `json:"notification"`
}

// Kind names the job.
func (MailArgs) Kind() string { return "notifications.mail" }

// MailQueue is the queue of letters. They have one of their own, for there may be a
// town's worth of them and a mail server may be slow: nothing else waits behind them.
const MailQueue = "mail"

// mailAttempts lets a mail server be away for some seventeen hours: after an attempt
// the queue waits the fourth power of its number in seconds.
const mailAttempts = 13

// InsertOpts name the queue and bound how often a letter is tried.
func (MailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: MailQueue, MaxAttempts: mailAttempts}
}

// TextArgs is the job that sends the text message of a notification.
type TextArgs struct {
	Notification int64 `json:"notification"`
}

// Kind names the job.
func (TextArgs) Kind() string { return "notifications.text" }

// textAttempts lets a gateway be away for some five minutes: later nobody is helped by
// the message.
const textAttempts = 5

// InsertOpts name the queue and bound how often a text message is tried.
func (TextArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: MailQueue, MaxAttempts: textAttempts}
}

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[TellArgs]) error {
		a := job.Args
		err := s.Tell(ctx, a.What, a.About, a.Facts, a.After)
		if gone, ok := problem.As(err); ok && gone.Kind == problem.NotFound {
			return river.JobCancel(err) // there is nothing to tell of any more
		}
		return err
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[MailArgs]) error {
		return final(s.Mail(ctx, job.Args.Notification, job.Attempt >= job.MaxAttempts))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[TextArgs]) error {
		return final(s.Text(ctx, job.Args.Notification, job.Attempt >= job.MaxAttempts))
	}))
}

// final gives up what was refused for good.
func final(err error) error {
	if refused := (notifications.RefusedError{}); errors.As(err, &refused) {
		return river.JobCancel(err)
	}
	return err
}
