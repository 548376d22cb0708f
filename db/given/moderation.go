package given

import (
	"testing"
	"time"

	"veche/db"
	moderationdb "veche/db/moderation"
	publicsdb "veche/db/publics"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/moderation"
	"veche/domain/publics"
)

// Desk is the store of the moderators' queue, with comments as its texts.
func Desk(d *db.DB) *moderationdb.Store {
	return moderationdb.New(d, map[moderation.Kind]moderationdb.Source{moderation.Comments: publicsdb.New(d)})
}

// Moderators makes n people who may moderate, without sessions or passwords.
func Moderators(t testing.TB, d *db.DB, n int) []access.Actor {
	t.Helper()
	all := Residents(t, d, n)
	rows := make([][]any, n)
	for i := range all {
		all[i].Name = "Житель"
		all[i].Grants = []accounts.Grant{{Role: accounts.RoleModerator}}
		rows[i] = []any{all[i].Account, string(accounts.RoleModerator)}
	}
	copyRows(t, d, "grants", []string{"account_id", "role"}, rows...)
	return all
}

// HeldComment makes a comment of the author that waits for a moderator, under a post
// of a public of its own.
func HeldComment(t testing.TB, d *db.DB, author access.Actor, text string) publics.CommentID {
	t.Helper()
	var id publics.CommentID
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		return tx.Get(t.Context(), &id, `
			WITH public AS (
				INSERT INTO publics (slug, name, posts)
				VALUES ('p' || (SELECT count(*) FROM publics), 'Двор и улица', 1)
				RETURNING id
			), post AS (
				INSERT INTO posts (public_id, author_id, kind, title, body, state, published_at)
				SELECT id, $1, 'news', 'Новая скамейка', 'Поставили.', 'published', now() FROM public
				RETURNING id
			)
			INSERT INTO comments (post_id, author_id, body)
			SELECT id, $1, $2 FROM post
			RETURNING id`, author.Account, text)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Queued makes a comment that waits in the queue, by somebody who is no moderator.
func Queued(t testing.TB, d *db.DB) moderation.Item {
	t.Helper()
	return QueuedBy(t, d, Residents(t, d, 1)[0], "Пишите на mail@example.ru")
}

// QueuedBy makes a comment of the author that waits in the queue.
func QueuedBy(t testing.TB, d *db.DB, author access.Actor, text string) moderation.Item {
	t.Helper()
	comment := HeldComment(t, d, author, text)
	if err := Desk(d).Queue(t.Context(), moderation.Comments, int64(comment), moderation.Check(text)); err != nil {
		t.Fatal(err)
	}
	var id moderation.ID
	err := d.Read(t.Context(), func(r *db.Snapshot) error {
		return r.Get(t.Context(), &id, `SELECT id FROM moderation_items WHERE kind = 'comment' AND object_id = $1`, comment)
	})
	if err != nil {
		t.Fatal(err)
	}
	return Item(t, d, id)
}

// Item reads an item of the queue.
func Item(t testing.TB, d *db.DB, id moderation.ID) moderation.Item {
	t.Helper()
	_, found, err := Desk(d).Items(t.Context(), []moderation.ID{id})
	if err != nil || len(found) != 1 {
		t.Fatalf("item %d: %d found, %v", id, len(found), err)
	}
	return found[id]
}

// DeskTimePasses moves an item's times into the past, as if so much time had gone by.
func DeskTimePasses(t testing.TB, d *db.DB, id moderation.ID, by time.Duration) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `
			UPDATE moderation_items
			SET
				held_until = held_until - $2 * interval '1 second',
				decided_at = decided_at - $2 * interval '1 second',
				effective_at = effective_at - $2 * interval '1 second'
			WHERE id = $1`, id, by.Seconds())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copyRows(t testing.TB, d *db.DB, table string, columns []string, rows ...[]any) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error { return tx.Copy(t.Context(), table, columns, rows) })
	if err != nil {
		t.Fatal(err)
	}
}
