package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"veche/domain/event"
)

// outboxRow is one change on its way out of a transaction.
type outboxRow struct {
	ID    int64
	Event string
	event.Change
}

// trace is what the row keeps of Traces: a transaction acts for one request or job.
func (r outboxRow) trace() string {
	if len(r.Traces) == 0 {
		return ""
	}
	return r.Traces[0]
}

// tracesOf is the opposite of trace.
func tracesOf(trace string) []string {
	if trace == "" {
		return nil
	}
	return []string{trace}
}

// queueOutbox has what the transaction emitted saved, in one statement.
func (tx *Tx) queueOutbox(batch *pgx.Batch) {
	if len(tx.changes) == 0 {
		return
	}
	rows := make([]map[string]any, len(tx.changes))
	for i, c := range tx.changes {
		ids := c.IDs
		if ids == nil {
			ids = []string{}
		}
		rows[i] = map[string]any{"event": c.Event, "topic": c.Topic, "ids": ids, "bye": c.Bye, "trace": c.trace()}
	}
	batch.Queue(`
		WITH written AS (
			INSERT INTO outbox (event, topic, ids, bye, trace)
			SELECT event, topic, ids, bye, trace
			FROM ROWS FROM (jsonb_to_recordset($1) AS (event text, topic text, ids text[], bye text, trace text))
				WITH ORDINALITY AS r (event, topic, ids, bye, trace, place)
			ORDER BY place
			RETURNING id
		)
		SELECT array_agg(id ORDER BY id) FROM written`, rows).QueryRow(func(row pgx.Row) error {
		var ids []int64
		if err := row.Scan(&ids); err != nil {
			return fmt.Errorf("write the outbox: %w", err)
		}
		for i, id := range ids {
			tx.changes[i].ID = id
		}
		return nil
	})
}

// deleteOutbox forgets rows that were published.
func (d *DB) deleteOutbox(ctx context.Context, ids []int64) error {
	if _, err := d.pool.Exec(ctx, `DELETE FROM outbox WHERE id = ANY($1)`, ids); err != nil {
		return fmt.Errorf("empty the outbox: %w", err)
	}
	return nil
}
