package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// floor writes what a vote writes, through pgx and nothing else: begin, the ballot
// with its counters, the outbox rows, commit; and the outbox is emptied in batches,
// as the portal's publisher does it. Nobody is asked who they are, nothing is
// decided, announced or drawn.
type floor struct {
	pool    *pgxpool.Pool
	errand  errand
	voters  []person
	written chan []int64
	emptied sync.WaitGroup
	failed  error
}

func newFloor(ctx context.Context, p errand, voters []person) (*floor, error) {
	config, err := pgxpool.ParseConfig(p.Database)
	if err != nil {
		return nil, err
	}
	config.MaxConns = conns
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	f := &floor{pool: pool, errand: p, voters: voters, written: make(chan []int64, 4096)}
	f.emptied.Go(f.empty)
	return f, nil
}

// shards is over how many rows the portal spreads a counter.
const shards = 16

func (f *floor) vote(ctx context.Context, _, n int) (int, error) {
	voter, option, now := f.voters[n], f.errand.Options[n%len(f.errand.Options)], time.Now()
	var ids []int64
	err := pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
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
			f.errand.Poll, voter.Account, option, rand.Text(), now, mathrand.IntN(shards))
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `
			WITH written AS (
				INSERT INTO outbox (event, topic)
				SELECT * FROM unnest($1::text[], $2::text[])
				RETURNING id
			)
			SELECT array_agg(id) FROM written`,
			[]string{"polls.vote_cast", "polls.vote_cast", "polls.ballots_changed"},
			[]string{fmt.Sprintf("poll:%d", f.errand.Poll), "polls:pulse", "ballots:" + voter.Public}).Scan(&ids)
	})
	if err == nil {
		f.written <- ids
	}
	return 0, err
}

// empty deletes the outbox rows that came within 25 ms of each other at once.
func (f *floor) empty() {
	for ids := range f.written {
		timer := time.NewTimer(25 * time.Millisecond)
		for gathering := true; gathering; {
			select {
			case more, ok := <-f.written:
				ids = append(ids, more...)
				gathering = ok
			case <-timer.C:
				gathering = false
			}
		}
		timer.Stop()
		if _, err := f.pool.Exec(context.Background(), `DELETE FROM outbox WHERE id = ANY($1)`, ids); err != nil {
			f.failed = errors.Join(f.failed, err)
		}
	}
}

func (f *floor) close() error {
	close(f.written)
	f.emptied.Wait()
	f.pool.Close()
	return f.failed
}
