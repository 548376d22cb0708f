package moderation

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"veche/domain/moderation"
)

// QueueArgs is the job that puts a text before the moderators.
type QueueArgs struct {
	Of         moderation.Kind        `json:"of"`
	Object     int64                  `json:"object"`
	Suspicions []moderation.Suspicion `json:"suspicions"`
}

// Kind names the job.
func (QueueArgs) Kind() string { return "moderation.queue" }

// LapseArgs is the job that ends a lease at its time.
type LapseArgs struct {
	Item  moderation.ID `json:"item"`
	Token int64         `json:"token"`
}

// Kind names the job.
func (LapseArgs) Kind() string { return "moderation.lapse" }

// SettleArgs is the job that lets a decision take effect at its time. It is put into
// the queue when the decision is made, and waits there by itself: see [putOff].
type SettleArgs struct {
	Item  moderation.ID `json:"item"`
	Token int64         `json:"token"`
}

// Kind names the job.
func (SettleArgs) Kind() string { return "moderation.settle" }

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[QueueArgs]) error {
		return s.Queue(ctx, job.Args.Of, job.Args.Object, job.Args.Suspicions)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[LapseArgs]) error {
		return putOff(s.Lapse(ctx, job.Args.Item, job.Args.Token))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[SettleArgs]) error {
		return putOff(s.Settle(ctx, job.Args.Item, job.Args.Token))
	}))
}

// nap is how long a job may put itself off and still be run at its time by any
// process. What waits for longer than the queue's scheduler sleeps (5 s) has to be
// moved by it first, and it sleeps in one process alone: when that one dies, until
// another has taken over.
const nap = 4 * time.Second

// window is how long before its time a job begins to wait in naps.
const window = 15 * time.Second

// putOff puts a job off whose time has not come by the database's clock.
func putOff(err error) error {
	var early moderation.EarlyError
	switch {
	case !errors.As(err, &early):
		return err
	case early.By > window:
		return river.JobSnooze(early.By)
	default:
		return river.JobSnooze(min(early.By, nap))
	}
}
