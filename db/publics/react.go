package publics

import (
	"context"
	"fmt"
	"math/rand/v2"

	"veche/db"
	"veche/domain/access"
	"veche/domain/publics"
)

// shards is over how many rows the counts of a post are spread, as polls are.
const shards = 16

// React says whether the actor likes a post (PUB-09). It says what is wanted and
// turns nothing over: the same said twice changes nothing the second time.
func (s *Store) React(ctx context.Context, actor access.Actor, slug string, id publics.PostID, like bool) error {
	if err := access.Can(actor, access.React, access.Object{}); err != nil {
		return err
	}
	// The row and its count are one statement: the row decides whether it counts,
	// however many such forms arrive at once.
	changed := `
		changed AS (
			DELETE FROM reactions
			USING post
			WHERE post_id = post.id AND account_id = $3
			RETURNING post_id, -1 AS likes
		)`
	if like {
		changed = `
		changed AS (
			INSERT INTO reactions (post_id, account_id)
			SELECT post.id, $3 FROM post
			ON CONFLICT ON CONSTRAINT reactions_one_per_person DO NOTHING
			RETURNING post_id, 1 AS likes
		)`
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var done struct {
			Posts   int
			Changed int
		}
		err := tx.Get(ctx, &done, `
			WITH post AS (
				SELECT p.id
				FROM posts p
				JOIN publics o ON o.id = p.public_id
				WHERE p.id = $1 AND o.slug = $2 AND p.state = 'published'
			), `+changed+`, counted AS (
				INSERT INTO post_counts (post_id, shard, likes)
				SELECT post_id, $4, likes FROM changed
				ON CONFLICT (post_id, shard) DO UPDATE
				SET likes = post_counts.likes + excluded.likes
			)
			SELECT (SELECT count(*) FROM post) AS posts, (SELECT count(*) FROM changed) AS changed`,
			id, slug, actor.Account, rand.IntN(shards))
		switch {
		case err != nil:
			return fmt.Errorf("react to post %d: %w", id, err)
		case done.Posts == 0:
			return publics.ErrNoPost
		case done.Changed == 0:
			return nil
		}
		return tx.Emit(ctx, publics.Reacted{Post: id, Account: actor.Public})
	})
}
