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

// Bind binds a provider to the actor's account (ID-15). Bound already to the same
// person it stays so. The problems are identities.ErrBoundElsewhere, ErrBoundAlready
// and ErrSomebodyElse.
func (s *Store) Bind(ctx context.Context, actor access.Actor, p identities.Person, trust identities.Trust, from accounts.Place) error {
	if err := access.Can(actor, access.ChangeIdentities, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := hold(ctx, tx, actor.Account); err != nil {
			return err
		}
		known, err := look(ctx, tx, p)
		if err != nil {
			return err
		}
		holder := identities.Holder{Account: actor.Account}
		err = tx.Get(ctx, &holder, `
			SELECT
				a.id AS account,
				coalesce(a.snils, '') AS snils,
				EXISTS (SELECT 1 FROM identities WHERE account_id = a.id AND issuer = $2) AS bound
			FROM accounts a
			WHERE a.id = $1`, actor.Account, p.Issuer)
		if err != nil {
			return fmt.Errorf("read who binds a provider: %w", err)
		}
		if err := identities.CanBind(p, holder, known); err != nil || known.Bound != 0 {
			return err
		}
		if err := bind(ctx, tx, actor, p, from); err != nil {
			return err
		}
		if trust != identities.State || p.Level() < identities.Substantial {
			return nil
		}
		return refresh(ctx, tx, actor, p, from, false)
	})
	var broken *pgconn.PgError
	if errors.As(err, &broken) && broken.ConstraintName == "identities_subject" { // somebody was quicker
		return identities.ErrBoundElsewhere
	}
	return err
}

func bind(ctx context.Context, tx *db.Tx, owner access.Actor, p identities.Person, from accounts.Place) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO identities (public_id, account_id, provider, issuer, subject, name, email)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		accounts.NewPublicID(), owner.Account, p.Provider, p.Issuer, p.Subject, p.Name, p.Email)
	if err != nil {
		return fmt.Errorf("bind a provider to account %d: %w", owner.Account, err)
	}
	happened := identities.Bound{Account: owner.Public, Provider: p.Provider}
	return tell(ctx, tx, owner, happened, from, map[string]any{"provider": p.Provider})
}

// Unbind forgets one of the actor's providers, and ends the other sessions that were
// opened by it. Those of others do not exist for the actor. The last way to sign in
// stays: identities.ErrLastWay.
func (s *Store) Unbind(ctx context.Context, actor access.Actor, publicID string, from accounts.Place) error {
	if err := access.Can(actor, access.ChangeIdentities, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := hold(ctx, tx, actor.Account); err != nil {
			return err
		}
		var found struct {
			ID       int64
			Provider string
		}
		err := tx.Get(ctx, &found, `
			SELECT id, provider FROM identities WHERE public_id = $1 AND account_id = $2 FOR UPDATE`, publicID, actor.Account)
		if db.NoRows(err) {
			return identities.ErrUnknown
		}
		if err != nil {
			return fmt.Errorf("find a provider of account %d: %w", actor.Account, err)
		}
		seen, err := overview(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		if err := seen.CanUnbind(); err != nil {
			return err
		}
		if _, err := accountsdb.EndVia(ctx, tx, accounts.Via{Identity: found.ID}, actor.Session); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identities WHERE id = $1`, found.ID); err != nil {
			return fmt.Errorf("unbind a provider of account %d: %w", actor.Account, err)
		}
		happened := identities.Unlinked{Account: actor.Public, Provider: found.Provider}
		return tell(ctx, tx, actor, happened, from, map[string]any{"provider": found.Provider})
	})
}
