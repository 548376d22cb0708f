package polls

import (
	"context"
	"errors"
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
		if err := addBallot(ctx, tx, ballot); err != nil {
			return err
		}
		if err := tx.Emit(ctx, polls.VoteCast{Poll: id}); err != nil {
			return err
		}
		return tx.Emit(ctx, polls.BallotsChanged{Account: actor.Public})
	})
	if errors.Is(err, polls.ErrAlreadyVoted) && request != "" {
		return s.repeated(ctx, actor, id, request)
	}
	return err
}

// lockPoll loads a poll so that it cannot change before the transaction ends:
// votes share the lock, opening and closing take it alone.
func lockPoll(ctx context.Context, tx *db.Tx, id polls.ID, lock string) (polls.Poll, time.Time, error) {
	var row struct {
		pollRow
		Now time.Time
	}
	err := tx.Get(ctx, &row, `
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
		FOR `+lock, id)
	switch {
	case db.NoRows(err):
		return polls.Poll{}, time.Time{}, polls.ErrNotFound
	case err != nil:
		return polls.Poll{}, time.Time{}, fmt.Errorf("load poll %d: %w", id, err)
	}
	return row.poll(), row.Now, nil
}

// addBallot saves the ballot and counts it, in one statement.
func addBallot(ctx context.Context, tx *db.Tx, b polls.Ballot) error {
	_, err := tx.Exec(ctx, `
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
	switch {
	case db.Violates(err, "ballots_one_per_person"):
		return polls.ErrAlreadyVoted
	case db.Violates(err, "ballots_option_of_poll"):
		return polls.ErrNoSuchOption
	case err != nil:
		return fmt.Errorf("save a ballot of poll %d: %w", b.Poll, err)
	}
	return nil
}

// repeated answers nil when the ballot that stands came with the same form.
func (s *Store) repeated(ctx context.Context, actor access.Actor, id polls.ID, request string) error {
	return s.db.Read(ctx, func(r *db.Snapshot) error {
		var same bool
		err := r.Get(ctx, &same, `
			SELECT request_key = $3 FROM ballots WHERE poll_id = $1 AND account_id = $2`,
			id, actor.Account, request)
		if err != nil && !db.NoRows(err) {
			return fmt.Errorf("compare with the ballot of poll %d: %w", id, err)
		}
		if !same {
			return polls.ErrAlreadyVoted
		}
		return nil
	})
}
