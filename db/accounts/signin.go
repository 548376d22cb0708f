package accounts

import (
	"context"
	"errors"
	"fmt"

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
}

// errPasswordMoved says that the password hash changed after it was compared.
var errPasswordMoved = errors.New("the password hash changed meanwhile")

// signInTries bounds how often a sign-in starts over because of that.
const signInTries = 3

// SignIn checks the credentials and opens a session under a new token; the token
// is known to nobody but the caller from then on. A session in which the actor
// already was is ended. It answers accounts.ErrWrongCredentials for an unknown
// login and a wrong password alike, after the same work.
func (s *Store) SignIn(ctx context.Context, actor access.Actor, offered accounts.Credentials, from accounts.Place) (accounts.Token, accounts.Session, error) {
	if err := access.Can(actor, access.SignIn, access.Object{}); err != nil {
		return "", accounts.Session{}, err
	}
	var err error
	for range signInTries {
		var token accounts.Token
		var session accounts.Session
		token, session, err = s.trySignIn(ctx, actor, offered, from)
		if !errors.Is(err, errPasswordMoved) {
			return token, session, err
		}
	}
	return "", accounts.Session{}, fmt.Errorf("sign in: %w", err)
}

func (s *Store) trySignIn(ctx context.Context, actor access.Actor, offered accounts.Credentials, from accounts.Place) (accounts.Token, accounts.Session, error) {
	holder, err := s.keyholder(ctx, offered.Login)
	if err != nil {
		return "", accounts.Session{}, err
	}
	match, stale, err := s.passwords.check(ctx, offered.Password, holder.hash)
	if err != nil {
		return "", accounts.Session{}, err
	}
	if !match {
		return "", accounts.Session{}, s.refuse(ctx, actor, holder, from)
	}
	renewed := holder.hash
	if stale {
		if renewed, err = s.passwords.hash(ctx, offered.Password); err != nil {
			return "", accounts.Session{}, err
		}
	}
	return s.admit(ctx, actor, holder, renewed, from)
}

// admit opens the session of a person who proved who they are.
func (s *Store) admit(ctx context.Context, actor access.Actor, holder keyholder, renewed string, from accounts.Place) (accounts.Token, accounts.Session, error) {
	token := accounts.NewToken()
	var session accounts.Session
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := holdPassword(ctx, tx, holder, renewed); err != nil {
			return err
		}
		if actor.SignedIn() {
			if err := endSession(ctx, tx, actor); err != nil {
				return err
			}
		}
		var err error
		if session, err = s.openSession(ctx, tx, holder.id, token, from); err != nil {
			return err
		}
		admitted := access.Actor{Account: holder.id, Public: holder.publicID, Session: session.PublicID}
		if err := tx.Audit(ctx, admitted, access.SignIn, objectOf(holder.publicID), nil); err != nil {
			return err
		}
		return tx.Emit(ctx, accounts.SignedIn{Account: holder.publicID, Session: session.PublicID})
	})
	if err != nil {
		return "", accounts.Session{}, err
	}
	return token, session, nil
}

// keyholder finds the person with a login; an unknown one is no error.
func (s *Store) keyholder(ctx context.Context, login accounts.Login) (keyholder, error) {
	var query string
	switch login.Kind {
	case accounts.ByEmail:
		query = `SELECT id, public_id, password_hash FROM accounts WHERE email = $1`
	case accounts.ByPhone:
		query = `SELECT id, public_id, password_hash FROM accounts WHERE phone = $1`
	case accounts.BySNILS:
		query = `SELECT id, public_id, password_hash FROM accounts WHERE snils = $1`
	case accounts.ByINN:
		query = `SELECT id, public_id, password_hash FROM accounts WHERE inn = $1`
	default:
		return keyholder{}, fmt.Errorf("sign in: %q is no kind of login", login.Kind)
	}
	var holder keyholder
	err := s.db.Pool().QueryRow(ctx, query, login.Value).Scan(&holder.id, &holder.publicID, &holder.hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return keyholder{}, fmt.Errorf("look for a login: %w", err)
	}
	return holder, nil
}

// refuse writes the failed try down, in the same statement for known and unknown
// logins. What was typed is not kept: people type passwords into the wrong field.
func (s *Store) refuse(ctx context.Context, actor access.Actor, holder keyholder, from accounts.Place) error {
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		return tx.Audit(ctx, actor, access.SignIn, objectOf(holder.publicID), map[string]any{
			"refused": true,
			"device":  from.Device,
			"address": from.Address,
		})
	})
	if err != nil {
		return err
	}
	return accounts.ErrWrongCredentials
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
