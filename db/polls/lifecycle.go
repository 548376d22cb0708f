package polls

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/polls"
)

// Announce puts a poll into the calendar and makes it findable. The jobs that open
// and close it come from the reaction to the event. It answers the poll's key.
func Announce(ctx context.Context, tx *db.Tx, poll polls.Poll) (polls.ID, error) {
	var id polls.ID
	err := tx.Get(ctx, &id, `
		INSERT INTO polls (question, description, topic, opens_at, closes_at)
		VALUES ($1, $2, $3, $4, $5)
		RETURNING id`,
		poll.Question, poll.Description, poll.Topic, poll.OpensAt, poll.ClosesAt)
	if err != nil {
		return 0, fmt.Errorf("save a poll: %w", err)
	}
	for i, o := range poll.Options {
		_, err := tx.Exec(ctx, `INSERT INTO poll_options (poll_id, position, text) VALUES ($1, $2, $3)`, id, i+1, o.Text)
		if err != nil {
			return 0, fmt.Errorf("save option %d of poll %d: %w", i+1, id, err)
		}
	}
	if err := tx.Index(ctx, searchKind, int64(id), poll.Question, poll.Description); err != nil {
		return 0, err
	}
	return id, tx.Emit(ctx, polls.Announced{Poll: id, OpensAt: poll.OpensAt, ClosesAt: poll.ClosesAt})
}

// Open lets people vote and counts who may: everybody whose identity is
// confirmed at that moment.
func (s *Store) Open(ctx context.Context, id polls.ID) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		before, now, err := lockPoll(ctx, tx, id, "UPDATE")
		if err != nil {
			return err
		}
		after, err := before.Open(now)
		if err != nil || after.Status == before.Status {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE polls
			SET
				status = $2,
				listed_at = clock_timestamp(),
				electorate = (SELECT count(*) FROM accounts WHERE confirmed)
			WHERE id = $1`, id, after.Status)
		if err != nil {
			return fmt.Errorf("open poll %d: %w", id, err)
		}
		return tx.Emit(ctx, polls.Opened{Poll: id})
	})
}

// Close makes the result final.
func (s *Store) Close(ctx context.Context, id polls.ID) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		before, now, err := lockPoll(ctx, tx, id, "UPDATE")
		if err != nil {
			return err
		}
		after, err := before.Close(now)
		if err != nil || after.Status == before.Status {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE polls SET status = $2 WHERE id = $1`, id, after.Status); err != nil {
			return fmt.Errorf("close poll %d: %w", id, err)
		}
		return tx.Emit(ctx, polls.ClosedForVotes{Poll: id})
	})
}
