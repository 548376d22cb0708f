package factors

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/factors"
)

// challengeFor is how long a device may take to answer.
const challengeFor = 5 * time.Minute

// purpose is what a challenge is for: an answer to one is none to another.
type purpose string

const (
	register purpose = "register" // a new passkey
	assert   purpose = "assert"   // a passkey of a person who is known
	discover purpose = "discover" // a passkey that says whose it is
)

// challenge is what a browser was asked.
type challenge struct {
	purpose purpose
	holder  string // who may answer
	account accounts.ID
	asked   webauthn.SessionData
}

func saveChallenge(ctx context.Context, tx *db.Tx, c challenge) error {
	asked, err := json.Marshal(c.asked)
	if err != nil {
		return fmt.Errorf("write a challenge down: %w", err)
	}
	account := sql.NullInt64{Int64: int64(c.account), Valid: c.account != 0}
	_, err = tx.Exec(ctx, `
		INSERT INTO passkey_challenges (challenge, purpose, holder, account_id, asked, expires_at)
		VALUES ($1, $2, $3, $4, $5, now() + $6::interval)`,
		c.asked.Challenge, c.purpose, c.holder, account, string(asked), challengeFor)
	if err != nil {
		return fmt.Errorf("keep a challenge: %w", err)
	}
	return nil
}

// takeChallenge finds what a holder was asked, for the one answer it may get. An
// answer that came too late, came before, or comes from elsewhere has none.
func takeChallenge(ctx context.Context, tx *db.Tx, p purpose, holder, answered string) (challenge, error) {
	var row struct {
		AccountID sql.NullInt64
		Asked     []byte
		Stale     bool
	}
	err := tx.Get(ctx, &row, `
		DELETE FROM passkey_challenges
		WHERE challenge = $1 AND purpose = $2 AND holder = $3
		RETURNING account_id, asked, expires_at <= clock_timestamp() AS stale`, answered, p, holder)
	if db.NoRows(err) || err == nil && row.Stale {
		return challenge{}, factors.ErrStalePasskey
	}
	if err != nil {
		return challenge{}, fmt.Errorf("take a challenge: %w", err)
	}
	c := challenge{purpose: p, holder: holder, account: accounts.ID(row.AccountID.Int64)}
	if err := json.Unmarshal(row.Asked, &c.asked); err != nil {
		return challenge{}, fmt.Errorf("read a challenge: %w", err)
	}
	return c, nil
}

// Sweep forgets what was asked and never answered, keys of apps among it, and answers
// how many there were.
func (s *Store) Sweep(ctx context.Context) (int64, error) {
	var swept int64
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		challenges, err := tx.Exec(ctx, `DELETE FROM passkey_challenges WHERE expires_at <= now()`)
		if err != nil {
			return fmt.Errorf("sweep challenges: %w", err)
		}
		keys, err := tx.Exec(ctx, `
			DELETE FROM totp_keys WHERE confirmed_at IS NULL AND created_at <= now() - $1::interval`, pendingFor)
		if err != nil {
			return fmt.Errorf("sweep keys: %w", err)
		}
		swept = challenges + keys
		return nil
	})
	return swept, err
}
