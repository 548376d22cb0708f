package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"veche/cmd/bench/rounds"
	"veche/db"
	"veche/domain/polls"
)

// Figures of votes and pages.
const (
	figureVotes      = "votes/s"
	figurePages      = "pages/s"
	figureP50        = "p50 ms"
	figureP99        = "p99 ms"
	figureCPU        = "CPU ms"
	figureBytes      = "bytes"
	figureStatements = "statements"
	figureTrips      = "round trips"
)

const (
	byHTMX = "vote, htmx"
	byForm = "vote, plain form"
	bare   = "bare inserts"
)

// voting is how long people vote in one round.
const voting = 2 * time.Second

// Votes measures votes over HTTP beside the same inserts through pgx alone.
func Votes(ctx context.Context, p rounds.Plan, out io.Writer) (err error) {
	t, err := found(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.leave()) }()
	fmt.Fprintf(out, "%d people vote at a time, each once, signed in; the same inserts go through pgx with %d connections\n", workers, conns)
	// The first round finds cold caches and is not told.
	if _, err := t.ballots(ctx, p, htmxVotes); err != nil {
		return err
	}
	results, err := rounds.Interleave(ctx, p.Rounds,
		t.contender(p, bare, bareWrites),
		t.contender(p, byHTMX, htmxVotes),
		t.contender(p, byForm, formVotes),
	)
	if err != nil {
		return err
	}
	return results.Print(out,
		rounds.Column{Figure: figureVotes, Over: bare},
		rounds.Column{Figure: figureP50, Decimals: 1},
		rounds.Column{Figure: figureP99, Decimals: 1},
		rounds.Column{Figure: figureCPU, Decimals: 2, Over: bare},
		rounds.Column{Figure: figureStatements, Decimals: 1},
		rounds.Column{Figure: figureTrips, Decimals: 1},
	)
}

// contender votes in a new poll each round. In its first it also counts, apart from
// the clock, what Postgres is told for a vote.
func (t *town) contender(p rounds.Plan, name, what string) rounds.Contender {
	counted := false
	return rounds.Contender{Name: name, Round: func(ctx context.Context) (rounds.Sample, error) {
		o, err := t.ballots(ctx, p, what)
		if err != nil {
			return nil, err
		}
		sample := rounds.Sample{
			figureVotes: float64(o.Asked) / o.Seconds,
			figureP50:   o.P50,
			figureP99:   o.P99,
		}
		if o.CPU > 0 {
			sample[figureCPU] = o.CPU
		}
		if counted {
			return sample, nil
		}
		counted = true
		counts, err := t.count(ctx, what)
		sample[figureStatements], sample[figureTrips] = counts.statements, counts.trips
		return sample, err
	}}
}

// ballots has the residents vote in a new poll, and looks whether every vote that
// was acknowledged is there.
func (t *town) ballots(ctx context.Context, p rounds.Plan, what string) (outcome, error) {
	poll, err := t.openPoll(ctx, "Где поставить новую скамейку?")
	if err != nil {
		return outcome{}, err
	}
	if err := t.seen(ctx); err != nil {
		return outcome{}, err
	}
	o, err := run(ctx, t.errand(what, poll, window(p, voting)))
	if err != nil {
		return o, err
	}
	return o, t.recount(ctx, poll, o.Asked)
}

func (t *town) errand(what string, poll polls.Poll, last time.Duration) errand {
	e := errand{
		What:      what,
		Address:   t.portal.address,
		Database:  t.url,
		Secret:    t.secret,
		Residents: t.residents(),
		Poll:      int64(poll.ID),
		For:       last,
	}
	for _, option := range poll.Options {
		e.Options = append(e.Options, int64(option.ID))
	}
	return e
}

// recount compares ballots and counters with what was acknowledged. Warming votes
// come on top.
func (t *town) recount(ctx context.Context, poll polls.Poll, acknowledged int) error {
	var ballots, tally, turnout int
	err := t.db.Read(ctx, func(r *db.Snapshot) error {
		for query, into := range map[string]*int{
			`SELECT count(*) FROM ballots WHERE poll_id = $1`:                              &ballots,
			`SELECT coalesce(sum(votes), 0)::bigint FROM poll_tallies WHERE poll_id = $1`:  &tally,
			`SELECT coalesce(sum(votes), 0)::bigint FROM poll_turnouts WHERE poll_id = $1`: &turnout,
		} {
			if err := r.Get(ctx, into, query, poll.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("recount: %w", err)
	}
	want := acknowledged + workers*warm
	if ballots != want || tally != want || turnout != want {
		return fmt.Errorf("%d votes were acknowledged; there are %d ballots, the result says %d and the turnout %d", want, ballots, tally, turnout)
	}
	return nil
}
