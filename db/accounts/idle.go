package accounts

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/accounts"
)

// warning is how long before its end a session that nobody uses is warned: two
// minutes, of the usual limit.
func (s *Store) warning() time.Duration {
	const share = float64(accounts.IdleWarning) / float64(accounts.IdleLimit)
	return time.Duration(share * float64(s.idle))
}

// WarnIdle announces the sessions that are about to end because nobody uses them
// (SEC-07). Each is announced once, until somebody uses it again.
func (s *Store) WarnIdle(ctx context.Context) error {
	for {
		var warned []string
		err := s.db.InTx(ctx, func(tx *db.Tx) error {
			err := tx.Select(ctx, &warned, `
				UPDATE sessions SET warned_at = now()
				WHERE id IN (
					SELECT id FROM sessions
					WHERE ended_at IS NULL AND warned_at IS NULL AND seen_at <= now() - $2 * interval '1 second'
					LIMIT $1
					FOR UPDATE SKIP LOCKED
				)
				RETURNING public_id`, overdueBatch, (s.idle - s.warning()).Seconds())
			if err != nil {
				return fmt.Errorf("warn of idle sessions: %w", err)
			}
			for _, session := range warned {
				if err := tx.Emit(ctx, accounts.SessionIdle{Session: session}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(warned) < overdueBatch {
			return err
		}
	}
}

// Idle answers when sessions that were warned end, by their public ids; the others are
// absent.
func (s *Store) Idle(ctx context.Context, sessions []string) (state string, ends map[string]time.Time, err error) {
	var rows []struct {
		PublicID string
		EndsAt   time.Time
	}
	state, err = s.db.Look(ctx, db.Ask(&rows, `
		SELECT public_id, seen_at + $2 * interval '1 second' AS ends_at
		FROM sessions
		WHERE public_id = ANY($1) AND ended_at IS NULL AND warned_at IS NOT NULL`, sessions, s.idle.Seconds()))
	ends = make(map[string]time.Time, len(rows))
	for _, row := range rows {
		ends[row.PublicID] = row.EndsAt
	}
	return state, ends, err
}
