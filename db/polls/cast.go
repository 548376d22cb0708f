package polls

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/polls"
)

// Cast gives the actor's vote (VOTE-03, VOTE-13). The same form sent twice, known
// by its request key, is one vote and no error; a second vote is ErrAlreadyVoted.
func (s *Store) Cast(ctx context.Context, actor access.Actor, id polls.ID, choice polls.OptionID, request string) error {
	if err := access.Can(actor, access.CastVote, access.Object{}); err != nil {
		return err
	}
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		poll, now, err := lockPoll(ctx, tx, id, "SHARE")
		if err != nil {
			return err
		}
		ballot, err := poll.Cast(actor.Account, choice, request, now)
		if err != nil {
			return err
		}
		addBallot(tx, ballot)
		if err := tx.Emit(ctx, polls.VoteCast{Poll: id}); err != nil {
			return err
		}
		return tx.Emit(ctx, polls.BallotsChanged{Account: actor.Public})
	})
	switch {
	case db.Violates(err, "ballots_one_per_person"):
		return s.repeated(ctx, actor, id, request)
	case db.Violates(err, "ballots_option_of_poll"):
		return polls.ErrNoSuchOption
	}
	return err
}

// lockPoll loads a poll so that it cannot change before the transaction ends:
// votes share the lock, opening and closing take it alone.
func lockPoll(ctx context.Context, tx *db.Tx, id polls.ID, lock string) (polls.Poll, time.Time, error) {
	var rows []struct {
		pollRow
		Now time.Time
	}
	err := tx.Look(ctx, db.Ask(&rows, `
		SELECT
			id,
			question,
			description,
			topic,
			status,
			opens_at,
			closes_at,
			electorate,
			listed_at,
			(SELECT json_agg(json_build_object('ID', o.id, 'Text', o.text) ORDER BY o.position)
			 FROM poll_options o WHERE o.poll_id = polls.id) AS options,
			clock_timestamp() AS now
		FROM polls
		WHERE id = $1
		FOR `+lock, id))
	switch {
	case err != nil:
		return polls.Poll{}, time.Time{}, fmt.Errorf("load poll %d: %w", id, err)
	case len(rows) == 0:
		return polls.Poll{}, time.Time{}, polls.ErrNotFound
	}
	return rows[0].poll(), rows[0].Now, nil
}

// addBallot saves the ballot and counts it, in one statement at the end of the
// transaction: counters that many votes share are locked for the commit alone.
func addBallot(tx *db.Tx, b polls.Ballot) {
	tx.Later(`
		WITH ballot AS (
			INSERT INTO ballots (poll_id, account_id, option_id, request_key, cast_at)
			VALUES ($1, $2, $3, $4, $5)
		), tally AS (
			INSERT INTO poll_tallies (poll_id, option_id, shard, votes)
			VALUES ($1, $3, $6, 1)
			ON CONFLICT (poll_id, option_id, shard) DO UPDATE
			SET votes = poll_tallies.votes + 1
		)
		INSERT INTO poll_turnouts (poll_id, hour, shard, votes)
		VALUES ($1, date_trunc('hour', $5::timestamptz, 'UTC'), $6, 1)
		ON CONFLICT (poll_id, hour, shard) DO UPDATE
		SET votes = poll_turnouts.votes + 1`,
		b.Poll, b.Voter, b.Option, b.Request, b.CastAt, rand.IntN(shards))
}

// repeated answers nil when the ballot that stands came with the same form.
func (s *Store) repeated(ctx context.Context, actor access.Actor, id polls.ID, request string) error {
	if request == "" {
		return polls.ErrAlreadyVoted
	}
	var standing []struct{ RequestKey string }
	_, err := s.db.Look(ctx, db.Ask(&standing, `
		SELECT request_key FROM ballots WHERE poll_id = $1 AND account_id = $2`, id, actor.Account))
	switch {
	case err != nil:
		return fmt.Errorf("compare with the ballot of poll %d: %w", id, err)
	case len(standing) == 0 || standing[0].RequestKey != request:
		return polls.ErrAlreadyVoted
	}
	return nil
}
