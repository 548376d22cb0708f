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

// WarnIdleArgs is the job that warns of sessions that are about to end because
// nobody uses them.
type WarnIdleArgs struct{}

// Kind names the job.
func (WarnIdleArgs) Kind() string { return "accounts.warn_idle" }

// How often the clock is looked at. A socket may outlive its session by endOverdueEvery,
// and so may a page the grant it was drawn with; requests are refused at the very
// moment.
const (
	endOverdueEvery = 15 * time.Second
	warnIdleEvery   = 10 * time.Second
)

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[EndOverdueArgs]) error {
		_, sessions := s.EndOverdue(ctx)
		_, grants := s.EndLapsed(ctx)
		return errors.Join(sessions, grants, s.ForgetFailures(ctx), s.ForgetBegun(ctx))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[WarnIdleArgs]) error {
		return s.WarnIdle(ctx)
	}))
	s.addTellers(workers)
}

// PeriodicJobs are those that run by the clock.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(
			river.PeriodicInterval(endOverdueEvery),
			func() (river.JobArgs, *river.InsertOpts) { return EndOverdueArgs{}, nil },
			&river.PeriodicJobOpts{RunOnStart: true},
		),
		river.NewPeriodicJob(
			river.PeriodicInterval(warnIdleEvery),
			func() (river.JobArgs, *river.InsertOpts) { return WarnIdleArgs{}, nil },
			&river.PeriodicJobOpts{RunOnStart: true},
		),
		river.NewPeriodicJob(
			river.PeriodicInterval(remindEvery),
			func() (river.JobArgs, *river.InsertOpts) { return RemindArgs{}, nil },
			&river.PeriodicJobOpts{RunOnStart: true},
		),
	}
}
