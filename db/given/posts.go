package given

import (
	"crypto/rand"
	"strings"
	"testing"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/accounts"
	"veche/domain/publics"
)

// Post publishes a post in a public of its own, without comments or likes. It
// answers the slug of the public and the key of the post.
func Post(t testing.TB, d *db.DB) (slug string, id publics.PostID) {
	t.Helper()
	ctx := t.Context()
	err := d.InTx(ctx, func(tx *db.Tx) error {
		author, err := accountsdb.Add(ctx, tx, accounts.Account{
			PublicID: accounts.NewPublicID(),
			Name:     "Вера Павловна Ткач",
			Email:    strings.ToLower(rand.Text()) + "@test.test",
		}, "")
		if err != nil {
			return err
		}
		var public publics.ID
		if err := tx.Get(ctx, &public, `
			INSERT INTO publics (slug, name, about, posts)
			SELECT 'p' || (count(*) + 1), 'Двор и улица', 'О скамейках и фонарях.', 1 FROM publics
			RETURNING id`); err != nil {
			return err
		}
		if err := tx.Get(ctx, &slug, `SELECT slug FROM publics WHERE id = $1`, public); err != nil {
			return err
		}
		return tx.Get(ctx, &id, `
			INSERT INTO posts (public_id, author_id, kind, title, body, state, published_at)
			VALUES ($1, $2, 'news', 'Зажглись фонари', 'Вчера вечером включили свет.', 'published', now())
			RETURNING id`, public, author)
	})
	if err != nil {
		t.Fatal(err)
	}
	return slug, id
}
