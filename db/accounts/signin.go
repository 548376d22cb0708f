package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// keyholder is what signing in needs to know of an account.
type keyholder struct {
	id       accounts.ID
	publicID string
	hash     string // "" when there is no such person, or they have no password
	lock     accounts.Lock
	until    *time.Time // the end of a temporary password
	known    bool       // the browser has been signed in from before
	networks []netip.Prefix
}

// errPasswordMoved says that the password hash changed after it was compared.
var errPasswordMoved = errors.New("the password hash changed meanwhile")

// signInTries bounds how often a sign-in starts over because of that.
const signInTries = 3

// SignIn checks the credentials. It opens a session under a new token, or, where a
// second proof is due, answers the token under which it is waited for (SEC-05); either
// is known to nobody but the caller. A session in which the actor already was is
// ended.
//
// It answers accounts.ErrWrongCredentials for an unknown login and a wrong password
// alike, after the same work, and accounts.ErrClosed when the login was tried wrongly
// too often, whoever has it (REC-03). Only who knows the password learns of a lock.
func (s *Store) SignIn(ctx context.Context, actor access.Actor, offered accounts.Credentials, from accounts.Place) (accounts.Entry, error) {
	if err := access.Can(actor, access.SignIn, access.Object{}); err != nil {
		return accounts.Entry{}, err
	}
	var err error
	for range signInTries {
		var entry accounts.Entry
		entry, err = s.trySignIn(ctx, actor, offered, from)
		if !errors.Is(err, errPasswordMoved) {
			return entry, err
		}
	}
	return accounts.Entry{}, fmt.Errorf("sign in: %w", err)
}

func (s *Store) trySignIn(ctx context.Context, actor access.Actor, offered accounts.Credentials, from accounts.Place) (accounts.Entry, error) {
	holder, err := s.keyholder(ctx, offered.Login, from)
	if err != nil {
		return accounts.Entry{}, err
	}
	guards := s.guardsOf(offered.Login, holder, from)
	closed, err := s.closed(ctx, guards)
	if err != nil {
		return accounts.Entry{}, err
	}
	match, stale, err := s.passwords.check(ctx, offered.Password, holder.hash)
	if err != nil {
		return accounts.Entry{}, err
	}
	if !match || closed.any {
		return accounts.Entry{}, s.refuse(ctx, actor, holder, guards, !match, closed, from)
	}
	if err := holder.admissible(from, time.Now()); err != nil {
		return accounts.Entry{}, s.turnAway(ctx, actor, holder, err, from)
	}
	second, err := s.prover.Asks(ctx, holder.id, accounts.ByPassword)
	if err != nil {
		return accounts.Entry{}, err
	}
	renewed := holder.hash
	if stale {
		if renewed, err = s.passwords.hash(ctx, offered.Password); err != nil {
			return accounts.Entry{}, err
		}
	}
	return s.admit(ctx, actor, holder, renewed, second, guards, from)
}

// admissible says what keeps out a person who proved that they know the password.
func (h keyholder) admissible(from accounts.Place, now time.Time) error {
	switch {
	case h.lock == accounts.LockBlocked:
		return accounts.ErrBlocked
	case h.lock == accounts.LockSuspicious:
		return accounts.ErrSuspicious
	case h.until != nil && !now.Before(*h.until):
		return accounts.ErrTemporaryOver
	case !accounts.Within(h.networks, from.Address):
		return accounts.ErrNetwork
	}
	return nil
}

// admit opens the session of a person who knows the password, or waits for their
// second proof.
func (s *Store) admit(ctx context.Context, actor access.Actor, holder keyholder, renewed string, second bool, guards guards, from accounts.Place) (accounts.Entry, error) {
	var entry accounts.Entry
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := holdPassword(ctx, tx, holder, renewed); err != nil {
			return err
		}
		if err := forgive(ctx, tx, guards); err != nil {
			return err
		}
		var err error
		if second {
			entry, err = s.await(ctx, tx, holder.id, []accounts.Means{accounts.ByPassword})
			return err
		}
		entry, err = s.enter(ctx, tx, actor, holder.id, accounts.Way{Means: []accounts.Means{accounts.ByPassword}}, from)
		return err
	})
	return entry, err
}

// keyholder finds the person with a login; an unknown one is no error.
func (s *Store) keyholder(ctx context.Context, login accounts.Login, from accounts.Place) (keyholder, error) {
	var column string
	switch login.Kind {
	case accounts.ByEmail:
		column = `email`
	case accounts.ByPhone:
		column = `phone`
	case accounts.BySNILS:
		column = `snils`
	case accounts.ByINN:
		column = `inn`
	default:
		return keyholder{}, fmt.Errorf("sign in: %q is no kind of login", login.Kind)
	}
	var holder keyholder
	err := s.db.Pool().QueryRow(ctx, `
		SELECT
			id,
			public_id,
			password_hash,
			lock,
			password_until,
			EXISTS (SELECT 1 FROM browsers b WHERE b.account_id = a.id AND b.token_hash = $2),
			networks
		FROM accounts a
		WHERE `+column+` = $1`, login.Value, from.Browser.Hash(),
	).Scan(&holder.id, &holder.publicID, &holder.hash, &holder.lock, &holder.until, &holder.known, &holder.networks)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return keyholder{}, fmt.Errorf("look for a login: %w", err)
	}
	return holder, nil
}

// refuse writes the failed try down, in the same statements for known and unknown
// logins. What was typed is not kept: people type passwords into the wrong field.
func (s *Store) refuse(ctx context.Context, actor access.Actor, holder keyholder, guards guards, count bool, was closing, from accounts.Place) error {
	answer := accounts.ErrWrongCredentials
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		now := was
		if count {
			var err error
			if now, err = fail(ctx, tx, guards); err != nil {
				return err
			}
		}
		if now.login {
			answer = accounts.ErrClosed
		}
		closes, kind := now.any && !was.any, accounts.NoteRefused
		if closes {
			kind = accounts.NoteClosed
		}
		line, err := jot(ctx, tx, holder.id, kind, "", from, nil)
		if err != nil {
			return err
		}
		if err := tx.Audit(ctx, actor, access.SignIn, objectOf(holder.publicID), map[string]any{
			"refused": true,
			"device":  from.Device,
			"address": from.Address,
		}); err != nil {
			return err
		}
		// The person is told once, when it closes. The event of an unknown login is one
		// of nobody, so that the work is the same.
		return tx.Emit(ctx, accounts.SignInRefused{
			Account: holder.publicID, ID: holder.id, Closed: closes, Known: holder.known, Note: line,
		})
	})
	if err != nil {
		return err
	}
	return answer
}

// turnAway writes down that somebody with the right password was not let in.
func (s *Store) turnAway(ctx context.Context, actor access.Actor, holder keyholder, why error, from accounts.Place) error {
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := note(ctx, tx, holder.id, accounts.NoteRefused, "", from, nil); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, access.SignIn, objectOf(holder.publicID), map[string]any{
			"refused": why.Error(), "device": from.Device, "address": from.Address,
		})
	})
	if err != nil {
		return err
	}
	return why
}

// holdPassword holds the account still until the session is there, and saves its
// password hash where that was renewed.
func holdPassword(ctx context.Context, tx *db.Tx, holder keyholder, renewed string) error {
	var hash string
	err := tx.Get(ctx, &hash, `SELECT password_hash FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, holder.id)
	switch {
	case err != nil:
		return fmt.Errorf("lock account %d: %w", holder.id, err)
	case hash != holder.hash:
		return errPasswordMoved
	case renewed == hash:
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE accounts SET password_hash = $2 WHERE id = $1`, holder.id, renewed); err != nil {
		return fmt.Errorf("renew the password hash of account %d: %w", holder.id, err)
	}
	return nil
}

// objectOf names an account in the audit; "" stands for one that does not exist.
func objectOf(publicID string) string {
	if publicID == "" {
		return ""
	}
	return string(accounts.Topic(publicID))
}

// CheckPassword compares a password with that of an account.
func (s *Store) CheckPassword(ctx context.Context, of accounts.ID, offered accounts.Password) (bool, error) {
	var hash string
	err := s.db.Pool().QueryRow(ctx, `SELECT password_hash FROM accounts WHERE id = $1`, of).Scan(&hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return false, fmt.Errorf("read a password hash: %w", err)
	}
	match, _, err := s.passwords.check(ctx, offered, hash)
	return match, err
}
