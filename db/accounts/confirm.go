package accounts

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
)

// SendConfirmation sends the code of «Подтверждение учётной записи» to the phone of
// the actor (ID-03); accounts.ErrNoPhone when they have none.
func (s *Store) SendConfirmation(ctx context.Context, actor access.Actor, lang string) error {
	now, err := s.Standing(ctx, actor)
	if err != nil {
		return err
	}
	address := now.To(accounts.ByText)
	if address == "" {
		return accounts.ErrNoPhone
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		return s.sendTo(ctx, tx, actor, codes.ForConfirm, accounts.ByText, address, lang)
	})
}

// Identify confirms the actor's account with the code, and links it to the official
// identifier, "" where that is known already: all services are open then.
func (s *Store) Identify(ctx context.Context, actor access.Actor, code, typed, snils string, from accounts.Place) error {
	if err := access.Can(actor, access.ConfirmAccount, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	sent, err := s.codes.Try(ctx, code, codes.ForConfirm, inSession(actor), typed)
	if err != nil {
		return err
	}
	if sent.Account != actor.Account {
		return codes.ErrUsedUp
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := s.codes.Use(ctx, tx, sent.ID); err != nil {
			return err
		}
		confirmed, err := tx.Exec(ctx, `
			UPDATE accounts
			SET confirmed = true,
				snils = coalesce(snils, NULLIF($3, '')),
				phone_confirmed_at = coalesce(CASE WHEN phone = $2 THEN phone_confirmed_at END, now()),
				phone = $2,
				phone_wanted = '',
				rights = rights + 1
			WHERE id = $1
				AND NOT confirmed
				AND coalesce(snils, $3) <> ''
				AND $2 = coalesce(NULLIF(phone_wanted, ''), phone)`, actor.Account, sent.Address, snils)
		switch {
		case db.Violates(err, "accounts_snils"):
			return accounts.ErrSNILSRefused
		case db.Violates(err, "accounts_phone"):
			return accounts.ErrPhoneTaken // they showed that they read it: it may be said
		case err != nil:
			return fmt.Errorf("confirm account %d: %w", actor.Account, err)
		case confirmed == 0:
			return codes.ErrUsedUp
		}
		if err := note(ctx, tx, actor.Account, accounts.NoteConfirmed, actor.Session, from, nil); err != nil {
			return err
		}
		if err := tx.Audit(ctx, actor, access.ConfirmAccount, objectOf(actor.Public), nil); err != nil {
			return err
		}
		if err := tx.Emit(ctx, accounts.Identified{Account: actor.Public, ID: actor.Account}); err != nil {
			return err
		}
		return tx.Emit(ctx, accounts.RightsChanged{Account: actor.Public})
	})
}

// askToConfirm says whether an account that is entered has to be led to its
// confirmation, which is once.
func askToConfirm(ctx context.Context, tx *db.Tx, who accounts.ID) (bool, error) {
	asked, err := tx.Exec(ctx, `
		UPDATE accounts SET confirm_asked_at = now()
		WHERE id = $1 AND NOT confirmed AND confirm_asked_at IS NULL`, who)
	if err != nil {
		return false, fmt.Errorf("lead account %d to its confirmation: %w", who, err)
	}
	return asked > 0, nil
}
