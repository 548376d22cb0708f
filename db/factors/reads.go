package factors

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/factors"
)

// holder is a person as far as factors go.
type holder struct {
	PublicID string
	Name     string
	Login    string // e-mail, confirmed or not
	factors.Methods
}

// getter is a transaction or a snapshot.
type getter interface {
	Get(ctx context.Context, dst any, query string, args ...any) error
}

// find reads the methods of an account.
func find(ctx context.Context, from getter, id accounts.ID) (holder, error) {
	var row struct {
		PublicID       string
		Name           string
		Email          string
		Phone          string
		EmailConfirmed bool
		PhoneConfirmed bool
		SecondFactor   factors.Method
		TOTP           bool
		Passkeys       int
		BackupCodes    int
		Staff          bool
	}
	err := from.Get(ctx, &row, `
		SELECT
			a.public_id,
			a.name,
			a.email,
			coalesce(a.phone, '') AS phone,
			a.email_confirmed_at IS NOT NULL AS email_confirmed,
			a.phone_confirmed_at IS NOT NULL AS phone_confirmed,
			a.second_factor,
			EXISTS (SELECT FROM totp_keys k WHERE k.account_id = a.id AND k.confirmed_at IS NOT NULL) AS totp,
			(SELECT count(*) FROM passkeys p WHERE p.account_id = a.id) AS passkeys,
			(SELECT count(*) FROM backup_codes b WHERE b.account_id = a.id AND b.used_at IS NULL) AS backup_codes,
			EXISTS (SELECT FROM grants g WHERE g.account_id = a.id AND (g.until IS NULL OR g.until > now())) AS staff
		FROM accounts a
		WHERE a.id = $1`, id)
	if db.NoRows(err) {
		return holder{}, accounts.ErrUnknownAccount
	}
	if err != nil {
		return holder{}, fmt.Errorf("read the factors of account %d: %w", id, err)
	}
	found := holder{PublicID: row.PublicID, Name: row.Name, Login: row.Email, Methods: factors.Methods{
		TOTP:        row.TOTP,
		Passkeys:    row.Passkeys,
		BackupCodes: row.BackupCodes,
		Preferred:   row.SecondFactor,
		Staff:       row.Staff,
	}}
	if row.PhoneConfirmed {
		found.Phone = row.Phone
	}
	if row.EmailConfirmed {
		found.Email = row.Email
	}
	return found, nil
}

// hold finds an account and holds it until the end of the transaction, so that what
// it can prove itself with and what it prefers change together.
func hold(ctx context.Context, tx *db.Tx, id accounts.ID) (holder, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
		return holder{}, fmt.Errorf("hold account %d: %w", id, err)
	}
	return find(ctx, tx, id)
}

// Methods answers what a person can prove themselves with now. It is for the portal
// itself, which asks it of somebody who is signing in.
func (s *Store) Methods(ctx context.Context, id accounts.ID) (factors.Methods, error) {
	var found holder
	err := s.db.Read(ctx, func(snapshot *db.Snapshot) (err error) {
		found, err = find(ctx, snapshot, id)
		return err
	})
	return found.Methods, err
}

// Overview is what a person sees of their own factors.
type Overview struct {
	Methods  factors.Methods
	Passkeys []factors.PasskeyRecord // the newest first
}

// Overview reads the actor's own factors.
func (s *Store) Overview(ctx context.Context, actor access.Actor) (Overview, error) {
	if err := own(actor, access.ReadFactors); err != nil {
		return Overview{}, err
	}
	var seen Overview
	err := s.db.Read(ctx, func(snapshot *db.Snapshot) error {
		found, err := find(ctx, snapshot, actor.Account)
		if err != nil {
			return err
		}
		seen.Methods = found.Methods
		err = snapshot.Select(ctx, &seen.Passkeys, `
			SELECT
				public_id,
				name,
				backed_up,
				created_at,
				used_at
			FROM passkeys
			WHERE account_id = $1
			ORDER BY id DESC`, actor.Account)
		if err != nil {
			return fmt.Errorf("list the passkeys of account %d: %w", actor.Account, err)
		}
		return nil
	})
	return seen, err
}
