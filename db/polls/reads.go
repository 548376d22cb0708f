package polls

import (
	"context"
	"fmt"

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

// Sheet reads the page of a poll for the actor. Many who ask at the same time are
// answered from one snapshot, taken after all of them asked.
func (s *Store) Sheet(ctx context.Context, actor access.Actor, id polls.ID) (Sheet, error) {
	sheet, found, err := s.sheets.Ask(ctx, BallotKey{Account: actor.Public, Poll: id})
	if err == nil && !found {
		err = polls.ErrNotFound
	}
	return sheet, err
}

func (s *Store) readSheets(ctx context.Context, keys []BallotKey) (map[BallotKey]Sheet, error) {
	var (
		found    pollRows
		tallies  tallyRows
		turnouts turnoutRows
		choices  choiceRows
		ids      = pollsOf(keys)
	)
	state, err := s.db.Look(ctx, found.of(ids), tallies.of(ids), turnouts.of(ids), choices.of(keys))
	if err != nil {
		return nil, fmt.Errorf("read pages of polls: %w", err)
	}
	ofPoll, results, lines, chosen := found.byID(), tallies.byPoll(found), turnouts.byPoll(), choices.byKey()
	sheets := make(map[BallotKey]Sheet, len(keys))
	for _, key := range keys {
		if poll, ok := ofPoll[key.Poll]; ok {
			sheets[key] = Sheet{
				State:   state,
				Poll:    poll,
				Tally:   results[key.Poll],
				Turnout: lines[key.Poll],
				Choice:  chosen[key],
			}
		}
	}
	return sheets, nil
}

// Polls reads polls with their results as of one state.
func (s *Store) Polls(ctx context.Context, ids []polls.ID) (state string, found map[polls.ID]polls.Poll, results map[polls.ID]polls.Tally, err error) {
	var rows pollRows
	var tallies tallyRows
	if state, err = s.db.Look(ctx, rows.of(ids), tallies.of(ids)); err != nil {
		return "", nil, nil, fmt.Errorf("read polls: %w", err)
	}
	return state, rows.byID(), tallies.byPoll(rows), nil
}

// Turnouts reads how turnout grew, with the result it leads to. A poll without
// votes has no line.
func (s *Store) Turnouts(ctx context.Context, ids []polls.ID) (state string, results map[polls.ID]polls.Tally, lines map[polls.ID][]polls.TurnoutPoint, err error) {
	var found pollRows
	var tallies tallyRows
	var turnouts turnoutRows
	if state, err = s.db.Look(ctx, found.of(ids), tallies.of(ids), turnouts.of(ids)); err != nil {
		return "", nil, nil, fmt.Errorf("read turnouts: %w", err)
	}
	return state, tallies.byPoll(found), turnouts.byPoll(), nil
}

// Pulse reads what is going on in all open polls together.
func (s *Store) Pulse(ctx context.Context) (state string, pulse polls.Pulse, err error) {
	var rows []polls.Pulse
	state, err = s.db.Look(ctx, db.Ask(&rows, `
		SELECT
			(SELECT count(*) FROM polls WHERE status = 'open') AS open,
			(SELECT coalesce(sum(t.votes), 0)::bigint
			 FROM polls p JOIN poll_tallies t ON t.poll_id = p.id
			 WHERE p.status = 'open') AS votes`))
	if err != nil {
		return "", polls.Pulse{}, fmt.Errorf("read the pulse of the polls: %w", err)
	}
	return state, rows[0], nil
}

// BallotKey names one person's place in one poll, by the account's public id.
type BallotKey struct {
	Account string
	Poll    polls.ID
}

func pollsOf(keys []BallotKey) []polls.ID {
	ids := make([]polls.ID, 0, len(keys))
	seen := make(map[polls.ID]bool)
	for _, key := range keys {
		if !seen[key.Poll] {
			seen[key.Poll] = true
			ids = append(ids, key.Poll)
		}
	}
	return ids
}

// Choices reads what people chose, for showing it to themselves, with the polls
// they voted in. A key without a vote is missing from the answer.
func (s *Store) Choices(ctx context.Context, keys []BallotKey) (state string, found map[polls.ID]polls.Poll, chosen map[BallotKey]polls.OptionID, err error) {
	var rows pollRows
	var choices choiceRows
	if state, err = s.db.Look(ctx, rows.of(pollsOf(keys)), choices.of(keys)); err != nil {
		return "", nil, nil, fmt.Errorf("read own ballots: %w", err)
	}
	return state, rows.byID(), choices.byKey(), nil
}
