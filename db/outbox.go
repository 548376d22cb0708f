package db

import (
	"context"
	"fmt"

	"veche/domain/event"
)

// outboxRow is one change on its way out of a transaction.
type outboxRow struct {
	ID    int64
	Event string
	event.Change
}

// writeOutbox saves what the transaction emitted, in one statement.
func (tx *Tx) writeOutbox(ctx context.Context) error {
	if len(tx.changes) == 0 {
		return nil
	}
	rows := make([]map[string]any, len(tx.changes))
	for i, c := range tx.changes {
		ids := c.IDs
		if ids == nil {
			ids = []string{}
		}
		rows[i] = map[string]any{"event": c.Event, "topic": c.Topic, "ids": ids, "bye": c.Bye}
	}
	var ids []int64
	err := tx.pgx.QueryRow(ctx, `
		WITH written AS (
			INSERT INTO outbox (event, topic, ids, bye)
			SELECT event, topic, ids, bye
			FROM ROWS FROM (jsonb_to_recordset($1) AS (event text, topic text, ids text[], bye text))
				WITH ORDINALITY AS r (event, topic, ids, bye, place)
			ORDER BY place
			RETURNING id
		)
		SELECT array_agg(id ORDER BY id) FROM written`, rows).Scan(&ids)
	if err != nil {
		return fmt.Errorf("write the outbox: %w", err)
	}
	for i, id := range ids {
		tx.changes[i].ID = id
	}
	return nil
}

// deleteOutbox forgets rows that were published.
func (d *DB) deleteOutbox(ctx context.Context, ids []int64) error {
	if _, err := d.pool.Exec(ctx, `DELETE FROM outbox WHERE id = ANY($1)`, ids); err != nil {
		return fmt.Errorf("empty the outbox: %w", err)
	}
	return nil
}
