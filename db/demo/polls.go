package demo

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	pollsdb "veche/db/polls"
	"veche/domain/polls"
)

// optionKey is the key of an option: options are numbered through all polls.
func (s *seeding) optionKey(poll, option int) int64 {
	before := 0
	for _, p := range s.town.Polls[:poll] {
		before += len(p.Options)
	}
	return key(before + option)
}

func (s *seeding) storePolls(ctx context.Context) error {
	var rows, options [][]any
	for i, p := range s.town.Polls {
		listed := p.AnnouncedAt
		if p.Status != polls.Scheduled {
			listed = p.OpensAt
		}
		// Polls opened in the same hour are still listed one after the other.
		listed = listed.Add(time.Duration(i) * time.Millisecond)
		rows = append(rows, []any{
			key(i), p.Question, p.Description, p.Topic, string(p.Status),
			p.OpensAt, p.ClosesAt, int64(p.Electorate), listed, p.AnnouncedAt,
		})
		for k, text := range p.Options {
			options = append(options, []any{s.optionKey(i, k), key(i), int32(k + 1), text})
		}
	}
	err := s.tx.Copy(ctx, "polls", []string{
		"id", "question", "description", "topic", "status",
		"opens_at", "closes_at", "electorate", "listed_at", "created_at",
	}, rows)
	if err != nil {
		return err
	}
	return s.tx.Copy(ctx, "poll_options", []string{"id", "poll_id", "position", "text"}, options)
}

// storeVotes stores the ballots, and counts them by option and by hour as casting
// them would have.
func (s *seeding) storeVotes(ctx context.Context) error {
	type tally struct {
		poll   int
		option int64
		shard  int
	}
	type turnout struct {
		poll  int
		hour  time.Time
		shard int
	}
	tallies, turnouts := map[tally]int64{}, map[turnout]int64{}
	var ballots [][]any
	for i, p := range s.town.Polls {
		for n, b := range p.Ballots {
			option := s.optionKey(i, b.Option)
			ballots = append(ballots, []any{key(i), key(b.Person), option, b.Key, b.CastAt})
			tallies[tally{i, option, n % spread}]++
			turnouts[turnout{i, b.CastAt.UTC().Truncate(time.Hour), n % spread}]++
		}
	}
	tallyRows := make([][]any, 0, len(tallies))
	for at, votes := range tallies {
		tallyRows = append(tallyRows, []any{key(at.poll), at.option, int16(at.shard), votes})
	}
	turnoutRows := make([][]any, 0, len(turnouts))
	for at, votes := range turnouts {
		turnoutRows = append(turnoutRows, []any{key(at.poll), at.hour, int16(at.shard), votes})
	}
	err := s.tx.Copy(ctx, "ballots", []string{"poll_id", "account_id", "option_id", "request_key", "cast_at"}, ballots)
	if err != nil {
		return err
	}
	if err := s.tx.Copy(ctx, "poll_tallies", []string{"poll_id", "option_id", "shard", "votes"}, tallyRows); err != nil {
		return err
	}
	return s.tx.Copy(ctx, "poll_turnouts", []string{"poll_id", "hour", "shard", "votes"}, turnoutRows)
}

// enqueuePolls appoints the jobs that will open and close the polls.
func (s *seeding) enqueuePolls(ctx context.Context) error {
	var jobs []river.InsertManyParams
	at := func(t time.Time) *river.InsertOpts { return &river.InsertOpts{ScheduledAt: t} }
	for i, p := range s.town.Polls {
		id := polls.ID(key(i))
		if p.Status == polls.Scheduled {
			jobs = append(jobs, river.InsertManyParams{Args: pollsdb.OpenArgs{Poll: id}, InsertOpts: at(p.OpensAt)})
		}
		if p.Status != polls.Closed {
			jobs = append(jobs, river.InsertManyParams{Args: pollsdb.CloseArgs{Poll: id}, InsertOpts: at(p.ClosesAt)})
		}
	}
	return s.tx.Enqueue(ctx, jobs...)
}
