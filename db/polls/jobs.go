package polls

import (
	"context"
	"errors"

	"github.com/riverqueue/river"

	"veche/domain/polls"
)

// OpenArgs is the job that opens a poll at its time.
type OpenArgs struct {
	Poll polls.ID `json:"poll"`
}

// Kind names the job.
func (OpenArgs) Kind() string { return "polls.open" }

// CloseArgs is the job that closes a poll at its time.
type CloseArgs struct {
	Poll polls.ID `json:"poll"`
}

// Kind names the job.
func (CloseArgs) Kind() string { return "polls.close" }

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[OpenArgs]) error {
		return early(s.Open(ctx, job.Args.Poll))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[CloseArgs]) error {
		return early(s.Close(ctx, job.Args.Poll))
	}))
}

// early puts a job off whose time has not come by the database's clock.
func early(err error) error {
	var too polls.EarlyError
	if errors.As(err, &too) {
		return river.JobSnooze(too.By)
	}
	return err
}
