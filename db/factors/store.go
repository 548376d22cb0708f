// Package factors keeps what proves people a second time: the keys of their apps,
// their passkeys, the hashes of their backup codes, and which of them they prefer.
//
// It promises that a code of an app, a backup code and the answer to a challenge are
// good once; that nothing of one person proves another, and no answer given to one
// browser is taken from another; that who reads the database alone can prove nobody,
// for the keys of apps are sealed and the codes hashed under keys that follow from
// the portal's secret; and that every change is told to its owner, audited and
// announced in the transaction that makes it.
//
// The Check methods and UseBackupCode work in the caller's transaction. A problem
// they answer leaves it good to be committed, with what they noted of it (that a
// passkey may have been copied, that a challenge was answered) and what the caller
// counts. Guessing is the caller's to slow down.
package factors

import (
	"context"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/factors"
)

// Options are what the store needs to know.
type Options struct {
	Secret []byte // the portal's; the keys of this area follow from it
	Issuer string // the portal's name, as apps and devices show it beside codes and keys
	// RelyingParty is the host name that passkeys are bound to, for good: under
	// another one they are of no use. "" offers no passkeys.
	RelyingParty string
	Origins      []string // of the pages that passkeys may be used on: "https://veche.example"
	// Now is the time by which an app's codes are checked; nil is the database's.
	Now func() time.Time
}

// Store keeps factors in Postgres. It is safe for concurrent use.
type Store struct {
	db      *db.DB
	o       Options
	keys    keys
	relying *webauthn.WebAuthn // nil without a relying party
}

// New makes the store. It answers an error when the relying party is no host name.
func New(d *db.DB, o Options) (*Store, error) {
	s := &Store{db: d, o: o}
	var err error
	if s.keys, err = newKeys(o.Secret); err != nil {
		return nil, err
	}
	if o.RelyingParty == "" {
		return s, nil
	}
	if s.relying, err = relyingParty(o); err != nil {
		return nil, fmt.Errorf("passkeys for %q: %w", o.RelyingParty, err)
	}
	return s, nil
}

// Passkeys says whether passkeys are offered, and on the pages of which origin.
func (s *Store) Passkeys() (origin string, offered bool) {
	if s.relying == nil {
		return "", false
	}
	return s.o.Origins[0], true
}

func (s *Store) now(ctx context.Context, tx *db.Tx) (time.Time, error) {
	if s.o.Now != nil {
		return s.o.Now(), nil
	}
	return tx.Now(ctx)
}

// own asks whether the actor may do something with their factors.
func own(actor access.Actor, do access.Action) error {
	return access.Can(actor, do, access.Object{Owner: actor.Account})
}

// tell writes what happened into the journal that the account's owner reads, audits
// and announces it. Neither holds more than the kind of factor. Of what they can prove
// themselves with from now on the owner is told.
func tell(ctx context.Context, tx *db.Tx, actor access.Actor, happened event.Event, method factors.Method) error {
	facts := map[string]any{"method": method}
	var line int64
	err := tx.Get(ctx, &line, `
		INSERT INTO account_events (account_id, kind, device, address, session, facts)
		SELECT $1, $2, coalesce(s.device, ''), coalesce(s.address, ''), $3, $4::jsonb
		FROM (SELECT) one
		LEFT JOIN sessions s ON s.public_id = $3 AND s.account_id = $1
		RETURNING id`,
		actor.Account, happened.Name(), actor.Session, facts)
	if err != nil {
		return fmt.Errorf("tell account %d of %s: %w", actor.Account, happened.Name(), err)
	}
	if err := tx.Audit(ctx, actor, access.ChangeFactors, happened.Name(), facts); err != nil {
		return err
	}
	switch happened.(type) {
	case factors.Added, factors.Removed, factors.Preferred:
		if err := tx.Emit(ctx, accounts.Noted{Account: actor.Public, Event: line, Kind: accounts.NoteSecondFactor}); err != nil {
			return err
		}
	}
	return tx.Emit(ctx, happened)
}
