package accounts

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
)

// Codes sends one-time codes and checks them.
type Codes interface {
	Request(ctx context.Context, tx *db.Tx, r codes.Request) (id string, err error)
	Resend(ctx context.Context, id, holder string) error
	Latest(ctx context.Context, purpose codes.Purpose, holder string, channel codes.Channel) (codes.Code, bool, error)
	Shown(ctx context.Context, id, holder string) (codes.Code, bool, error)
	Try(ctx context.Context, id string, purpose codes.Purpose, holder, typed string) (codes.Code, error)
	Use(ctx context.Context, tx *db.Tx, id string) error
}

// SendWith sets who sends codes, and who tells people the rest.
func (s *Store) SendWith(c Codes, m Messenger) { s.codes, s.messenger = c, m }

// Begin begins a registration (ID-01) and sends a code by a channel. It is known by
// the token that is answered. Where the contact has an account already, everything is
// the same but for the message: its owner is told so instead of a code.
func (s *Store) Begin(ctx context.Context, actor access.Actor, asked accounts.Registration, by accounts.Channel, lang string) (accounts.Token, error) {
	if err := access.Can(actor, access.Register, access.Object{}); err != nil {
		return "", err
	}
	token := accounts.NewToken()
	draft := accounts.Draft{Registration: asked, Channel: by, Lang: lang}
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		err := tx.Get(ctx, &draft.ID, `
			INSERT INTO registrations (token_hash, name, email, phone, lang, channel, code, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, '', now() + $7 * interval '1 second')
			RETURNING id`,
			token.Hash(), asked.Name, asked.Email, asked.Phone, lang, by, accounts.RegistrationFor.Seconds())
		if err != nil {
			return fmt.Errorf("begin a registration: %w", err)
		}
		return s.sendDraft(ctx, tx, draft)
	})
	return token, err
}

// sendDraft sends the code of a registration.
func (s *Store) sendDraft(ctx context.Context, tx *db.Tx, d accounts.Draft) error {
	address, err := s.free(ctx, tx, 0, d.Channel, d.Address())
	if err != nil {
		return err
	}
	code, err := s.codes.Request(ctx, tx, codes.Request{
		Purpose: codes.ForRegister, Holder: holderOf(d), Channel: codes.Channel(d.Channel), Address: address, Lang: d.Lang,
	})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE registrations SET channel = $2, code = $3 WHERE id = $1`, d.ID, d.Channel, code); err != nil {
		return fmt.Errorf("note the code of a registration: %w", err)
	}
	return tx.Emit(ctx, accounts.ContactClaimed{Registration: d.ID, Channel: d.Channel})
}

func holderOf(d accounts.Draft) string { return fmt.Sprintf("registration:%d", d.ID) }

// free is the address, or "" where another account than of has it.
func (s *Store) free(ctx context.Context, tx *db.Tx, of accounts.ID, by accounts.Channel, address string) (string, error) {
	var taken bool
	err := tx.Get(ctx, &taken, `SELECT EXISTS (SELECT 1 FROM accounts WHERE `+boundColumn(by)+` = $1 AND id <> $2)`, address, of)
	switch {
	case err != nil:
		return "", fmt.Errorf("ask for the owner of a contact: %w", err)
	case taken:
		return "", nil
	}
	return address, nil
}

// boundColumn is where the contact of a channel stands.
func boundColumn(by accounts.Channel) string {
	if by == accounts.ByLetter {
		return "email"
	}
	return "phone"
}

// Draft is the registration under a token; accounts.ErrNoDraft when there is none any
// more.
func (s *Store) Draft(ctx context.Context, token accounts.Token) (accounts.Draft, error) {
	var d accounts.Draft
	if !token.Valid() {
		return d, accounts.ErrNoDraft
	}
	err := s.db.Pool().QueryRow(ctx, `
		SELECT id, name, email, phone, lang, channel, code, confirmed_at IS NOT NULL, coalesce(account_id, 0)
		FROM registrations
		WHERE token_hash = $1 AND expires_at > now()`, token.Hash(),
	).Scan(&d.ID, &d.Name, &d.Email, &d.Phone, &d.Lang, &d.Channel, &d.Code, &d.Confirmed, &d.Account)
	if errors.Is(err, pgx.ErrNoRows) {
		return d, accounts.ErrNoDraft
	}
	if err != nil {
		return d, fmt.Errorf("look for a registration: %w", err)
	}
	return d, nil
}

// ResendDraft sends the code of a registration once more; by another channel it is
// another code.
func (s *Store) ResendDraft(ctx context.Context, token accounts.Token, by accounts.Channel) error {
	d, err := s.Draft(ctx, token)
	if err != nil {
		return err
	}
	if by == d.Channel {
		return s.codes.Resend(ctx, d.Code, holderOf(d))
	}
	d.Channel = by
	return s.db.InTx(ctx, func(tx *db.Tx) error { return s.sendDraft(ctx, tx, d) })
}

// ConfirmDraft takes the code. What was known under the token goes on under the one
// that is answered: whoever planted the former knows nothing of it.
func (s *Store) ConfirmDraft(ctx context.Context, token accounts.Token, typed string) (accounts.Token, error) {
	d, err := s.Draft(ctx, token)
	if err != nil {
		return "", err
	}
	code, err := s.codes.Try(ctx, d.Code, codes.ForRegister, holderOf(d), typed)
	if err != nil {
		return "", err
	}
	next := accounts.NewToken()
	return next, s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := s.codes.Use(ctx, tx, code.ID); err != nil {
			return err
		}
		confirmed, err := tx.Exec(ctx, `
			UPDATE registrations SET confirmed_at = now(), token_hash = $3
			WHERE id = $1 AND token_hash = $2 AND expires_at > now()`, d.ID, token.Hash(), next.Hash())
		switch {
		case err != nil:
			return fmt.Errorf("note that a contact was confirmed: %w", err)
		case confirmed == 0:
			return accounts.ErrNoDraft
		}
		return nil
	})
}

// errMade says that a registration has led to an account already.
var errMade = errors.New("the account was made before")

// Finish makes the account and opens its first session. A form that was sent twice
// makes one account; whoever knows the password gets in by either.
func (s *Store) Finish(ctx context.Context, actor access.Actor, token accounts.Token, password accounts.Password, from accounts.Place) (accounts.Entry, error) {
	if err := access.Can(actor, access.Register, access.Object{}); err != nil {
		return accounts.Entry{}, err
	}
	d, err := s.Draft(ctx, token)
	switch {
	case err != nil:
		return accounts.Entry{}, err
	case !d.Confirmed:
		return accounts.Entry{}, accounts.ErrUnconfirmedDraft
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return accounts.Entry{}, err
	}
	var entry accounts.Entry
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		var made accounts.ID
		if err := tx.Get(ctx, &made, `SELECT coalesce(account_id, 0) FROM registrations WHERE id = $1 FOR UPDATE`, d.ID); err != nil {
			return fmt.Errorf("hold a registration: %w", err)
		}
		if made != 0 {
			d.Account = made
			return errMade
		}
		person, err := s.make(ctx, tx, d, hash)
		if err != nil {
			return err
		}
		entry, err = s.enter(ctx, tx, actor, person, wayOf(d), from)
		return err
	})
	if errors.Is(err, errMade) {
		return s.again(ctx, actor, d, password, from)
	}
	return entry, err
}

// wayOf is how somebody gets in who registered: they showed that they read the contact
// and chose the password.
func wayOf(d accounts.Draft) accounts.Way {
	return accounts.Way{Means: []accounts.Means{accounts.ByPassword, accounts.Means(d.Channel)}, Proved: true}
}

func (s *Store) again(ctx context.Context, actor access.Actor, d accounts.Draft, password accounts.Password, from accounts.Place) (accounts.Entry, error) {
	match, err := s.CheckPassword(ctx, d.Account, password)
	switch {
	case err != nil:
		return accounts.Entry{}, err
	case !match:
		return accounts.Entry{}, accounts.ErrHasAccount
	}
	var entry accounts.Entry
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		entry, err = s.enter(ctx, tx, actor, d.Account, wayOf(d), from)
		return err
	})
	return entry, err
}

// make adds the account. Only the contact that was confirmed is its login; the other
// waits.
func (s *Store) make(ctx context.Context, tx *db.Tx, d accounts.Draft, hash string) (accounts.ID, error) {
	public := accounts.NewPublicID()
	var id accounts.ID
	err := tx.Get(ctx, &id, `
		INSERT INTO accounts (
			public_id, name, password_hash, lang, consented_at, second_factor,
			email, email_confirmed_at, email_wanted,
			phone, phone_confirmed_at, phone_wanted
		)
		SELECT
			$1, $2, $3, $4, r.created_at, $5,
			CASE WHEN by_mail THEN r.email ELSE '' END,
			CASE WHEN by_mail THEN now() END,
			CASE WHEN by_mail THEN '' ELSE r.email END,
			CASE WHEN NOT by_mail THEN r.phone END,
			CASE WHEN NOT by_mail THEN now() END,
			CASE WHEN NOT by_mail THEN '' ELSE r.phone END
		FROM registrations r, LATERAL (SELECT r.channel = 'mail') way (by_mail)
		WHERE r.id = $6
		RETURNING id`, public, d.Name, hash, d.Lang, d.Channel, d.ID)
	switch {
	case db.Violates(err, "accounts_email"), db.Violates(err, "accounts_phone"):
		return 0, accounts.ErrHasAccount // they showed that the contact is theirs: it may be said
	case err != nil:
		return 0, fmt.Errorf("register: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE registrations SET account_id = $2 WHERE id = $1`, d.ID, id); err != nil {
		return 0, fmt.Errorf("end a registration: %w", err)
	}
	if d.Channel != accounts.ByLetter {
		if err := s.wantLink(ctx, tx, id, d.Email); err != nil {
			return 0, err
		}
	}
	made := access.Actor{Account: id, Public: public}
	if err := tx.Audit(ctx, made, access.Register, objectOf(public), map[string]any{"by": d.Channel}); err != nil {
		return 0, err
	}
	return id, tx.Emit(ctx, accounts.Registered{Account: public, ID: id})
}

// DraftCode is the code of a registration, as its page shows it.
func (s *Store) DraftCode(ctx context.Context, d accounts.Draft) (codes.Code, error) {
	code, _, err := s.codes.Shown(ctx, d.Code, holderOf(d))
	return code, err
}
