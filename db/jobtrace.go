package db

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"veche/domain/event"
)

// metadataTrace is the key of a job's metadata with the id of what called for it.
const metadataTrace = "trace"

// carryTrace notes in every job inserted the trace of what called for it: with the
// transaction it commits or is rolled back.
var carryTrace = river.JobInsertMiddlewareFunc(func(ctx context.Context, jobs []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	if id := event.Trace(ctx); id != "" {
		for _, job := range jobs {
			if err := noteTrace(job, id); err != nil {
				return nil, err
			}
		}
	}
	return insert(ctx)
})

func noteTrace(job *rivertype.JobInsertParams, id string) error {
	metadata := make(map[string]json.RawMessage)
	if len(job.Metadata) > 0 {
		if err := json.Unmarshal(job.Metadata, &metadata); err != nil {
			return fmt.Errorf("read the metadata of a job %s: %w", job.Kind, err)
		}
	}
	metadata[metadataTrace] = json.RawMessage(strconv.Quote(id))
	var err error
	job.Metadata, err = json.Marshal(metadata)
	return err
}

// TraceJobs gives the context in which a job is done the trace of what called for
// it, through however many tries. A job that the clock called for is its own origin:
// "job-" and its number.
func TraceJobs() rivertype.Middleware {
	return river.WorkerMiddlewareFunc(func(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
		return work(event.WithTrace(ctx, traceOf(job)))
	})
}

func traceOf(job *rivertype.JobRow) string {
	var metadata struct {
		Trace string `json:"trace"`
	}
	// Metadata of other makers may hold anything under this name.
	if err := json.Unmarshal(job.Metadata, &metadata); err == nil && event.ValidTrace(metadata.Trace) {
		return metadata.Trace
	}
	return "job-" + strconv.FormatInt(job.ID, 10)
}
