package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/accounts"
)

// Guessing passwords is counted in Postgres, so that Redis may be away, under keyed
// hashes, and in the same way for logins that nobody has (REC-03). Five failures close
// sign-in by password for the login that was typed and, together, for the account it
// belongs to; but not for a browser in which the person has signed in before: that one
// has a count of its own. So strangers can keep out strangers only, and the owner of
// an account that they closed opens it at once by a code of their own.

// guards are the keys under which a try is counted.
type guards struct {
	login, account, browser []byte
	known                   bool // the browser is one of the account's
}

// keys are those that count a failure here.
func (g guards) keys() [][]byte {
	if g.known {
		return [][]byte{g.browser}
	}
	return [][]byte{g.login, g.account}
}

// guardsOf names the counts. An unknown login gets an account of its own, so that the
// work is the same.
func (s *Store) guardsOf(login accounts.Login, holder keyholder, from accounts.Place) guards {
	typed := string(login.Kind) + ":" + login.Value
	account := "nobody:" + typed
	if holder.publicID != "" {
		account = holder.publicID
	}
	return guards{
		login:   s.guard("login", typed),
		account: s.guard("account", account),
		browser: s.guard("browser", account+":"+string(from.Browser)),
		known:   holder.known,
	}
}

func (s *Store) guard(kind, value string) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte("guard\x00" + kind + "\x00" + value))
	return mac.Sum(nil)
}

// closing says what is closed for a try.
type closing struct {
	any   bool
	login bool // for all who type this login: it may be said, for it tells of nobody
}

// closedFor is how long a count closes sign-in when nobody opens it. It is the same
// for logins that nobody has, which nobody can open.
const closedFor = 24 * time.Hour

// closed asks for what is closed. A known browser that failed too often is treated as
// any other.
func (s *Store) closed(ctx context.Context, g guards) (closing, error) {
	var loginClosed, accountClosed, browserClosed bool
	err := s.db.Pool().QueryRow(ctx, `
		SELECT
			coalesce(bool_or(key = $1), false),
			coalesce(bool_or(key = $2), false),
			coalesce(bool_or(key = $3), false)
		FROM sign_in_guards
		WHERE key IN ($1, $2, $3) AND closed_at > now() - $4 * interval '1 second'`,
		g.login, g.account, g.browser, closedFor.Seconds(),
	).Scan(&loginClosed, &accountClosed, &browserClosed)
	if err != nil {
		return closing{}, fmt.Errorf("ask for failed tries: %w", err)
	}
	if g.known && !browserClosed {
		return closing{}, nil
	}
	return closing{
		any:   loginClosed || accountClosed || g.known && browserClosed,
		login: loginClosed || g.known && browserClosed,
	}, nil
}

// fail counts a failure and answers what is closed now. A count whose last failure is
// long ago begins anew.
func fail(ctx context.Context, tx *db.Tx, g guards) (closing, error) {
	var rows []struct {
		Key    []byte
		Closed bool
	}
	err := tx.Select(ctx, &rows, `
		INSERT INTO sign_in_guards AS g (key, failures)
		SELECT key, 1 FROM unnest($1::bytea[]) key ORDER BY key
		ON CONFLICT (key) DO UPDATE
		SET failed_at = now(),
			failures = CASE WHEN g.failed_at > now() - $3 * interval '1 second' THEN g.failures ELSE 0 END + 1,
			closed_at = CASE
				WHEN g.closed_at > now() - $3 * interval '1 second' THEN g.closed_at
				WHEN g.failed_at > now() - $3 * interval '1 second' AND g.failures + 1 >= $2 THEN now()
			END
		RETURNING key, closed_at IS NOT NULL AS closed`,
		g.keys(), accounts.MaxFailures, closedFor.Seconds())
	if err != nil {
		return closing{}, fmt.Errorf("count a failed try: %w", err)
	}
	var now closing
	for _, row := range rows {
		now.any = now.any || row.Closed
		now.login = now.login || row.Closed && string(row.Key) != string(g.account)
	}
	return now, nil
}

// forgive begins the counts anew for somebody who got in.
func forgive(ctx context.Context, tx *db.Tx, g guards) error {
	if _, err := tx.Exec(ctx, `DELETE FROM sign_in_guards WHERE key = ANY($1)`, g.keys()); err != nil {
		return fmt.Errorf("forget failed tries: %w", err)
	}
	return nil
}

// Open opens sign-in by password again after too many failures, for every login of
// the account (REC-04). It is for those who just proved that the account is theirs.
func (s *Store) Open(ctx context.Context, tx *db.Tx, of accounts.ID) error {
	var row struct{ PublicID, Email, Phone, Snils, Inn string }
	err := tx.Get(ctx, &row, `
		SELECT public_id, email, coalesce(phone, '') AS phone, coalesce(snils, '') AS snils, coalesce(inn, '') AS inn
		FROM accounts
		WHERE id = $1`, of)
	if err != nil {
		return fmt.Errorf("read the logins of account %d: %w", of, err)
	}
	keys := [][]byte{s.guard("account", row.PublicID)}
	for kind, value := range map[string]string{"email": row.Email, "phone": row.Phone, "snils": row.Snils, "inn": row.Inn} {
		keys = append(keys, s.guard("login", kind+":"+value))
	}
	if _, err := tx.Exec(ctx, `DELETE FROM sign_in_guards WHERE key = ANY($1)`, keys); err != nil {
		return fmt.Errorf("open account %d: %w", of, err)
	}
	return nil
}

// ForgetFailures removes counts that are over, and sign-ins whose second proof never
// came.
func (s *Store) ForgetFailures(ctx context.Context) error {
	_, err := s.db.Pool().Exec(ctx, `
		WITH pending AS (DELETE FROM pending_sign_ins WHERE expires_at < now() - interval '1 day')
		DELETE FROM sign_in_guards WHERE failed_at < now() - $1 * interval '1 second'`, closedFor.Seconds())
	if err != nil {
		return fmt.Errorf("forget old failures: %w", err)
	}
	return nil
}
