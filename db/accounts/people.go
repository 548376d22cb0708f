package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// Add puts a person into the portal, with what they are granted from the start,
// and answers their key. hash comes from HashPassword; "" lets nobody sign in by
// password. A person without a public id gets one.
func Add(ctx context.Context, tx *db.Tx, person accounts.Account, hash string, grants ...accounts.Grant) (accounts.ID, error) {
	email, err := accounts.ParseLogin(person.Email)
	if err != nil {
		return 0, fmt.Errorf("add an account: read its e-mail: %w", err)
	}
	var phone sql.NullString
	if person.Phone != "" {
		read, err := accounts.ParseLogin(person.Phone)
		if err != nil {
			return 0, fmt.Errorf("add an account: read its phone: %w", err)
		}
		phone = sql.NullString{String: read.Value, Valid: true}
	}
	if person.PublicID == "" {
		person.PublicID = accounts.NewPublicID()
	}
	created := sql.NullTime{Time: person.CreatedAt, Valid: !person.CreatedAt.IsZero()}
	var id accounts.ID
	err = tx.Get(ctx, &id, `
		INSERT INTO accounts (
			public_id, name, email, phone, password_hash, confirmed, created_at,
			email_confirmed_at, phone_confirmed_at, second_factor
		)
		SELECT
			$1, $2, $3, $4::text, $5, $6::boolean, created,
			CASE WHEN $6 THEN created END,
			CASE WHEN $6 AND $4::text IS NOT NULL THEN created END,
			CASE WHEN $4::text IS NULL THEN 'mail' ELSE 'sms' END
		FROM coalesce($7::timestamptz, now()) created
		RETURNING id`,
		person.PublicID, person.Name, email.Value, phone, hash, person.Confirmed, created)
	if err != nil {
		return 0, fmt.Errorf("add an account: %w", err)
	}
	for _, grant := range grants {
		if _, err := addGrant(ctx, tx, id, grant); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// Speaks notes the language of the letters and texts that the actor is sent, "ru" or
// "en".
func (s *Store) Speaks(ctx context.Context, actor access.Actor, lang string) error {
	if !actor.SignedIn() {
		return access.ErrUnauthenticated
	}
	if err := access.Can(actor, access.ChangeLook, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error { return speaks(ctx, tx, actor.Account, lang) })
}

// speaks writes only what differs: most people sign in in one language.
func speaks(ctx context.Context, tx *db.Tx, id accounts.ID, lang string) error {
	if _, err := tx.Exec(ctx, `UPDATE accounts SET lang = $2 WHERE id = $1 AND lang <> $2`, id, lang); err != nil {
		return fmt.Errorf("note the language of account %d: %w", id, err)
	}
	return nil
}

// Profile reads the actor's own account and the session in which they ask.
func (s *Store) Profile(ctx context.Context, actor access.Actor) (accounts.Profile, error) {
	if err := access.Can(actor, access.ReadProfile, access.Object{Owner: actor.Account}); err != nil {
		return accounts.Profile{}, err
	}
	profile := accounts.Profile{Grants: actor.Grants}
	account, session := &profile.Account, &profile.Session
	err := s.db.Pool().QueryRow(ctx, `
		SELECT
			a.id,
			a.public_id,
			a.name,
			a.email,
			coalesce(a.phone, ''),
			a.confirmed,
			a.rights,
			a.created_at,
			a.birth_date,
			s.public_id,
			s.device,
			s.address,
			s.created_at,
			s.seen_at,
			s.expires_at,
			s.means
		FROM sessions s
		JOIN accounts a ON a.id = s.account_id
		WHERE s.public_id = $1 AND a.id = $2 AND s.ended_at IS NULL`, actor.Session, actor.Account,
	).Scan(
		&account.ID, &account.PublicID, &account.Name, &account.Email, &account.Phone,
		&account.Confirmed, &account.Rights, &account.CreatedAt, &account.BirthDate,
		&session.PublicID, &session.Device, &session.Address,
		&session.CreatedAt, &session.SeenAt, &session.ExpiresAt, &session.Means,
	)
	if errors.Is(err, pgx.ErrNoRows) {
		return accounts.Profile{}, access.ErrUnauthenticated // it ended a moment ago
	}
	if err != nil {
		return accounts.Profile{}, fmt.Errorf("read the profile of account %d: %w", actor.Account, err)
	}
	return profile, nil
}
