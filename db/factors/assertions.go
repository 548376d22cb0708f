package factors

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/factors"
)

// BeginAssertion asks for a passkey of a person who is known, such as one who typed
// their password. The answer is a PublicKeyCredentialRequestOptionsJSON (WebAuthn
// level 3, 5.1.9), which goes into the page; only holder can answer it. The problem
// of a person without passkeys is factors.ErrNoPasskey.
func (s *Store) BeginAssertion(ctx context.Context, id accounts.ID, holder string) (options string, err error) {
	if s.relying == nil {
		return "", factors.ErrNoRelyingParty
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		person, err := find(ctx, tx, id)
		if err != nil {
			return err
		}
		known, err := loadUser(ctx, tx, id, person)
		if err != nil {
			return err
		}
		if len(known.credentials) == 0 {
			return factors.ErrNoPasskey
		}
		assertion, asked, err := s.relying.BeginLogin(known)
		if err != nil {
			return fmt.Errorf("ask for a passkey: %w", err)
		}
		if options, err = asJSON(assertion.Response); err != nil {
			return err
		}
		return saveChallenge(ctx, tx, challenge{purpose: assert, holder: holder, account: id, asked: *asked})
	})
	return options, err
}

// CheckAssertion takes the answer to BeginAssertion, an AuthenticationResponseJSON,
// once. Its problems are factors.ErrWrongPasskey, ErrStalePasskey for an answer that
// came too late or a second time or from another holder, and ErrClonedPasskey.
func (s *Store) CheckAssertion(ctx context.Context, tx *db.Tx, id accounts.ID, holder, answer string) error {
	parsed, err := s.parse(answer)
	if err != nil {
		return err
	}
	c, err := takeChallenge(ctx, tx, assert, holder, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return err
	}
	if c.account != id {
		return factors.ErrStalePasskey
	}
	person, err := find(ctx, tx, id)
	if err != nil {
		return err
	}
	known, err := loadUser(ctx, tx, id, person)
	if err != nil {
		return err
	}
	used, err := s.relying.ValidateLogin(known, c.asked, parsed)
	if err != nil {
		return wrong(err)
	}
	return noteUse(ctx, tx, id, person, used)
}

// BeginDiscoverable asks for any passkey of the portal: the device offers those it
// has, and the one that is chosen says whose it is. Only holder can answer.
func (s *Store) BeginDiscoverable(ctx context.Context, holder string) (options string, err error) {
	if s.relying == nil {
		return "", factors.ErrNoRelyingParty
	}
	assertion, asked, err := s.relying.BeginDiscoverableLogin()
	if err != nil {
		return "", fmt.Errorf("ask for a passkey: %w", err)
	}
	if options, err = asJSON(assertion.Response); err != nil {
		return "", err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		return saveChallenge(ctx, tx, challenge{purpose: discover, holder: holder, asked: *asked})
	})
	return options, err
}

// CheckDiscoverable takes the answer to BeginDiscoverable, once, and says who gave
// it. The device has verified its owner: it is two factors at once, what a person has
// and what they are or know. The problems are those of CheckAssertion.
func (s *Store) CheckDiscoverable(ctx context.Context, tx *db.Tx, holder, answer string) (accounts.ID, error) {
	parsed, err := s.parse(answer)
	if err != nil {
		return 0, err
	}
	c, err := takeChallenge(ctx, tx, discover, holder, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return 0, err
	}
	id, err := ownerOf(ctx, tx, parsed.RawID)
	if err != nil {
		return 0, err
	}
	person, err := find(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	known, err := loadUser(ctx, tx, id, person)
	if err != nil {
		return 0, err
	}
	// That the handle in the answer is this person's is the library's to check.
	of := func(_, _ []byte) (webauthn.User, error) { return known, nil }
	_, used, err := s.relying.ValidatePasskeyLogin(of, c.asked, parsed)
	if err != nil {
		return 0, wrong(err)
	}
	if err := noteUse(ctx, tx, id, person, used); err != nil {
		return 0, err
	}
	return id, nil
}

func (s *Store) parse(answer string) (*protocol.ParsedCredentialAssertionData, error) {
	if s.relying == nil {
		return nil, factors.ErrNoRelyingParty
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, wrong(err)
	}
	return parsed, nil
}

var errNobodys = errors.New("nobody has this passkey")

func ownerOf(ctx context.Context, tx *db.Tx, credential []byte) (accounts.ID, error) {
	var id accounts.ID
	err := tx.Get(ctx, &id, `SELECT account_id FROM passkeys WHERE credential_id = $1`, credential)
	if db.NoRows(err) {
		return 0, wrong(errNobodys)
	}
	if err != nil {
		return 0, fmt.Errorf("look for a passkey: %w", err)
	}
	return id, nil
}

// noteUse moves the passkey's count on. A count that does not grow says that the same
// passkey is on two devices that do not know of each other: it is refused, and the
// owner is told (WebAuthn level 3, 7.2, step 22).
func noteUse(ctx context.Context, tx *db.Tx, id accounts.ID, person holder, used *webauthn.Credential) error {
	if used.Authenticator.CloneWarning {
		actor := access.Actor{Account: id, Public: person.PublicID}
		if err := tell(ctx, tx, actor, factors.CloneSuspected{Account: person.PublicID}, factors.Passkey); err != nil {
			return err
		}
		return factors.ErrClonedPasskey
	}
	_, err := tx.Exec(ctx, `
		UPDATE passkeys
		SET sign_count = $3, backed_up = $4, used_at = now()
		WHERE account_id = $1 AND credential_id = $2`,
		id, used.ID, int64(used.Authenticator.SignCount), used.Flags.BackupState)
	if err != nil {
		return fmt.Errorf("note the use of a passkey of account %d: %w", id, err)
	}
	return nil
}
