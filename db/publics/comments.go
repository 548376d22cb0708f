package publics

import (
	"context"
	"fmt"
	"math"

	"veche/db"
	"veche/domain/access"
	"veche/domain/publics"
)

// Sheet is a post with one page of what is said under it, as of one state.
type Sheet struct {
	State   string
	Public  publics.Public
	Post    publics.Post
	Threads []publics.Thread
	Next    int64         // the turn where the next page goes on; 0 on the last
	Liked   bool          // by the actor
	Own     []publics.Own // what the actor alone sees
}

// Sheet reads a post for the actor, with a page of its comments, newest first.
// before is the turn the page before ended with, 0 for the first page.
func (s *Store) Sheet(ctx context.Context, actor access.Actor, slug string, id publics.PostID, before int64) (Sheet, error) {
	var sheet Sheet
	err := s.db.Read(ctx, func(r *db.Snapshot) (err error) {
		sheet.State = r.State
		if sheet.Public, err = public(ctx, r, slug); err != nil {
			return err
		}
		if sheet.Post, err = post(ctx, r, sheet.Public, id); err != nil {
			return err
		}
		if sheet.Threads, sheet.Next, err = threads(ctx, r, sheet.Public, id, before); err != nil || !actor.SignedIn() {
			return err
		}
		return readOwn(ctx, r, actor, id, &sheet)
	})
	if err != nil {
		return Sheet{}, err
	}
	return sheet, nil
}

// Talk is one comment with one page of the replies to it, as of one state.
type Talk struct {
	State   string
	Public  publics.Public
	Post    publics.Post
	Comment publics.Comment
	Replies []publics.Comment
	Next    publics.CommentID // the key where the next page goes on; 0 on the last
}

// Talk reads a comment and a page of the replies to it, oldest first. after is the
// key the page before ended with, 0 for the first page.
func (s *Store) Talk(ctx context.Context, slug string, id publics.PostID, comment, after publics.CommentID) (Talk, error) {
	var talk Talk
	err := s.db.Read(ctx, func(r *db.Snapshot) (err error) {
		talk.State = r.State
		if talk.Public, err = public(ctx, r, slug); err != nil {
			return err
		}
		if talk.Post, err = post(ctx, r, talk.Public, id); err != nil {
			return err
		}
		if talk.Comment, err = readComment(ctx, r, talk.Public, id, comment); err != nil {
			return err
		}
		talk.Replies, talk.Next, err = replies(ctx, r, talk.Public, comment, after)
		return err
	})
	if err != nil {
		return Talk{}, err
	}
	return talk, nil
}

// commentRow is a comment as a statement gives it.
type commentRow struct {
	publics.Comment
	ParentID publics.CommentID
}

// signed gives official comments the public's name.
func (row commentRow) signed(of publics.Public) publics.Comment {
	if row.Official {
		row.Author = of.Name
	}
	return row.Comment
}

// spoken lists the columns of a comment c and its author a.
const spoken = `
	c.id,
	c.turn,
	coalesce(c.parent_id, 0) AS parent_id,
	a.name AS author,
	c.official,
	c.body,
	c.created_at`

// What a page of comments asks. A test holds that an index answers it.
const selectThreads = `
	SELECT` + spoken + `
	FROM comments c
	JOIN accounts a ON a.id = c.author_id
	WHERE c.post_id = $1 AND c.parent_id IS NULL AND c.state = 'published' AND c.turn < $2
	ORDER BY c.turn DESC
	LIMIT $3`

func threads(ctx context.Context, r *db.Snapshot, of publics.Public, id publics.PostID, before int64) ([]publics.Thread, int64, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	var rows []commentRow
	err := r.Select(ctx, &rows, selectThreads, id, before, publics.PageSize+1)
	if err != nil {
		return nil, 0, fmt.Errorf("list comments of post %d: %w", id, err)
	}
	var next int64
	if len(rows) > publics.PageSize {
		rows = rows[:publics.PageSize]
		next = rows[publics.PageSize-1].Turn
	}
	first, err := firstReplies(ctx, r, rows)
	if err != nil {
		return nil, 0, err
	}
	all := make([]publics.Thread, len(rows))
	for i, row := range rows {
		all[i].Comment = row.signed(of)
		for _, reply := range first[row.ID] {
			if len(all[i].Replies) == publics.RepliesShown {
				all[i].More = true
				break
			}
			all[i].Replies = append(all[i].Replies, reply.signed(of))
		}
	}
	return all, next, nil
}

// firstReplies reads the first replies to each comment, and one more than is
// shown, so as to know whether there are more.
func firstReplies(ctx context.Context, r *db.Snapshot, to []commentRow) (map[publics.CommentID][]commentRow, error) {
	ids := make([]publics.CommentID, len(to))
	for i, row := range to {
		ids[i] = row.ID
	}
	var rows []commentRow
	err := r.Select(ctx, &rows, `
		SELECT`+spoken+`
		FROM unnest($1::bigint[]) AS parent (id)
		CROSS JOIN LATERAL (
			SELECT id, turn, parent_id, author_id, official, body, created_at
			FROM comments
			WHERE parent_id = parent.id AND state = 'published'
			ORDER BY id
			LIMIT $2
		) c
		JOIN accounts a ON a.id = c.author_id
		ORDER BY c.id`, ids, publics.RepliesShown+1)
	if err != nil {
		return nil, fmt.Errorf("list replies: %w", err)
	}
	found := make(map[publics.CommentID][]commentRow, len(to))
	for _, row := range rows {
		found[row.ParentID] = append(found[row.ParentID], row)
	}
	return found, nil
}

// readComment reads one published comment of a post that is no reply.
func readComment(ctx context.Context, r *db.Snapshot, of publics.Public, in publics.PostID, id publics.CommentID) (publics.Comment, error) {
	var row commentRow
	err := r.Get(ctx, &row, `
		SELECT`+spoken+`
		FROM comments c
		JOIN accounts a ON a.id = c.author_id
		WHERE c.id = $1 AND c.post_id = $2 AND c.parent_id IS NULL AND c.state = 'published'`, id, in)
	switch {
	case db.NoRows(err):
		return publics.Comment{}, publics.ErrNoComment
	case err != nil:
		return publics.Comment{}, fmt.Errorf("read comment %d: %w", id, err)
	}
	return row.signed(of), nil
}

func replies(ctx context.Context, r *db.Snapshot, of publics.Public, to, after publics.CommentID) ([]publics.Comment, publics.CommentID, error) {
	var rows []commentRow
	err := r.Select(ctx, &rows, `
		SELECT`+spoken+`
		FROM comments c
		JOIN accounts a ON a.id = c.author_id
		WHERE c.parent_id = $1 AND c.state = 'published' AND c.id > $2
		ORDER BY c.id
		LIMIT $3`, to, after, publics.PageSize+1)
	if err != nil {
		return nil, 0, fmt.Errorf("list replies to comment %d: %w", to, err)
	}
	var next publics.CommentID
	if len(rows) > publics.PageSize {
		rows = rows[:publics.PageSize]
		next = rows[publics.PageSize-1].ID
	}
	all := make([]publics.Comment, len(rows))
	for i, row := range rows {
		all[i] = row.signed(of)
	}
	return all, next, nil
}
