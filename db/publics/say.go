package publics

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/moderation"
	"veche/domain/publics"
)

// Said is what became of a comment.
type Said struct {
	ID       publics.CommentID
	State    publics.State
	Repeated bool // the form had come before; this is its comment
}

// Comment says something under a post (PUB-09). What the automatic stage suspects
// waits for a moderator, the rest is read by everybody at once (MOD-01, MOD-03). The
// same form sent twice with the same text, known by its request key, is one comment
// and no error.
func (s *Store) Comment(ctx context.Context, actor access.Actor, slug string, id publics.PostID, body, request string) (Said, error) {
	if err := access.Can(actor, access.Comment, access.Object{}); err != nil {
		return Said{}, err
	}
	suspicions := moderation.Check(body)
	state := publics.Published
	if len(suspicions) > 0 {
		state = publics.Pending
	}
	var said Said
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := lockPost(ctx, tx, slug, id); err != nil {
			return err
		}
		var now time.Time
		var err error
		if said, now, err = addComment(ctx, tx, actor, id, body, state, request); err != nil || said.Repeated {
			return err
		}
		if state == publics.Pending {
			return tx.Emit(ctx, publics.CommentHeld{Post: id, Comment: said.ID, Account: actor.Public, Suspicions: suspicions})
		}
		return published(ctx, tx, publics.CommentPublished{
			Post:        id,
			Comment:     said.ID,
			Account:     actor.Public,
			NoticeUntil: now.Add(publics.NoticeFor),
		})
	})
	return said, err
}

// lockPost keeps a post as it is, and lets one comment after another be published
// under it: turns are then in the order in which comments become visible, and a
// page that shows one turn has missed none before it.
func lockPost(ctx context.Context, tx *db.Tx, slug string, id publics.PostID) error {
	var found publics.PostID
	err := tx.Get(ctx, &found, `
		SELECT p.id
		FROM posts p
		JOIN publics o ON o.id = p.public_id
		WHERE p.id = $1 AND o.slug = $2 AND p.state = 'published'
		FOR NO KEY UPDATE OF p`, id, slug)
	switch {
	case db.NoRows(err):
		return publics.ErrNoPost
	case err != nil:
		return fmt.Errorf("lock post %d: %w", id, err)
	}
	return nil
}

func addComment(ctx context.Context, tx *db.Tx, actor access.Actor, id publics.PostID, body string, state publics.State, request string) (Said, time.Time, error) {
	var row struct {
		ID        publics.CommentID
		CreatedAt time.Time
	}
	request = formKey(request, id, body)
	err := tx.Get(ctx, &row, `
		INSERT INTO comments (post_id, author_id, body, state, told, request_key, created_at)
		VALUES ($1, $2, $3, $4, $4 <> 'published', nullif($5, ''), clock_timestamp())
		ON CONFLICT (author_id, request_key) WHERE request_key IS NOT NULL DO NOTHING
		RETURNING id, created_at`,
		id, actor.Account, body, state, request)
	if err == nil {
		return Said{ID: row.ID, State: state}, row.CreatedAt, nil
	}
	if !db.NoRows(err) {
		return Said{}, time.Time{}, fmt.Errorf("save a comment on post %d: %w", id, err)
	}
	standing := Said{Repeated: true}
	err = tx.Get(ctx, &standing, `
		SELECT id, state FROM comments WHERE author_id = $1 AND request_key = $2`, actor.Account, request)
	if err != nil {
		return Said{}, time.Time{}, fmt.Errorf("find the comment of a form: %w", err)
	}
	return standing, time.Time{}, nil
}

// formKey is what a comment is known by: the form and what it said. A page that the
// browser brought back holds a form that was sent before; what somebody types into it
// now is another comment. "" stays "", which is no form's.
func formKey(request string, id publics.PostID, body string) string {
	if request == "" {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", request, id, body))
	return hex.EncodeToString(sum[:])
}

// published counts a comment that everybody may read from now on, and announces it.
func published(ctx context.Context, tx *db.Tx, e publics.CommentPublished) error {
	tx.Later(`
		INSERT INTO post_counts (post_id, shard, comments)
		VALUES ($1, $2, 1)
		ON CONFLICT (post_id, shard) DO UPDATE
		SET comments = post_counts.comments + 1`, e.Post, rand.IntN(shards))
	return tx.Emit(ctx, e)
}
