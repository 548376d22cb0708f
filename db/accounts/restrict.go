package accounts

import (
	"context"
	"fmt"
	"net/netip"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// networks scans the networks that sign-in is allowed from.
type networks []netip.Prefix

// Scan reads the JSON that a statement made of them.
func (n *networks) Scan(src any) error { return db.ScanJSON(src, (*[]netip.Prefix)(n)) }

// Restriction is from where a person's account may be used (SEC-10).
type Restriction struct {
	Bound    bool           // each session only from the address it was opened from
	Networks []netip.Prefix // sign-in only from these; none is anywhere
}

// Restriction reads that of the actor.
func (s *Store) Restriction(ctx context.Context, actor access.Actor) (Restriction, error) {
	if err := access.Can(actor, access.ReadSecurity, access.Object{Owner: actor.Account}); err != nil {
		return Restriction{}, err
	}
	var r Restriction
	err := s.db.Pool().QueryRow(ctx, `
		SELECT bound_to_address, networks FROM accounts WHERE id = $1`, actor.Account,
	).Scan(&r.Bound, &r.Networks)
	if err != nil {
		return r, fmt.Errorf("read where account %d may be used from: %w", actor.Account, err)
	}
	return r, nil
}

// Restrict sets from where the actor's account may be used, beginning now: sessions
// that were opened from elsewhere end. The actor's own stays, with the address they are
// at, which has to be within the networks.
func (s *Store) Restrict(ctx context.Context, actor access.Actor, r Restriction, from accounts.Place) error {
	if err := access.Can(actor, access.ChangeSecurity, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	if !accounts.Within(r.Networks, from.Address) {
		return accounts.ErrOwnNetwork
	}
	if r.Networks == nil {
		r.Networks = []netip.Prefix{}
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := lockAccount(ctx, tx, actor.Public); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE accounts SET bound_to_address = $2, networks = $3, rights = rights + 1
			WHERE id = $1`, actor.Account, r.Bound, r.Networks)
		if err != nil {
			return fmt.Errorf("restrict account %d: %w", actor.Account, err)
		}
		if _, err := tx.Exec(ctx, `UPDATE sessions SET address = $2 WHERE public_id = $1`, actor.Session, from.Address); err != nil {
			return fmt.Errorf("note the address of a session: %w", err)
		}
		outside, err := sessionsOutside(ctx, tx, actor, r.Networks)
		if err != nil {
			return err
		}
		if err := endThese(ctx, tx, actor, outside, accounts.EndAddress); err != nil {
			return err
		}
		details := map[string]any{"bound_to_address": r.Bound, "networks": len(r.Networks)}
		if err := note(ctx, tx, actor.Account, accounts.NoteSettings, actor.Session, from, details); err != nil {
			return err
		}
		if err := tx.Audit(ctx, actor, access.ChangeSecurity, objectOf(actor.Public), details); err != nil {
			return err
		}
		return tx.Emit(ctx, accounts.RightsChanged{Account: actor.Public})
	})
}

// sessionsOutside are the actor's other sessions that were opened from elsewhere.
func sessionsOutside(ctx context.Context, tx *db.Tx, actor access.Actor, allowed []netip.Prefix) ([]string, error) {
	var open []struct{ PublicID, Address string }
	err := tx.Select(ctx, &open, `
		SELECT public_id, address FROM sessions
		WHERE account_id = $1 AND public_id <> $2 AND ended_at IS NULL
		ORDER BY id`, actor.Account, actor.Session)
	if err != nil {
		return nil, fmt.Errorf("list the sessions of account %d: %w", actor.Account, err)
	}
	var outside []string
	for _, session := range open {
		if !accounts.Within(allowed, session.Address) {
			outside = append(outside, session.PublicID)
		}
	}
	return outside, nil
}
