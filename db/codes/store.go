// Package codes keeps one-time codes that are on their way.
//
// It promises that a code is answered at most once and for nothing but what it was
// asked for; that every try counts, whatever becomes of the rest; that asking for one
// is the same work whether or not anybody has the login; and that the code itself is
// kept nowhere: not in the tables, not in the queue, not in the log.
package codes

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/codes"
)

// Sender sends a message by its channel. What it answers with codes.RefusedError is
// not tried again.
type Sender interface {
	Send(ctx context.Context, message codes.Message) error
}

// Store keeps codes in Postgres. It is safe for concurrent use.
type Store struct {
	db     *db.DB
	secret []byte
	sender Sender
}

// New makes the store. Codes follow from the secret, which all processes share.
func New(d *db.DB, secret []byte, sender Sender) *Store {
	return &Store{db: d, secret: secret, sender: sender}
}

// digits is the code of a sending: HOTP (RFC 4226) under a key of the request's own.
func (s *Store) digits(id string, sending int) (string, error) {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte("code\x00" + id))
	key := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil))
	code, err := hotp.GenerateCodeCustom(key, uint64(sending), hotp.ValidateOpts{Digits: codes.Digits, Algorithm: otp.AlgorithmSHA256})
	if err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	return code, nil
}

// Request notes that a code is wanted, and answers its public id. A job sends it.
func (s *Store) Request(ctx context.Context, tx *db.Tx, r codes.Request) (string, error) {
	public := accounts.NewPublicID()
	var id int64
	err := tx.Get(ctx, &id, `
		INSERT INTO codes (public_id, purpose, account_id, holder, channel, address, lang, expires_at)
		VALUES ($1, $2, NULLIF($3::bigint, 0), $4, $5, $6, $7, now() + $8 * interval '1 second')
		RETURNING id`,
		public, r.Purpose, r.Account, r.Holder, r.Channel, r.Address, r.Lang, codes.Lifetime.Seconds())
	if err != nil {
		return "", fmt.Errorf("note a code: %w", err)
	}
	return public, tx.Emit(ctx, codes.Requested{Code: id, Sending: 1, Channel: r.Channel})
}

// Resend has the code sent again, with other digits: those of before are good no
// more. It answers codes.ErrSoon, codes.ErrNoMore or codes.ErrUsedUp.
func (s *Store) Resend(ctx context.Context, id, holder string) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var row struct {
			ID      int64
			Channel codes.Channel
			Sends   int
			Used    bool
			Soon    float64 // seconds till it may be sent again
		}
		err := tx.Get(ctx, &row, `
			SELECT
				id,
				channel,
				sends,
				used_at IS NOT NULL OR tries >= $3 AS used,
				extract(epoch FROM sent_at + $4 * interval '1 second' - clock_timestamp())::float8 AS soon
			FROM codes
			WHERE public_id = $1 AND holder = $2
			FOR UPDATE`, id, holder, codes.MaxTries, codes.ResendAfter.Seconds())
		switch {
		case db.NoRows(err), err == nil && row.Used:
			return codes.ErrUsedUp
		case err != nil:
			return fmt.Errorf("look for a code: %w", err)
		case row.Sends >= codes.MaxSends:
			return codes.ErrNoMore
		case row.Soon > 0:
			return codes.ErrSoon
		}
		_, err = tx.Exec(ctx, `
			UPDATE codes
			SET sends = sends + 1,
				delivery = 'queued',
				sent_at = clock_timestamp(),
				expires_at = clock_timestamp() + $2 * interval '1 second'
			WHERE id = $1`, row.ID, codes.Lifetime.Seconds())
		if err != nil {
			return fmt.Errorf("note another sending: %w", err)
		}
		return tx.Emit(ctx, codes.Requested{Code: row.ID, Sending: row.Sends + 1, Channel: row.Channel})
	})
}

// Try counts a try and compares what was typed. The try stays counted whatever the
// caller does next; the code is answered only when [Store.Use] is committed. It
// answers codes.ErrNoCode, codes.ErrWrong, codes.ErrExpired or codes.ErrUsedUp.
func (s *Store) Try(ctx context.Context, id string, purpose codes.Purpose, holder, typed string) (codes.Code, error) {
	digits, err := codes.Parse(typed)
	if err != nil {
		return codes.Code{}, err
	}
	var expired, used bool
	code := codes.Code{ID: id}
	err = s.db.Pool().QueryRow(ctx, `
		UPDATE codes
		SET tries = tries + 1
		WHERE public_id = $1 AND purpose = $2 AND holder = $3
		RETURNING coalesce(account_id, 0), channel, address, delivery, sends, tries, sent_at, expires_at, expires_at <= clock_timestamp(), used_at IS NOT NULL`,
		id, purpose, holder,
	).Scan(&code.Account, &code.Channel, &code.Address, &code.Delivery, &code.Sends, &code.Tries, &code.SentAt, &code.ExpiresAt, &expired, &used)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return codes.Code{}, fmt.Errorf("try a code: %w", err)
	}
	want, wrong := s.digits(id, code.Sends)
	if wrong != nil {
		return codes.Code{}, wrong
	}
	match := subtle.ConstantTimeCompare([]byte(want), []byte(digits)) == 1
	switch {
	case errors.Is(err, pgx.ErrNoRows), used, code.Tries > codes.MaxTries:
		return codes.Code{}, codes.ErrUsedUp
	case expired:
		return codes.Code{}, codes.ErrExpired
	case !match, code.Address == "":
		return codes.Code{}, codes.ErrWrong
	}
	return code, nil
}

// Use answers a code for good, in the transaction of what it is answered for:
// codes.ErrUsedUp when somebody else was quicker.
func (s *Store) Use(ctx context.Context, tx *db.Tx, id string) error {
	used, err := tx.Exec(ctx, `
		UPDATE codes SET used_at = clock_timestamp()
		WHERE public_id = $1 AND used_at IS NULL AND expires_at > clock_timestamp()`, id)
	switch {
	case err != nil:
		return fmt.Errorf("use a code: %w", err)
	case used == 0:
		return codes.ErrUsedUp
	}
	return nil
}

// Latest is the newest code of a purpose that a holder may still answer, by a channel;
// found is false when there is none.
func (s *Store) Latest(ctx context.Context, purpose codes.Purpose, holder string, channel codes.Channel) (code codes.Code, found bool, err error) {
	return s.one(ctx, `
		WHERE purpose = $1 AND holder = $2 AND channel = $3
			AND used_at IS NULL AND tries < $4 AND expires_at > now()`, purpose, holder, channel, codes.MaxTries)
}

// Shown is a code as its holder's page shows it.
func (s *Store) Shown(ctx context.Context, id, holder string) (code codes.Code, found bool, err error) {
	return s.one(ctx, `WHERE public_id = $1 AND holder = $2`, id, holder)
}

func (s *Store) one(ctx context.Context, where string, args ...any) (code codes.Code, found bool, err error) {
	err = s.db.Pool().QueryRow(ctx, `
		SELECT public_id, coalesce(account_id, 0), channel, address, delivery, sends, tries, sent_at, expires_at
		FROM codes `+where+`
		ORDER BY id DESC
		LIMIT 1`, args...,
	).Scan(&code.ID, &code.Account, &code.Channel, &code.Address, &code.Delivery, &code.Sends, &code.Tries, &code.SentAt, &code.ExpiresAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return codes.Code{}, false, nil
	}
	if err != nil {
		return codes.Code{}, false, fmt.Errorf("read a code: %w", err)
	}
	return code, true, nil
}

// Delivery notes what became of a sending. One that a newer has replaced is past
// caring about.
func (s *Store) Delivery(ctx context.Context, id string, sending int, state codes.Delivery) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		noted, err := tx.Exec(ctx, `
			UPDATE codes SET delivery = $3
			WHERE public_id = $1 AND sends = $2 AND delivery <> $3 AND delivery <> 'delivered'
				AND ($3 <> 'sent' OR delivery = 'queued')`, id, sending, state)
		if err != nil {
			return fmt.Errorf("note a delivery: %w", err)
		}
		if noted == 0 {
			return nil
		}
		return tx.Emit(ctx, codes.Forwarded{Code: id})
	})
}

// kept is how long codes are kept: their addresses are personal.
const kept = 24 * time.Hour

// Forget removes codes that nobody can answer any more.
func (s *Store) Forget(ctx context.Context) error {
	_, err := s.db.Pool().Exec(ctx, `DELETE FROM codes WHERE created_at < now() - $1 * interval '1 second'`, kept.Seconds())
	if err != nil {
		return fmt.Errorf("forget old codes: %w", err)
	}
	return nil
}

// MessageID names a sending; the operator takes it once.
func MessageID(id string, sending int) string { return id + "-" + strconv.Itoa(sending) }
