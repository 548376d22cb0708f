package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
)

// EraseForgottenArgs is the job that erases what was kept too long.
type EraseForgottenArgs struct{}

// Kind names the job.
func (EraseForgottenArgs) Kind() string { return "recovery.erase_forgotten" }

const eraseEvery = time.Hour

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[EraseForgottenArgs]) error {
		_, err := s.EraseForgotten(ctx)
		return errors.Join(err, s.Forget(ctx))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[CheckPaperArgs]) error {
		err := s.CheckPaper(ctx, job.Args.Recovery)
		if errors.Is(err, errNotYet) {
			return river.JobSnooze(again)
		}
		return err
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[TellArgs]) error {
		return s.Tell(ctx, job.Args)
	}))
}

// PeriodicJobs are those that run by the clock.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(
			river.PeriodicInterval(eraseEvery),
			func() (river.JobArgs, *river.InsertOpts) { return EraseForgottenArgs{}, nil },
			nil,
		),
	}
}
