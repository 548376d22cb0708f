package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"github.com/riverqueue/river"

	"veche/domain/access"
	"veche/domain/event"
)

// Tx is a transaction: sqlx for the statements, pgx for River, on one connection.
// It begins with its first statement.
type Tx struct {
	*queries
	raw     *pgx.Conn
	begun   pgx.Tx // nil before the first statement and after the commit
	db      *DB
	now     time.Time
	changes []outboxRow
	later   pgx.Batch
}

// InTx runs do in a transaction. When do answers nil everything it saved, emitted
// and audited is committed together; otherwise nothing of it is. What was
// announced is published right after the commit. A statement left for [Tx.Later]
// that Postgres refuses is InTx's error.
func (d *DB) InTx(ctx context.Context, do func(*Tx) error) error {
	var tx *Tx
	err := d.onConn(ctx, func(conn *sqlx.Conn, raw *pgx.Conn) error {
		tx = &Tx{raw: raw, db: d}
		tx.queries = &queries{conn, tx.begin}
		defer tx.rollback(ctx)
		if err := do(tx); err != nil {
			return err
		}
		return tx.commit(ctx)
	})
	if err != nil {
		return err
	}
	if len(tx.changes) > 0 {
		d.committed(tx.changes)
	}
	return nil
}

func (tx *Tx) begin(ctx context.Context) error {
	if tx.begun != nil {
		return nil
	}
	begun, err := tx.raw.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx.begun = begun
	return nil
}

// rollback undoes what was not committed.
func (tx *Tx) rollback(ctx context.Context) {
	if tx.begun != nil {
		_ = tx.begun.Rollback(ctx) // one that fails closes the connection, which undoes it too
	}
}

// commit sends what was left for later, the outbox rows and the commit in one round
// trip. After a statement that is refused Postgres skips the rest.
func (tx *Tx) commit(ctx context.Context) error {
	if tx.begun == nil && tx.later.Len() == 0 && len(tx.changes) == 0 {
		return nil
	}
	if err := tx.begin(ctx); err != nil {
		return err
	}
	tx.queueOutbox(&tx.later)
	tx.later.Queue("COMMIT").Exec(func(done pgconn.CommandTag) error {
		if done.String() == "ROLLBACK" { // a statement had failed and do did not say so
			return pgx.ErrTxCommitRollback
		}
		return nil
	})
	if err := tx.raw.SendBatch(ctx, &tx.later).Close(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	tx.begun = nil
	return nil
}

// Later leaves a statement for the end of the transaction, where it costs no round
// trip of its own. It is for what is written without a look at the answer.
func (tx *Tx) Later(statement string, args ...any) { tx.later.Queue(statement, args...) }

// Look asks questions that do not depend on each other's answers in one round trip,
// that of the beginning included.
func (tx *Tx) Look(ctx context.Context, questions ...Question) error {
	var batch pgx.Batch
	first := tx.begun == nil
	if first {
		batch.BeginTx(pgx.TxOptions{})
	}
	for _, q := range questions {
		q.queue(&batch)
	}
	results := tx.raw.SendBatch(ctx, &batch)
	if first {
		tx.begun = results.Tx()
	}
	return results.Close()
}

// onConn lends one connection of the pool as both sqlx and pgx see it.
func (d *DB) onConn(ctx context.Context, do func(*sqlx.Conn, *pgx.Conn) error) error {
	conn, err := d.sqlx.Connx(ctx)
	if err != nil {
		return fmt.Errorf("take a connection: %w", err)
	}
	defer func() { _ = conn.Close() }()
	var raw *pgx.Conn
	if err := conn.Raw(func(driver any) error {
		raw = driver.(*stdlib.Conn).Conn()
		return nil
	}); err != nil {
		return fmt.Errorf("reach the connection: %w", err)
	}
	return do(conn, raw)
}

// Now is the time of the transaction by the database's clock, which all processes
// share. It is asked for once.
func (tx *Tx) Now(ctx context.Context) (time.Time, error) {
	if tx.now.IsZero() {
		if err := tx.Get(ctx, &tx.now, `SELECT clock_timestamp()`); err != nil {
			return time.Time{}, fmt.Errorf("ask for the time: %w", err)
		}
	}
	return tx.now, nil
}

// Emit announces what happened: the outbox rows, and the jobs that the table of
// reactions calls for, commit with the change. Both carry the trace of ctx.
func (tx *Tx) Emit(ctx context.Context, happened event.Event) error {
	for _, c := range event.Fold(happened.Changes()) {
		c.Traces = tracesOf(event.Trace(ctx))
		tx.changes = append(tx.changes, outboxRow{Event: happened.Name(), Change: c})
	}
	return tx.Enqueue(ctx, tx.db.react(happened)...)
}

// Enqueue inserts jobs in the transaction. Use cases emit events; only the demo
// data and repairs enqueue by themselves.
func (tx *Tx) Enqueue(ctx context.Context, jobs ...river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if err := tx.begin(ctx); err != nil {
		return err
	}
	if _, err := tx.db.jobs.InsertManyTx(ctx, tx.begun, jobs); err != nil {
		return fmt.Errorf("insert jobs: %w", err)
	}
	return nil
}

// Audit leaves an entry saying who did what to which object (AUD-01, AUD-03).
// Details hold no choice of a voter and no secret.
func (tx *Tx) Audit(ctx context.Context, actor access.Actor, do access.Action, object string, details map[string]any) error {
	if err := tx.begin(ctx); err != nil {
		return err
	}
	entry, args := auditEntry(actor, do, object, details)
	if _, err := tx.begun.Exec(ctx, entry, args...); err != nil {
		return fmt.Errorf("write the audit entry: %w", err)
	}
	return nil
}

func auditEntry(actor access.Actor, do access.Action, object string, details map[string]any) (statement string, args []any) {
	if details == nil {
		details = map[string]any{}
	}
	account := sql.NullInt64{Int64: int64(actor.Account), Valid: actor.SignedIn()}
	return `
		INSERT INTO audit_entries (account_id, session, action, object, details)
		VALUES ($1, $2, $3, $4, $5)`,
		[]any{account, actor.Session, string(do), object, details}
}

// Index puts a thing into the search table, or renews what stands there.
func (tx *Tx) Index(ctx context.Context, kind string, id int64, title, body string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO search_entries (kind, object_id, title, body)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, object_id) DO UPDATE
		SET title = excluded.title, body = excluded.body`,
		kind, id, title, body)
	if err != nil {
		return fmt.Errorf("index %s %d for search: %w", kind, id, err)
	}
	return nil
}

// Copy streams rows into a table. It is for bulk loads.
func (tx *Tx) Copy(ctx context.Context, table string, columns []string, rows [][]any) error {
	if err := tx.begin(ctx); err != nil {
		return err
	}
	if _, err := tx.begun.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("copy into %s: %w", table, err)
	}
	return nil
}

// queries are the statements both kinds of transaction share.
type queries struct {
	conn  *sqlx.Conn
	begin func(context.Context) error // sees to it that the transaction has begun
}

// Get scans one row into dst; sql.ErrNoRows when there is none.
func (q *queries) Get(ctx context.Context, dst any, query string, args ...any) error {
	if err := q.begin(ctx); err != nil {
		return err
	}
	return q.conn.GetContext(ctx, dst, query, args...)
}

// Select scans all rows into the slice dst points to.
func (q *queries) Select(ctx context.Context, dst any, query string, args ...any) error {
	if err := q.begin(ctx); err != nil {
		return err
	}
	return q.conn.SelectContext(ctx, dst, query, args...)
}

// Exec runs a statement and answers how many rows it touched.
func (q *queries) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := q.begin(ctx); err != nil {
		return 0, err
	}
	result, err := q.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// NoRows says whether err means that nothing was found.
func NoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) }
