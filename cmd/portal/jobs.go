package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"veche/domain/event"
)

// How an attempt at a job ended.
const (
	jobDone      = "done"
	jobPutOff    = "put_off"   // its time has not come yet
	jobCancelled = "cancelled" // trying again is of no use
	jobFailed    = "failed"    // the queue tries it again, unless it was tried too often
)

// observeJobs logs one line an attempt and counts how long it took. It stands inside
// what gives the job its trace.
func observeJobs(log *slog.Logger, metrics prometheus.Registerer) rivertype.Middleware {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "veche_job_seconds",
		Help:    "Time one attempt at a job took, by its kind and how it ended.",
		Buckets: prometheus.ExponentialBuckets(0.001, 4, 9),
	}, []string{"kind", "outcome"})
	metrics.MustRegister(seconds)
	return river.WorkerMiddlewareFunc(func(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
		began, outcome := time.Now(), jobFailed
		defer func() { // after a panic too
			took := time.Since(began)
			seconds.WithLabelValues(job.Kind, outcome).Observe(took.Seconds())
			log.DebugContext(ctx, "job",
				"trace", event.Trace(ctx),
				"kind", job.Kind,
				"job", job.ID,
				"attempt", job.Attempt,
				"outcome", outcome,
				"took", took.Round(time.Microsecond),
			)
		}()
		err := work(ctx)
		outcome = jobOutcome(err)
		return err
	})
}

func jobOutcome(err error) string {
	var early *river.JobSnoozeError
	var hopeless *river.JobCancelError
	switch {
	case err == nil:
		return jobDone
	case errors.As(err, &early):
		return jobPutOff
	case errors.As(err, &hopeless):
		return jobCancelled
	default:
		return jobFailed
	}
}
