// Package publics keeps official pages, their posts and what is said under them. A
// comment or a like, its count and its announcement are one transaction. Every list
// goes by key, and how many statements a page takes does not depend on what stands
// in it.
package publics

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/publics"
)

// Store keeps publics in Postgres.
type Store struct{ db *db.DB }

// New makes the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Directory is one page of the list of publics.
type Directory struct {
	Publics []publics.Public
	Next    string // slug after which the next page goes on; "" on the last
}

// Directory reads a page of publics by name. after is the slug the page before
// ended with, "" for the first page.
func (s *Store) Directory(ctx context.Context, after string) (Directory, error) {
	var page Directory
	statement, args := `
		SELECT id, slug, name, about, posts
		FROM publics
		ORDER BY name, id
		LIMIT $1`, []any{publics.PageSize + 1}
	if publics.ValidSlug(after) {
		statement, args = `
			SELECT p.id, p.slug, p.name, p.about, p.posts
			FROM publics p
			JOIN publics last ON last.slug = $2 AND (p.name, p.id) > (last.name, last.id)
			ORDER BY p.name, p.id
			LIMIT $1`, append(args, after)
	}
	err := s.db.Read(ctx, func(r *db.Snapshot) error {
		return r.Select(ctx, &page.Publics, statement, args...)
	})
	if err != nil {
		return Directory{}, fmt.Errorf("list publics: %w", err)
	}
	if len(page.Publics) > publics.PageSize {
		page.Publics = page.Publics[:publics.PageSize]
		page.Next = page.Publics[publics.PageSize-1].Slug
	}
	return page, nil
}

// public reads one public by its slug.
func public(ctx context.Context, r *db.Snapshot, slug string) (publics.Public, error) {
	if !publics.ValidSlug(slug) {
		return publics.Public{}, publics.ErrNoPublic
	}
	var found publics.Public
	err := r.Get(ctx, &found, `SELECT id, slug, name, about, posts FROM publics WHERE slug = $1`, slug)
	switch {
	case db.NoRows(err):
		return publics.Public{}, publics.ErrNoPublic
	case err != nil:
		return publics.Public{}, fmt.Errorf("read public %s: %w", slug, err)
	}
	return found, nil
}
