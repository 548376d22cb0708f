package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"
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
// answer or a frame shows of one region comes from one Read, so that its State is
// true of all of it.
func (d *DB) Read(ctx context.Context, do func(*Snapshot) error) error {
	return d.onConn(ctx, func(conn *sqlx.Conn, raw *pgx.Conn) error {
		options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
		return pgx.BeginTxFunc(ctx, raw, options, func(begun pgx.Tx) error {
			var finished int64
			err := begun.QueryRow(ctx, `
				SELECT pg_snapshot_xmax(s)::text::bigint - (SELECT count(*) FROM pg_snapshot_xip(s))
				FROM pg_current_snapshot() s`).Scan(&finished)
			if err != nil {
				return fmt.Errorf("take a snapshot: %w", err)
			}
			return do(&Snapshot{
				queries: &queries{conn},
				State:   fmt.Sprintf("%s:%d", *d.installation.Load(), finished),
			})
		})
	})
}
