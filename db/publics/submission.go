package publics

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/moderation"
	"veche/domain/publics"
)

// Submission reads a comment that waits for a moderator; ErrNoComment when none with
// this key does.
func (s *Store) Submission(ctx context.Context, object int64) (moderation.Submission, error) {
	var rows []struct {
		AuthorID  accounts.ID
		Body      string
		Title     string
		Slug      string
		PostID    publics.PostID
		CreatedAt time.Time
	}
	_, err := s.db.Look(ctx, db.Ask(&rows, `
		SELECT c.author_id, c.body, p.title, o.slug, c.post_id, c.created_at
		FROM comments c
		JOIN posts p ON p.id = c.post_id
		JOIN publics o ON o.id = p.public_id
		WHERE c.id = $1 AND c.state = 'pending'`, object))
	switch {
	case err != nil:
		return moderation.Submission{}, fmt.Errorf("read comment %d for the moderators: %w", object, err)
	case len(rows) == 0:
		return moderation.Submission{}, publics.ErrNoComment
	}
	row := rows[0]
	return moderation.Submission{
		Author:    row.AuthorID,
		Text:      row.Body,
		Title:     row.Title,
		Path:      publics.Address(row.Slug, row.PostID),
		CreatedAt: row.CreatedAt,
	}, nil
}
