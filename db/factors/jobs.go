package factors

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// SweepArgs is the job that forgets what was asked and never answered.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "factors.sweep" }

// sweepEvery bounds what lies about; nothing of it is good any more.
const sweepEvery = 10 * time.Minute

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[SweepArgs]) error {
		_, err := s.Sweep(ctx)
		return err
	}))
}

// PeriodicJobs are those that run by the clock.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(
			river.PeriodicInterval(sweepEvery),
			func() (river.JobArgs, *river.InsertOpts) { return SweepArgs{}, nil },
			nil,
		),
	}
}
