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

// counted is a poll with its result, and with how turnout grew where that was asked.
type counted struct {
	state  string
	poll   polls.Poll
	result polls.Tally
	line   []polls.TurnoutPoint
}

// Polls reads polls with their results as of one state.
func (s *Store) Polls(ctx context.Context, ids []polls.ID) (state string, found map[polls.ID]polls.Poll, results map[polls.ID]polls.Tally, err error) {
	all, err := s.counts.AskAll(ctx, ids...)
	if err != nil {
		return "", nil, nil, fmt.Errorf("read polls: %w", err)
	}
	found, results = make(map[polls.ID]polls.Poll, len(ids)), make(map[polls.ID]polls.Tally, len(ids))
	for _, id := range ids {
		if c, ok := all[id]; ok {
			state, found[id], results[id] = c.state, c.poll, c.result
		}
	}
	return state, found, results, nil
}

func (s *Store) readCounts(ctx context.Context, ids []polls.ID) (map[polls.ID]counted, error) {
	var found pollRows
	var tallies tallyRows
	state, err := s.db.Look(ctx, found.of(ids), tallies.of(ids))
	return count(state, found, tallies, nil), err
}

// Turnouts reads how turnout grew, with the result it leads to. A poll without
// votes has no line.
func (s *Store) Turnouts(ctx context.Context, ids []polls.ID) (state string, results map[polls.ID]polls.Tally, lines map[polls.ID][]polls.TurnoutPoint, err error) {
	all, err := s.grown.AskAll(ctx, ids...)
	if err != nil {
		return "", nil, nil, fmt.Errorf("read turnouts: %w", err)
	}
	results, lines = make(map[polls.ID]polls.Tally, len(ids)), make(map[polls.ID][]polls.TurnoutPoint, len(ids))
	for _, id := range ids {
		if c, ok := all[id]; ok {
			state, results[id], lines[id] = c.state, c.result, c.line
		}
	}
	return state, results, lines, nil
}

func (s *Store) readGrown(ctx context.Context, ids []polls.ID) (map[polls.ID]counted, error) {
	var found pollRows
	var tallies tallyRows
	var turnouts turnoutRows
	state, err := s.db.Look(ctx, found.of(ids), tallies.of(ids), turnouts.of(ids))
	return count(state, found, tallies, turnouts), err
}

func count(state string, found pollRows, tallies tallyRows, turnouts turnoutRows) map[polls.ID]counted {
	results, lines := tallies.byPoll(found), turnouts.byPoll()
	all := make(map[polls.ID]counted, len(found))
	for id, poll := range found.byID() {
		all[id] = counted{state, poll, results[id], lines[id]}
	}
	return all
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
