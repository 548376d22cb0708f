package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// linkToken is the secret in a link: it follows from the portal's secret and the public
// id, so that the job that sends it need not carry it.
func (s *Store) linkToken(public string) accounts.Token {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte("email-link\x00" + public))
	return accounts.Token(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
}

// wantLink has a letter sent that confirms an e-mail (ID-17).
func (s *Store) wantLink(ctx context.Context, tx *db.Tx, of accounts.ID, email string) error {
	public := accounts.NewPublicID()
	var id int64
	err := tx.Get(ctx, &id, `
		INSERT INTO email_links (public_id, token_hash, account_id, email, expires_at)
		VALUES ($1, $2, $3, $4, now() + $5 * interval '1 second')
		RETURNING id`, public, s.linkToken(public).Hash(), of, email, accounts.EmailLinkFor.Seconds())
	if err != nil {
		return fmt.Errorf("note a link: %w", err)
	}
	return tx.Emit(ctx, accounts.LinkWanted{Link: id})
}

// AskForLink has the letter sent once more, and answers where it goes. It answers
// accounts.ErrNoEmail when there is nothing to confirm.
func (s *Store) AskForLink(ctx context.Context, actor access.Actor) (email string, err error) {
	if err := access.Can(actor, access.ConfirmAccount, access.Object{Owner: actor.Account}); err != nil {
		return "", err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		err := tx.Get(ctx, &email, `SELECT `+emailToConfirm+` FROM accounts WHERE id = $1`, actor.Account)
		switch {
		case err != nil:
			return fmt.Errorf("read what account %d has to confirm: %w", actor.Account, err)
		case email == "":
			return accounts.ErrNoEmail
		}
		return s.wantLink(ctx, tx, actor.Account, email)
	})
	return email, err
}

// emailToConfirm is the address that waits for its link, "" when there is none.
const emailToConfirm = `CASE WHEN email_wanted <> '' THEN email_wanted WHEN email_confirmed_at IS NULL THEN email ELSE '' END`

// SendLink sends the letter of a link that is still wanted. Where the address belongs
// to another account its owner is told so instead.
func (s *Store) SendLink(ctx context.Context, link int64) error {
	message := accounts.Message{Kind: accounts.TellLink, Channel: accounts.ByLetter}
	var public string
	var taken bool
	err := s.db.Pool().QueryRow(ctx, `
		SELECT l.public_id, l.email, a.lang, EXISTS (SELECT 1 FROM accounts o WHERE o.email = l.email AND o.id <> a.id)
		FROM email_links l
		JOIN accounts a ON a.id = l.account_id
		WHERE l.id = $1 AND l.used_at IS NULL AND l.expires_at > now()`, link,
	).Scan(&public, &message.Address, &message.Lang, &taken)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("read link %d: %w", link, err)
	case taken:
		message.Kind = accounts.TellOwner
	default:
		message.Token = s.linkToken(public)
	}
	message.ID = "link-" + public
	return s.messenger.Tell(ctx, message)
}

// Link is what a link in a letter is about.
type Link struct {
	Account accounts.ID
	Email   string
	Owner   string // of the account, as accounts.Owner names them
}

// Link reads what a link is about; accounts.ErrLink when it is good no more.
func (s *Store) Link(ctx context.Context, token accounts.Token) (Link, error) {
	var link Link
	if !token.Valid() {
		return link, accounts.ErrLink
	}
	var name string
	err := s.db.Pool().QueryRow(ctx, `
		SELECT a.id, l.email, a.name
		FROM email_links l
		JOIN accounts a ON a.id = l.account_id
		WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > now()`, token.Hash(),
	).Scan(&link.Account, &link.Email, &name)
	if errors.Is(err, pgx.ErrNoRows) {
		return link, accounts.ErrLink
	}
	if err != nil {
		return link, fmt.Errorf("look for a link: %w", err)
	}
	link.Owner = accounts.Owner(name)
	return link, nil
}

// FollowLink confirms the e-mail that a link went to. It works without signing in,
// for the letter may be read elsewhere, but in nobody else's session.
func (s *Store) FollowLink(ctx context.Context, actor access.Actor, token accounts.Token, from accounts.Place) error {
	if err := access.Can(actor, access.FollowLink, access.Object{}); err != nil {
		return err
	}
	link, err := s.Link(ctx, token)
	switch {
	case err != nil:
		return err
	case actor.SignedIn() && actor.Account != link.Account:
		return accounts.ErrOthersLink
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		used, err := tx.Exec(ctx, `
			UPDATE email_links SET used_at = now()
			WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()`, token.Hash())
		switch {
		case err != nil:
			return fmt.Errorf("use a link: %w", err)
		case used == 0:
			return accounts.ErrLink
		}
		return s.move(ctx, tx, actor, link.Account, accounts.ByLetter, link.Email, from)
	})
}
