package accounts

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// sessionRow is a session as a list shows it.
type sessionRow struct {
	Account   string
	PublicID  string
	Device    string
	Address   string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
	EndedAt   *time.Time
	EndReason accounts.EndReason
	Means     []accounts.Means
	BoundTo   string
}

func (r sessionRow) session() accounts.Session {
	return accounts.Session{
		PublicID: r.PublicID, Device: r.Device, Address: r.Address, CreatedAt: r.CreatedAt, SeenAt: r.SeenAt,
		ExpiresAt: r.ExpiresAt, EndedAt: r.EndedAt, EndReason: r.EndReason, Means: r.Means, BoundTo: r.BoundTo,
	}
}

const selectSessions = `
	SELECT
		a.public_id AS account,
		s.public_id,
		s.device,
		s.address,
		s.created_at,
		s.seen_at,
		s.expires_at,
		s.ended_at,
		s.end_reason,
		s.means,
		coalesce(d.name, '') AS bound_to
	FROM sessions s
	JOIN accounts a ON a.id = s.account_id
	LEFT JOIN devices d ON d.id = s.device_id`

// OpenSessions lists the actor's open sessions, the newest first.
func (s *Store) OpenSessions(ctx context.Context, actor access.Actor) (state string, open []accounts.Session, err error) {
	if err := access.Can(actor, access.ReadSecurity, access.Object{Owner: actor.Account}); err != nil {
		return "", nil, err
	}
	var rows []sessionRow
	state, err = s.db.Look(ctx, db.Ask(&rows, selectSessions+`
		WHERE s.account_id = $1
			AND s.ended_at IS NULL
			AND s.expires_at > now()
			AND s.seen_at > now() - $2 * interval '1 second'
		ORDER BY s.id DESC`, actor.Account, s.idle.Seconds()))
	if err != nil {
		return "", nil, fmt.Errorf("list the sessions of account %d: %w", actor.Account, err)
	}
	for _, row := range rows {
		open = append(open, row.session())
	}
	return state, open, nil
}

// SessionKey names a session of a person, both by public ids.
type SessionKey struct{ Account, ID string }

// Sessions reads sessions of many people, ended ones too. What is not that person's is
// missing from the answer.
func (s *Store) Sessions(ctx context.Context, keys []SessionKey) (state string, found map[SessionKey]accounts.Session, err error) {
	people, ids := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		people[i], ids[i] = k.Account, k.ID
	}
	var rows []sessionRow
	state, err = s.db.Look(ctx, db.Ask(&rows, selectSessions+`
		JOIN unnest($1::text[], $2::text[]) AS wanted (account, id)
			ON wanted.account = a.public_id AND wanted.id = s.public_id`, people, ids))
	if err != nil {
		return "", nil, fmt.Errorf("read sessions: %w", err)
	}
	found = make(map[SessionKey]accounts.Session, len(rows))
	for _, row := range rows {
		found[SessionKey{row.Account, row.PublicID}] = row.session()
	}
	return state, found, nil
}

// SessionKeys reads the keys of the open sessions of many people, the newest first.
func (s *Store) SessionKeys(ctx context.Context, people []string) (state string, keys map[string][]int64, err error) {
	var rows []struct {
		Account   string
		CreatedAt time.Time
	}
	state, err = s.db.Look(ctx, db.Ask(&rows, `
		SELECT a.public_id AS account, s.created_at
		FROM accounts a
		JOIN sessions s ON s.account_id = a.id AND s.ended_at IS NULL
		WHERE a.public_id = ANY($1)
		ORDER BY s.created_at DESC`, people))
	if err != nil {
		return "", nil, fmt.Errorf("list the keys of sessions: %w", err)
	}
	keys = make(map[string][]int64, len(people))
	for _, row := range rows {
		keys[row.Account] = append(keys[row.Account], accounts.Session{CreatedAt: row.CreatedAt}.Key())
	}
	return state, keys, nil
}

// EndOne ends one of the actor's open sessions, and its sockets (SEC-08). Those of
// others do not exist for the actor.
func (s *Store) EndOne(ctx context.Context, actor access.Actor, session string) error {
	if err := access.Can(actor, access.EndSessions, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var open bool
		err := tx.Get(ctx, &open, `
			SELECT ended_at IS NULL FROM sessions
			WHERE public_id = $1 AND account_id = $2
			FOR UPDATE`, session, actor.Account)
		switch {
		case db.NoRows(err):
			return accounts.ErrNoSession
		case err != nil:
			return fmt.Errorf("look for a session: %w", err)
		case !open:
			return nil
		}
		return endThese(ctx, tx, actor, []string{session}, accounts.EndRevoked)
	})
}

// EndOthers ends all sessions of the actor but the one they act in, and with them
// sign-ins that wait for a second proof.
func (s *Store) EndOthers(ctx context.Context, actor access.Actor) error {
	if err := access.Can(actor, access.EndSessions, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		// A sign-in holds the account: one under way is waited for and ended too.
		if _, err := lockAccount(ctx, tx, actor.Public); err != nil {
			return err
		}
		var others []string
		err := tx.Select(ctx, &others, `
			SELECT public_id FROM sessions
			WHERE account_id = $1 AND public_id <> $2 AND ended_at IS NULL
			ORDER BY id`, actor.Account, actor.Session)
		if err != nil {
			return fmt.Errorf("list the other sessions of account %d: %w", actor.Account, err)
		}
		_, err = tx.Exec(ctx, `UPDATE pending_sign_ins SET used_at = now() WHERE account_id = $1 AND used_at IS NULL`, actor.Account)
		if err != nil {
			return fmt.Errorf("end what account %d waits for: %w", actor.Account, err)
		}
		return endThese(ctx, tx, actor, others, accounts.EndRevoked)
	})
}

// EndOfDevice ends the sessions on a bound device of the actor's (SEC-19).
func (s *Store) EndOfDevice(ctx context.Context, tx *db.Tx, actor access.Actor, device int64) error {
	var on []string
	err := tx.Select(ctx, &on, `
		SELECT public_id FROM sessions
		WHERE account_id = $1 AND device_id = $2 AND ended_at IS NULL
		ORDER BY id`, actor.Account, device)
	if err != nil {
		return fmt.Errorf("list the sessions on device %d: %w", device, err)
	}
	return endThese(ctx, tx, actor, on, accounts.EndDevice)
}

// endThese ends some sessions of the actor's account, and announces each.
func endThese(ctx context.Context, tx *db.Tx, actor access.Actor, sessions []string, why accounts.EndReason) error {
	if len(sessions) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $3
		WHERE public_id = ANY($1) AND account_id = $2 AND ended_at IS NULL`, sessions, actor.Account, why)
	if err != nil {
		return fmt.Errorf("end sessions of account %d: %w", actor.Account, err)
	}
	if err := noteEnds(ctx, tx, sessions); err != nil {
		return err
	}
	for _, session := range sessions {
		details := map[string]any{"reason": why}
		if err := tx.Audit(ctx, actor, access.EndSessions, string(accounts.SessionTopic(session)), details); err != nil {
			return err
		}
		if err := tx.Emit(ctx, accounts.SessionEnded{Session: session, Account: actor.Public}); err != nil {
			return err
		}
	}
	return nil
}

// TellOf leaves a line in the actor's journal for another area, and has them told of it.
func (s *Store) TellOf(ctx context.Context, tx *db.Tx, actor access.Actor, kind accounts.Note, from accounts.Place, facts map[string]any) error {
	return noteTold(ctx, tx, actor.Account, actor.Public, kind, actor.Session, from, facts)
}

// ChangeReach makes what was drawn or allowed before the actor's devices changed
// invalid, on all of their pages.
func (s *Store) ChangeReach(ctx context.Context, tx *db.Tx, actor access.Actor) error {
	if _, err := tx.Exec(ctx, `UPDATE accounts SET rights = rights + 1 WHERE id = $1`, actor.Account); err != nil {
		return fmt.Errorf("change the rights of account %d: %w", actor.Account, err)
	}
	return tx.Emit(ctx, accounts.RightsChanged{Account: actor.Public})
}

// EnterBound opens a session on a device that was bound a moment ago, in the same
// transaction. A session in which the actor already was there is ended.
func (s *Store) EnterBound(ctx context.Context, tx *db.Tx, actor access.Actor, who accounts.ID, means []accounts.Means, from accounts.Place) (accounts.Entry, error) {
	return s.enter(ctx, tx, actor, who, accounts.Way{Means: means, Proved: true}, from)
}
