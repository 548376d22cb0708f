package identities

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/identities"
)

// logoutFor is how long the end of a provider's session is remembered: longer than any
// way to the provider and back takes.
const logoutFor = time.Hour

// Logout ends the sessions that a provider says are over, and answers how many there
// were (OpenID Connect Back-Channel Logout 1.0, 2.7). A token that was taken before is
// identities.ErrReplayed.
func (s *Store) Logout(ctx context.Context, actor access.Actor, issuer string, over identities.Logout) (ended int, err error) {
	if err := access.Can(actor, access.EndVouched, access.Object{}); err != nil {
		return 0, err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		taken, err := tx.Exec(ctx, `
			INSERT INTO identity_logouts (issuer, token_hash, provider_sid, expires_at)
			VALUES ($1, $2, $3, greatest($4::timestamptz, now() + $5 * interval '1 second'))
			ON CONFLICT DO NOTHING`, issuer, hashOf(over.ID), over.Session, over.Expires, logoutFor.Seconds())
		switch {
		case err != nil:
			return fmt.Errorf("take a logout token: %w", err)
		case taken == 0:
			return identities.ErrReplayed
		}
		var concerned []int64
		err = tx.Select(ctx, &concerned, `
			SELECT id FROM identities
			WHERE issuer = $1 AND CASE
				WHEN $2 <> '' THEN subject = $2
				ELSE id IN (
					SELECT identity_id FROM sessions WHERE provider_sid = $3 AND ended_at IS NULL
					UNION SELECT identity_id FROM pending_sign_ins WHERE provider_sid = $3 AND used_at IS NULL
				)
			END
			ORDER BY id
			FOR UPDATE`, issuer, over.Subject, over.Session)
		if err != nil {
			return fmt.Errorf("find who signed out at a provider: %w", err)
		}
		for _, identity := range concerned {
			n, err := accountsdb.EndVia(ctx, tx, accounts.Via{Identity: identity, Session: over.Session}, "")
			if err != nil {
				return err
			}
			ended += n
		}
		return nil
	})
	return ended, err
}

// ProviderOf answers the key of the provider by which the actor's session was opened,
// "" when it was opened otherwise.
func (s *Store) ProviderOf(ctx context.Context, actor access.Actor) (string, error) {
	if !actor.SignedIn() {
		return "", nil
	}
	var provider string
	err := s.db.Pool().QueryRow(ctx, `
		SELECT coalesce((
			SELECT i.provider FROM sessions s JOIN identities i ON i.id = s.identity_id
			WHERE s.public_id = $1 AND s.account_id = $2
		), '')`, actor.Session, actor.Account).Scan(&provider)
	if err != nil {
		return "", fmt.Errorf("ask through whom a session was opened: %w", err)
	}
	return provider, nil
}

// Sweep forgets ways and logouts that are over.
func (s *Store) Sweep(ctx context.Context) error {
	_, err := s.db.Pool().Exec(ctx, `
		WITH gone AS (DELETE FROM identity_requests WHERE expires_at < now())
		DELETE FROM identity_logouts WHERE expires_at < now()`)
	if err != nil {
		return fmt.Errorf("forget ways to providers: %w", err)
	}
	return nil
}

// SweepArgs is the job that forgets ways and logouts that are over.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "identities.sweep" }

const sweepEvery = 10 * time.Minute

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[SweepArgs]) error { return s.Sweep(ctx) }))
}

// PeriodicJobs are those that run by the clock.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(
			river.PeriodicInterval(sweepEvery),
			func() (river.JobArgs, *river.InsertOpts) { return SweepArgs{}, nil },
			nil,
		),
	}
}
