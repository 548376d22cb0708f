package polls

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/polls"
)

// Sheet is all that the page of a poll shows, as of one state.
type Sheet struct {
	State   string
	Poll    polls.Poll
	Tally   polls.Tally
	Turnout []polls.TurnoutPoint
	Choice  polls.OptionID // the actor's own, 0 without a vote
}

// Sheet reads the page of a poll for the actor.
func (s *Store) Sheet(ctx context.Context, actor access.Actor, id polls.ID) (Sheet, error) {
	var sheet Sheet
	err := s.db.Read(ctx, func(r *db.Snapshot) error {
		found, err := readPolls(ctx, r, []polls.ID{id})
		if err != nil {
			return err
		}
		poll, ok := found[id]
		if !ok {
			return polls.ErrNotFound
		}
		tallies, err := readTallies(ctx, r, found)
		if err != nil {
			return err
		}
		turnouts, err := readTurnouts(ctx, r, []polls.ID{id})
		if err != nil {
			return err
		}
		choices, err := readChoices(ctx, r, []BallotKey{{Account: actor.Public, Poll: id}})
		if err != nil {
			return err
		}
		sheet = Sheet{
			State:   r.State,
			Poll:    poll,
			Tally:   tallies[id],
			Turnout: turnouts[id],
			Choice:  choices[BallotKey{Account: actor.Public, Poll: id}],
		}
		return nil
	})
	return sheet, err
}

// Polls reads polls with their results as of one state.
func (s *Store) Polls(ctx context.Context, ids []polls.ID) (state string, found map[polls.ID]polls.Poll, tallies map[polls.ID]polls.Tally, err error) {
	err = s.db.Read(ctx, func(r *db.Snapshot) error {
		state = r.State
		if found, err = readPolls(ctx, r, ids); err != nil {
			return err
		}
		tallies, err = readTallies(ctx, r, found)
		return err
	})
	return state, found, tallies, err
}

// Turnouts reads how turnout grew, with the result it leads to. A poll without
// votes has no line.
func (s *Store) Turnouts(ctx context.Context, ids []polls.ID) (state string, tallies map[polls.ID]polls.Tally, lines map[polls.ID][]polls.TurnoutPoint, err error) {
	err = s.db.Read(ctx, func(r *db.Snapshot) error {
		state = r.State
		found, err := readPolls(ctx, r, ids)
		if err != nil {
			return err
		}
		if tallies, err = readTallies(ctx, r, found); err != nil {
			return err
		}
		lines, err = readTurnouts(ctx, r, ids)
		return err
	})
	return state, tallies, lines, err
}

// Pulse reads what is going on in all open polls together.
func (s *Store) Pulse(ctx context.Context) (state string, pulse polls.Pulse, err error) {
	err = s.db.Read(ctx, func(r *db.Snapshot) error {
		state = r.State
		err := r.Get(ctx, &pulse, `
			SELECT
				(SELECT count(*) FROM polls WHERE status = 'open') AS open,
				(SELECT coalesce(sum(t.votes), 0)::bigint
				 FROM polls p JOIN poll_tallies t ON t.poll_id = p.id
				 WHERE p.status = 'open') AS votes`)
		if err != nil {
			return fmt.Errorf("read the pulse of the polls: %w", err)
		}
		return nil
	})
	return state, pulse, err
}

// BallotKey names one person's place in one poll, by the account's public id.
type BallotKey struct {
	Account string
	Poll    polls.ID
}

// Choices reads what people chose, for showing it to themselves, with the polls
// they voted in. A key without a vote is missing from the answer.
func (s *Store) Choices(ctx context.Context, keys []BallotKey) (state string, found map[polls.ID]polls.Poll, choices map[BallotKey]polls.OptionID, err error) {
	err = s.db.Read(ctx, func(r *db.Snapshot) error {
		state = r.State
		ids := make([]polls.ID, len(keys))
		for i, k := range keys {
			ids[i] = k.Poll
		}
		if found, err = readPolls(ctx, r, ids); err != nil {
			return err
		}
		choices, err = readChoices(ctx, r, keys)
		return err
	})
	return state, found, choices, err
}

func readPolls(ctx context.Context, r *db.Snapshot, ids []polls.ID) (map[polls.ID]polls.Poll, error) {
	var rows []pollRow
	err := r.Select(ctx, &rows, `
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
			 FROM poll_options o WHERE o.poll_id = polls.id) AS options
		FROM polls
		WHERE id = ANY($1)`, ofIDs(ids))
	if err != nil {
		return nil, fmt.Errorf("read polls: %w", err)
	}
	found := make(map[polls.ID]polls.Poll, len(rows))
	for _, row := range rows {
		found[row.ID] = row.poll()
	}
	return found, nil
}

func readTallies(ctx context.Context, r *db.Snapshot, of map[polls.ID]polls.Poll) (map[polls.ID]polls.Tally, error) {
	ids := make([]polls.ID, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	var rows []struct {
		PollID   polls.ID
		OptionID polls.OptionID
		Votes    int64
	}
	err := r.Select(ctx, &rows, `
		SELECT poll_id, option_id, sum(votes)::bigint AS votes
		FROM poll_tallies
		WHERE poll_id = ANY($1)
		GROUP BY poll_id, option_id`, ofIDs(ids))
	if err != nil {
		return nil, fmt.Errorf("read tallies: %w", err)
	}
	votes := make(map[polls.OptionID]int64, len(rows))
	for _, row := range rows {
		votes[row.OptionID] = row.Votes
	}
	tallies := make(map[polls.ID]polls.Tally, len(of))
	for id, poll := range of {
		t := polls.Tally{Poll: id, Status: poll.Status, ClosesAt: poll.ClosesAt, Electorate: poll.Electorate}
		for _, o := range poll.Options {
			t.Rows = append(t.Rows, polls.TallyRow{Option: o, Votes: votes[o.ID]})
		}
		tallies[id] = t
	}
	return tallies, nil
}

func readTurnouts(ctx context.Context, r *db.Snapshot, ids []polls.ID) (map[polls.ID][]polls.TurnoutPoint, error) {
	var rows []struct {
		PollID polls.ID
		Hour   time.Time
		Votes  int64
	}
	err := r.Select(ctx, &rows, `
		SELECT poll_id, hour, sum(votes)::bigint AS votes
		FROM poll_turnouts
		WHERE poll_id = ANY($1)
		GROUP BY poll_id, hour
		ORDER BY poll_id, hour`, ofIDs(ids))
	if err != nil {
		return nil, fmt.Errorf("read turnouts: %w", err)
	}
	perHour := make(map[polls.ID][]polls.TurnoutPoint)
	for _, row := range rows {
		perHour[row.PollID] = append(perHour[row.PollID], polls.TurnoutPoint{Hour: row.Hour, Votes: row.Votes})
	}
	for id, points := range perHour {
		perHour[id] = polls.Cumulate(points)
	}
	return perHour, nil
}

func readChoices(ctx context.Context, r *db.Snapshot, keys []BallotKey) (map[BallotKey]polls.OptionID, error) {
	accounts := make([]string, len(keys))
	ids := make([]int64, len(keys))
	for i, k := range keys {
		accounts[i], ids[i] = k.Account, int64(k.Poll)
	}
	var rows []struct {
		PublicID string
		PollID   polls.ID
		OptionID polls.OptionID
	}
	err := r.Select(ctx, &rows, `
		SELECT a.public_id, b.poll_id, b.option_id
		FROM unnest($1::text[], $2::bigint[]) AS wanted (public_id, poll_id)
		JOIN accounts a ON a.public_id = wanted.public_id
		JOIN ballots b ON b.account_id = a.id AND b.poll_id = wanted.poll_id`, accounts, ids)
	if err != nil {
		return nil, fmt.Errorf("read own ballots: %w", err)
	}
	choices := make(map[BallotKey]polls.OptionID, len(rows))
	for _, row := range rows {
		choices[BallotKey{Account: row.PublicID, Poll: row.PollID}] = row.OptionID
	}
	return choices, nil
}
