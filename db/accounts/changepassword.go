package accounts

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// ChangePassword sets another password of the actor's. The current one is asked for,
// unless it is a temporary one, with which they have just got in. Every other session
// ends; this one goes on under the token that is answered (ID-08, REC-06).
func (s *Store) ChangePassword(ctx context.Context, actor access.Actor, current, chosen accounts.Password, from accounts.Place) (accounts.Entry, error) {
	if err := access.Can(actor, access.ChangePassword, access.Object{Owner: actor.Account}); err != nil {
		return accounts.Entry{}, err
	}
	if !actor.MustChange {
		match, err := s.CheckPassword(ctx, actor.Account, current)
		switch {
		case err != nil:
			return accounts.Entry{}, err
		case !match:
			return accounts.Entry{}, accounts.ErrWrongCurrent
		}
	}
	hash, err := s.passwords.hash(ctx, chosen)
	if err != nil {
		return accounts.Entry{}, err
	}
	entry := accounts.Entry{Token: accounts.NewToken()}
	return entry, s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := lockAccount(ctx, tx, actor.Public); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE accounts SET password_hash = $2, password_set_at = now(), password_until = NULL WHERE id = $1`, actor.Account, hash)
		if err != nil {
			return fmt.Errorf("change the password of account %d: %w", actor.Account, err)
		}
		if entry.Session, err = s.endOthers(ctx, tx, actor, entry.Token, accounts.EndPassword); err != nil {
			return err
		}
		if err := noteTold(ctx, tx, actor.Account, actor.Public, accounts.NotePassword, actor.Session, from, nil); err != nil {
			return err
		}
		if err := tx.Audit(ctx, actor, access.ChangePassword, objectOf(actor.Public), nil); err != nil {
			return err
		}
		return tx.Emit(ctx, accounts.PasswordChanged{Account: actor.Public, ID: actor.Account})
	})
}

// endOthers ends every session of the actor but the one they act in, which goes on
// under another token: who holds the former is out. The account is held.
func (s *Store) endOthers(ctx context.Context, tx *db.Tx, actor access.Actor, token accounts.Token, why accounts.EndReason) (accounts.Session, error) {
	var kept accounts.Session
	err := tx.Get(ctx, &kept, `
		UPDATE sessions SET token_hash = $3
		WHERE public_id = $1 AND account_id = $2 AND ended_at IS NULL
		RETURNING public_id, expires_at`, actor.Session, actor.Account, token.Hash())
	switch {
	case db.NoRows(err):
		return kept, access.ErrUnauthenticated
	case err != nil:
		return kept, fmt.Errorf("give a session another token: %w", err)
	}
	var ended []string
	err = tx.Select(ctx, &ended, `
		UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $3
		WHERE account_id = $1 AND public_id <> $2 AND ended_at IS NULL
		RETURNING public_id`, actor.Account, actor.Session, why)
	if err != nil {
		return kept, fmt.Errorf("end the other sessions of account %d: %w", actor.Account, err)
	}
	// A sign-in that waits for its second proof was begun with what is withdrawn now.
	for _, table := range []string{"pending_sign_ins", "phone_sign_ins"} {
		if _, err := tx.Exec(ctx, `UPDATE `+table+` SET used_at = now() WHERE account_id = $1 AND used_at IS NULL`, actor.Account); err != nil {
			return kept, fmt.Errorf("end what account %d waits for: %w", actor.Account, err)
		}
	}
	for _, session := range ended {
		if err := tx.Emit(ctx, accounts.SessionEnded{Session: session}); err != nil {
			return kept, err
		}
	}
	return kept, nil
}
