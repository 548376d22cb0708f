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

// Standing is how far the actor's own account has come.
func (s *Store) Standing(ctx context.Context, actor access.Actor) (accounts.Standing, error) {
	var now accounts.Standing
	if err := access.Can(actor, access.ReadProfile, access.Object{Owner: actor.Account}); err != nil {
		return now, err
	}
	err := s.db.Pool().QueryRow(ctx, `
		SELECT
			CASE WHEN email_confirmed_at IS NOT NULL THEN email ELSE '' END,
			`+emailToConfirm+`,
			CASE WHEN phone_confirmed_at IS NOT NULL THEN coalesce(phone, '') ELSE '' END,
			`+phoneToConfirm+`,
			confirmed,
			email_confirmed_at IS NOT NULL,
			snils IS NOT NULL,
			second_factor <> 'off',
			phone_sign_in,
			EXISTS (SELECT 1 FROM grants g WHERE g.account_id = a.id),
			password_set_at,
			password_until IS NOT NULL
		FROM accounts a
		WHERE id = $1`, actor.Account,
	).Scan(
		&now.Email, &now.EmailWanted, &now.Phone, &now.PhoneWanted, &now.Identified, &now.EmailConfirmed,
		&now.SNILS, &now.SecondFactor, &now.PhoneSignIn, &now.Staff, &now.PasswordSetAt, &now.Temporary,
	)
	if err != nil {
		return now, fmt.Errorf("read how account %d stands: %w", actor.Account, err)
	}
	return now, nil
}

// phoneToConfirm is the number that waits for its code, "" when there is none.
const phoneToConfirm = `CASE
	WHEN phone_wanted <> '' THEN phone_wanted
	WHEN phone_confirmed_at IS NULL THEN coalesce(phone, '')
	ELSE '' END`

// Claim begins the change of a contact (C-18): a code goes to the new one, and to an
// e-mail a letter with a link besides. Where it belongs to another account, its owner
// is told, and all looks the same.
func (s *Store) Claim(ctx context.Context, actor access.Actor, by accounts.Channel, address, lang string) error {
	if err := access.Can(actor, access.ChangeContacts, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE accounts SET `+boundColumn(by)+`_wanted = $2 WHERE id = $1`, actor.Account, address); err != nil {
			return fmt.Errorf("note a contact of account %d: %w", actor.Account, err)
		}
		if by == accounts.ByLetter {
			// The letters of before lead nowhere any more.
			if _, err := tx.Exec(ctx, `UPDATE email_links SET used_at = now() WHERE account_id = $1 AND used_at IS NULL`, actor.Account); err != nil {
				return fmt.Errorf("withdraw the links of account %d: %w", actor.Account, err)
			}
			if err := s.wantLink(ctx, tx, actor.Account, address); err != nil {
				return err
			}
		}
		return s.sendTo(ctx, tx, actor, codes.ForContact, by, address, lang)
	})
}

// sendTo sends a code to a contact that the actor says is theirs.
func (s *Store) sendTo(ctx context.Context, tx *db.Tx, actor access.Actor, purpose codes.Purpose, by accounts.Channel, address, lang string) error {
	free, err := s.free(ctx, tx, actor.Account, by, address)
	if err != nil {
		return err
	}
	_, err = s.codes.Request(ctx, tx, codes.Request{
		Purpose: purpose, Account: actor.Account, Holder: inSession(actor), Channel: codes.Channel(by), Address: free, Lang: lang,
	})
	if err != nil || by == accounts.ByLetter { // the link tells the owner of an e-mail
		return err
	}
	return tx.Emit(ctx, accounts.ContactClaimed{ID: actor.Account, Channel: by})
}

// inSession is who answers codes that were asked for in a session.
func inSession(actor access.Actor) string { return "session:" + actor.Session }

// Sent is the code that is on its way to a contact of the actor: the one that a page of
// theirs names, or else the newest that can be answered.
func (s *Store) Sent(ctx context.Context, actor access.Actor, purpose codes.Purpose, by accounts.Channel, id string) (codes.Code, bool, error) {
	if id != "" {
		return s.codes.Shown(ctx, id, inSession(actor))
	}
	return s.codes.Latest(ctx, purpose, inSession(actor), codes.Channel(by))
}

// SendAgain sends that code once more.
func (s *Store) SendAgain(ctx context.Context, actor access.Actor, code string) error {
	return s.codes.Resend(ctx, code, inSession(actor))
}

// TakeContact lets a contact take the place of the former, with the code that went to
// it.
func (s *Store) TakeContact(ctx context.Context, actor access.Actor, by accounts.Channel, code, typed string, from accounts.Place) error {
	if err := access.Can(actor, access.ChangeContacts, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	sent, err := s.codes.Try(ctx, code, codes.ForContact, inSession(actor), typed)
	if err != nil {
		return err
	}
	if sent.Account != actor.Account || sent.Channel != codes.Channel(by) {
		return codes.ErrUsedUp
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := s.codes.Use(ctx, tx, sent.ID); err != nil {
			return err
		}
		return s.move(ctx, tx, actor, actor.Account, by, sent.Address, from)
	})
}

// move binds a contact that was shown to be read, if it is still the one that is
// wanted, and has the reader of the former told.
func (s *Store) move(ctx context.Context, tx *db.Tx, actor access.Actor, of accounts.ID, by accounts.Channel, address string, from accounts.Place) error {
	var before struct {
		PublicID string
		accounts.Contacts
	}
	err := tx.Get(ctx, &before, `
		SELECT
			public_id,
			CASE WHEN email_confirmed_at IS NOT NULL THEN email ELSE '' END AS email,
			`+emailToConfirm+` AS email_wanted,
			CASE WHEN phone_confirmed_at IS NOT NULL THEN coalesce(phone, '') ELSE '' END AS phone,
			`+phoneToConfirm+` AS phone_wanted
		FROM accounts
		WHERE id = $1
		FOR NO KEY UPDATE`, of)
	if err != nil {
		return fmt.Errorf("hold account %d: %w", of, err)
	}
	wanted, former, taken := before.PhoneWanted, before.Phone, accounts.ErrPhoneTaken
	if by == accounts.ByLetter {
		wanted, former, taken = before.EmailWanted, before.Email, accounts.ErrEmailTaken
	}
	if wanted != address {
		return accounts.ErrLink
	}
	column := boundColumn(by)
	_, err = tx.Exec(ctx, `
		UPDATE accounts
		SET `+column+` = $2, `+column+`_confirmed_at = now(), `+column+`_wanted = '', rights = rights + 1
		WHERE id = $1`, of, address)
	switch {
	case db.Violates(err, "accounts_"+column):
		return taken
	case err != nil:
		return fmt.Errorf("bind a contact of account %d: %w", of, err)
	}
	changed := accounts.ContactChanged{Account: before.PublicID, ID: of, Channel: by}
	if former != "" && former != address {
		err := tx.Get(ctx, &changed.Change, `
			INSERT INTO contact_changes (account_id, channel, former) VALUES ($1, $2, $3) RETURNING id`, of, by, former)
		if err != nil {
			return fmt.Errorf("note the former contact of account %d: %w", of, err)
		}
	}
	facts := map[string]any{"channel": by}
	if changed.Change != 0 { // whoever had no contact before is not asked whether it was them
		err = noteTold(ctx, tx, of, before.PublicID, accounts.NoteContact, actor.Session, from, facts)
	} else {
		err = note(ctx, tx, of, accounts.NoteContact, actor.Session, from, facts)
	}
	if err != nil {
		return err
	}
	if err := tx.Audit(ctx, actor, access.ChangeContacts, objectOf(before.PublicID), facts); err != nil {
		return err
	}
	if err := tx.Emit(ctx, changed); err != nil {
		return err
	}
	return tx.Emit(ctx, accounts.RightsChanged{Account: before.PublicID})
}

// TellFormer tells the reader of a contact that another took its place.
func (s *Store) TellFormer(ctx context.Context, change int64) error {
	message := accounts.Message{ID: fmt.Sprintf("contact-%d", change), Kind: accounts.TellMoved}
	err := s.db.Pool().QueryRow(ctx, `
		SELECT c.channel, c.former, a.lang
		FROM contact_changes c
		JOIN accounts a ON a.id = c.account_id
		WHERE c.id = $1`, change,
	).Scan(&message.Channel, &message.Address, &message.Lang)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read change %d of a contact: %w", change, err)
	}
	return s.messenger.Tell(ctx, message)
}

// Owner is how the actor's own account stands, and whose it is, for the rules of a new
// password. It is to be had with a temporary password too.
func (s *Store) Owner(ctx context.Context, actor access.Actor) (contacts accounts.Contacts, name string, err error) {
	if err := access.May(actor, access.ChangePassword); err != nil {
		return contacts, "", err
	}
	err = s.db.Pool().QueryRow(ctx, `SELECT email, coalesce(phone, ''), name FROM accounts WHERE id = $1`, actor.Account).Scan(&contacts.Email, &contacts.Phone, &name)
	if err != nil {
		return contacts, "", fmt.Errorf("read account %d: %w", actor.Account, err)
	}
	return contacts, name, nil
}
