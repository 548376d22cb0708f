package polls

import (
	"context"
	"fmt"
	"strings"
	"time"

	"veche/db"
	"veche/domain/polls"
)

// Listing is one page of the list of polls, as of one state.
type Listing struct {
	State   string
	Polls   []polls.Poll
	Tallies map[polls.ID]polls.Tally
	Next    int64 // the key where the next page goes on; 0 on the last
}

// List reads a page of polls, newest first (VOTE-01, VOTE-02).
func (s *Store) List(ctx context.Context, f polls.Filter) (Listing, error) {
	var page Listing
	err := s.db.Read(ctx, func(r *db.Snapshot) error {
		ids, err := listIDs(ctx, r, f, polls.PageSize+1)
		if err != nil {
			return err
		}
		more := len(ids) > polls.PageSize
		if more {
			ids = ids[:polls.PageSize]
		}
		found, err := readPolls(ctx, r, ids)
		if err != nil {
			return err
		}
		if page.Tallies, err = readTallies(ctx, r, found); err != nil {
			return err
		}
		page.State = r.State
		for _, id := range ids {
			page.Polls = append(page.Polls, found[id])
		}
		if more {
			page.Next = page.Polls[len(page.Polls)-1].Key()
		}
		return nil
	})
	return page, err
}

// ClosingSoon reads the open polls that end first, at most n of them.
func (s *Store) ClosingSoon(ctx context.Context, n int) (Listing, error) {
	var page Listing
	err := s.db.Read(ctx, func(r *db.Snapshot) error {
		var ids []polls.ID
		err := r.Select(ctx, &ids, `
			SELECT id FROM polls WHERE status = 'open' ORDER BY closes_at, id LIMIT $1`, n)
		if err != nil {
			return fmt.Errorf("list polls that close soon: %w", err)
		}
		found, err := readPolls(ctx, r, ids)
		if err != nil {
			return err
		}
		if page.Tallies, err = readTallies(ctx, r, found); err != nil {
			return err
		}
		page.State = r.State
		for _, id := range ids {
			page.Polls = append(page.Polls, found[id])
		}
		return nil
	})
	return page, err
}

// Newest reads the keys of the polls a list starts with, per status, all statuses
// for "". An open page compares itself with them to say how many polls it does not
// show yet.
func (s *Store) Newest(ctx context.Context, statuses []polls.Status, n int) (state string, keys map[polls.Status][]int64, err error) {
	err = s.db.Read(ctx, func(r *db.Snapshot) error {
		state = r.State
		keys = make(map[polls.Status][]int64, len(statuses))
		for _, status := range statuses {
			var listed []time.Time
			err := r.Select(ctx, &listed, `
				SELECT listed_at FROM polls
				WHERE $1 = '' OR status = $1
				ORDER BY listed_at DESC
				LIMIT $2`, status, n)
			if err != nil {
				return fmt.Errorf("read the newest polls: %w", err)
			}
			for _, at := range listed {
				keys[status] = append(keys[status], polls.Poll{ListedAt: at}.Key())
			}
		}
		return nil
	})
	return state, keys, err
}

// listIDs finds the keys of a page. Only conditions that are asked for stand in
// the statement, so that each kind of list has a plan of its own.
func listIDs(ctx context.Context, r *db.Snapshot, f polls.Filter, limit int) ([]polls.ID, error) {
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
	statement := "SELECT id FROM polls"
	if len(where) > 0 {
		statement += " WHERE " + strings.Join(where, " AND ")
	}
	args = append(args, limit)
	statement += fmt.Sprintf(" ORDER BY listed_at DESC LIMIT $%d", len(args))
	var ids []polls.ID
	if err := r.Select(ctx, &ids, statement, args...); err != nil {
		return nil, fmt.Errorf("list polls: %w", err)
	}
	return ids, nil
}
