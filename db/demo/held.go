package demo

import (
	"context"
	"fmt"

	"veche/domain/moderation"
)

// storeHeld stores the comments that wait for a moderator, with their places in the
// queue.
func (s *seeding) storeHeld(ctx context.Context) error {
	var comments, items [][]any
	for i, h := range s.town.Held {
		post := s.town.Posts[h.Post]
		comment := key(len(s.town.Comments) + i)
		suspicions := []string{}
		for _, why := range moderation.Check(h.Text) {
			suspicions = append(suspicions, string(why))
		}
		comments = append(comments, []any{comment, key(h.Post), key(h.Person), h.Text, "pending", h.CreatedAt})
		items = append(items, []any{
			key(i), string(moderation.Comments), comment, key(h.Person), post.Title,
			fmt.Sprintf("/publics/%s/posts/%d", s.town.Publics[post.Public].Slug, key(h.Post)),
			h.Text, suspicions, h.CreatedAt, h.CreatedAt.Add(moderation.DecideWithin),
		})
	}
	if err := s.tx.Copy(ctx, "comments", []string{"id", "post_id", "author_id", "body", "state", "created_at"}, comments); err != nil {
		return err
	}
	return s.tx.Copy(ctx, "moderation_items",
		[]string{"id", "kind", "object_id", "author_id", "title", "path", "text", "suspicions", "created_at", "due_at"}, items)
}
