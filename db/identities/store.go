// Package identities keeps who people are at providers that vouch for them, and the
// ways to providers that are under way.
//
// It promises that an answer is taken once and from the browser that went; that what
// has to stay secret on the way is not in the database; that an identity belongs to one
// account; that a logout token is taken once and ends the sessions it names on every
// process; and that every binding leaves a line in the person's journal and in the
// audit.
package identities

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/identities"
)

// Store keeps identities in Postgres. It is safe for concurrent use.
type Store struct {
	db       *db.DB
	accounts *accountsdb.Store
}

// New makes the store. Sessions are opened by people.
func New(d *db.DB, people *accountsdb.Store) *Store { return &Store{db: d, accounts: people} }

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Begin notes that a browser goes to a provider, under a state. Only the holder of the
// browser's token can come back, once, in identities.ErrandFor.
func (s *Store) Begin(ctx context.Context, actor access.Actor, state string, browser accounts.Token, errand identities.Errand) error {
	do := access.SignIn
	if errand.Purpose == identities.Link {
		do = access.ChangeIdentities
	}
	if err := access.Can(actor, do, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	var account any
	if errand.Purpose == identities.Link {
		account = actor.Account
	}
	_, err := s.db.Pool().Exec(ctx, `
		INSERT INTO identity_requests (state_hash, browser_hash, provider, purpose, account_id, next, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')`,
		hashOf(state), browser.Hash(), errand.Provider, errand.Purpose, account, errand.Next, identities.ErrandFor.Seconds())
	if err != nil {
		return fmt.Errorf("note the way to a provider: %w", err)
	}
	return nil
}

// Take answers what a browser went to a provider for, once. It answers
// identities.ErrAstray when this browser did not go there, or has come back already, or
// took too long, and for a binding when somebody else is signed in by now.
func (s *Store) Take(ctx context.Context, actor access.Actor, provider, state string, browser accounts.Token) (identities.Errand, error) {
	if state == "" || !browser.Valid() {
		return identities.Errand{}, identities.ErrAstray
	}
	errand := identities.Errand{Provider: provider}
	var account *accounts.ID
	err := s.db.Pool().QueryRow(ctx, `
		UPDATE identity_requests SET used_at = now()
		WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3 AND used_at IS NULL AND expires_at > now()
		RETURNING purpose, account_id, next`,
		hashOf(state), browser.Hash(), provider,
	).Scan(&errand.Purpose, &account, &errand.Next)
	if errors.Is(err, pgx.ErrNoRows) {
		return identities.Errand{}, identities.ErrAstray
	}
	if err != nil {
		return identities.Errand{}, fmt.Errorf("find the way to a provider: %w", err)
	}
	if account != nil {
		errand.Account = *account
	}
	if errand.Purpose == identities.Link && errand.Account != actor.Account {
		return identities.Errand{}, identities.ErrAstray
	}
	return errand, nil
}

// Overview reads by what the actor signs in.
func (s *Store) Overview(ctx context.Context, actor access.Actor) (identities.Overview, error) {
	if err := access.Can(actor, access.ReadSecurity, access.Object{Owner: actor.Account}); err != nil {
		return identities.Overview{}, err
	}
	var seen identities.Overview
	err := s.db.InTx(ctx, func(tx *db.Tx) (err error) {
		seen, err = overview(ctx, tx, actor.Account)
		return err
	})
	return seen, err
}

func overview(ctx context.Context, tx *db.Tx, of accounts.ID) (identities.Overview, error) {
	var row struct {
		Password bool
		Phone    bool
		Passkeys int
	}
	err := tx.Get(ctx, &row, `
		SELECT
			password_hash <> '' AS password,
			phone_sign_in AND phone_confirmed_at IS NOT NULL AS phone,
			(SELECT count(*) FROM passkeys WHERE account_id = a.id) AS passkeys
		FROM accounts a
		WHERE id = $1`, of)
	if err != nil {
		return identities.Overview{}, fmt.Errorf("read how account %d signs in: %w", of, err)
	}
	seen := identities.Overview{Password: row.Password, Phone: row.Phone, Passkeys: row.Passkeys}
	err = tx.Select(ctx, &seen.Identities, `
		SELECT public_id, provider, name, email, linked_at, used_at
		FROM identities
		WHERE account_id = $1
		ORDER BY id`, of)
	if err != nil {
		return identities.Overview{}, fmt.Errorf("read the providers of account %d: %w", of, err)
	}
	return seen, nil
}

// hold keeps an account still until the end of the transaction.
func hold(ctx context.Context, tx *db.Tx, id accounts.ID) (public string, err error) {
	if err := tx.Get(ctx, &public, `SELECT public_id FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
		return "", fmt.Errorf("lock account %d: %w", id, err)
	}
	return public, nil
}

// tell leaves what happened to a binding in journal, audit and outbox.
func tell(ctx context.Context, tx *db.Tx, actor access.Actor, happened event.Event, from accounts.Place, facts map[string]any) error {
	facts["event"] = happened.Name()
	if err := accountsdb.Note(ctx, tx, actor.Account, accounts.NoteIdentity, actor.Session, from, facts); err != nil {
		return err
	}
	if err := tx.Audit(ctx, actor, access.ChangeIdentities, string(accounts.Topic(actor.Public)), facts); err != nil {
		return err
	}
	return tx.Emit(ctx, happened)
}
