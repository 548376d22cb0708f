package accounts

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// Rights answers the rights version of each session that is still on, by its
// public id. An ended session is absent: that is what hub.Gate asks for after a
// gap, before anything is drawn again.
func (s *Store) Rights(ctx context.Context, sessions []string) (map[string]int64, error) {
	rows, err := s.db.Pool().Query(ctx, `
		SELECT s.public_id, a.rights
		FROM sessions s
		JOIN accounts a ON a.id = s.account_id
		WHERE s.public_id = ANY($1)
			AND s.ended_at IS NULL
			AND s.expires_at > now()
			AND s.seen_at > now() - $2 * interval '1 second'`, sessions, s.idle.Seconds())
	if err != nil {
		return nil, fmt.Errorf("ask for the rights of sessions: %w", err)
	}
	defer rows.Close()
	rights := make(map[string]int64, len(sessions))
	for rows.Next() {
		var session string
		var version int64
		if err := rows.Scan(&session, &version); err != nil {
			return nil, fmt.Errorf("ask for the rights of sessions: %w", err)
		}
		rights[session] = version
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("ask for the rights of sessions: %w", err)
	}
	return rights, nil
}

// Grant gives an account, named by its public id, a role. Its pages are drawn anew
// with the new rights. A grant that is there already, until the same time, changes
// nothing.
func (s *Store) Grant(ctx context.Context, actor access.Actor, to string, grant accounts.Grant) error {
	if err := access.Can(actor, access.GrantRoles, access.Object{}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		id, err := lockAccount(ctx, tx, to)
		if err != nil {
			return err
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		if err := grant.Check(now); err != nil {
			return err
		}
		changed, err := addGrant(ctx, tx, id, grant)
		if err != nil || !changed {
			return err
		}
		return changeRights(ctx, tx, actor, to, grant, "granted")
	})
}

// Revoke takes a role, in a scope, from an account. Its pages are drawn anew
// without it.
func (s *Store) Revoke(ctx context.Context, actor access.Actor, from string, role accounts.Role, scope string) error {
	if err := access.Can(actor, access.GrantRoles, access.Object{}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		id, err := lockAccount(ctx, tx, from)
		if err != nil {
			return err
		}
		removed, err := tx.Exec(ctx, `
			DELETE FROM grants
			WHERE account_id = $1 AND role = $2 AND scope = $3`, id, role, scope)
		if err != nil {
			return fmt.Errorf("revoke %s from account %d: %w", role, id, err)
		}
		if removed == 0 {
			return nil
		}
		return changeRights(ctx, tx, actor, from, accounts.Grant{Role: role, Scope: scope}, "revoked")
	})
}

// lapsedBatch bounds one transaction of EndLapsed, in accounts.
const lapsedBatch = 500

// EndLapsed takes away the grants whose time ran out, so that pages drawn with
// them are loaded anew, and answers how many there were. Requests do without a
// lapsed grant from its very end.
func (s *Store) EndLapsed(ctx context.Context) (int, error) {
	total := 0
	for {
		var holders []int64
		err := s.db.InTx(ctx, func(tx *db.Tx) error {
			// Accounts first, as everything that changes rights locks them.
			err := tx.Select(ctx, &holders, `
				SELECT id FROM accounts
				WHERE id IN (SELECT account_id FROM grants WHERE until <= now())
				ORDER BY id
				LIMIT $1
				FOR NO KEY UPDATE SKIP LOCKED`, lapsedBatch)
			if err != nil {
				return fmt.Errorf("look for lapsed grants: %w", err)
			}
			ended, err := endGrants(ctx, tx, holders)
			total += ended
			return err
		})
		if err != nil || len(holders) < lapsedBatch {
			return total, err
		}
	}
}

// endGrants takes the lapsed grants from accounts that are locked.
func endGrants(ctx context.Context, tx *db.Tx, from []int64) (int, error) {
	var lapsed []struct {
		PublicID string
		accounts.Grant
	}
	err := tx.Select(ctx, &lapsed, `
		DELETE FROM grants g
		USING accounts a
		WHERE a.id = g.account_id AND a.id = ANY($1) AND g.until <= now()
		RETURNING a.public_id, g.role, g.scope, g.until`, from)
	if err != nil {
		return 0, fmt.Errorf("end lapsed grants: %w", err)
	}
	for _, l := range lapsed {
		if err := changeRights(ctx, tx, access.Guest(), l.PublicID, l.Grant, "lapsed"); err != nil {
			return 0, err
		}
	}
	return len(lapsed), nil
}

// lockAccount finds an account by its public id and holds it until the end of the
// transaction.
func lockAccount(ctx context.Context, tx *db.Tx, publicID string) (accounts.ID, error) {
	var id accounts.ID
	err := tx.Get(ctx, &id, `SELECT id FROM accounts WHERE public_id = $1 FOR NO KEY UPDATE`, publicID)
	if db.NoRows(err) {
		return 0, accounts.ErrUnknownAccount
	}
	if err != nil {
		return 0, fmt.Errorf("lock an account: %w", err)
	}
	return id, nil
}

func addGrant(ctx context.Context, tx *db.Tx, to accounts.ID, grant accounts.Grant) (changed bool, err error) {
	touched, err := tx.Exec(ctx, `
		INSERT INTO grants (account_id, role, scope, until)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id, role, scope) DO UPDATE
		SET until = excluded.until, granted_at = now()
		WHERE grants.until IS DISTINCT FROM excluded.until`,
		to, grant.Role, grant.Scope, grant.Until)
	if err != nil {
		return false, fmt.Errorf("grant %s to account %d: %w", grant.Role, to, err)
	}
	return touched > 0, nil
}

// changeRights makes what was drawn or allowed under the former rights invalid.
func changeRights(ctx context.Context, tx *db.Tx, actor access.Actor, of string, grant accounts.Grant, how string) error {
	if _, err := tx.Exec(ctx, `UPDATE accounts SET rights = rights + 1 WHERE public_id = $1`, of); err != nil {
		return fmt.Errorf("change rights: %w", err)
	}
	details := map[string]any{how: grant.Role, "scope": grant.Scope}
	if grant.Until != nil {
		details["until"] = grant.Until
	}
	if err := tx.Audit(ctx, actor, access.GrantRoles, string(accounts.Topic(of)), details); err != nil {
		return err
	}
	return tx.Emit(ctx, accounts.RightsChanged{Account: of})
}
