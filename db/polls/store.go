// Package polls keeps polls, ballots and their counts. A vote, its counters and
// its announcement are one transaction; that a person votes once is held by the
// key of the table of ballots, not by a check before.
package polls

import (
	"time"

	"veche/db"
	"veche/domain/polls"
	"veche/internal/together"
)

// Store keeps polls in Postgres. What many pages and drawings ask for at the same
// time is read for all of them at once.
type Store struct {
	db     *db.DB
	sheets *together.Rounds[BallotKey, Sheet]
	counts *together.Rounds[polls.ID, counted]
	grown  *together.Rounds[polls.ID, counted]
	newest *together.Rounds[newestKey, newestPolls]
	lists  *together.Rounds[polls.Filter, Listing]
}

// readTime bounds a read that several wait for.
const readTime = 10 * time.Second

// New makes the store.
func New(d *db.DB) *Store {
	s := &Store{db: d}
	s.sheets = together.New(readTime, s.readSheets)
	s.counts = together.New(readTime, s.readCounts)
	s.grown = together.New(readTime, s.readGrown)
	s.newest = together.New(readTime, s.readNewest)
	s.lists = together.New(readTime, s.readLists)
	return s
}

// shards is over how many rows one counter is spread. Sixteen let some four
// times as many votes through as a single row.
const shards = 16

// searchKind marks polls in the search table.
const searchKind = "poll"

// pollRow is a poll as it stands in its table, with the options as JSON.
type pollRow struct {
	ID          polls.ID
	Question    string
	Description string
	Topic       string
	Status      polls.Status
	OpensAt     time.Time
	ClosesAt    time.Time
	Electorate  int64
	ListedAt    time.Time
	Options     optionList
}

func (r pollRow) poll() polls.Poll {
	return polls.Poll{
		ID:          r.ID,
		Question:    r.Question,
		Description: r.Description,
		Topic:       r.Topic,
		Status:      r.Status,
		OpensAt:     r.OpensAt,
		ClosesAt:    r.ClosesAt,
		Electorate:  r.Electorate,
		ListedAt:    r.ListedAt,
		Options:     r.Options,
	}
}

// optionList scans the options that a statement gathered into JSON.
type optionList []polls.Option

// Scan reads the JSON.
func (l *optionList) Scan(src any) error { return db.ScanJSON(src, (*[]polls.Option)(l)) }
