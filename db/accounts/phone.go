package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
)

// PhoneSignIn is a sign-in by a code alone that waits for the code.
type PhoneSignIn struct {
	Shown string // the number, masked
	Code  codes.Code
	id    int64
}

func (p PhoneSignIn) holder() string { return fmt.Sprintf("phone:%d", p.id) }

// CallIn begins a sign-in by a code to a phone (ID-13). A code goes to those who may
// sign in so: never to staff, and not where it is switched off or the account is kept
// shut. For everybody else, and for numbers that nobody has, all is the same but that
// nothing is sent.
func (s *Store) CallIn(ctx context.Context, actor access.Actor, phone string, from accounts.Place) (accounts.Token, error) {
	if err := access.Can(actor, access.SignIn, access.Object{}); err != nil {
		return "", err
	}
	who, err := s.caller(ctx, phone, from)
	if err != nil {
		return "", err
	}
	address := phone
	if who == 0 {
		address = ""
	}
	token := accounts.NewToken()
	return token, s.db.InTx(ctx, func(tx *db.Tx) error {
		waiting := PhoneSignIn{Shown: codes.Mask(codes.SMS, phone)}
		err := tx.Get(ctx, &waiting.id, `
			INSERT INTO phone_sign_ins (token_hash, account_id, shown, code, expires_at)
			VALUES ($1, NULLIF($2::bigint, 0), $3, '', now() + $4 * interval '1 second')
			RETURNING id`, token.Hash(), who, waiting.Shown, accounts.PendingFor.Seconds())
		if err != nil {
			return fmt.Errorf("begin a sign-in by phone: %w", err)
		}
		code, err := s.codes.Request(ctx, tx, codes.Request{
			Purpose: codes.ForPhoneSignIn, Account: who, Holder: waiting.holder(), Channel: codes.SMS, Address: address, Lang: from.Lang,
		})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE phone_sign_ins SET code = $2 WHERE id = $1`, waiting.id, code); err != nil {
			return fmt.Errorf("note the code of a sign-in by phone: %w", err)
		}
		return nil
	})
}

// caller is who may sign in by a code to a phone, 0 when nobody may.
func (s *Store) caller(ctx context.Context, phone string, from accounts.Place) (accounts.ID, error) {
	var who accounts.ID
	var networks []netip.Prefix
	err := s.db.Pool().QueryRow(ctx, `SELECT id, networks FROM accounts a WHERE phone = $1 AND `+mayCallIn, phone).Scan(&who, &networks)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("look for a phone: %w", err)
	case !accounts.Within(networks, from.Address):
		return 0, nil
	}
	return who, nil
}

// mayCallIn is who may sign in by a code alone.
const mayCallIn = `phone_confirmed_at IS NOT NULL
	AND phone_sign_in
	AND lock = ''
	AND password_until IS NULL
	AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.account_id = a.id)`

// Calling is the sign-in that waits under a token; accounts.ErrTooLate when none does.
func (s *Store) Calling(ctx context.Context, token accounts.Token) (PhoneSignIn, error) {
	var waiting PhoneSignIn
	if !token.Valid() {
		return waiting, accounts.ErrTooLate
	}
	err := s.db.Pool().QueryRow(ctx, `
		SELECT id, shown, code FROM phone_sign_ins
		WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()`, token.Hash(),
	).Scan(&waiting.id, &waiting.Shown, &waiting.Code.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return waiting, accounts.ErrTooLate
	}
	if err != nil {
		return waiting, fmt.Errorf("look for a sign-in by phone: %w", err)
	}
	code, _, err := s.codes.Shown(ctx, waiting.Code.ID, waiting.holder())
	waiting.Code = code
	return waiting, err
}

// CallAgain sends the code once more.
func (s *Store) CallAgain(ctx context.Context, token accounts.Token) error {
	waiting, err := s.Calling(ctx, token)
	if err != nil {
		return err
	}
	return s.codes.Resend(ctx, waiting.Code.ID, waiting.holder())
}

// Answer opens the session of somebody who typed the code, or waits for a second proof
// where they asked for one of another kind. It is one proof: what is sensitive asks for
// another.
func (s *Store) Answer(ctx context.Context, actor access.Actor, token accounts.Token, typed string, from accounts.Place) (accounts.Entry, error) {
	if err := access.Can(actor, access.SignIn, access.Object{}); err != nil {
		return accounts.Entry{}, err
	}
	waiting, err := s.Calling(ctx, token)
	if err != nil {
		return accounts.Entry{}, err
	}
	code, err := s.codes.Try(ctx, waiting.Code.ID, codes.ForPhoneSignIn, waiting.holder(), typed)
	if err != nil {
		return accounts.Entry{}, err
	}
	var entry accounts.Entry
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := s.codes.Use(ctx, tx, code.ID); err != nil {
			return err
		}
		used, err := tx.Exec(ctx, `UPDATE phone_sign_ins SET used_at = now() WHERE id = $1 AND used_at IS NULL`, waiting.id)
		switch {
		case err != nil:
			return fmt.Errorf("end a sign-in by phone: %w", err)
		case used == 0:
			return accounts.ErrTooLate
		}
		// What changed since the code was sent counts.
		var second []string
		err = tx.Select(ctx, &second, `
			SELECT second_factor FROM accounts a WHERE id = $1 AND phone = $2 AND `+mayCallIn+` FOR NO KEY UPDATE`,
			code.Account, code.Address)
		switch {
		case err != nil:
			return fmt.Errorf("hold account %d: %w", code.Account, err)
		case len(second) == 0:
			return codes.ErrUsedUp
		}
		means := []accounts.Means{accounts.BySMS}
		if second[0] != "off" && second[0] != string(codes.SMS) {
			entry, err = s.await(ctx, tx, code.Account, means)
			return err
		}
		entry, err = s.enter(ctx, tx, actor, code.Account, accounts.Way{Means: means}, from)
		return err
	})
	return entry, err
}

// AllowCalls switches signing in by a code alone on or off.
func (s *Store) AllowCalls(ctx context.Context, actor access.Actor, on bool, from accounts.Place) error {
	if err := access.Can(actor, access.ChangeSecurity, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		changed, err := tx.Exec(ctx, `UPDATE accounts SET phone_sign_in = $2 WHERE id = $1 AND phone_sign_in <> $2`, actor.Account, on)
		switch {
		case err != nil:
			return fmt.Errorf("switch sign-in by phone of account %d: %w", actor.Account, err)
		case changed == 0:
			return nil
		}
		facts := map[string]any{"phone_sign_in": on}
		if err := note(ctx, tx, actor.Account, accounts.NoteSettings, actor.Session, from, facts); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, access.ChangeSecurity, objectOf(actor.Public), facts)
	})
}
