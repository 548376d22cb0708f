// Package polls holds the rules of polls: who may vote, when, and what the result
// is. A poll is put to everybody whose identity is confirmed; each of them has one
// vote. Results are open to all while the poll runs (RES-05, VOTE-05, VOTE-15).
package polls

import (
	"fmt"
	"time"

	"veche/domain/accounts"
	"veche/domain/problem"
)

// ID is the key of a poll.
type ID int64

// OptionID is the key of an answer to choose.
type OptionID int64

// Status is where a poll is in its life: scheduled, open, closed. A job moves it
// on; nothing is concluded from the clock alone.
type Status string

// The statuses of a poll.
const (
	Scheduled Status = "scheduled"
	Open      Status = "open"
	Closed    Status = "closed"
)

// Option is one answer to choose.
type Option struct {
	ID   OptionID
	Text string
}

// Poll is a question put to the people.
type Poll struct {
	ID          ID
	Question    string
	Description string
	Topic       string // a word or two: «Благоустройство»
	Status      Status
	OpensAt     time.Time
	ClosesAt    time.Time
	Electorate  int64     // people who may vote, counted when the poll opened
	ListedAt    time.Time // when it became news: announced, then opened
	Options     []Option
}

// Key is the poll's place in lists: the newer, the larger.
func (p Poll) Key() int64 { return p.ListedAt.UnixMicro() }

// What stands between a person and their vote.
var (
	ErrNotFound      = problem.New(problem.NotFound, "polls.problem.not_found")
	ErrNotOpen       = problem.New(problem.Conflict, "polls.problem.not_open")
	ErrClosed        = problem.New(problem.Conflict, "polls.problem.closed")
	ErrAlreadyVoted  = problem.New(problem.Conflict, "polls.problem.already_voted")
	ErrNothingChosen = problem.InField("option", "polls.problem.nothing_chosen")
	ErrNoSuchOption  = problem.InField("option", "polls.problem.no_such_option")
)

// Ballot is one person's vote.
type Ballot struct {
	Poll    ID
	Voter   accounts.ID
	Option  OptionID
	Request string // key of the form it came with: the same form sent twice is one vote
	CastAt  time.Time
}

// Cast decides whether a vote counts. A poll past its closing time takes no votes
// even when the job that closes it is late.
func (p Poll) Cast(voter accounts.ID, choice OptionID, request string, now time.Time) (Ballot, error) {
	switch {
	case p.Status == Scheduled:
		return Ballot{}, ErrNotOpen
	case p.Status == Closed, !now.Before(p.ClosesAt):
		return Ballot{}, ErrClosed
	case choice == 0:
		return Ballot{}, ErrNothingChosen
	case !p.has(choice):
		return Ballot{}, ErrNoSuchOption
	}
	return Ballot{Poll: p.ID, Voter: voter, Option: choice, Request: request, CastAt: now}, nil
}

func (p Poll) has(choice OptionID) bool {
	for _, o := range p.Options {
		if o.ID == choice {
			return true
		}
	}
	return false
}

// EarlyError is an attempt to move a poll on before its time.
type EarlyError struct{ By time.Duration }

// Error says how early it was.
func (e EarlyError) Error() string { return fmt.Sprintf("%s too early", e.By) }

// Open moves a scheduled poll on. Early is an error, twice is not: jobs may run
// again.
func (p Poll) Open(now time.Time) (Poll, error) {
	if p.Status != Scheduled {
		return p, nil
	}
	if now.Before(p.OpensAt) {
		return p, EarlyError{By: p.OpensAt.Sub(now)}
	}
	p.Status = Open
	return p, nil
}

// Close ends an open poll. Early is an error, twice is not.
func (p Poll) Close(now time.Time) (Poll, error) {
	if p.Status == Closed {
		return p, nil
	}
	if now.Before(p.ClosesAt) {
		return p, EarlyError{By: p.ClosesAt.Sub(now)}
	}
	p.Status = Closed
	return p, nil
}
