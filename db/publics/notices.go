package publics

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/publics"
)

// CommentPlace is where a comment stands and whose it is: what its author has to
// be told when something was decided about it.
type CommentPlace struct {
	Author accounts.ID
	Post   publics.PostID
	Title  string // of the post
	Slug   string // of the public
}

// CommentPlace reads where a comment stands, whatever its state.
func (s *Store) CommentPlace(ctx context.Context, id publics.CommentID) (CommentPlace, error) {
	var rows []CommentPlace
	_, err := s.db.Look(ctx, db.Ask(&rows, `
		SELECT
			c.author_id AS author,
			p.id AS post,
			p.title,
			public.slug
		FROM comments c
		JOIN posts p ON p.id = c.post_id
		JOIN publics public ON public.id = p.public_id
		WHERE c.id = $1`, id))
	switch {
	case err != nil:
		return CommentPlace{}, fmt.Errorf("find comment %d: %w", id, err)
	case len(rows) == 0:
		return CommentPlace{}, publics.ErrNoComment
	}
	return rows[0], nil
}
