package recovery

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/recovery"
)

// Begin notes that somebody wants to get back into the account with a login, and has a
// code sent to the contact that is bound to it (REC-01, REC-04, REC-08). It answers the
// token under which the attempt goes on. For a login that nobody has the work is the
// same, and the code goes nowhere.
func (s *Store) Begin(ctx context.Context, actor access.Actor, intent recovery.Intent, login accounts.Login, lang string) (accounts.Token, error) {
	if err := access.Can(actor, access.RequestRecovery, access.Object{}); err != nil {
		return "", err
	}
	token, channel := accounts.NewToken(), recovery.FirstChannel(login.Kind)
	return token, s.db.InTx(ctx, func(tx *db.Tx) error {
		holder, err := holderOf(ctx, tx, login)
		if err != nil {
			return err
		}
		a := recovery.Attempt{ID: accounts.NewPublicID(), Intent: intent, Account: holder.ID, Channel: channel}
		code, err := s.request(ctx, tx, a, holder, channel, lang)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO recoveries (public_id, token_hash, intent, account_id, login_kind, login_value, channel, code, lang, expires_at)
			VALUES ($1, $2, $3, NULLIF($4::bigint, 0), $5, $6, $7, $8, $9, now() + $10 * interval '1 second')`,
			a.ID, token.Hash(), intent, holder.ID, login.Kind, login.Value, channel, code, lang, recovery.AttemptFor.Seconds())
		if err != nil {
			return fmt.Errorf("begin a recovery: %w", err)
		}
		return tx.Audit(ctx, actor, access.RequestRecovery, holder.object(), map[string]any{"intent": intent})
	})
}

// holder is who has a login, as far as a code can reach them. Only what was confirmed
// counts: a mistyped address belongs to somebody else.
type holder struct {
	ID       accounts.ID
	PublicID string
	Phone    string
	Email    string
	Lang     string
}

func (h holder) object() string {
	if h.PublicID == "" {
		return ""
	}
	return string(accounts.Topic(h.PublicID))
}

func (h holder) address(channel codes.Channel) string {
	if channel == codes.Mail {
		return h.Email
	}
	return h.Phone
}

const selectHolder = `
	SELECT
		id,
		public_id,
		CASE WHEN phone_confirmed_at IS NOT NULL THEN coalesce(phone, '') ELSE '' END AS phone,
		CASE WHEN email_confirmed_at IS NOT NULL THEN email ELSE '' END AS email,
		lang
	FROM accounts`

// holderOf finds who has a login; nobody is no error.
func holderOf(ctx context.Context, tx *db.Tx, login accounts.Login) (holder, error) {
	columns := map[accounts.LoginKind]string{
		accounts.ByEmail: "email", accounts.ByPhone: "phone", accounts.BySNILS: "snils", accounts.ByINN: "inn",
	}
	column, known := columns[login.Kind]
	if !known {
		return holder{}, fmt.Errorf("recover: %q is no kind of login", login.Kind)
	}
	var found holder
	err := tx.Get(ctx, &found, selectHolder+` WHERE `+column+` = $1`, login.Value)
	if err != nil && !db.NoRows(err) {
		return holder{}, fmt.Errorf("look for a login: %w", err)
	}
	return found, nil
}

// request has a code sent for an attempt.
func (s *Store) request(ctx context.Context, tx *db.Tx, a recovery.Attempt, to holder, channel codes.Channel, lang string) (string, error) {
	return s.joints.Codes.Request(ctx, tx, codes.Request{
		Purpose: a.Intent.Purpose(), Account: to.ID, Holder: a.Holder(), Channel: channel, Address: to.address(channel), Lang: lang,
	})
}

// Attempt answers the attempt that goes on under a token, recovery.ErrOver when there
// is none.
func (s *Store) Attempt(ctx context.Context, token accounts.Token) (recovery.Attempt, error) {
	var found []attemptRow
	if token.Valid() {
		if _, err := s.db.Look(ctx, db.Ask(&found, selectAttempt+` WHERE token_hash = $1 AND `+going, token.Hash())); err != nil {
			return recovery.Attempt{}, fmt.Errorf("look for a recovery: %w", err)
		}
	}
	if len(found) == 0 {
		return recovery.Attempt{}, recovery.ErrOver
	}
	return found[0].attempt(), nil
}

// going is what holds for attempts that go on. One that has come to its end can be
// looked at for a while.
const going = `expires_at > now() AND (used_at IS NULL OR step = 'done')`

type attemptRow struct {
	ID         int64
	PublicID   string
	Intent     recovery.Intent
	Account    accounts.ID
	LoginKind  accounts.LoginKind
	LoginValue string
	Step       recovery.Step
	Channel    codes.Channel
	Switched   bool
	Code       string
	State      recovery.State
}

func (r attemptRow) attempt() recovery.Attempt {
	return recovery.Attempt{
		Key: r.ID, ID: r.PublicID, Intent: r.Intent, Account: r.Account,
		Login: accounts.Login{Kind: r.LoginKind, Value: r.LoginValue},
		Step:  r.Step, Channel: r.Channel, Switched: r.Switched, Code: r.Code, State: r.State,
	}
}

const selectAttempt = `
	SELECT
		id,
		public_id,
		intent,
		coalesce(account_id, 0) AS account,
		login_kind,
		login_value,
		step,
		channel,
		switched,
		code,
		state
	FROM recoveries`

// at answers the attempt under a token if it is at a step.
func (s *Store) at(ctx context.Context, token accounts.Token, step recovery.Step) (recovery.Attempt, error) {
	a, err := s.Attempt(ctx, token)
	if err == nil && a.Step != step {
		err = recovery.ErrOver
	}
	return a, err
}

// Resend has the code of an attempt sent again (REC-09).
func (s *Store) Resend(ctx context.Context, token accounts.Token) error {
	a, err := s.at(ctx, token, recovery.StepCode)
	if err != nil {
		return err
	}
	return s.joints.Codes.Resend(ctx, a.Code, a.Holder())
}

// Switch sends a code to the other bound contact, since the first is out of reach
// (REC-02). It is done once; whether there is such a contact is not told.
func (s *Store) Switch(ctx context.Context, token accounts.Token) error {
	a, err := s.at(ctx, token, recovery.StepCode)
	if err != nil || a.Switched {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var to holder
		if err := tx.Get(ctx, &to, selectHolder+` WHERE id = $1`, a.Account); err != nil && !db.NoRows(err) {
			return fmt.Errorf("look for another contact: %w", err)
		}
		var lang string
		channel := recovery.Other(a.Channel)
		err := tx.Get(ctx, &lang, `
			UPDATE recoveries SET channel = $2, switched = true
			WHERE id = $1 AND step = 'code' AND NOT switched AND `+going+`
			RETURNING lang`, a.Key, channel)
		if db.NoRows(err) {
			return nil // a second press was quicker
		}
		if err != nil {
			return fmt.Errorf("turn to another contact: %w", err)
		}
		code, err := s.request(ctx, tx, a, to, channel, lang)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE recoveries SET code = $2 WHERE id = $1`, a.Key, code)
		return err
	})
}

// Forget removes attempts that are over, and what personal data they and old requests
// hold.
func (s *Store) Forget(ctx context.Context) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		for _, statement := range []string{`
			DELETE FROM recoveries
			WHERE created_at < now() - interval '1 day' AND state NOT IN ('checking', 'desk')
				AND (decided_at IS NULL OR decided_at < now() - interval '30 days')`, `
			UPDATE recovery_requests SET name = '', inn = '', contact = '', login = '', text = ''
			WHERE decided_at < now() - interval '30 days' AND contact <> ''`,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return fmt.Errorf("forget old recoveries: %w", err)
			}
		}
		return nil
	})
}
