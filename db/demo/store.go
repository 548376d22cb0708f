package demo

import (
	"context"
	"fmt"

	"veche/db"
	"veche/db/demo/town"
)

// seeding stores one town. What has place i in a list of the town gets the key
// i+1, so the demo data have the same addresses everywhere.
type seeding struct {
	tx       *db.Tx
	town     *town.Town
	password string // hash of the demo people's password
}

func key(place int) int64 { return int64(place) + 1 }

// spread is over how many rows the demo data spread each counter. The portal adds
// its own rows as people come; a count is the sum over all of them.
const spread = 4

func (s *seeding) store(ctx context.Context) error {
	for _, part := range []func(context.Context) error{
		s.storePeople,
		s.storePolls,
		s.storeVotes,
		s.storePublics,
		s.storePosts,
		s.storeTalk,
		s.storeHeld,
		s.storeReadings,
		s.storeSearch,
		s.advanceKeys,
		s.enqueuePolls,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeding) storePeople(ctx context.Context) error {
	var people, grants [][]any
	for i, p := range s.town.People {
		// Without a password nobody can sign in: residents are only to be seen.
		password := ""
		if p.Demo {
			password = s.password
		}
		var emailAt, phoneAt any // when the contacts were confirmed
		if p.Confirmed {
			emailAt = p.CreatedAt
			if p.Phone != "" {
				phoneAt = p.CreatedAt
			}
		}
		people = append(people, []any{
			key(i), p.PublicID, p.Name, p.Email, known(p.Phone), known(p.SNILS), known(p.INN),
			password, p.Confirmed, p.CreatedAt, emailAt, phoneAt,
		})
		for _, g := range p.Grants {
			grants = append(grants, []any{key(i), string(g.Role), g.Scope, g.Until, p.CreatedAt})
		}
	}
	err := s.tx.Copy(ctx, "accounts", []string{
		"id", "public_id", "name", "email", "phone", "snils", "inn",
		"password_hash", "confirmed", "created_at", "email_confirmed_at", "phone_confirmed_at",
	}, people)
	if err != nil {
		return err
	}
	return s.tx.Copy(ctx, "grants", []string{"account_id", "role", "scope", "until", "granted_at"}, grants)
}

// known is a number that some people have, NULL of the others.
func known(number string) any {
	if number == "" {
		return nil
	}
	return number
}

func (s *seeding) storePublics(ctx context.Context) error {
	posts := make([]int64, len(s.town.Publics))
	for _, p := range s.town.Posts {
		posts[p.Public]++
	}
	rows := make([][]any, len(s.town.Publics))
	for i, p := range s.town.Publics {
		rows[i] = []any{key(i), p.Slug, p.Name, p.About, posts[i], s.town.People[p.Editor].CreatedAt}
	}
	return s.tx.Copy(ctx, "publics", []string{"id", "slug", "name", "about", "posts", "created_at"}, rows)
}

func (s *seeding) storePosts(ctx context.Context) error {
	rows := make([][]any, len(s.town.Posts))
	for i, p := range s.town.Posts {
		editor := s.town.Publics[p.Public].Editor
		rows[i] = []any{
			key(i), key(p.Public), key(editor), string(p.Kind), p.Title, p.Body,
			"published", p.PublishedAt, p.PublishedAt,
		}
	}
	return s.tx.Copy(ctx, "posts",
		[]string{"id", "public_id", "author_id", "kind", "title", "body", "state", "published_at", "created_at"}, rows)
}

// storeTalk stores comments and likes, and counts both.
func (s *seeding) storeTalk(ctx context.Context) error {
	type counter struct{ post, shard int }
	type count struct{ likes, comments int64 }
	counts := map[counter]count{}
	comments := make([][]any, len(s.town.Comments))
	for i, c := range s.town.Comments {
		var parent any
		if c.Parent >= 0 {
			parent = key(c.Parent)
		}
		comments[i] = []any{key(i), key(c.Post), parent, key(c.Person), c.Official, c.Text, "published", c.CreatedAt}
		at := counter{c.Post, i % spread}
		n := counts[at]
		n.comments++
		counts[at] = n
	}
	reactions := make([][]any, len(s.town.Reactions))
	for i, r := range s.town.Reactions {
		reactions[i] = []any{key(r.Post), key(r.Person), "like", r.ReactedAt}
		at := counter{r.Post, i % spread}
		n := counts[at]
		n.likes++
		counts[at] = n
	}
	rows := make([][]any, 0, len(counts))
	for at, n := range counts {
		rows = append(rows, []any{key(at.post), int16(at.shard), n.likes, n.comments})
	}
	err := s.tx.Copy(ctx, "comments",
		[]string{"id", "post_id", "parent_id", "author_id", "official", "body", "state", "created_at"}, comments)
	if err != nil {
		return err
	}
	if err := s.tx.Copy(ctx, "reactions", []string{"post_id", "account_id", "kind", "reacted_at"}, reactions); err != nil {
		return err
	}
	return s.tx.Copy(ctx, "post_counts", []string{"post_id", "shard", "likes", "comments"}, rows)
}

func (s *seeding) storeReadings(ctx context.Context) error {
	rows := make([][]any, len(s.town.Readings))
	for i, r := range s.town.Readings {
		rows[i] = []any{key(r.Post), r.Hour, int16(i % spread), r.Views, r.Seconds}
	}
	if err := s.tx.Copy(ctx, "post_hours", []string{"post_id", "hour", "shard", "views", "seconds"}, rows); err != nil {
		return err
	}
	_, err := s.tx.Exec(ctx, `
		INSERT INTO post_reads (post_id, shard, views, seconds)
		SELECT post_id, shard, sum(views), sum(seconds) FROM post_hours
		GROUP BY post_id, shard`)
	return err
}

func (s *seeding) storeSearch(ctx context.Context) error {
	var rows [][]any
	for i, p := range s.town.Polls {
		rows = append(rows, []any{"poll", key(i), p.Question, p.Description})
	}
	for i, p := range s.town.Posts {
		rows = append(rows, []any{"post", key(i), p.Title, p.Body})
	}
	return s.tx.Copy(ctx, "search_entries", []string{"kind", "object_id", "title", "body"}, rows)
}

// advanceKeys lets the next rows get keys after those given here.
func (s *seeding) advanceKeys(ctx context.Context) error {
	for _, table := range []string{"accounts", "polls", "poll_options", "publics", "posts", "comments", "moderation_items"} {
		_, err := s.tx.Exec(ctx, `SELECT setval(pg_get_serial_sequence($1, 'id'), (SELECT max(id) FROM `+table+`))`, table)
		if err != nil {
			return fmt.Errorf("advance the keys of %s: %w", table, err)
		}
	}
	return nil
}
