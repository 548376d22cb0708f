package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// openSession is the only place where sessions begin.
func (s *Store) openSession(ctx context.Context, tx *db.Tx, of accounts.ID, token accounts.Token, from accounts.Place) (accounts.Session, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return accounts.Session{}, err
	}
	session := accounts.Session{
		PublicID:  accounts.NewPublicID(),
		Device:    from.Device,
		Address:   from.Address,
		CreatedAt: now,
		SeenAt:    now,
		ExpiresAt: now.Add(s.lifetime),
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO sessions (public_id, token_hash, account_id, device, address, created_at, seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		session.PublicID, token.Hash(), of, session.Device, session.Address,
		session.CreatedAt, session.SeenAt, session.ExpiresAt)
	if err != nil {
		return accounts.Session{}, fmt.Errorf("open a session: %w", err)
	}
	if from.Lang == "" {
		return session, nil
	}
	return session, speaks(ctx, tx, of, from.Lang)
}

// Actor answers who acts under a token: the guest when it is unknown or its
// session ended or ran out. Every request asks it, so it is one statement, outside
// a transaction, for all who ask at the same time: nobody is taken for who they were
// before they asked. It does not count as activity; see Touch.
func (s *Store) Actor(ctx context.Context, token string) (access.Actor, error) {
	if !accounts.Token(token).Valid() {
		return access.Guest(), nil
	}
	actor, known, err := s.actors.Ask(ctx, string(accounts.Token(token).Hash()))
	if err != nil {
		return access.Guest(), fmt.Errorf("find the session: %w", err)
	}
	if !known {
		return access.Guest(), nil
	}
	return actor, nil
}

// readActors finds who acts under tokens, by their hashes.
func (s *Store) readActors(ctx context.Context, hashes []string) (map[string]access.Actor, error) {
	wanted := make([][]byte, len(hashes))
	for i, hash := range hashes {
		wanted[i] = []byte(hash)
	}
	rows, err := s.db.Pool().Query(ctx, `
		SELECT
			s.token_hash,
			a.id,
			a.public_id,
			s.public_id,
			s.seen_at,
			a.name,
			a.confirmed,
			a.rights,
			(SELECT jsonb_agg(jsonb_build_object('Role', g.role, 'Scope', g.scope, 'Until', g.until) ORDER BY g.role, g.scope)
				FROM grants g
				WHERE g.account_id = a.id AND (g.until IS NULL OR g.until > now()))
		FROM sessions s
		JOIN accounts a ON a.id = s.account_id
		WHERE s.token_hash = ANY($1) AND s.ended_at IS NULL AND s.expires_at > now()`, wanted)
	if err != nil {
		return nil, err
	}
	var (
		hash   []byte
		actor  access.Actor
		grants grantList
		actors = make(map[string]access.Actor, len(hashes))
	)
	_, err = pgx.ForEachRow(rows, []any{
		&hash, &actor.Account, &actor.Public, &actor.Session, &actor.Seen, &actor.Name, &actor.Confirmed, &actor.Rights, &grants,
	}, func() error {
		actor.Grants, grants = grants, nil
		actors[string(hash)] = actor
		return nil
	})
	return actors, err
}

// touchEvery is how exact Session.SeenAt is.
const touchEvery = time.Minute

// Touch notes that the person did something in the session just now. It writes at
// most once a minute. Sockets, their pings and beats do not touch (SEC-07).
func (s *Store) Touch(ctx context.Context, actor access.Actor) error {
	if !actor.SignedIn() || time.Since(actor.Seen) < touchEvery {
		return nil
	}
	_, err := s.db.Pool().Exec(ctx, `
		UPDATE sessions SET seen_at = now()
		WHERE public_id = $1 AND ended_at IS NULL AND seen_at <= now() - $2::interval`,
		actor.Session, touchEvery)
	if err != nil {
		return fmt.Errorf("note the activity of a session: %w", err)
	}
	return nil
}

// SignOut ends the actor's session and, through its event, the session's sockets.
// A session that has ended already stays as it is.
func (s *Store) SignOut(ctx context.Context, actor access.Actor) error {
	if err := access.Can(actor, access.SignOut, access.Object{}); err != nil {
		return err
	}
	if !actor.SignedIn() {
		return nil
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error { return endSession(ctx, tx, actor) })
}

// endSession ends the session the actor acts in.
func endSession(ctx context.Context, tx *db.Tx, actor access.Actor) error {
	ended, err := tx.Exec(ctx, `
		UPDATE sessions SET ended_at = clock_timestamp()
		WHERE public_id = $1 AND account_id = $2 AND ended_at IS NULL`, actor.Session, actor.Account)
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	if ended == 0 {
		return nil
	}
	if err := tx.Audit(ctx, actor, access.SignOut, string(accounts.SessionTopic(actor.Session)), nil); err != nil {
		return err
	}
	return tx.Emit(ctx, accounts.SessionEnded{Session: actor.Session})
}

// SignOutEverywhere ends every session of the actor's account, the one they act in
// included, and through one event the sockets of all of them (SEC-08).
func (s *Store) SignOutEverywhere(ctx context.Context, actor access.Actor) error {
	if err := access.Can(actor, access.SignOut, access.Object{}); err != nil {
		return err
	}
	if !actor.SignedIn() {
		return nil
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		// A sign-in holds the account: one under way is waited for and ended too.
		id, err := lockAccount(ctx, tx, actor.Public)
		if err != nil {
			return err
		}
		ended, err := tx.Exec(ctx, `
			UPDATE sessions SET ended_at = clock_timestamp()
			WHERE account_id = $1 AND ended_at IS NULL`, id)
		if err != nil {
			return fmt.Errorf("end all sessions of account %d: %w", id, err)
		}
		if ended == 0 {
			return nil
		}
		details := map[string]any{"everywhere": ended}
		if err := tx.Audit(ctx, actor, access.SignOut, objectOf(actor.Public), details); err != nil {
			return err
		}
		return tx.Emit(ctx, accounts.SignedOutEverywhere{Account: actor.Public})
	})
}

// overdueBatch bounds one transaction of EndOverdue.
const overdueBatch = 500

// EndOverdue ends the sessions whose time ran out, so that their sockets close
// too, and answers how many there were.
func (s *Store) EndOverdue(ctx context.Context) (int, error) {
	total := 0
	for {
		var ended []string
		err := s.db.InTx(ctx, func(tx *db.Tx) error {
			err := tx.Select(ctx, &ended, `
				UPDATE sessions SET ended_at = expires_at
				WHERE id IN (
					SELECT id FROM sessions
					WHERE ended_at IS NULL AND expires_at <= now()
					ORDER BY expires_at
					LIMIT $1
					FOR UPDATE SKIP LOCKED
				)
				RETURNING public_id`, overdueBatch)
			if err != nil {
				return fmt.Errorf("end overdue sessions: %w", err)
			}
			for _, session := range ended {
				if err := tx.Emit(ctx, accounts.SessionEnded{Session: session}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return total, err
		}
		if total += len(ended); len(ended) < overdueBatch {
			return total, nil
		}
	}
}
