package db_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"veche/db"
	"veche/db/dbtest"
	"veche/domain/event"
)

// emitAs emits as the request or job named would.
func emitAs(t *testing.T, d *db.DB, trace string, changes ...event.Change) {
	t.Helper()
	ctx := event.WithTrace(t.Context(), trace)
	if err := d.InTx(ctx, func(tx *db.Tx) error { return tx.Emit(ctx, happened(changes)) }); err != nil {
		t.Fatal(err)
	}
}

// of answers what was published of a topic first.
func (a *announced) of(t *testing.T, topic event.Topic) event.Change {
	t.Helper()
	a.await(t)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, batch := range a.batches {
		for _, c := range batch {
			if c.Topic == topic {
				return c
			}
		}
	}
	t.Fatalf("%s was not published", topic)
	return event.Change{}
}

// within says whether a time of commit lies between two moments, clocks of database
// and process being those of one machine.
func within(at int64, from, to time.Time) bool {
	return at >= from.UnixMilli() && at <= to.UnixMilli()
}

func TestAnnouncementCarriesTraceAndTimeOfCommit(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	a := newAnnounced()
	publisher(t, d, a)
	before := time.Now()
	emitAs(t, d, "request1", event.Change{Topic: "thing:1", IDs: []string{"a"}})
	after := time.Now()
	got := a.of(t, "thing:1")
	if !slices.Equal(got.Traces, []string{"request1"}) || !within(got.At, before, after) {
		t.Errorf("published %+v, committed between %d and %d", got, before.UnixMilli(), after.UnixMilli())
	}
}

func TestSweptRowsKeepTraceAndAge(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	before := time.Now()
	emitAs(t, d, "request1", event.Change{Topic: "thing:1"}) // nobody publishes in this "process"
	after := time.Now()
	emitAs(t, d, "request2", event.Change{Topic: "thing:1"})
	emitAs(t, d, "", event.Change{Topic: "thing:1"})
	// Rows do not lie in the table as they were written for ever, and the first waits
	// for long.
	const waited = time.Hour
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE outbox SET created_at = created_at - interval '1 hour' WHERE trace = 'request1'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a := newAnnounced()
	publisher(t, d, a)
	got := a.of(t, "thing:1")
	if diff := cmp.Diff([]string{"request1", "request2"}, got.Traces); diff != "" {
		t.Error(diff)
	}
	// The age is Postgres', the clock it is subtracted from is read when the answer is
	// here: on a busy machine that is later.
	const slack = time.Minute
	if !within(got.At, before.Add(-waited-slack), after.Add(-waited+slack)) {
		t.Errorf("committed at %d, want an hour before %d", got.At, before.UnixMilli())
	}
}

// lines is a log that tests read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) containing(what string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, what) {
			found = append(found, line)
		}
	}
	return found
}

func TestPublishingIsLoggedWithTracesAndWithoutTopics(t *testing.T) {
	t.Parallel()
	for level, wanted := range map[slog.Level]int{slog.LevelDebug: 1, slog.LevelInfo: 0} {
		log := &lines{}
		d, err := db.Open(t.Context(), db.Options{
			URL: dbtest.URL(t), MaxConns: 2,
			Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level})),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		a := newAnnounced()
		publisher(t, d, a)
		emitAs(t, d, "request1", event.Change{Topic: "account:secret"}, event.Change{Topic: "poll:1"})
		awaitEmptyOutbox(t, d) // the line is written before the rows are forgotten
		said := log.containing("msg=published")
		if len(said) != wanted {
			t.Fatalf("at level %s there are %d lines: %q", level, len(said), said)
		}
		for _, line := range said {
			if !strings.Contains(line, "traces=[request1] topics=2 delay=") || strings.Contains(line, "secret") {
				t.Errorf("the log says %q", line)
			}
		}
	}
}

// traces notes under which trace jobs are done, and fails the first attempt.
type traces struct {
	river.WorkerDefaults[jobArgs]
	worked chan string
	ids    chan int64
}

func (w *traces) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	w.worked <- event.Trace(ctx)
	w.ids <- job.ID
	if job.Attempt == 1 {
		return errors.New("once more")
	}
	return nil
}

func (w *traces) NextRetry(*river.Job[jobArgs]) time.Time { return time.Now() }

// workJobs works the queue of d until the test ends.
func workJobs(t *testing.T, d *db.DB) *traces {
	t.Helper()
	w := &traces{worked: make(chan string, 100), ids: make(chan int64, 100)}
	workers := river.NewWorkers()
	river.AddWorker(workers, w)
	client, err := river.NewClient(riverpgxv5.New(d.Pool()), &river.Config{
		Logger:            slog.New(slog.DiscardHandler),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}},
		Workers:           workers,
		Middleware:        []rivertype.Middleware{db.TraceJobs()},
		FetchPollInterval: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *traces) next(t *testing.T) string {
	t.Helper()
	select {
	case trace := <-w.worked:
		return trace
	case <-time.After(20 * time.Second):
		t.Fatal("no job was done")
		return ""
	}
}

func TestJobIsDoneUnderTheTraceOfWhatCalledForIt(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := workJobs(t, d)
	d.React(func(event.Event) []river.InsertManyParams {
		return []river.InsertManyParams{{
			Args:       jobArgs{},
			InsertOpts: &river.InsertOpts{Metadata: []byte(`{"big":9007199254740993}`)},
		}}
	})
	emitAs(t, d, "request1", event.Change{Topic: "thing:1"})
	for attempt := 1; attempt <= 2; attempt++ {
		if got := w.next(t); got != "request1" {
			t.Errorf("attempt %d is done under %q", attempt, got)
		}
	}
	if n := count(t, d, `SELECT count(*) FROM river_job WHERE metadata->>'big' = '9007199254740993'`); n != 1 {
		t.Error("the job's own metadata is lost")
	}
}

func TestJobThatNothingCalledForIsItsOwnTrace(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := workJobs(t, d)
	for name, metadata := range map[string]string{"none": `{}`, "no id": `{"trace": 7}`, "no line break": `{"trace": "a\nb"}`} {
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			return tx.Enqueue(t.Context(), river.InsertManyParams{
				Args:       jobArgs{},
				InsertOpts: &river.InsertOpts{Metadata: []byte(metadata)},
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, id := w.next(t), <-w.ids
			if want := "job-" + strconv.FormatInt(id, 10); got != want {
				t.Errorf("metadata with %s: the job is done under %q, want %q", name, got, want)
			}
		}
	}
}

func TestConnectionsAreMeasured(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Options{URL: dbtest.URL(t), MaxConns: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	metrics := prometheus.NewPedanticRegistry()
	d.Register(metrics)
	err = d.InTx(t.Context(), func(*db.Tx) error {
		got := measured(t, metrics)
		if got["veche_postgres_connections_used"] != 1 || got["veche_postgres_connections_max"] != 3 {
			t.Errorf("inside a transaction: %v", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := measured(t, metrics)
	if got["veche_postgres_connections_used"] != 0 || got["veche_postgres_connections_idle"] < 1 {
		t.Errorf("after it: %v", got)
	}
	if _, counted := got["veche_postgres_wait_seconds_total"]; !counted || len(got) != 5 {
		t.Errorf("measured: %v", got)
	}
}

func measured(t *testing.T, metrics prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := make(map[string]float64)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			values[family.GetName()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return values
}
