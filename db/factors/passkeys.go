package factors

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/factors"
)

// sessionHolder is who answers for a person in their settings: the session they act
// in.
func sessionHolder(actor access.Actor) string { return "session:" + actor.Session }

// BeginPasskey asks the actor's device for a new passkey. The answer is a
// PublicKeyCredentialCreationOptionsJSON (WebAuthn level 3, 5.1.8), which goes into
// the page.
func (s *Store) BeginPasskey(ctx context.Context, actor access.Actor) (options string, err error) {
	if err := own(actor, access.ChangeFactors); err != nil {
		return "", err
	}
	if s.relying == nil {
		return "", factors.ErrNoRelyingParty
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		person, err := hold(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		known, err := loadUser(ctx, tx, actor.Account, person)
		if err != nil {
			return err
		}
		if person.Passkeys >= factors.MostPasskeys {
			return factors.ErrTooManyPasskeys
		}
		creation, asked, err := s.relying.BeginRegistration(known,
			webauthn.WithExclusions(webauthn.Credentials(known.credentials).CredentialDescriptors()))
		if err != nil {
			return fmt.Errorf("ask for a passkey: %w", err)
		}
		if options, err = asJSON(creation.Response); err != nil {
			return err
		}
		return saveChallenge(ctx, tx, challenge{purpose: register, holder: sessionHolder(actor), account: actor.Account, asked: *asked})
	})
	return options, err
}

// FinishPasskey takes the passkey that the actor's device made, a
// RegistrationResponseJSON, under a name.
func (s *Store) FinishPasskey(ctx context.Context, actor access.Actor, name, answer string) error {
	if err := own(actor, access.ChangeFactors); err != nil {
		return err
	}
	if s.relying == nil {
		return factors.ErrNoRelyingParty
	}
	name, err := factors.ParseName(name)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return wrong(err)
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		person, err := hold(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		if person.Passkeys >= factors.MostPasskeys {
			return factors.ErrTooManyPasskeys
		}
		c, err := takeChallenge(ctx, tx, register, sessionHolder(actor), parsed.Response.CollectedClientData.Challenge)
		if err != nil {
			return err
		}
		made, err := s.relying.CreateCredential(user{holder: person}, c.asked, parsed)
		if err != nil {
			return wrong(err)
		}
		if err := addPasskey(ctx, tx, actor.Account, name, made); err != nil {
			return err
		}
		return tell(ctx, tx, actor, factors.Added{Account: actor.Public, Method: factors.Passkey}, factors.Passkey)
	})
}

func addPasskey(ctx context.Context, tx *db.Tx, of accounts.ID, name string, made *webauthn.Credential) error {
	transports := []string{}
	for _, transport := range made.Transport {
		transports = append(transports, string(transport))
	}
	added, err := tx.Exec(ctx, `
		INSERT INTO passkeys (
			public_id,
			account_id,
			credential_id,
			public_key,
			sign_count,
			transports,
			aaguid,
			backup_eligible,
			backed_up,
			name
		)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT ON CONSTRAINT passkeys_credential_id DO NOTHING`,
		accounts.NewPublicID(), of, made.ID, made.PublicKey, int64(made.Authenticator.SignCount), transports,
		made.Authenticator.AAGUID, made.Flags.BackupEligible, made.Flags.BackupState, name)
	if err != nil {
		return fmt.Errorf("keep a passkey of account %d: %w", of, err)
	}
	if added == 0 { // WebAuthn level 3, 7.1, step 26
		return factors.ErrKnownPasskey
	}
	return nil
}

// RenamePasskey gives one of the actor's passkeys another name. Those of others do
// not exist for the actor.
func (s *Store) RenamePasskey(ctx context.Context, actor access.Actor, publicID, name string) error {
	if err := own(actor, access.ChangeFactors); err != nil {
		return err
	}
	name, err := factors.ParseName(name)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		renamed, err := tx.Exec(ctx, `
			UPDATE passkeys SET name = $3 WHERE public_id = $1 AND account_id = $2`, publicID, actor.Account, name)
		if err != nil {
			return fmt.Errorf("rename a passkey of account %d: %w", actor.Account, err)
		}
		if renamed == 0 {
			return factors.ErrUnknownPasskey
		}
		return nil
	})
}

// RemovePasskey forgets one of the actor's passkeys. Where the last one was asked
// for, the next best method is from then on.
func (s *Store) RemovePasskey(ctx context.Context, actor access.Actor, publicID string) error {
	if err := own(actor, access.ChangeFactors); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		person, err := hold(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		removed, err := tx.Exec(ctx, `
			DELETE FROM passkeys WHERE public_id = $1 AND account_id = $2`, publicID, actor.Account)
		if err != nil {
			return fmt.Errorf("forget a passkey of account %d: %w", actor.Account, err)
		}
		if removed == 0 {
			return factors.ErrUnknownPasskey
		}
		left, err := person.Without(factors.Passkey)
		if err != nil {
			return err
		}
		if err := tell(ctx, tx, actor, factors.Removed{Account: actor.Public, Method: factors.Passkey}, factors.Passkey); err != nil {
			return err
		}
		return choose(ctx, tx, actor, person.Preferred, left.Preferred)
	})
}

// loadUser reads a person's passkeys and holds them until the end of the transaction,
// so that their counts move one after the other.
func loadUser(ctx context.Context, tx *db.Tx, id accounts.ID, person holder) (user, error) {
	var rows []passkeyRow
	err := tx.Select(ctx, &rows, `
		SELECT
			id,
			credential_id,
			public_key,
			sign_count,
			to_jsonb(transports) AS transports,
			aaguid,
			backup_eligible,
			backed_up
		FROM passkeys
		WHERE account_id = $1
		ORDER BY id
		FOR NO KEY UPDATE`, id)
	if err != nil {
		return user{}, fmt.Errorf("load the passkeys of account %d: %w", id, err)
	}
	known := user{holder: person}
	for _, row := range rows {
		known.credentials = append(known.credentials, row.credential())
	}
	return known, nil
}

func asJSON(options any) (string, error) {
	written, err := json.Marshal(options)
	if err != nil {
		return "", fmt.Errorf("write what a device is asked: %w", err)
	}
	return strings.TrimSpace(string(written)), nil
}
