package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// attemptsEvery is how often a person is told of failed tries from unknown browsers:
// guessing must not fill their mailbox.
const attemptsEvery = 24 * time.Hour

// AlertToken is what opens an alert for whoever reads the letter. It follows from the
// portal's secret, so that the database holds its hash alone.
func (s *Store) AlertToken(public string) accounts.Token {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte("alert\x00" + public))
	return accounts.Token(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
}

// RaiseAlert makes the alert that asks about a line of a journal; told twice, it is the
// same one. It answers accounts.ErrNoAlert where the person is not to be told.
func (s *Store) RaiseAlert(ctx context.Context, line int64, kind string) (accounts.Alert, error) {
	var alert accounts.Alert
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		public := accounts.NewPublicID()
		_, err := tx.Exec(ctx, `
			INSERT INTO alerts (public_id, account_id, event_id, kind, token_hash, expires_at)
			SELECT $2, e.account_id, e.id, $3, $4, now() + $5 * interval '1 second'
			FROM account_events e
			JOIN accounts a ON a.id = e.account_id
			WHERE e.id = $1
				AND (e.kind <> $6 OR a.attempt_alerts AND NOT EXISTS (
					SELECT 1 FROM alerts before
					WHERE before.account_id = e.account_id
						AND before.kind = $3
						AND before.event_id <> e.id
						AND before.created_at > now() - $7 * interval '1 second'
				))
			ON CONFLICT ON CONSTRAINT alerts_once DO NOTHING`,
			line, public, kind, s.AlertToken(public).Hash(), accounts.AlertFor.Seconds(),
			accounts.NoteRefused, attemptsEvery.Seconds())
		if err != nil {
			return fmt.Errorf("raise an alert: %w", err)
		}
		alert, err = oneAlert(ctx, tx, `WHERE l.event_id = $1`, line)
		return err
	})
	return alert, err
}

// alertRow is an alert as it stands in the tables.
type alertRow struct {
	PublicID  string
	AccountID accounts.ID
	Public    string
	Kind      string
	At        time.Time
	Device    string
	Address   string
	Answer    accounts.AlertAnswer
	ExpiresAt time.Time
	Over      bool
}

// oneAlert reads the alert that a condition names: accounts.ErrNoAlert where there is
// none, accounts.ErrAlertOver where its time is up.
func oneAlert(ctx context.Context, tx *db.Tx, where string, args ...any) (accounts.Alert, error) {
	var row alertRow
	err := tx.Get(ctx, &row, `
		SELECT
			l.public_id,
			l.account_id,
			a.public_id AS public,
			l.kind,
			e.at,
			e.device,
			e.address,
			l.answer,
			l.expires_at,
			l.expires_at <= now() AS over
		FROM alerts l
		JOIN account_events e ON e.id = l.event_id
		JOIN accounts a ON a.id = l.account_id
		`+where+`
		FOR UPDATE OF l`, args...)
	switch {
	case db.NoRows(err):
		return accounts.Alert{}, accounts.ErrNoAlert
	case err != nil:
		return accounts.Alert{}, fmt.Errorf("read an alert: %w", err)
	}
	alert := accounts.Alert{
		PublicID: row.PublicID, Account: row.AccountID, Public: row.Public, Kind: row.Kind, At: row.At,
		Device: row.Device, Address: row.Address, Answer: row.Answer, ExpiresAt: row.ExpiresAt,
	}
	if row.Over {
		return alert, accounts.ErrAlertOver
	}
	return alert, nil
}

// Alert is what a token asks about.
func (s *Store) Alert(ctx context.Context, token accounts.Token) (accounts.Alert, error) {
	if !token.Valid() {
		return accounts.Alert{}, accounts.ErrNoAlert
	}
	var alert accounts.Alert
	err := s.db.InTx(ctx, func(tx *db.Tx) (err error) {
		alert, err = oneAlert(ctx, tx, `WHERE l.token_hash = $1`, token.Hash())
		return err
	})
	return alert, err
}

// OwnAlert answers the token of one of the actor's alerts. Those of others do not exist
// for the actor.
func (s *Store) OwnAlert(ctx context.Context, actor access.Actor, public string) (accounts.Token, error) {
	if err := access.Can(actor, access.ReadSecurity, access.Object{Owner: actor.Account}); err != nil {
		return "", err
	}
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := oneAlert(ctx, tx, `WHERE l.public_id = $1 AND l.account_id = $2`, public, actor.Account)
		return err
	})
	return s.AlertToken(public), err
}

// AnswerAlert takes what a person says of an alert, once (SEC-13). «Это не я» ends all
// sessions of the account and closes it until its owner proves that it is theirs
// (SEC-09, REC-05); nothing that was known by then lets anybody in.
func (s *Store) AnswerAlert(ctx context.Context, token accounts.Token, answer accounts.AlertAnswer, from accounts.Place) error {
	if !token.Valid() || answer != accounts.Mine && answer != accounts.NotMine {
		return accounts.ErrNoAlert
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		alert, err := oneAlert(ctx, tx, `WHERE l.token_hash = $1`, token.Hash())
		switch {
		case err != nil:
			return err
		case alert.Answer != accounts.Unanswered:
			return accounts.ErrAlertOver
		}
		_, err = tx.Exec(ctx, `UPDATE alerts SET answer = $2, answered_at = now() WHERE public_id = $1`, alert.PublicID, answer)
		if err != nil {
			return fmt.Errorf("note the answer to an alert: %w", err)
		}
		owner := access.Actor{Account: alert.Account, Public: alert.Public}
		if err := tx.Audit(ctx, owner, access.AnswerAlert, objectOf(alert.Public), map[string]any{
			"answer": answer, "kind": alert.Kind, "device": from.Device, "address": from.Address,
		}); err != nil {
			return err
		}
		if answer == accounts.Mine {
			return note(ctx, tx, alert.Account, accounts.NoteMine, "", from, nil)
		}
		return disown(ctx, tx, owner, from)
	})
}

// disown ends everything that is open in an account and closes it.
func disown(ctx context.Context, tx *db.Tx, owner access.Actor, from accounts.Place) error {
	if _, err := lockAccount(ctx, tx, owner.Public); err != nil {
		return err
	}
	if err := endSessions(ctx, tx, owner, owner.Account, owner.Public, accounts.EndSuspicion); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE accounts
		SET lock = CASE lock WHEN $2 THEN lock ELSE $3 END,
			locked_at = coalesce(locked_at, now()),
			rights = rights + 1
		WHERE id = $1`, owner.Account, accounts.LockBlocked, accounts.LockSuspicious)
	if err != nil {
		return fmt.Errorf("close account %d: %w", owner.Account, err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM browsers WHERE account_id = $1`, owner.Account); err != nil {
		return fmt.Errorf("forget the browsers of account %d: %w", owner.Account, err)
	}
	if err := noteTold(ctx, tx, owner.Account, owner.Public, accounts.NoteSuspicious, "", from, nil); err != nil {
		return err
	}
	return tx.Emit(ctx, accounts.Disowned{Account: owner.Public})
}

// AlertSettings reads what the actor wants to be told of.
func (s *Store) AlertSettings(ctx context.Context, actor access.Actor) (accounts.AlertSettings, error) {
	if err := access.Can(actor, access.ReadSecurity, access.Object{Owner: actor.Account}); err != nil {
		return accounts.AlertSettings{}, err
	}
	var wanted accounts.AlertSettings
	err := s.db.Pool().QueryRow(ctx, `SELECT alerts, attempt_alerts FROM accounts WHERE id = $1`, actor.Account).
		Scan(&wanted.Browsers, &wanted.Attempts)
	if err != nil {
		return wanted, fmt.Errorf("read the alerts of account %d: %w", actor.Account, err)
	}
	return wanted, nil
}

// ChooseAlerts keeps what the actor wants to be told of.
func (s *Store) ChooseAlerts(ctx context.Context, actor access.Actor, wanted accounts.AlertSettings, from accounts.Place) error {
	if err := access.Can(actor, access.ChangeSecurity, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		changed, err := tx.Exec(ctx, `
			UPDATE accounts SET alerts = $2, attempt_alerts = $3
			WHERE id = $1 AND (alerts <> $2 OR attempt_alerts <> $3)`, actor.Account, wanted.Browsers, wanted.Attempts)
		if err != nil {
			return fmt.Errorf("choose the alerts of account %d: %w", actor.Account, err)
		}
		if changed == 0 {
			return nil
		}
		details := map[string]any{"alerts": wanted.Browsers, "attempts": wanted.Attempts}
		if err := note(ctx, tx, actor.Account, accounts.NoteSettings, actor.Session, from, details); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, access.ChangeSecurity, objectOf(actor.Public), details)
	})
}
