package recovery

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/recovery"
)

// Set keeps the actor's control questions instead of those they had.
func (s *Store) Set(ctx context.Context, actor access.Actor, answers []recovery.Answer) error {
	if err := access.Can(actor, access.ChangeSecurity, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	if len(answers) != recovery.Needed {
		return recovery.ErrCheckForm
	}
	hashes := make([]string, len(answers))
	for at, answer := range answers {
		hash, err := s.hashing.Hash(ctx, s.peppered(answer.Question, answer.Text))
		if err != nil {
			return fmt.Errorf("hash an answer: %w", err)
		}
		hashes[at] = hash
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := forget(ctx, tx, actor); err != nil {
			return err
		}
		for at, answer := range answers {
			_, err := tx.Exec(ctx, `
				INSERT INTO control_questions (account_id, position, question, answer_hash)
				VALUES ($1, $2, $3, $4)`, actor.Account, at+1, answer.Question, hashes[at])
			if err != nil {
				return fmt.Errorf("keep a control question: %w", err)
			}
		}
		note(tx, actor, "questions_set")
		return tx.Emit(ctx, recovery.QuestionsSet{Account: actor.Public})
	})
}

// Remove forgets the actor's control questions. Twice is no error.
func (s *Store) Remove(ctx context.Context, actor access.Actor) error {
	if err := access.Can(actor, access.ChangeSecurity, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		had, err := forget(ctx, tx, actor)
		if err != nil || !had {
			return err
		}
		note(tx, actor, "questions_removed")
		return tx.Emit(ctx, recovery.QuestionsRemoved{Account: actor.Public})
	})
}

// Chosen answers which questions the actor set, and when.
func (s *Store) Chosen(ctx context.Context, actor access.Actor) (recovery.Chosen, error) {
	if err := access.Can(actor, access.ChangeSecurity, access.Object{Owner: actor.Account}); err != nil {
		return recovery.Chosen{}, err
	}
	var rows []struct {
		Question recovery.Question
		SetAt    time.Time
	}
	_, err := s.db.Look(ctx, db.Ask(&rows, `
		SELECT question, set_at FROM control_questions WHERE account_id = $1 ORDER BY position`, actor.Account))
	if err != nil {
		return recovery.Chosen{}, fmt.Errorf("read the control questions of account %d: %w", actor.Account, err)
	}
	var chosen recovery.Chosen
	for _, row := range rows {
		chosen.Questions = append(chosen.Questions, row.Question)
		chosen.SetAt = row.SetAt
	}
	return chosen, nil
}

// forget takes the actor's questions away, holding the account so that two forms
// sent at once do not mix.
func forget(ctx context.Context, tx *db.Tx, actor access.Actor) (had bool, err error) {
	if _, err := tx.Exec(ctx, `SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, actor.Account); err != nil {
		return false, fmt.Errorf("lock account %d: %w", actor.Account, err)
	}
	removed, err := tx.Exec(ctx, `DELETE FROM control_questions WHERE account_id = $1`, actor.Account)
	if err != nil {
		return false, fmt.Errorf("forget the control questions of account %d: %w", actor.Account, err)
	}
	return removed > 0, nil
}

// note writes a change into what the person reads about their account.
func note(tx *db.Tx, actor access.Actor, kind string) {
	tx.Later(`
		INSERT INTO account_events (account_id, kind, session, device, address)
		SELECT $1, $2, $3, coalesce(max(device), ''), coalesce(max(address), '')
		FROM sessions
		WHERE public_id = $3`, actor.Account, kind, actor.Session)
}
