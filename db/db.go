// Package db keeps everything in Postgres: the pool that sqlx and River share,
// transactions that save and announce in one commit, reads that know how old they
// are, and the outbox whose rows become announcements.
//
// [DB.InTx] is the only way to write. Inside it a use case loads, decides, saves,
// announces (Tx.Emit) and, where staff or personal data are concerned, leaves an
// audit entry (Tx.Audit): all of it commits or none of it.
package db

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"github.com/jmoiron/sqlx/reflectx"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"veche/domain/event"
)

// Options are what a DB needs to know.
type Options struct {
	URL      string
	MaxConns int32 // 0 leaves the choice to the URL
	Log      *slog.Logger
}

// Reactions answers the jobs an event calls for. They are inserted in the
// transaction that emits it.
type Reactions func(event.Event) []river.InsertManyParams

// DB is the portal's Postgres. It is safe for concurrent use.
type DB struct {
	pool         *pgxpool.Pool
	sqlx         *sqlx.DB
	jobs         *river.Client[pgx.Tx] // only inserts; cmd/portal works the queue
	react        Reactions
	committed    func([]outboxRow)
	log          *slog.Logger
	installation atomic.Pointer[string]
}

// Open connects to Postgres and checks that it answers.
func Open(ctx context.Context, o Options) (*DB, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	if o.MaxConns > 0 {
		config.MaxConns = o.MaxConns
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &DB{
		log:       o.Log,
		react:     func(event.Event) []river.InsertManyParams { return nil },
		committed: func([]outboxRow) {},
	}
	config.AfterConnect = d.prepare
	if d.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := d.pool.Ping(ctx); err != nil {
		d.pool.Close()
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	d.sqlx = sqlx.NewDb(stdlib.OpenDBFromPool(d.pool), "pgx")
	// pgxpool keeps the connections; database/sql must not hold them back.
	d.sqlx.SetMaxIdleConns(0)
	d.sqlx.Mapper = reflectx.NewMapperFunc("db", snakeCase)
	d.jobs, err = river.NewClient(riverpgxv5.New(d.pool), &river.Config{
		Logger:     o.Log,
		Middleware: []rivertype.Middleware{carryTrace},
	})
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("prepare the job queue: %w", err)
	}
	return d, nil
}

// React sets the table of reactions. It is called once, before the first
// transaction.
func (d *DB) React(r Reactions) { d.react = r }

// Pool is the shared pool, for River and for probes.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Close waits for what is running and closes every connection.
func (d *DB) Close() {
	if d.sqlx != nil {
		_ = d.sqlx.Close()
	}
	d.pool.Close()
}

// Ready says whether Postgres answers and every migration has been applied.
func (d *DB) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var applied int64
	err := d.pool.QueryRow(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&applied)
	if err != nil {
		return fmt.Errorf("ask for the migrations: %w", err)
	}
	newest, err := newestMigration()
	if err != nil {
		return err
	}
	if applied < newest {
		return fmt.Errorf("the database is at migration %d, this program needs %d: run portal migrate", applied, newest)
	}
	queue, err := rivermigrate.New(riverpgxv5.New(d.pool), nil)
	if err != nil {
		return fmt.Errorf("read the migrations of the job queue: %w", err)
	}
	result, err := queue.Validate(ctx, nil)
	if err != nil {
		return fmt.Errorf("ask for the migrations of the job queue: %w", err)
	}
	if !result.OK {
		return fmt.Errorf("the job queue's tables are out of date: run portal migrate: %v", result.Messages)
	}
	return nil
}

// similarEnough is how alike words must be for a search to forgive a slip or an
// ending, from 0 to 1. Postgres's own 0.6 misses most endings of Russian nouns.
const similarEnough = 0.45

// prepare makes a new connection ready: search forgives slips, and the
// installation is known.
func (d *DB) prepare(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SELECT set_config('pg_trgm.word_similarity_threshold', $1::text, false)`, fmt.Sprint(similarEnough))
	if err != nil {
		return fmt.Errorf("set up search: %w", err)
	}
	return d.identify(ctx, conn)
}

// identify notes which installation the server is. Transaction numbers are
// comparable only within one: a restored backup counts anew, and is told apart by
// its system identifier or its timeline.
func (d *DB) identify(ctx context.Context, conn *pgx.Conn) error {
	var id string
	err := conn.QueryRow(ctx, `
		SELECT to_hex(system_identifier) || '-' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
		FROM pg_control_system()`).Scan(&id)
	if err != nil {
		return fmt.Errorf("identify the installation: %w", err)
	}
	d.installation.Store(&id)
	return nil
}

// snakeCase maps OpensAt to opens_at and PublicID to public_id, so that columns
// need no tags.
func snakeCase(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		upper := 'A' <= c && c <= 'Z'
		if !upper {
			b.WriteByte(c)
			continue
		}
		afterLower := i > 0 && (name[i-1] < 'A' || name[i-1] > 'Z')
		beforeLower := i > 0 && i+1 < len(name) && 'a' <= name[i+1] && name[i+1] <= 'z'
		if afterLower || beforeLower {
			b.WriteByte('_')
		}
		b.WriteByte(c + 'a' - 'A')
	}
	return b.String()
}
