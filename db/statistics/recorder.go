package statistics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"veche/domain/publics"
	"veche/domain/statistics"
)

// Bounds of recording.
const (
	flushEvery = 500 * time.Millisecond
	flushFor   = 5 * time.Second  // one attempt
	waitMost   = 5 * time.Second  // between attempts while Postgres is away
	keepMost   = 50_000           // entries kept for Postgres
	grain      = 10 * time.Second // within which seconds in view are added up
)

// Recorder gathers what readers do and saves it every half a second. It never keeps
// a reader waiting: what Postgres does not take is kept, as far as there is room, and
// the rest is dropped and counted.
type Recorder struct {
	store   *Store
	log     *slog.Logger
	dropped prometheus.Counter

	mu      sync.Mutex
	batch   batch
	failing bool
}

// NewRecorder makes the recorder of a process. Run starts it.
func NewRecorder(store *Store, log *slog.Logger, metrics prometheus.Registerer) *Recorder {
	r := &Recorder{
		store: store,
		log:   log,
		batch: newBatch(),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "veche_statistics_dropped_total",
			Help: "Views and reading times that were not counted, because Postgres was away for too long.",
		}),
	}
	if metrics != nil {
		metrics.MustRegister(r.dropped)
	}
	return r
}

// Opened notes that a reader opened a post.
func (r *Recorder) Opened(post publics.PostID, reader statistics.Reader) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	v := visit{post, reader}
	if _, before := r.batch.opened[v]; before {
		r.batch.signs[v] = now
	} else if r.hasRoom() {
		r.batch.opened[v] = now
	}
}

// Read notes that a reader, "" when not known, had a post in view for some seconds up
// to now.
func (r *Recorder) Read(post publics.PostID, reader statistics.Reader, seconds int) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	at := span{post, now.Truncate(grain)}
	if _, before := r.batch.time[at]; before || r.hasRoom() {
		r.batch.time[at] += int64(seconds)
	}
	if v := (visit{post, reader}); reader != "" && r.hasRoom() {
		r.batch.signs[v] = now
	}
}

// hasRoom says whether one more entry may be kept, and counts those that may not.
// The lock is held.
func (r *Recorder) hasRoom() bool {
	if r.batch.size() < keepMost {
		return true
	}
	r.dropped.Inc()
	return false
}

// Run saves what is noted until ctx ends, then what is left.
func (r *Recorder) Run(ctx context.Context) error {
	wait := flushEvery
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			r.flush(ctx)
			return nil
		case <-timer.C:
		}
		if r.flush(ctx) {
			wait = flushEvery
		} else {
			wait = min(2*wait, waitMost)
		}
		timer.Reset(wait)
	}
}

// flush saves what is noted. After a failure it is noted again. The end of ctx does
// not cut it short: nobody would know what was committed.
func (r *Recorder) flush(ctx context.Context) (saved bool) {
	r.mu.Lock()
	taken := r.batch
	r.batch = newBatch()
	r.mu.Unlock()
	if taken.size() == 0 {
		return true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushFor)
	defer cancel()
	err := r.store.save(ctx, taken, time.Now())
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.failing = false
		return true
	}
	if !r.failing {
		r.log.Warn("what is read is kept until Postgres takes it", "error", err)
	}
	r.failing = true
	r.keep(taken)
	return false
}

// keep puts a batch back that was not saved, under what was noted meanwhile. Who opened
// a post before and again has one view, and the later moment is a sign of them: two
// windows in one outage are not told apart. The lock is held.
func (r *Recorder) keep(older batch) {
	for v, at := range older.opened {
		later, again := r.batch.opened[v]
		if again || r.hasRoom() {
			r.batch.opened[v] = at
		}
		if _, signed := r.batch.signs[v]; again && !signed {
			r.batch.signs[v] = later
		}
	}
	for v, at := range older.signs {
		if _, later := r.batch.signs[v]; !later && r.hasRoom() {
			r.batch.signs[v] = at
		}
	}
	for t, seconds := range older.time {
		if _, more := r.batch.time[t]; more || r.hasRoom() {
			r.batch.time[t] += seconds
		}
	}
}
