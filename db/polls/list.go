package polls

import (
	"context"
	"fmt"
	"strings"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/polls"
)

// Listing is which polls a page of a list holds. What they look like is read with
// Polls, after the versions of their topics.
type Listing struct {
	IDs  []polls.ID
	Next int64 // the key where the next page goes on; 0 on the last
}

// List reads which polls a page holds, newest first (VOTE-01, VOTE-02). The page a
// list begins with is the same for everybody who asks at the same time. A search and
// a later page are one person's own: what they take or break concerns nobody else.
func (s *Store) List(ctx context.Context, f polls.Filter) (Listing, error) {
	var page Listing
	var err error
	if f.Search == "" && f.Before == 0 {
		page, _, err = s.lists.Ask(ctx, f)
	} else {
		var own map[polls.Filter]Listing
		own, err = s.readLists(ctx, []polls.Filter{f})
		page = own[f]
	}
	if err != nil {
		return page, fmt.Errorf("list polls: %w", err)
	}
	return page, nil
}

func (s *Store) readLists(ctx context.Context, filters []polls.Filter) (map[polls.Filter]Listing, error) {
	rows := make([][]listRow, len(filters))
	questions := make([]db.Question, len(filters))
	for i, f := range filters {
		questions[i] = askKeys(&rows[i], f, polls.PageSize+1)
	}
	if _, err := s.db.Look(ctx, questions...); err != nil {
		return nil, err
	}
	pages := make(map[polls.Filter]Listing, len(filters))
	for i, f := range filters {
		pages[f] = listing(rows[i])
	}
	return pages, nil
}

func listing(rows []listRow) Listing {
	var page Listing
	if len(rows) > polls.PageSize {
		rows = rows[:polls.PageSize]
		page.Next = polls.Poll{ListedAt: rows[len(rows)-1].ListedAt}.Key()
	}
	for _, row := range rows {
		page.IDs = append(page.IDs, row.ID)
	}
	return page
}

// ClosingSoon reads which open polls end first, at most n of them.
func (s *Store) ClosingSoon(ctx context.Context, n int) ([]polls.ID, error) {
	var rows []struct{ ID polls.ID }
	_, err := s.db.Look(ctx, db.Ask(&rows, `
		SELECT id FROM polls WHERE status = 'open' ORDER BY closes_at, id LIMIT $1`, n))
	if err != nil {
		return nil, fmt.Errorf("list polls that close soon: %w", err)
	}
	ids := make([]polls.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids, nil
}

// newestKey asks for so many of the newest polls of a status.
type newestKey struct {
	status polls.Status
	n      int
}

type newestPolls struct {
	state string
	keys  []int64
}

// Newest reads the keys of the polls a list starts with, per status, all statuses
// for "". An open page compares itself with them to say how many polls it does not
// show yet.
func (s *Store) Newest(ctx context.Context, statuses []polls.Status, n int) (state string, keys map[polls.Status][]int64, err error) {
	asked := make([]newestKey, len(statuses))
	for i, status := range statuses {
		asked[i] = newestKey{status, n}
	}
	all, err := s.newest.AskAll(ctx, asked...)
	if err != nil {
		return "", nil, fmt.Errorf("list the newest polls: %w", err)
	}
	keys = make(map[polls.Status][]int64, len(statuses))
	for _, k := range asked {
		state, keys[k.status] = all[k].state, all[k].keys
	}
	return state, keys, nil
}

func (s *Store) readNewest(ctx context.Context, asked []newestKey) (map[newestKey]newestPolls, error) {
	rows := make([][]listRow, len(asked))
	questions := make([]db.Question, len(asked))
	for i, k := range asked {
		questions[i] = askKeys(&rows[i], polls.Filter{Status: k.status}, k.n)
	}
	state, err := s.db.Look(ctx, questions...)
	if err != nil {
		return nil, err
	}
	all := make(map[newestKey]newestPolls, len(asked))
	for i, k := range asked {
		found := newestPolls{state: state}
		for _, row := range rows[i] {
			found.keys = append(found.keys, polls.Poll{ListedAt: row.ListedAt}.Key())
		}
		all[k] = found
	}
	return all, nil
}

// listRow is a poll's place in a list.
type listRow struct {
	ID       polls.ID
	ListedAt time.Time
}

// askKeys asks for the places of a page. Only conditions that are asked for stand in
// the statement, so that each kind of list has a plan of its own.
func askKeys(into *[]listRow, f polls.Filter, limit int) db.Question {
	var (
		where []string
		args  []any
	)
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(args))))
	}
	if f.Status != "" {
		add("status = ?", f.Status)
	}
	if f.Before != 0 {
		add("listed_at < ?", time.UnixMicro(f.Before))
	}
	if f.Search != "" {
		add(`id IN (
			SELECT object_id FROM search_entries
			WHERE kind = '`+searchKind+`' AND (
				words @@ websearch_to_tsquery('russian', ?) OR
				words @@ websearch_to_tsquery('english', ?) OR
				?::text <% title
			))`, f.Search)
	}
	statement := "SELECT id, listed_at FROM polls"
	if len(where) > 0 {
		statement += " WHERE " + strings.Join(where, " AND ")
	}
	args = append(args, limit)
	statement += fmt.Sprintf(" ORDER BY listed_at DESC LIMIT $%d", len(args))
	return db.Ask(into, statement, args...)
}

// Unanswered counts the open polls that the actor has not answered.
func (s *Store) Unanswered(ctx context.Context, actor access.Actor) (int, error) {
	var open int
	err := s.db.Pool().QueryRow(ctx, `
		SELECT count(*)
		FROM polls p
		WHERE p.status = 'open'
			AND NOT EXISTS (SELECT 1 FROM ballots b WHERE b.poll_id = p.id AND b.account_id = $1)`, actor.Account).Scan(&open)
	if err != nil {
		return 0, fmt.Errorf("count the polls that account %d has not answered: %w", actor.Account, err)
	}
	return open, nil
}
