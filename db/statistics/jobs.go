package statistics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"veche/db"
	"veche/domain/publics"
	"veche/domain/statistics"
)

// BeginDayArgs is the job that has a new day begin on open pages.
type BeginDayArgs struct {
	Day time.Time `json:"day"` // its midnight
}

// Kind names the job.
func (BeginDayArgs) Kind() string { return "statistics.begin_day" }

// ForgetArgs is the job that forgets who read what.
type ForgetArgs struct{}

// Kind names the job.
func (ForgetArgs) Kind() string { return "statistics.forget" }

// forgetEvery is how long a reader is remembered after their window ended, at most.
const forgetEvery = 10 * time.Minute

// earlyError is an attempt to begin a day before its midnight.
type earlyError struct{ by time.Duration }

func (e earlyError) Error() string { return fmt.Sprintf("%s too early", e.by) }

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[BeginDayArgs]) error {
		err := s.BeginDay(ctx, job.Args.Day)
		if early := (earlyError{}); errors.As(err, &early) {
			return river.JobSnooze(early.by)
		}
		return err
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[ForgetArgs]) error {
		_, err := s.Forget(ctx)
		return err
	}))
}

// PeriodicJobs are those that run by the clock.
func (s *Store) PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(
			midnight{s.zone},
			func() (river.JobArgs, *river.InsertOpts) {
				// A moment later it is sure to be the new day by this clock.
				return BeginDayArgs{Day: statistics.DayOf(time.Now().Add(time.Second), s.zone).Begins}, nil
			},
			// A midnight may have passed while no process was there.
			&river.PeriodicJobOpts{RunOnStart: true},
		),
		river.NewPeriodicJob(
			river.PeriodicInterval(forgetEvery),
			func() (river.JobArgs, *river.InsertOpts) { return ForgetArgs{}, nil },
			&river.PeriodicJobOpts{RunOnStart: true},
		),
	}
}

// midnight is the schedule of what happens when a day begins in a zone.
type midnight struct{ zone *time.Location }

// Next is the first midnight after a moment.
func (m midnight) Next(after time.Time) time.Time { return statistics.DayOf(after, m.zone).Ends }

// BeginDay has the statistics drawn anew of posts that were read in the day before:
// what they show as today's is over. It is an error before midnight by the
// database's clock, and does no harm when it is repeated.
func (s *Store) BeginDay(ctx context.Context, day time.Time) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		if now.Before(day) {
			return earlyError{day.Sub(now)}
		}
		var read []publics.PostID
		err = tx.Select(ctx, &read, `
			SELECT DISTINCT post_id
			FROM post_hours
			WHERE hour >= $1 AND hour < $2
			ORDER BY post_id`, day.AddDate(0, 0, -1), day)
		if err != nil {
			return fmt.Errorf("list posts read in the day before: %w", err)
		}
		if len(read) == 0 {
			return nil
		}
		return tx.Emit(ctx, statistics.DayBegan{Day: day, Posts: read})
	})
}

// forgetStep is how many readers are forgotten in one transaction.
const forgetStep = 10_000

// Forget removes readers whose window ended, and answers how many. Who read what is
// nobody's business then; how often a post was read stays. Who comes back at this very
// moment is passed over: nobody waits for it.
func (s *Store) Forget(ctx context.Context) (forgotten int64, err error) {
	for step := int64(forgetStep); step == forgetStep; forgotten += step {
		err = s.db.InTx(ctx, func(tx *db.Tx) (err error) {
			step, err = tx.Exec(ctx, `
				DELETE FROM post_readers
				WHERE ctid = ANY (ARRAY (
					SELECT ctid
					FROM post_readers
					WHERE seen_at < clock_timestamp() - make_interval(secs => $1)
					LIMIT $2
					FOR UPDATE SKIP LOCKED
				))`,
				(2 * statistics.Window).Seconds(), forgetStep)
			return err
		})
		if err != nil {
			return forgotten, fmt.Errorf("forget readers: %w", err)
		}
	}
	return forgotten, nil
}
