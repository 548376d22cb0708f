package publics

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/publics"
)

// OwnKey names one person's part in one post, by the account's public id.
type OwnKey struct {
	Account string
	Post    publics.PostID
}

// OwnComments are the comments under a post that their author alone sees, newest
// first, and those published a moment ago.
type OwnComments struct {
	Slug     string // of the public
	Comments []publics.Own
}

// ownSeen picks the comments c that their author is told of. The index comments_own
// holds just these.
const ownSeen = `(c.state IN ('pending', 'rejected') OR NOT c.told)`

const (
	selectOwnOf = `
		SELECT c.id, c.state, c.ground, c.body, c.created_at
		FROM comments c
		WHERE c.author_id = $1 AND c.post_id = $2 AND ` + ownSeen + `
		ORDER BY c.id DESC
		LIMIT $3`
	selectOwn = `
		SELECT a.public_id, wanted.post_id, c.id, c.state, c.ground, c.body, c.created_at
		FROM unnest($1::text[], $2::bigint[]) AS wanted (public_id, post_id)
		JOIN accounts a ON a.public_id = wanted.public_id
		CROSS JOIN LATERAL (
			SELECT c.id, c.state, c.ground, c.body, c.created_at
			FROM comments c
			WHERE c.author_id = a.id AND c.post_id = wanted.post_id AND ` + ownSeen + `
			ORDER BY c.id DESC
			LIMIT $3
		) c
		ORDER BY c.id DESC`
)

// readOwn reads the actor's own part in a post.
func readOwn(ctx context.Context, r *db.Snapshot, actor access.Actor, id publics.PostID, into *Sheet) error {
	err := r.Get(ctx, &into.Liked, `
		SELECT EXISTS (SELECT FROM reactions WHERE post_id = $1 AND account_id = $2)`, id, actor.Account)
	if err != nil {
		return fmt.Errorf("read the reaction to post %d: %w", id, err)
	}
	err = r.Select(ctx, &into.Own, selectOwnOf, actor.Account, id, publics.OwnShown)
	if err != nil {
		return fmt.Errorf("read own comments of post %d: %w", id, err)
	}
	return nil
}

// Own reads what people alone see of their comments, each under one post. A key
// whose post is not published is missing from the answer.
func (s *Store) Own(ctx context.Context, keys []OwnKey) (state string, found map[OwnKey]OwnComments, err error) {
	var posts []struct {
		ID   publics.PostID
		Slug string
	}
	var rows []struct {
		publics.Own
		PublicID string
		PostID   publics.PostID
	}
	accounts, ids := split(keys)
	state, err = s.db.Look(ctx,
		db.Ask(&posts, `
			SELECT p.id, o.slug
			FROM posts p
			JOIN publics o ON o.id = p.public_id
			WHERE p.id = ANY($1) AND p.state = 'published'`, ids),
		db.Ask(&rows, selectOwn, accounts, ids, publics.OwnShown))
	if err != nil {
		return "", nil, fmt.Errorf("read own comments: %w", err)
	}
	slugs := make(map[publics.PostID]string, len(posts))
	for _, p := range posts {
		slugs[p.ID] = p.Slug
	}
	found = make(map[OwnKey]OwnComments, len(keys))
	for _, key := range keys {
		if slug, ok := slugs[key.Post]; ok {
			found[key] = OwnComments{Slug: slug}
		}
	}
	for _, row := range rows {
		key := OwnKey{row.PublicID, row.PostID}
		if own, ok := found[key]; ok {
			own.Comments = append(own.Comments, row.Own)
			found[key] = own
		}
	}
	return state, found, nil
}

// Liked reads which of the posts people like, for showing it to themselves.
func (s *Store) Liked(ctx context.Context, keys []OwnKey) (state string, liked map[OwnKey]bool, err error) {
	var rows []struct {
		PublicID string
		PostID   publics.PostID
	}
	accounts, ids := split(keys)
	state, err = s.db.Look(ctx, db.Ask(&rows, `
		SELECT a.public_id, r.post_id
		FROM unnest($1::text[], $2::bigint[]) AS wanted (public_id, post_id)
		JOIN accounts a ON a.public_id = wanted.public_id
		JOIN reactions r ON r.account_id = a.id AND r.post_id = wanted.post_id`, accounts, ids))
	if err != nil {
		return "", nil, fmt.Errorf("read own reactions: %w", err)
	}
	liked = make(map[OwnKey]bool, len(rows))
	for _, row := range rows {
		liked[OwnKey{row.PublicID, row.PostID}] = true
	}
	return state, liked, nil
}

func split(keys []OwnKey) (accounts []string, posts []int64) {
	for _, key := range keys {
		accounts, posts = append(accounts, key.Account), append(posts, int64(key.Post))
	}
	return accounts, posts
}
