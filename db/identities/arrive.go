package identities

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/identities"
)

// arrived is what became of an arrival.
type arrived struct {
	identities.Arrival
	identity int64
}

// Arrive signs in somebody who came by a provider, where the rules say whose account
// it is; a new one is opened of what the state told, and data the portal has are
// renewed. Where nobody is let in the entry is empty and the arrival says why.
//
// The problems are those of [accountsdb.Store.Vouch], and identities.ErrEnded.
func (s *Store) Arrive(ctx context.Context, actor access.Actor, p identities.Person, trust identities.Trust, from accounts.Place) (accounts.Entry, identities.Arrival, error) {
	if err := access.Can(actor, access.SignIn, access.Object{}); err != nil {
		return accounts.Entry{}, identities.Arrival{}, err
	}
	became, err := s.settle(ctx, p, trust, from)
	var broken *pgconn.PgError
	if errors.As(err, &broken) && broken.Code == uniqueViolation { // the same person came twice at once
		became, err = s.settle(ctx, p, trust, from)
	}
	if err != nil || became.Step == identities.Offer {
		return accounts.Entry{}, became.Arrival, err
	}
	way := accounts.Way{
		Means:  []accounts.Means{accounts.ByProvider},
		Proved: p.Proves(trust),
		Via:    accounts.Via{Identity: became.identity, Session: p.Session},
	}
	entry, err := s.accounts.Vouch(ctx, actor, became.Account, way, from, func(tx *db.Tx) error {
		return lasting(ctx, tx, p, became.identity)
	})
	return entry, became.Arrival, err
}

const uniqueViolation = "23505"

// lasting holds the identity, and refuses who signed out at the provider meanwhile.
func lasting(ctx context.Context, tx *db.Tx, p identities.Person, identity int64) error {
	var found struct{ Ended bool }
	err := tx.Get(ctx, &found, `
		SELECT EXISTS (
			SELECT 1 FROM identity_logouts WHERE issuer = $2 AND provider_sid = $3 AND provider_sid <> ''
		) AS ended
		FROM (SELECT FROM identities WHERE id = $1 FOR UPDATE) held`, identity, p.Issuer, p.Session)
	switch {
	case db.NoRows(err), err == nil && found.Ended:
		return identities.ErrEnded
	case err != nil:
		return fmt.Errorf("hold identity %d: %w", identity, err)
	}
	return nil
}

// settle decides whose account it is, and makes it so. Whether its owner may come in is
// asked afterwards.
func (s *Store) settle(ctx context.Context, p identities.Person, trust identities.Trust, from accounts.Place) (arrived, error) {
	var became arrived
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		known, err := look(ctx, tx, p)
		if err != nil {
			return err
		}
		became = arrived{Arrival: identities.Arrive(p, trust, known)}
		switch became.Step {
		case identities.Offer:
			return nil
		case identities.Create:
			became.Account, err = create(ctx, tx, p)
		}
		if err != nil {
			return err
		}
		public, err := hold(ctx, tx, became.Account)
		if err != nil {
			return err
		}
		owner := access.Actor{Account: became.Account, Public: public}
		if became.Step != identities.Enter {
			if err := bind(ctx, tx, owner, p, from); err != nil {
				return err
			}
		}
		if became.identity, err = use(ctx, tx, p); err != nil || trust != identities.State {
			return err
		}
		return refresh(ctx, tx, owner, p, from, became.Step == identities.Create)
	})
	return became, err
}

// look reads what the portal knows of somebody.
func look(ctx context.Context, tx *db.Tx, p identities.Person) (identities.Known, error) {
	var row struct {
		Bound, BySnils accounts.ID
		Taken, Other   bool
	}
	err := tx.Get(ctx, &row, `
		SELECT
			coalesce((SELECT account_id FROM identities WHERE issuer = $1 AND subject = $2), 0) AS bound,
			coalesce((SELECT id FROM accounts WHERE snils = $3), 0) AS by_snils,
			EXISTS (SELECT 1 FROM accounts WHERE email = $4 OR phone = $5 OR inn = $6) AS taken,
			EXISTS (
				SELECT 1 FROM identities i JOIN accounts a ON a.id = i.account_id
				WHERE i.issuer = $1 AND a.snils = $3 AND i.subject <> $2
			) AS other`,
		p.Issuer, p.Subject, p.SNILS, p.Email, p.Phone, p.INN)
	if err != nil {
		return identities.Known{}, fmt.Errorf("look for somebody who came by a provider: %w", err)
	}
	return identities.Known{Bound: row.Bound, BySNILS: row.BySnils, Taken: row.Taken, Other: row.Other}, nil
}

// create opens an account of what the state told. Nobody can sign in to it by password
// until one is set.
func create(ctx context.Context, tx *db.Tx, p identities.Person) (accounts.ID, error) {
	fresh, _ := identities.Refresh(identities.Profile{Name: p.Name}, p)
	id, err := accountsdb.Add(ctx, tx, accounts.Account{Name: fresh.Name, Email: p.Email, Phone: fresh.Phone}, "")
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE accounts
		SET email_confirmed_at = now(), phone_confirmed_at = CASE WHEN phone IS NOT NULL THEN now() END
		WHERE id = $1`, id)
	if err != nil {
		return 0, fmt.Errorf("confirm the contacts of account %d: %w", id, err)
	}
	return id, nil
}

// use notes that somebody came, and how the provider shows them now.
func use(ctx context.Context, tx *db.Tx, p identities.Person) (identity int64, err error) {
	err = tx.Get(ctx, &identity, `
		UPDATE identities SET used_at = now(), name = $3, email = $4
		WHERE issuer = $1 AND subject = $2
		RETURNING id`, p.Issuer, p.Subject, p.Name, p.Email)
	if err != nil {
		return 0, fmt.Errorf("note the use of an identity: %w", err)
	}
	return identity, nil
}
