package polls

import (
	"time"

	"veche/db"
	"veche/domain/polls"
)

// What the reads of this area ask for, each as a question that can stand beside
// others in one look at one snapshot, and what the answer means.

type pollRows []pollRow

func (r *pollRows) of(ids []polls.ID) db.Question {
	return db.Ask((*[]pollRow)(r), `
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
		WHERE id = ANY($1)`, ids)
}

func (r pollRows) byID() map[polls.ID]polls.Poll {
	found := make(map[polls.ID]polls.Poll, len(r))
	for _, row := range r {
		found[row.ID] = row.poll()
	}
	return found
}

type tallyRow struct {
	PollID   polls.ID
	OptionID polls.OptionID
	Votes    int64
}

type tallyRows []tallyRow

func (r *tallyRows) of(ids []polls.ID) db.Question {
	return db.Ask((*[]tallyRow)(r), `
		SELECT poll_id, option_id, sum(votes)::bigint AS votes
		FROM poll_tallies
		WHERE poll_id = ANY($1)
		GROUP BY poll_id, option_id`, ids)
}

// byPoll gives every poll a result, also one nobody voted in.
func (r tallyRows) byPoll(of pollRows) map[polls.ID]polls.Tally {
	votes := make(map[polls.OptionID]int64, len(r))
	for _, row := range r {
		votes[row.OptionID] = row.Votes
	}
	tallies := make(map[polls.ID]polls.Tally, len(of))
	for _, poll := range of {
		t := polls.Tally{Poll: poll.ID, Status: poll.Status, ClosesAt: poll.ClosesAt, Electorate: poll.Electorate}
		for _, o := range poll.Options {
			t.Rows = append(t.Rows, polls.TallyRow{Option: o, Votes: votes[o.ID]})
		}
		tallies[poll.ID] = t
	}
	return tallies
}

type turnoutRow struct {
	PollID polls.ID
	Hour   time.Time
	Votes  int64
}

type turnoutRows []turnoutRow

func (r *turnoutRows) of(ids []polls.ID) db.Question {
	return db.Ask((*[]turnoutRow)(r), `
		SELECT poll_id, hour, sum(votes)::bigint AS votes
		FROM poll_turnouts
		WHERE poll_id = ANY($1)
		GROUP BY poll_id, hour
		ORDER BY poll_id, hour`, ids)
}

func (r turnoutRows) byPoll() map[polls.ID][]polls.TurnoutPoint {
	perHour := make(map[polls.ID][]polls.TurnoutPoint)
	for _, row := range r {
		perHour[row.PollID] = append(perHour[row.PollID], polls.TurnoutPoint{Hour: row.Hour, Votes: row.Votes})
	}
	for id, points := range perHour {
		perHour[id] = polls.Cumulate(points)
	}
	return perHour
}

type choiceRow struct {
	PublicID string
	PollID   polls.ID
	OptionID polls.OptionID
}

type choiceRows []choiceRow

func (r *choiceRows) of(keys []BallotKey) db.Question {
	accounts := make([]string, len(keys))
	ids := make([]int64, len(keys))
	for i, k := range keys {
		accounts[i], ids[i] = k.Account, int64(k.Poll)
	}
	return db.Ask((*[]choiceRow)(r), `
		SELECT a.public_id, b.poll_id, b.option_id
		FROM unnest($1::text[], $2::bigint[]) AS wanted (public_id, poll_id)
		JOIN accounts a ON a.public_id = wanted.public_id
		JOIN ballots b ON b.account_id = a.id AND b.poll_id = wanted.poll_id`, accounts, ids)
}

func (r choiceRows) byKey() map[BallotKey]polls.OptionID {
	choices := make(map[BallotKey]polls.OptionID, len(r))
	for _, row := range r {
		choices[BallotKey{Account: row.PublicID, Poll: row.PollID}] = row.OptionID
	}
	return choices
}
