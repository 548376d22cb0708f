package town

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"veche/domain/polls"
)

// Poll is a question with the votes it has got so far.
type Poll struct {
	Topic       string
	Question    string
	Description string
	Status      polls.Status
	AnnouncedAt time.Time
	OpensAt     time.Time
	ClosesAt    time.Time
	Electorate  int // 0 while scheduled
	Options     []string
	Ballots     []Ballot // in the order they were cast
}

// Ballot is one person's vote.
type Ballot struct {
	Person int
	Option int
	Key    string // of the form it came with
	CastAt time.Time
}

func pollsOf(c *content, random *rand.Rand, now time.Time, people []Person) []Poll {
	electorate := 0
	for _, p := range people {
		if p.Confirmed {
			electorate++
		}
	}
	eagerness := make([]float64, len(people))
	for i := range eagerness {
		eagerness[i] = 0.3 + random.ExpFloat64()
	}
	all := make([]Poll, len(c.Polls))
	for i, written := range c.Polls {
		p := Poll{
			Topic:       written.Topic,
			Question:    written.Question,
			Description: written.Description,
			OpensAt:     appointed(now, written.Opens, opening),
			ClosesAt:    appointed(now, written.Closes, closing),
			Status:      polls.Open,
			Electorate:  electorate,
		}
		p.AnnouncedAt = p.OpensAt.Add(-time.Duration(50+random.IntN(90)) * time.Hour)
		switch {
		case now.Before(p.OpensAt):
			p.Status, p.Electorate = polls.Scheduled, 0
			p.AnnouncedAt = appointed(now, -float64(20+random.IntN(30)), opening)
		case !now.Before(p.ClosesAt):
			p.Status = polls.Closed
		}
		weights := make([]float64, len(written.Options))
		for k, o := range written.Options {
			p.Options = append(p.Options, o.Text)
			weights[k] = o.Weight * (0.9 + 0.2*random.Float64())
		}
		if p.Status != polls.Scheduled {
			turnout := int(written.Turnout * float64(electorate))
			p.Ballots = vote(random, p, people, eagerness, weights, turnout, now)
		}
		all[i] = p
	}
	return all
}

// Polls open in the morning and close in the evening.
const (
	opening = 10 // o'clock
	closing = 20
)

// appointed is the day some hours away from now, at an hour o'clock; what is near
// is taken to the minute.
func appointed(now time.Time, hours float64, oclock int) time.Time {
	at := now.Add(time.Duration(hours * float64(time.Hour)))
	if math.Abs(hours) > 6 {
		return time.Date(at.Year(), at.Month(), at.Day(), oclock, 0, 0, 0, at.Location())
	}
	return at.Truncate(time.Minute)
}

// vote lets the most eager people vote, each once. The demo people have not voted
// in what is open, so that a visitor who takes one of their parts still can.
func vote(random *rand.Rand, p Poll, people []Person, eagerness, weights []float64, turnout int, now time.Time) []Ballot {
	type voter struct {
		person int
		key    float64
	}
	var voters []voter
	for i, person := range people {
		if person.Confirmed && !(person.Demo && p.Status == polls.Open) {
			// A weighted draw without replacement (Efraimidis and Spirakis, 2006).
			voters = append(voters, voter{i, random.ExpFloat64() / eagerness[i]})
		}
	}
	slices.SortFunc(voters, func(a, b voter) int {
		if a.key < b.key {
			return -1
		}
		return 1
	})
	until := p.ClosesAt
	if now.Before(until) {
		until = now
	}
	turnout = min(turnout, len(voters))
	times := moments(random, p.OpensAt, until, turnout)
	ballots := make([]Ballot, len(times))
	order := random.Perm(turnout)
	for i, at := range times {
		ballots[i] = Ballot{
			Person: voters[order[i]].person,
			Option: weighted(random, weights),
			Key:    code(random, 26),
			CastAt: at,
		}
	}
	return ballots
}

// weighted picks a place with the chance its weight gives it.
func weighted(random *rand.Rand, weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := random.Float64() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}
