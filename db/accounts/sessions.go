package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// openSession is the only place where sessions begin.
func (s *Store) openSession(ctx context.Context, tx *db.Tx, of accounts.ID, token accounts.Token, way accounts.Way, from accounts.Place) (accounts.Session, error) {
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
		Means:     way.Means,
	}
	var proved *time.Time
	if way.Proved {
		proved = &now
	}
	var browser []byte
	if from.Browser.Valid() {
		browser = from.Browser.Hash()
	}
	var bound []byte // the session reaches as far as the device it is on (SEC-18)
	if from.Bound.Valid() {
		bound = from.Bound.Hash()
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO sessions (
			public_id, token_hash, account_id, device, address, created_at, seen_at, expires_at, means, proved_at, browser, device_id
		)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
			(SELECT id FROM devices WHERE account_id = $3 AND token_hash = $12))`,
		session.PublicID, token.Hash(), of, session.Device, session.Address,
		session.CreatedAt, session.SeenAt, session.ExpiresAt, session.Means, proved, browser, bound)
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
			a.confirmed AND a.email_confirmed_at IS NOT NULL,
			a.email_confirmed_at IS NULL,
			a.rights,
			s.means,
			coalesce(s.proved_at > now() - $3 * interval '1 second', false),
			a.password_until IS NOT NULL,
			coalesce(d.reach, ''),
			CASE WHEN a.bound_to_address THEN s.address ELSE '' END,
			s.device,
			coalesce(NOT d.notices, false),
			(SELECT jsonb_agg(jsonb_build_object('Role', g.role, 'Scope', g.scope, 'Until', g.until) ORDER BY g.role, g.scope)
				FROM grants g
				WHERE g.account_id = a.id AND (g.until IS NULL OR g.until > now()))
		FROM sessions s
		JOIN accounts a ON a.id = s.account_id
		LEFT JOIN devices d ON d.id = s.device_id
		WHERE s.token_hash = ANY($1)
			AND s.ended_at IS NULL
			AND s.expires_at > now()
			AND s.seen_at > now() - $2 * interval '1 second'`,
		wanted, s.idle.Seconds(), accounts.FreshFor.Seconds())
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
		&hash, &actor.Account, &actor.Public, &actor.Session, &actor.Seen, &actor.Name, &actor.Confirmed, &actor.EmailWaits, &actor.Rights,
		&actor.Means, &actor.Fresh, &actor.MustChange, &actor.Reach, &actor.Address, &actor.Device, &actor.Quiet, &grants,
	}, func() error {
		actor.Grants, grants = grants, nil
		actors[string(hash)] = actor
		actor.Means = nil // the next row gets a list of its own
		return nil
	})
	return actors, err
}

// touchEvery is how exact Session.SeenAt is: a minute, of the usual limit.
func (s *Store) touchEvery() time.Duration { return s.idle / 15 }

// Touch notes that the person did something in the session just now. It writes at
// most once a minute. Sockets, their pings and beats do not touch (SEC-07).
func (s *Store) Touch(ctx context.Context, actor access.Actor) error {
	if !actor.SignedIn() || time.Since(actor.Seen) < s.touchEvery() {
		return nil
	}
	var warned bool
	err := s.db.Pool().QueryRow(ctx, `
		UPDATE sessions s SET seen_at = now(), warned_at = NULL
		FROM sessions before
		WHERE s.public_id = $1
			AND before.id = s.id
			AND s.ended_at IS NULL
			AND s.seen_at <= now() - $2 * interval '1 second'
		RETURNING before.warned_at IS NOT NULL`,
		actor.Session, s.touchEvery().Seconds()).Scan(&warned)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && !warned:
		return nil
	case err != nil:
		return fmt.Errorf("note the activity of a session: %w", err)
	}
	// The warning on the other pages of the session is over.
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		return tx.Emit(ctx, accounts.SessionIdle{Session: actor.Session})
	})
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
	return s.db.InTx(ctx, func(tx *db.Tx) error { return endSession(ctx, tx, actor, accounts.EndSignOut) })
}

// Leave ends the actor's session for a reason that is not their own wish, such as an
// address it may not be used from (SEC-10), or that it seems to be in other hands
// (SEC-09). The person is told where it was used from.
func (s *Store) Leave(ctx context.Context, actor access.Actor, why accounts.EndReason, from accounts.Place) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var open bool
		err := tx.Get(ctx, &open, `
			SELECT ended_at IS NULL FROM sessions
			WHERE public_id = $1 AND account_id = $2
			FOR UPDATE`, actor.Session, actor.Account)
		if db.NoRows(err) || err == nil && !open {
			return nil // another request was quicker
		}
		if err != nil {
			return fmt.Errorf("look whether a session is open: %w", err)
		}
		if err := endSession(ctx, tx, actor, why); err != nil {
			return err
		}
		return noteTold(ctx, tx, actor.Account, actor.Public, accounts.NoteThreat, actor.Session, from, map[string]any{"reason": why})
	})
}

// endSession ends the session the actor acts in.
func endSession(ctx context.Context, tx *db.Tx, actor access.Actor, why accounts.EndReason) error {
	ended, err := tx.Exec(ctx, `
		UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $3
		WHERE public_id = $1 AND account_id = $2 AND ended_at IS NULL`, actor.Session, actor.Account, why)
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	if ended == 0 {
		return nil
	}
	details := map[string]any{"reason": why}
	if err := tx.Audit(ctx, actor, access.SignOut, string(accounts.SessionTopic(actor.Session)), details); err != nil {
		return err
	}
	if err := noteEnds(ctx, tx, []string{actor.Session}); err != nil {
		return err
	}
	return tx.Emit(ctx, accounts.SessionEnded{Session: actor.Session, Account: actor.Public})
}

// noteEnds leaves a line in the journals of those whose sessions ended.
func noteEnds(ctx context.Context, tx *db.Tx, sessions []string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO account_events (account_id, kind, at, device, address, session, facts)
		SELECT account_id, $2, ended_at, device, address, public_id, jsonb_build_object('reason', end_reason)
		FROM sessions
		WHERE public_id = ANY($1)
		ORDER BY id`, sessions, accounts.NoteEnded)
	if err != nil {
		return fmt.Errorf("note the end of sessions: %w", err)
	}
	return nil
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
		return endSessions(ctx, tx, actor, id, actor.Public, accounts.EndEverywhere)
	})
}

// endSessions ends every session of an account that is held, and through one event
// the sockets of all of them.
func endSessions(ctx context.Context, tx *db.Tx, actor access.Actor, of accounts.ID, public string, why accounts.EndReason) error {
	ended, err := tx.Exec(ctx, `
		UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $2
		WHERE account_id = $1 AND ended_at IS NULL`, of, why)
	if err != nil {
		return fmt.Errorf("end all sessions of account %d: %w", of, err)
	}
	// A sign-in that waits for its second proof was begun with what is withdrawn now.
	if _, err := tx.Exec(ctx, `UPDATE pending_sign_ins SET used_at = now() WHERE account_id = $1 AND used_at IS NULL`, of); err != nil {
		return fmt.Errorf("end what account %d waits for: %w", of, err)
	}
	if ended == 0 {
		return nil
	}
	details := map[string]any{"everywhere": ended, "reason": why}
	if err := note(ctx, tx, of, accounts.NoteEndedAll, actor.Session, accounts.Place{}, details); err != nil {
		return err
	}
	if err := tx.Audit(ctx, actor, access.SignOut, objectOf(public), details); err != nil {
		return err
	}
	return tx.Emit(ctx, accounts.SignedOutEverywhere{Account: public})
}

// EndedWithout says whether the session of a token ended without its owner's doing:
// because nobody used it, its time ran out, or somebody else might have it. A token
// that never was one is none.
func (s *Store) EndedWithout(ctx context.Context, token string) (bool, error) {
	if !accounts.Token(token).Valid() {
		return false, nil
	}
	var why accounts.EndReason
	err := s.db.Pool().QueryRow(ctx, `
		SELECT CASE WHEN ended_at IS NULL THEN $2 ELSE end_reason END
		FROM sessions
		WHERE token_hash = $1`, accounts.Token(token).Hash(), accounts.EndIdle).Scan(&why)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ask why a session ended: %w", err)
	}
	return why.Without(), nil
}

// overdueBatch bounds one transaction of EndOverdue.
const overdueBatch = 500

// EndOverdue ends the sessions whose time ran out, or that nobody used for too long, so
// that their sockets close too, and answers how many there were.
func (s *Store) EndOverdue(ctx context.Context) (int, error) {
	total := 0
	for {
		var ended []struct{ Session, Account string }
		err := s.db.InTx(ctx, func(tx *db.Tx) error {
			err := tx.Select(ctx, &ended, `
				UPDATE sessions s SET
					ended_at = least(expires_at, seen_at + $2 * interval '1 second'),
					end_reason = CASE WHEN expires_at <= now() THEN $3 ELSE $4 END
				WHERE id IN (
					SELECT id FROM sessions
					WHERE ended_at IS NULL AND (expires_at <= now() OR seen_at <= now() - $2 * interval '1 second')
					LIMIT $1
					FOR UPDATE SKIP LOCKED
				)
				RETURNING public_id AS session, (SELECT a.public_id FROM accounts a WHERE a.id = s.account_id) AS account`,
				overdueBatch, s.idle.Seconds(), accounts.EndLifetime, accounts.EndIdle)
			if err != nil {
				return fmt.Errorf("end overdue sessions: %w", err)
			}
			gone := make([]string, len(ended))
			for i, e := range ended {
				if err := tx.Emit(ctx, accounts.SessionEnded{Session: e.Session, Account: e.Account}); err != nil {
					return err
				}
				gone[i] = e.Session
			}
			return noteEnds(ctx, tx, gone)
		})
		if err != nil {
			return total, err
		}
		if total += len(ended); len(ended) < overdueBatch {
			return total, nil
		}
	}
}
