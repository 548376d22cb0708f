package accounts

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// Restored is a password that takes the place of a lost one.
type Restored struct {
	Of   accounts.ID
	Hash string
	For  time.Duration // of a temporary one (REC-06); 0 is for good
	How  string        // for the journal and the audit: "code", "desk"
}

// Restore sets the password of somebody who proved who they are without the old one
// (REC-01, REC-06). Every session ends, and what was closed by failures is open again.
// Browsers stay known, and the second factor is asked for as before. It answers the
// account's public id.
func (s *Store) Restore(ctx context.Context, tx *db.Tx, by access.Actor, r Restored, from accounts.Place) (public string, err error) {
	var row struct {
		PublicID string
		Lock     accounts.Lock
	}
	err = tx.Get(ctx, &row, `
		UPDATE accounts
		SET password_hash = $2,
			password_set_at = now(),
			password_until = CASE WHEN $3 > 0 THEN now() + $3 * interval '1 second' END
		WHERE id = $1
		RETURNING public_id, lock`, r.Of, r.Hash, r.For.Seconds())
	switch {
	case err != nil:
		return "", fmt.Errorf("set the password of account %d: %w", r.Of, err)
	case row.Lock == accounts.LockBlocked:
		return "", accounts.ErrBlocked
	}
	if err := endSessions(ctx, tx, by, r.Of, row.PublicID, accounts.EndPassword); err != nil {
		return "", err
	}
	if err := s.Open(ctx, tx, r.Of); err != nil {
		return "", err
	}
	facts := map[string]any{"how": r.How, "temporary": r.For > 0}
	if err := noteTold(ctx, tx, r.Of, row.PublicID, accounts.NotePassword, "", from, facts); err != nil {
		return "", err
	}
	return row.PublicID, tx.Audit(ctx, by, access.ChangePassword, objectOf(row.PublicID), facts)
}

// OpenAgain is Open for somebody who just proved that the account is theirs, and notes
// it (REC-04). It lifts no lock of the account itself.
func (s *Store) OpenAgain(ctx context.Context, tx *db.Tx, of accounts.ID, from accounts.Place) (public string, err error) {
	if public, err = holdAccount(ctx, tx, of); err != nil {
		return "", err
	}
	if err := s.Open(ctx, tx, of); err != nil {
		return "", err
	}
	if err := note(ctx, tx, of, accounts.NoteOpened, "", from, nil); err != nil {
		return "", err
	}
	return public, tx.Audit(ctx, access.Guest(), access.RequestRecovery, objectOf(public), map[string]any{"opened": true})
}

// LiftSuspicion lifts the lock of an account whose owner proved who they are by a paper
// (REC-05). What was ended stays ended. Another lock is not touched.
func (s *Store) LiftSuspicion(ctx context.Context, tx *db.Tx, by access.Actor, of accounts.ID) (public string, err error) {
	if public, err = holdAccount(ctx, tx, of); err != nil {
		return "", err
	}
	lifted, err := tx.Exec(ctx, `
		UPDATE accounts SET lock = '', locked_at = NULL WHERE id = $1 AND lock = $2`, of, accounts.LockSuspicious)
	if err != nil {
		return "", fmt.Errorf("lift the lock of account %d: %w", of, err)
	}
	if lifted == 0 {
		return public, nil
	}
	if err := s.Open(ctx, tx, of); err != nil {
		return "", err
	}
	if err := note(ctx, tx, of, accounts.NoteSuspicionLifted, "", accounts.Place{}, nil); err != nil {
		return "", err
	}
	return public, tx.Audit(ctx, by, access.RequestRecovery, objectOf(public), map[string]any{"lifted": true})
}

func holdAccount(ctx context.Context, tx *db.Tx, id accounts.ID) (public string, err error) {
	if err := tx.Get(ctx, &public, `SELECT public_id FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
		return "", fmt.Errorf("lock account %d: %w", id, err)
	}
	return public, nil
}

// Block keeps a person out, by an administrator's decision. Their sessions end at once.
// Nobody blocks themselves. Who is blocked already stays so.
func (s *Store) Block(ctx context.Context, actor access.Actor, login accounts.Login, reason string) error {
	return s.setBlock(ctx, actor, login, reason, true)
}

// Unblock lets a person in again who was blocked.
func (s *Store) Unblock(ctx context.Context, actor access.Actor, login accounts.Login, reason string) error {
	return s.setBlock(ctx, actor, login, reason, false)
}

func (s *Store) setBlock(ctx context.Context, actor access.Actor, login accounts.Login, reason string, block bool) error {
	if err := access.Can(actor, access.BlockAccount, access.Object{}); err != nil {
		return err
	}
	holder, err := s.keyholder(ctx, login, accounts.Place{})
	switch {
	case err != nil:
		return err
	case holder.id == 0:
		return accounts.ErrUnknownAccount
	case holder.id == actor.Account:
		return access.ErrForbidden
	}
	was, will, kind := accounts.LockBlocked, accounts.Unlocked, accounts.NoteUnblocked
	if block {
		will, kind = accounts.LockBlocked, accounts.NoteBlocked
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		changed, err := tx.Exec(ctx, `
			UPDATE accounts
			SET lock = $2, locked_at = CASE WHEN $2 <> '' THEN now() END, rights = rights + 1
			WHERE id = $1 AND lock <> $2 AND ($4 OR lock = $3)`, holder.id, will, was, block)
		switch {
		case err != nil:
			return fmt.Errorf("change the lock of account %d: %w", holder.id, err)
		case changed == 0:
			return nil
		}
		if err := endSessions(ctx, tx, actor, holder.id, holder.publicID, accounts.EndBlocked); err != nil {
			return err
		}
		if err := note(ctx, tx, holder.id, kind, "", accounts.Place{}, map[string]any{"reason": reason}); err != nil {
			return err
		}
		details := map[string]any{"blocked": block, "reason": reason}
		return tx.Audit(ctx, actor, access.BlockAccount, objectOf(holder.publicID), details)
	})
}
