package codes

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"veche/domain/codes"
)

// perHour bounds how many codes one person is sent in an hour, whoever asks for
// them.
const perHour = 20

// SendArgs is the job that sends a code. It names the code and does not hold it.
type SendArgs struct {
	Code    int64 `json:"code"`
	Sending int   `json:"sending"`
}

// Kind names the job.
func (SendArgs) Kind() string { return "codes.send" }

// Queue is the queue of codes: somebody sits and waits for each.
const Queue = "codes"

// InsertOpts name the queue and bound how often a code is tried: one that comes later
// than it is good for is no use.
func (SendArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: 4, Priority: 1}
}

// ForgetArgs is the job that removes old codes.
type ForgetArgs struct{}

// Kind names the job.
func (ForgetArgs) Kind() string { return "codes.forget" }

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[SendArgs]) error {
		err := s.Send(ctx, job.Args.Code, job.Args.Sending, job.Attempt >= job.MaxAttempts)
		if refused := (codes.RefusedError{}); errors.As(err, &refused) {
			return river.JobCancel(err)
		}
		return err
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[ForgetArgs]) error {
		return s.Forget(ctx)
	}))
}

// PeriodicJobs are those that run by the clock.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(
			river.PeriodicInterval(time.Hour),
			func() (river.JobArgs, *river.InsertOpts) { return ForgetArgs{}, nil },
			&river.PeriodicJobOpts{RunOnStart: true},
		),
	}
}

// noteTime is how long noting what became of a sending may take, beyond the time of
// the job.
const noteTime = 5 * time.Second

// Send sends a code, unless a newer one has replaced it, nobody has the login it was
// asked with, or its reader was sent too many already. last says that it will not be
// tried again.
func (s *Store) Send(ctx context.Context, key int64, sending int, last bool) error {
	message, id, wanted, err := s.message(ctx, key, sending)
	if err != nil || !wanted {
		return err
	}
	err = s.sender.Send(ctx, message)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	refused := codes.RefusedError{}
	switch {
	case err == nil:
		return s.Delivery(ctx, id, sending, codes.Sent)
	case errors.As(err, &refused), last:
		return errors.Join(err, s.Delivery(ctx, id, sending, codes.Failed))
	}
	return err
}

func (s *Store) message(ctx context.Context, key int64, sending int) (message codes.Message, id string, wanted bool, err error) {
	var lately int
	err = s.db.Pool().QueryRow(ctx, `
		SELECT
			c.public_id,
			c.purpose,
			c.channel,
			c.address,
			c.lang,
			(SELECT coalesce(sum(o.sends), 0) FROM codes o
				WHERE o.account_id = c.account_id AND o.channel = c.channel AND o.created_at > now() - interval '1 hour')
		FROM codes c
		WHERE c.id = $1 AND c.sends = $2 AND c.used_at IS NULL AND c.expires_at > now()`, key, sending,
	).Scan(&id, &message.Purpose, &message.Channel, &message.Address, &message.Lang, &lately)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && message.Address == "":
		return message, "", false, nil
	case err != nil:
		return message, "", false, fmt.Errorf("read code %d: %w", key, err)
	case lately > perHour:
		return message, "", false, s.Delivery(ctx, id, sending, codes.Failed)
	}
	message.ID = MessageID(id, sending)
	message.Code, err = s.digits(id, sending)
	return message, id, true, err
}
