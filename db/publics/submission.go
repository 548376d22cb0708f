package publics

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/moderation"
	"veche/domain/publics"
)

// Submission reads a comment that waits for a moderator.
func (s *Store) Submission(ctx context.Context, object int64) (moderation.Submission, error) {
	var found struct {
		moderation.Submission
		Slug   string
		PostID publics.PostID
	}
	err := s.db.Read(ctx, func(r *db.Snapshot) error {
		return r.Get(ctx, &found, `
			SELECT
				c.author_id AS author,
				a.name AS author_name,
				c.body AS text,
				p.title,
				o.slug,
				p.id AS post_id,
				c.created_at
			FROM comments c
			JOIN accounts a ON a.id = c.author_id
			JOIN posts p ON p.id = c.post_id
			JOIN publics o ON o.id = p.public_id
			WHERE c.id = $1 AND c.state = 'pending'`, object)
	})
	switch {
	case db.NoRows(err):
		return moderation.Submission{}, publics.ErrNoComment
	case err != nil:
		return moderation.Submission{}, fmt.Errorf("read comment %d for moderators: %w", object, err)
	}
	found.Path = fmt.Sprintf("/publics/%s/posts/%d", found.Slug, found.PostID)
	return found.Submission, nil
}
