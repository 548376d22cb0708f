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
	"veche/domain/codes"
	"veche/domain/proofs"
)

// Prover checks second proofs.
type Prover interface {
	// Prove checks an answer and, in the transaction in which it is used up, does what
	// follows.
	Prove(ctx context.Context, who proofs.Who, answer proofs.Answer, then func(*db.Tx) error) error
	// Asks says whether a person has to prove themselves a second time, having come by
	// these means so far.
	Asks(ctx context.Context, account accounts.ID, so ...accounts.Means) (bool, error)
}

// await waits for the second proof of somebody whose first was good.
func (s *Store) await(ctx context.Context, tx *db.Tx, who accounts.ID, means []accounts.Means) (accounts.Entry, error) {
	token := accounts.NewToken()
	_, err := tx.Exec(ctx, `
		INSERT INTO pending_sign_ins (token_hash, account_id, means, expires_at)
		VALUES ($1, $2, $3, now() + $4 * interval '1 second')`,
		token.Hash(), who, means, accounts.PendingFor.Seconds())
	if err != nil {
		return accounts.Entry{}, fmt.Errorf("wait for a second proof: %w", err)
	}
	return accounts.Entry{Pending: token}, nil
}

// Pending answers who is waited for under a token, and what a second proof of theirs
// is bound to. It answers accounts.ErrTooLate when nobody is.
func (s *Store) Pending(ctx context.Context, token accounts.Token) (proofs.Who, error) {
	if !token.Valid() {
		return proofs.Who{}, accounts.ErrTooLate
	}
	var key int64
	who := proofs.Who{Purpose: codes.ForSignIn}
	err := s.db.Pool().QueryRow(ctx, `
		SELECT id, account_id, means
		FROM pending_sign_ins
		WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()`, token.Hash(),
	).Scan(&key, &who.Account, &who.Without)
	if errors.Is(err, pgx.ErrNoRows) {
		return proofs.Who{}, accounts.ErrTooLate
	}
	if err != nil {
		return proofs.Who{}, fmt.Errorf("look for a pending sign-in: %w", err)
	}
	who.Holder = fmt.Sprintf("pending:%d", key)
	return who, nil
}

// Enter opens the session of somebody who was waited for, once their second proof is
// good. A session in which the actor already was is ended.
func (s *Store) Enter(ctx context.Context, actor access.Actor, pending accounts.Token, answer proofs.Answer, from accounts.Place) (accounts.Entry, error) {
	if err := access.Can(actor, access.SignIn, access.Object{}); err != nil {
		return accounts.Entry{}, err
	}
	who, err := s.Pending(ctx, pending)
	if err != nil {
		return accounts.Entry{}, err
	}
	var entry accounts.Entry
	err = s.prover.Prove(ctx, who, answer, func(tx *db.Tx) error {
		used, err := tx.Exec(ctx, `
			UPDATE pending_sign_ins SET used_at = now()
			WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()`, pending.Hash())
		switch {
		case err != nil:
			return fmt.Errorf("end the waiting: %w", err)
		case used == 0:
			return accounts.ErrTooLate
		}
		means := append(who.Without, accounts.Means(answer.Method))
		via, err := viaOf(ctx, tx, pending)
		if err != nil {
			return err
		}
		entry, err = s.enter(ctx, tx, actor, who.Account, accounts.Way{Means: means, Proved: true, Via: via}, from)
		return err
	})
	return entry, err
}

// enter opens a session, and notes the browser it is opened in. The account is held
// until the session is there, so that whoever ends all of them ends this one too.
func (s *Store) enter(ctx context.Context, tx *db.Tx, actor access.Actor, who accounts.ID, way accounts.Way, from accounts.Place) (accounts.Entry, error) {
	var holder struct {
		PublicID string
		Lock     accounts.Lock
		Alerts   bool
		Browsers int
		Until    bool
		Networks networks
	}
	err := tx.Get(ctx, &holder, `
		SELECT
			public_id,
			lock,
			alerts,
			(SELECT count(*) FROM (SELECT 1 FROM browsers WHERE account_id = a.id LIMIT 1) b) AS browsers,
			password_until IS NOT NULL AS until,
			to_jsonb(networks::text[]) AS networks
		FROM accounts a
		WHERE id = $1
		FOR NO KEY UPDATE`, who)
	switch {
	case err != nil:
		return accounts.Entry{}, fmt.Errorf("lock account %d: %w", who, err)
	case holder.Lock == accounts.LockBlocked:
		return accounts.Entry{}, accounts.ErrBlocked
	case holder.Lock == accounts.LockSuspicious:
		return accounts.Entry{}, accounts.ErrSuspicious
	case !accounts.Within(holder.Networks, from.Address):
		return accounts.Entry{}, accounts.ErrNetwork
	}
	if actor.SignedIn() {
		if err := endSession(ctx, tx, actor, accounts.EndNewSignIn); err != nil {
			return accounts.Entry{}, err
		}
	}
	token := accounts.NewToken()
	session, err := s.openSession(ctx, tx, who, token, way, from)
	if err != nil {
		return accounts.Entry{}, err
	}
	if err := keepVia(ctx, tx, session.PublicID, way.Via); err != nil {
		return accounts.Entry{}, err
	}
	newBrowser, err := meet(ctx, tx, who, from)
	if err != nil {
		return accounts.Entry{}, err
	}
	entered := access.Actor{Account: who, Public: holder.PublicID, Session: session.PublicID}
	if err := tx.Audit(ctx, entered, access.SignIn, objectOf(holder.PublicID), map[string]any{"means": way.Means}); err != nil {
		return accounts.Entry{}, err
	}
	unusual, err := s.unusualHour(ctx, tx, who)
	if err != nil {
		return accounts.Entry{}, err
	}
	line, err := jot(ctx, tx, who, accounts.NoteSignedIn, session.PublicID, from, map[string]any{"means": way.Means})
	if err != nil {
		return accounts.Entry{}, err
	}
	err = tx.Emit(ctx, accounts.SignedIn{
		Account: holder.PublicID, ID: who, Session: session.PublicID, Note: line, Unusual: unusual,
		NewBrowser: newBrowser && holder.Browsers > 0 && holder.Alerts,
	})
	if err != nil {
		return accounts.Entry{}, err
	}
	confirm, err := askToConfirm(ctx, tx, who)
	return accounts.Entry{Token: token, Session: session, MustChange: holder.Until, Confirm: confirm}, err
}

// meet notes that the person was signed in from a browser, and answers whether it was
// for the first time. A browser that keeps no cookie is new each time.
func meet(ctx context.Context, tx *db.Tx, who accounts.ID, from accounts.Place) (isNew bool, err error) {
	if !from.Browser.Valid() {
		return true, nil
	}
	err = tx.Get(ctx, &isNew, `
		INSERT INTO browsers (account_id, token_hash, device)
		VALUES ($1, $2, $3)
		ON CONFLICT (account_id, token_hash) DO UPDATE
		SET seen_at = now(), device = excluded.device
		RETURNING xmax = 0`, who, from.Browser.Hash(), from.Device)
	if err != nil {
		return false, fmt.Errorf("note a browser: %w", err)
	}
	return isNew, nil
}

// Prove notes a second proof in the actor's session, which lets them do what is
// sensitive for a while (SEC-06).
func (s *Store) Prove(ctx context.Context, actor access.Actor, answer proofs.Answer) error {
	if err := access.Can(actor, access.Prove, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.prover.Prove(ctx, WhoIn(actor), answer, func(tx *db.Tx) error {
		proved, err := tx.Exec(ctx, `
			UPDATE sessions SET proved_at = now()
			WHERE public_id = $1 AND account_id = $2 AND ended_at IS NULL`, actor.Session, actor.Account)
		switch {
		case err != nil:
			return fmt.Errorf("note a second proof: %w", err)
		case proved == 0:
			return access.ErrUnauthenticated
		}
		return tx.Audit(ctx, actor, access.Prove, string(accounts.SessionTopic(actor.Session)), map[string]any{"method": answer.Method})
	})
}

// WhoIn is who proves themselves again in a session. One that was opened by a single
// proof asks for another kind.
func WhoIn(actor access.Actor) proofs.Who {
	who := proofs.Who{Account: actor.Account, Holder: "session:" + actor.Session, Purpose: codes.ForStepUp}
	if len(actor.Means) == 1 {
		who.Without = actor.Means
	} else {
		who.Without = []accounts.Means{accounts.ByPassword}
	}
	return who
}

// note leaves a line in the person's own journal; for nobody it does the same work.
func note(ctx context.Context, tx *db.Tx, who accounts.ID, kind accounts.Note, session string, from accounts.Place, facts map[string]any) error {
	_, err := jot(ctx, tx, who, kind, session, from, facts)
	return err
}

// jot is note that answers the key of the line, 0 for nobody.
func jot(ctx context.Context, tx *db.Tx, who accounts.ID, kind accounts.Note, session string, from accounts.Place, facts map[string]any) (line int64, err error) {
	if facts == nil {
		facts = map[string]any{}
	}
	err = tx.Get(ctx, &line, `
		INSERT INTO account_events (account_id, kind, device, address, session, facts)
		SELECT id, $2, $3, $4, $5, $6 FROM accounts WHERE id = $1
		RETURNING id`,
		who, kind, from.Device, from.Address, session, facts)
	if err != nil && !db.NoRows(err) {
		return 0, fmt.Errorf("note %s: %w", kind, err)
	}
	return line, nil
}

// noteTold is note of what the person is told of besides (SEC-13).
func noteTold(ctx context.Context, tx *db.Tx, who accounts.ID, public string, kind accounts.Note, session string, from accounts.Place, facts map[string]any) error {
	line, err := jot(ctx, tx, who, kind, session, from, facts)
	if err != nil {
		return err
	}
	return tx.Emit(ctx, accounts.Noted{Account: public, Event: line, Kind: kind})
}

// unusualHour says whether the person never signed in at this time of day (SEC-13).
func (s *Store) unusualHour(ctx context.Context, tx *db.Tx, who accounts.ID) (bool, error) {
	var before []time.Time
	err := tx.Select(ctx, &before, `
		SELECT at FROM account_events
		WHERE account_id = $1 AND kind = $2
		ORDER BY id DESC
		LIMIT $3`, who, accounts.NoteSignedIn, accounts.WatchedSignIns)
	if err != nil {
		return false, fmt.Errorf("read when account %d signs in: %w", who, err)
	}
	now, err := tx.Now(ctx)
	return accounts.UnusualHour(now, before, s.zone), err
}
