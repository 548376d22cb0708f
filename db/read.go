package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"

	"veche/domain/access"
)

// Snapshot is a read-only transaction that sees one state of everything.
type Snapshot struct {
	*queries
	// State says how new the snapshot is: the installation, a colon, and how many
	// transactions had finished when it was taken. Within an installation a
	// larger number is never an older state; it becomes data-state.
	State string
}

// Read runs do on one consistent snapshot of the primary. Everything a page, an
// answer or a frame shows of one region comes from one Read or one Look, so that its
// State is true of all of it.
func (d *DB) Read(ctx context.Context, do func(*Snapshot) error) error {
	return d.onConn(ctx, func(conn *sqlx.Conn, raw *pgx.Conn) error {
		var state string
		results := raw.SendBatch(ctx, d.snapshot(&state, pgx.ReadOnly))
		begun := results.Tx()
		defer func() { _ = begun.Rollback(ctx) }() // does nothing once committed
		if err := results.Close(); err != nil {
			return fmt.Errorf("take a snapshot: %w", err)
		}
		if err := do(&Snapshot{queries: &queries{conn, hasBegun}, State: state}); err != nil {
			return err
		}
		return begun.Commit(ctx)
	})
}

func hasBegun(context.Context) error { return nil }

// Question is one statement of a Look.
type Question struct {
	statement string
	args      []any
	read      func(pgx.Rows) error
}

// Ask is a question whose rows are read into a slice, each into a value T: a struct,
// by the names of its fields.
func Ask[T any](into *[]T, statement string, args ...any) Question {
	return Question{statement, args, func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
		*into = found
		return err
	}}
}

func (q Question) queue(batch *pgx.Batch) {
	batch.Queue(q.statement, q.args...).Query(q.read)
}

// Look puts questions that do not depend on each other's answers to one consistent
// snapshot, as Read would, all in one round trip. It answers the State.
func (d *DB) Look(ctx context.Context, questions ...Question) (state string, err error) {
	return d.look(ctx, pgx.ReadOnly, questions, func(*pgx.Batch) {})
}

// Sight is a look at somebody's data by somebody else, as the audit tells of it.
type Sight struct {
	By      access.Actor
	Do      access.Action
	Object  string
	Details map[string]any
}

// LookSeen is a Look that leaves an audit entry in the same transaction: nobody
// learns the answers when the entry cannot be written.
func (d *DB) LookSeen(ctx context.Context, seen Sight, questions ...Question) (state string, err error) {
	return d.look(ctx, pgx.ReadWrite, questions, func(batch *pgx.Batch) {
		entry, args := auditEntry(seen.By, seen.Do, seen.Object, seen.Details)
		batch.Queue(entry, args...)
	})
}

// look puts questions and whatever else belongs to the same transaction.
func (d *DB) look(ctx context.Context, mode pgx.TxAccessMode, questions []Question, more func(*pgx.Batch)) (state string, err error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return "", fmt.Errorf("take a connection: %w", err)
	}
	defer conn.Release() // a connection whose transaction failed is not used again
	batch := d.snapshot(&state, mode)
	for _, q := range questions {
		q.queue(batch)
	}
	more(batch)
	batch.Queue("COMMIT")
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return "", fmt.Errorf("look: %w", err)
	}
	return state, nil
}

// snapshot begins a batch that takes a snapshot and notes its state.
func (d *DB) snapshot(state *string, mode pgx.TxAccessMode) *pgx.Batch {
	var batch pgx.Batch
	batch.BeginTx(pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: mode})
	batch.Queue(`
		SELECT pg_snapshot_xmax(s)::text::bigint - (SELECT count(*) FROM pg_snapshot_xip(s))
		FROM pg_current_snapshot() s`).QueryRow(func(row pgx.Row) error {
		var finished int64
		if err := row.Scan(&finished); err != nil {
			return fmt.Errorf("take a snapshot: %w", err)
		}
		*state = fmt.Sprintf("%s:%d", *d.installation.Load(), finished)
		return nil
	})
	return &batch
}
