package polls

import "time"

// Tally is the result of a poll as it stands.
type Tally struct {
	Poll       ID
	Status     Status
	ClosesAt   time.Time
	Electorate int64
	Rows       []TallyRow // in the order of the options
}

// TallyRow is what one option has got.
type TallyRow struct {
	Option Option
	Votes  int64
}

// Votes is how many people voted.
func (t Tally) Votes() int64 {
	var all int64
	for _, row := range t.Rows {
		all += row.Votes
	}
	return all
}

// Share is the part of all votes a row has got, from 0 to 1.
func (t Tally) Share(row TallyRow) float64 { return share(row.Votes, t.Votes()) }

// Turnout is the part of the electorate that voted, from 0 to 1.
func (t Tally) Turnout() float64 { return min(share(t.Votes(), t.Electorate), 1) }

// Leads says whether a row has the most votes, alone or with others. Nobody leads
// before the first vote.
func (t Tally) Leads(row TallyRow) bool {
	if row.Votes == 0 {
		return false
	}
	for _, other := range t.Rows {
		if other.Votes > row.Votes {
			return false
		}
	}
	return true
}

func share(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Pulse is what is going on in all open polls together.
type Pulse struct {
	Open  int64 // open polls
	Votes int64 // votes in them
}

// TurnoutPoint is how many had voted by the end of an hour.
type TurnoutPoint struct {
	Hour  time.Time
	Votes int64
}

// Cumulate turns votes per hour into a growing line, without gaps.
func Cumulate(perHour []TurnoutPoint) []TurnoutPoint {
	if len(perHour) == 0 {
		return nil
	}
	line := make([]TurnoutPoint, 0, len(perHour))
	var all int64
	next := perHour[0].Hour
	for _, p := range perHour {
		for ; next.Before(p.Hour); next = next.Add(time.Hour) {
			line = append(line, TurnoutPoint{Hour: next, Votes: all})
		}
		all += p.Votes
		line = append(line, TurnoutPoint{Hour: p.Hour, Votes: all})
		next = p.Hour.Add(time.Hour)
	}
	return line
}
