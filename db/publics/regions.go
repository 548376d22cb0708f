package publics

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/publics"
)

// Counts reads how many like posts and how many comments they have. A post that is
// not published is missing from the answer.
func (s *Store) Counts(ctx context.Context, ids []publics.PostID) (state string, found map[publics.PostID]publics.Summary, err error) {
	var rows []publics.Summary
	state, err = s.db.Look(ctx, db.Ask(&rows, `
		SELECT`+summary+`
		FROM posts p`+counted+`
		WHERE p.id = ANY($1) AND p.state = 'published'`, ids))
	if err != nil {
		return "", nil, fmt.Errorf("read counts of posts: %w", err)
	}
	found = make(map[publics.PostID]publics.Summary, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return state, found, nil
}

// Head names the newest comments under a post.
type Head struct {
	Slug  string
	Turns []int64 // newest first, as many as a page of comments holds
}

const selectHeads = `
	SELECT
		p.id,
		o.slug,
		ARRAY(
			SELECT c.turn
			FROM comments c
			WHERE c.post_id = p.id AND c.parent_id IS NULL AND c.state = 'published'
			ORDER BY c.turn DESC
			LIMIT $2
		) AS turns
	FROM posts p
	JOIN publics o ON o.id = p.public_id
	WHERE p.id = ANY($1) AND p.state = 'published'`

// Heads reads what the lists of comments under posts begin with.
func (s *Store) Heads(ctx context.Context, ids []publics.PostID) (state string, found map[publics.PostID]Head, err error) {
	var rows []struct {
		ID    publics.PostID
		Slug  string
		Turns []int64
	}
	state, err = s.db.Look(ctx, db.Ask(&rows, selectHeads, ids, publics.PageSize))
	if err != nil {
		return "", nil, fmt.Errorf("read the newest comments of posts: %w", err)
	}
	found = make(map[publics.PostID]Head, len(rows))
	for _, row := range rows {
		found[row.ID] = Head{row.Slug, row.Turns}
	}
	return state, found, nil
}

// Spoken is a published comment with where it stands.
type Spoken struct {
	Slug    string
	Post    publics.PostID
	Thread  publics.CommentID // itself, or the comment it answers
	Comment publics.Comment
}

// Comments reads published comments. One that is not, or answers one that is not,
// is missing from the answer.
func (s *Store) Comments(ctx context.Context, ids []publics.CommentID) (state string, found map[publics.CommentID]Spoken, err error) {
	var rows []struct {
		commentRow
		Slug   string
		Name   string
		PostID publics.PostID
	}
	state, err = s.db.Look(ctx, db.Ask(&rows, `
		SELECT`+spoken+`,
			c.post_id,
			o.slug,
			o.name
		FROM comments c
		JOIN accounts a ON a.id = c.author_id
		JOIN posts p ON p.id = c.post_id AND p.state = 'published'
		JOIN publics o ON o.id = p.public_id
		LEFT JOIN comments parent ON parent.id = c.parent_id
		WHERE c.id = ANY($1) AND c.state = 'published' AND (parent.id IS NULL OR parent.state = 'published')`, ids))
	if err != nil {
		return "", nil, fmt.Errorf("read comments: %w", err)
	}
	found = make(map[publics.CommentID]Spoken, len(rows))
	for _, row := range rows {
		said := Spoken{Slug: row.Slug, Post: row.PostID, Thread: row.ID, Comment: row.signed(publics.Public{Name: row.Name})}
		if row.ParentID != 0 {
			said.Thread = row.ParentID
		}
		found[row.ID] = said
	}
	return state, found, nil
}
