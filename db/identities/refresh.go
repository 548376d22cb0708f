package identities

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/identities"
)

// refresh takes over what the state tells of an account that is held. What another
// account has stays with that one. The person reads of it in their journal, but for a
// new account's first data.
func refresh(ctx context.Context, tx *db.Tx, owner access.Actor, p identities.Person, from accounts.Place, quiet bool) error {
	kept, err := profile(ctx, tx, owner.Account)
	if err != nil {
		return err
	}
	var taken struct{ Phone, Snils, Inn bool }
	err = tx.Get(ctx, &taken, `
		SELECT
			EXISTS (SELECT 1 FROM accounts WHERE phone = $2 AND id <> $1) AS phone,
			EXISTS (SELECT 1 FROM accounts WHERE snils = $3 AND id <> $1) AS snils,
			EXISTS (SELECT 1 FROM accounts WHERE inn = $4 AND id <> $1) AS inn`, owner.Account, p.Phone, p.SNILS, p.INN)
	if err != nil {
		return fmt.Errorf("look for the numbers of account %d: %w", owner.Account, err)
	}
	p.PhoneVerified = p.PhoneVerified && !taken.Phone
	if taken.Snils {
		p.SNILS = ""
	}
	if taken.Inn {
		p.INN = ""
	}
	fresh, changed := identities.Refresh(kept, p)
	if len(changed) == 0 {
		return nil
	}
	confirmed := slices.Contains(changed, identities.FieldConfirmed)
	_, err = tx.Exec(ctx, `
		UPDATE accounts SET
			name = $2,
			phone = nullif($3, ''),
			phone_confirmed_at = CASE WHEN phone IS DISTINCT FROM nullif($3, '') THEN now() ELSE phone_confirmed_at END,
			snils = nullif($4, ''),
			inn = nullif($5, ''),
			birth_date = $6,
			confirmed = $7,
			rights = rights + CASE WHEN $8 THEN 1 ELSE 0 END
		WHERE id = $1`,
		owner.Account, fresh.Name, fresh.Phone, fresh.SNILS, fresh.INN,
		sql.NullTime{Time: fresh.BirthDate, Valid: !fresh.BirthDate.IsZero()}, fresh.Confirmed, confirmed)
	if err != nil {
		return fmt.Errorf("renew the data of account %d: %w", owner.Account, err)
	}
	if confirmed {
		if err := tx.Emit(ctx, accounts.RightsChanged{Account: owner.Public}); err != nil {
			return err
		}
	}
	if quiet {
		return tx.Emit(ctx, identities.Refreshed{Account: owner.Public, Fields: changed})
	}
	happened := identities.Refreshed{Account: owner.Public, Fields: changed}
	return tell(ctx, tx, owner, happened, from, map[string]any{"provider": p.Provider, "fields": changed})
}

func profile(ctx context.Context, tx *db.Tx, of accounts.ID) (identities.Profile, error) {
	var row struct {
		Name, Phone, Snils, Inn string
		BirthDate               sql.NullTime
		Confirmed               bool
	}
	err := tx.Get(ctx, &row, `
		SELECT
			name,
			coalesce(phone, '') AS phone,
			coalesce(snils, '') AS snils,
			coalesce(inn, '') AS inn,
			birth_date,
			confirmed
		FROM accounts
		WHERE id = $1`, of)
	if err != nil {
		return identities.Profile{}, fmt.Errorf("read the data of account %d: %w", of, err)
	}
	kept := identities.Profile{Name: row.Name, Phone: row.Phone, SNILS: row.Snils, INN: row.Inn, Confirmed: row.Confirmed}
	if row.BirthDate.Valid {
		year, month, day := row.BirthDate.Time.Date()
		kept.BirthDate = time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return kept, nil
}
