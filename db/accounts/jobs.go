package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
)

// EndOverdueArgs is the job that ends sessions and grants whose time ran out.
type EndOverdueArgs struct{}

// Kind names the job.
func (EndOverdueArgs) Kind() string { return "accounts.end_overdue" }

// endOverdueEvery is how long a socket may outlive its session, or a page the
// grant it was drawn with. Requests are refused at the very moment.
const endOverdueEvery = time.Minute

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[EndOverdueArgs]) error {
		_, sessions := s.EndOverdue(ctx)
		_, grants := s.EndLapsed(ctx)
		return errors.Join(sessions, grants)
	}))
}

// PeriodicJobs are those that run by the clock.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(
			river.PeriodicInterval(endOverdueEvery),
			func() (river.JobArgs, *river.InsertOpts) { return EndOverdueArgs{}, nil },
			&river.PeriodicJobOpts{RunOnStart: true},
		),
	}
}
