package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"veche/domain/event"
)

// Announcer carries changes to the screens of every process.
type Announcer interface {
	Publish(ctx context.Context, changes []event.Change) error
}

const (
	foldFor    = 25 * time.Millisecond // changes of this long are folded per topic
	sweepEvery = time.Second
	sweepAge   = time.Second // younger rows are left to the process that wrote them
	sweepBatch = 5000
	handOver   = 1024            // commits waiting to be folded; beyond it the sweep finds them
	publishFor = 3 * time.Second // one attempt
)

// Publisher announces what was committed. Its own process's rows it is handed
// right after the commit; what a process left behind, by dying or because Redis
// was away, any publisher sweeps up.
type Publisher struct {
	db        *DB
	announcer Announcer
	waiting   chan commit
	log       *slog.Logger
	delay     prometheus.Histogram
	failing   bool
}

// commit is what one transaction announced, and when it was committed.
type commit struct {
	rows []outboxRow
	at   time.Time
}

// NewPublisher makes the publisher of a process. Run starts it.
func NewPublisher(d *DB, announcer Announcer, metrics prometheus.Registerer) *Publisher {
	p := &Publisher{
		db:        d,
		announcer: announcer,
		waiting:   make(chan commit, handOver),
		log:       d.log,
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "veche_outbox_publish_seconds",
			Help:    "Time from commit to published announcement.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 12),
		}),
	}
	if metrics != nil {
		metrics.MustRegister(p.delay)
	}
	d.committed = p.take
	return p
}

// take hands over rows just committed. It never waits: rows that do not fit stay
// in the table and are swept.
func (p *Publisher) take(rows []outboxRow) {
	now := time.Now()
	for i := range rows {
		rows[i].At = now.UnixMilli()
	}
	select {
	case p.waiting <- commit{rows, now}:
	default:
	}
}

// Run publishes until ctx ends, then publishes what is left.
func (p *Publisher) Run(ctx context.Context) error {
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for {
		select {
		case first := <-p.waiting:
			p.publishFolded(ctx, first)
		case <-sweep.C:
			p.sweep(ctx)
		case <-ctx.Done():
			p.publishLast(context.WithoutCancel(ctx))
			return nil
		}
	}
}

// publishFolded gathers what is committed within foldFor and announces it, one
// change per topic.
func (p *Publisher) publishFolded(ctx context.Context, first commit) {
	rows := first.rows
	timer := time.NewTimer(foldFor)
	defer timer.Stop()
	for gathering := true; gathering; {
		select {
		case more := <-p.waiting:
			rows = append(rows, more.rows...)
		case <-timer.C:
			gathering = false
		case <-ctx.Done():
			gathering = false
		}
	}
	if p.publish(context.WithoutCancel(ctx), rows) {
		p.delay.Observe(time.Since(first.at).Seconds())
	}
}

func (p *Publisher) publishLast(ctx context.Context) {
	var rows []outboxRow
	for {
		select {
		case more := <-p.waiting:
			rows = append(rows, more.rows...)
			continue
		default:
		}
		break
	}
	if len(rows) > 0 {
		p.publish(ctx, rows)
	}
}

// publish announces rows and forgets them. Rows it could not announce stay in the
// table for the sweep.
func (p *Publisher) publish(ctx context.Context, rows []outboxRow) bool {
	ctx, cancel := context.WithTimeout(ctx, publishFor)
	defer cancel()
	changes := make([]event.Change, len(rows))
	ids := make([]int64, len(rows))
	for i, row := range rows {
		changes[i], ids[i] = row.Change, row.ID
	}
	if err := p.announcer.Publish(ctx, event.Fold(changes)); err != nil {
		p.failed(err)
		return false
	}
	p.failing = false
	p.published(ctx, changes)
	if err := p.db.deleteOutbox(ctx, ids); err != nil {
		p.log.Warn("published rows stay in the outbox and will be published again", "error", err)
	}
	return true
}

// sweep publishes rows older than sweepAge, those that withdraw access first.
// Rows that another process is sweeping are skipped.
func (p *Publisher) sweep(ctx context.Context) {
	for {
		swept, err := p.sweepBatch(ctx)
		if err != nil {
			if ctx.Err() == nil {
				p.failed(err)
			}
			return
		}
		if swept > 0 {
			p.failing = false
		}
		if swept < sweepBatch {
			return
		}
	}
}

func (p *Publisher) sweepBatch(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, publishFor)
	defer cancel()
	swept, oldest := 0, 0.0 // rows, and seconds since the first of them
	err := pgx.BeginFunc(ctx, p.db.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH due AS (
				SELECT id FROM outbox
				WHERE created_at < clock_timestamp() - $1::interval
				ORDER BY bye = '', id
				LIMIT $2
				FOR UPDATE SKIP LOCKED
			)
			DELETE FROM outbox USING due WHERE outbox.id = due.id
			RETURNING
				outbox.topic,
				outbox.ids,
				outbox.bye,
				outbox.trace,
				extract(epoch FROM clock_timestamp() - outbox.created_at)::float8`, sweepAge, sweepBatch)
		if err != nil {
			return fmt.Errorf("sweep the outbox: %w", err)
		}
		changes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (event.Change, error) {
			var c event.Change
			var trace string
			var age float64
			err := row.Scan(&c.Topic, &c.IDs, &c.Bye, &trace, &age)
			oldest = max(oldest, age)
			c.Traces, c.At = tracesOf(trace), aged(age)
			return c, err
		})
		if err != nil {
			return fmt.Errorf("sweep the outbox: %w", err)
		}
		if swept = len(changes); swept == 0 {
			return nil
		}
		slices.SortStableFunc(changes, func(a, b event.Change) int { return cmp.Compare(a.At, b.At) })
		if err := p.announcer.Publish(ctx, event.Fold(changes)); err != nil {
			return err
		}
		p.published(ctx, changes)
		return nil
	})
	if err == nil && swept > 0 {
		p.delay.Observe(oldest)
	}
	return swept, err
}

// failed logs the first failure of a row of them: an outage is one event.
func (p *Publisher) failed(err error) {
	if p.failing || errors.Is(err, context.Canceled) {
		return
	}
	p.failing = true
	p.log.Warn("announcements wait until they can be published", "error", err)
}
