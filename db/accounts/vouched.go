package accounts

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/problem"
)

// Vouch signs in somebody who came by other means than a password, such as a provider
// that vouches for them: it opens the session, or, where that is worth one proof only,
// waits for the second when the person has one. check is asked in the transaction that
// does so, and may refuse.
//
// The problems are accounts.ErrBlocked, ErrSuspicious and ErrNetwork.
func (s *Store) Vouch(ctx context.Context, actor access.Actor, who accounts.ID, way accounts.Way, from accounts.Place, check func(*db.Tx) error) (accounts.Entry, error) {
	if err := access.Can(actor, access.SignIn, access.Object{}); err != nil {
		return accounts.Entry{}, err
	}
	second := false
	if !way.Proved {
		var err error
		if second, err = s.prover.Asks(ctx, who, way.Means...); err != nil {
			return accounts.Entry{}, err
		}
	}
	var entry accounts.Entry
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := check(tx); err != nil {
			return err
		}
		if err := s.admits(ctx, tx, who, from); err != nil {
			return err
		}
		var err error
		if !second {
			entry, err = s.enter(ctx, tx, actor, who, way, from)
			return err
		}
		if entry, err = s.await(ctx, tx, who, way.Means); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE pending_sign_ins SET identity_id = $2, provider_sid = $3
			WHERE token_hash = $1`, entry.Pending.Hash(), identityOf(way.Via), way.Via.Session)
		return err
	})
	return entry, s.refused(ctx, actor, who, err, from)
}

// refused notes that a person who proved who they are was kept out all the same.
func (s *Store) refused(ctx context.Context, actor access.Actor, who accounts.ID, why error, from accounts.Place) error {
	found, known := problem.As(why)
	if !known || found.Kind != problem.Forbidden || who == 0 {
		return why
	}
	var public string
	if err := s.db.Pool().QueryRow(ctx, `SELECT public_id FROM accounts WHERE id = $1`, who).Scan(&public); err != nil {
		return fmt.Errorf("find account %d: %w", who, err)
	}
	return s.turnAway(ctx, actor, keyholder{id: who, publicID: public}, found, from)
}

// admits holds the account, and says what keeps its owner out from here.
func (s *Store) admits(ctx context.Context, tx *db.Tx, who accounts.ID, from accounts.Place) error {
	var row struct {
		Lock     accounts.Lock
		Networks networkList
	}
	err := tx.Get(ctx, &row, `
		SELECT lock, to_jsonb(networks) AS networks FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, who)
	if err != nil {
		return fmt.Errorf("lock account %d: %w", who, err)
	}
	switch {
	case row.Lock == accounts.LockBlocked:
		return accounts.ErrBlocked
	case row.Lock == accounts.LockSuspicious:
		return accounts.ErrSuspicious
	case !accounts.Within(row.Networks, from.Address):
		return accounts.ErrNetwork
	}
	return nil
}

// networkList reads networks that a statement made JSON of.
type networkList []netip.Prefix

// Scan reads the JSON.
func (l *networkList) Scan(src any) error { return db.ScanJSON(src, (*[]netip.Prefix)(l)) }

func identityOf(v accounts.Via) sql.NullInt64 {
	return sql.NullInt64{Int64: v.Identity, Valid: v.Identity != 0}
}

// viaOf is through whom the person came who is waited for.
func viaOf(ctx context.Context, tx *db.Tx, pending accounts.Token) (accounts.Via, error) {
	var row struct {
		Identity sql.NullInt64
		Session  string
	}
	err := tx.Get(ctx, &row, `
		SELECT identity_id AS identity, provider_sid AS session FROM pending_sign_ins WHERE token_hash = $1`, pending.Hash())
	if err != nil {
		return accounts.Via{}, fmt.Errorf("read through whom somebody came: %w", err)
	}
	return accounts.Via{Identity: row.Identity.Int64, Session: row.Session}, nil
}

// keepVia notes in a session through whom it was opened.
func keepVia(ctx context.Context, tx *db.Tx, session string, via accounts.Via) error {
	if via.Identity == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE sessions SET identity_id = $2, provider_sid = $3 WHERE public_id = $1`, session, via.Identity, via.Session)
	if err != nil {
		return fmt.Errorf("note through whom a session was opened: %w", err)
	}
	return nil
}

// EndVia ends the sessions that were opened through an identity, and sign-ins through
// it that wait for their second proof: those of one session of the provider, or all of
// them when it names none. The session that keep names stays. It answers how many
// sessions there were.
func EndVia(ctx context.Context, tx *db.Tx, via accounts.Via, keep string) (int, error) {
	_, err := tx.Exec(ctx, `
		UPDATE pending_sign_ins SET used_at = now()
		WHERE identity_id = $1 AND ($2 = '' OR provider_sid = $2) AND used_at IS NULL`, via.Identity, via.Session)
	if err != nil {
		return 0, fmt.Errorf("end what waits through identity %d: %w", via.Identity, err)
	}
	var ended []struct {
		PublicID  string
		AccountID accounts.ID
		Device    string
		Address   string
	}
	err = tx.Select(ctx, &ended, `
		UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $3
		WHERE identity_id = $1 AND ($2 = '' OR provider_sid = $2) AND ended_at IS NULL AND public_id <> $4
		RETURNING public_id, account_id, device, address`, via.Identity, via.Session, accounts.EndProvider, keep)
	if err != nil {
		return 0, fmt.Errorf("end the sessions through identity %d: %w", via.Identity, err)
	}
	for _, one := range ended {
		from := accounts.Place{Device: one.Device, Address: one.Address}
		facts := map[string]any{"reason": accounts.EndProvider}
		if err := note(ctx, tx, one.AccountID, accounts.NoteEnded, one.PublicID, from, facts); err != nil {
			return 0, err
		}
		if err := tx.Audit(ctx, access.Guest(), access.SignOut, string(accounts.SessionTopic(one.PublicID)), facts); err != nil {
			return 0, err
		}
		if err := tx.Emit(ctx, accounts.SessionEnded{Session: one.PublicID}); err != nil {
			return 0, err
		}
	}
	return len(ended), nil
}

// Note leaves a line in a person's own journal. from is empty where nobody's browser
// had a part in it.
func Note(ctx context.Context, tx *db.Tx, who accounts.ID, kind accounts.Note, session string, from accounts.Place, facts map[string]any) error {
	return note(ctx, tx, who, kind, session, from, facts)
}

// Passkeys asks for passkeys and says whose they are.
type Passkeys interface {
	// CheckDiscoverable takes an answer, once, and says who gave it.
	CheckDiscoverable(ctx context.Context, tx *db.Tx, holder, answer string) (accounts.ID, error)
}

// EnterByPasskey opens the session of somebody whose device answered for them: it knows
// its owner by finger or face, so that it is two proofs at once (ID-14). holder is who
// was asked. The problems are those of the passkey and of [Store.Vouch].
func (s *Store) EnterByPasskey(ctx context.Context, actor access.Actor, known Passkeys, holder, answer string, from accounts.Place) (accounts.Entry, error) {
	if err := access.Can(actor, access.SignIn, access.Object{}); err != nil {
		return accounts.Entry{}, err
	}
	var (
		who     accounts.ID
		entry   accounts.Entry
		refused error
	)
	err := s.db.InTx(ctx, func(tx *db.Tx) (err error) {
		if who, err = known.CheckDiscoverable(ctx, tx, holder, answer); err == nil {
			err = s.admits(ctx, tx, who, from)
		}
		// What is refused leaves traces, such as a question that is used up: they stay.
		if _, is := problem.As(err); is {
			refused = err
			return nil
		}
		if err == nil {
			entry, err = s.enter(ctx, tx, actor, who, accounts.Way{Means: []accounts.Means{accounts.ByPasskey}, Proved: true}, from)
		}
		return err
	})
	if err == nil {
		err = s.refused(ctx, actor, who, refused, from)
	}
	return entry, err
}
