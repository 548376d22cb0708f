package publics

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/publics"
)

// Wall is one page of what a public has posted, as of one state.
type Wall struct {
	State  string
	Public publics.Public
	Kind   publics.Kind // "" is all kinds
	Posts  []publics.Summary
	Next   string // the place where the next page goes on; "" on the last
}

// counted joins the counts of a post p, summed over their shards.
const counted = `
	CROSS JOIN LATERAL (
		SELECT
			coalesce(sum(c.likes), 0)::bigint AS likes,
			coalesce(sum(c.comments), 0)::bigint AS comments
		FROM post_counts c
		WHERE c.post_id = p.id
	) n`

// summary lists the columns of a post p in a list.
const summary = `
	p.id,
	p.kind,
	p.title,
	split_part(p.body, E'\n\n', 1) AS opening,
	p.published_at,
	n.likes,
	n.comments`

// Wall reads a page of a public's posts, newest first, of one kind or of all
// (PUB-08).
func (s *Store) Wall(ctx context.Context, slug string, kind publics.Kind, from publics.Place) (Wall, error) {
	wall := Wall{Kind: kind}
	err := s.db.Read(ctx, func(r *db.Snapshot) (err error) {
		wall.State = r.State
		if wall.Public, err = public(ctx, r, slug); err != nil {
			return err
		}
		// Two statements and not one with a condition that may be empty: each has
		// its own index.
		ofKind, args := "", []any{wall.Public.ID, from.At, from.ID, publics.PageSize + 1}
		if kind != "" {
			ofKind, args = "AND p.kind = $5", append(args, kind)
		}
		err = r.Select(ctx, &wall.Posts, `
			SELECT`+summary+`
			FROM posts p`+counted+`
			WHERE p.public_id = $1 AND p.state = 'published' AND (p.published_at, p.id) < ($2, $3) `+ofKind+`
			ORDER BY p.published_at DESC, p.id DESC
			LIMIT $4`, args...)
		if err != nil {
			return fmt.Errorf("list posts of %s: %w", slug, err)
		}
		return nil
	})
	if err != nil {
		return Wall{}, err
	}
	if len(wall.Posts) > publics.PageSize {
		wall.Posts = wall.Posts[:publics.PageSize]
		wall.Next = wall.Posts[publics.PageSize-1].Place().String()
	}
	return wall, nil
}

// Latest reads the newest posts of all publics, at most n of them.
func (s *Store) Latest(ctx context.Context, n int) ([]publics.Latest, error) {
	var posts []publics.Latest
	err := s.db.Read(ctx, func(r *db.Snapshot) error {
		return r.Select(ctx, &posts, `
			SELECT`+summary+`,
				o.slug,
				o.name
			FROM posts p
			JOIN publics o ON o.id = p.public_id`+counted+`
			WHERE p.state = 'published'
			ORDER BY p.published_at DESC, p.id DESC
			LIMIT $1`, n)
	})
	if err != nil {
		return nil, fmt.Errorf("list the newest posts: %w", err)
	}
	return posts, nil
}

// post reads one published post of a public.
func post(ctx context.Context, r *db.Snapshot, of publics.Public, id publics.PostID) (publics.Post, error) {
	var found publics.Post
	err := r.Get(ctx, &found, `
		SELECT`+summary+`,
			p.body
		FROM posts p`+counted+`
		WHERE p.id = $1 AND p.public_id = $2 AND p.state = 'published'`, id, of.ID)
	switch {
	case db.NoRows(err):
		return publics.Post{}, publics.ErrNoPost
	case err != nil:
		return publics.Post{}, fmt.Errorf("read post %d: %w", id, err)
	}
	return found, nil
}
