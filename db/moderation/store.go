// Package moderation keeps the queue of the moderators: what waits, who has it, what
// was decided. That one of many gets an item is held by the lock on its row; that only
// who still has it decides, by a token that grows with every change of hands. All
// times are the database's.
package moderation

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/moderation"
)

// Source knows the texts of a kind that wait for a decision. The area they belong to
// has it.
type Source interface {
	// Submission reads a text that waits, a problem of kind NotFound when it does not.
	Submission(ctx context.Context, object int64) (moderation.Submission, error)
}

// Store keeps the queue in Postgres.
type Store struct {
	db      *db.DB
	sources map[moderation.Kind]Source
}

// New makes the store.
func New(d *db.DB, sources map[moderation.Kind]Source) *Store {
	return &Store{db: d, sources: sources}
}

// lockItem loads an item so that nobody else changes it before the transaction ends,
// and then asks for the time: waiting for the lock took some.
func lockItem(ctx context.Context, tx *db.Tx, id moderation.ID) (moderation.Item, time.Time, error) {
	var rows []itemRow
	if err := tx.Look(ctx, db.Ask(&rows, `
		SELECT`+columns+`
		FROM moderation_items i`+people+`
		WHERE i.id = $1
		FOR UPDATE OF i`, id)); err != nil {
		return moderation.Item{}, time.Time{}, fmt.Errorf("lock item %d: %w", id, err)
	}
	if len(rows) == 0 {
		return moderation.Item{}, time.Time{}, moderation.ErrNoItem
	}
	now, err := tx.Now(ctx)
	return rows[0].item(), now, err
}

// save writes what may change about an item.
func save(ctx context.Context, tx *db.Tx, i moderation.Item) error {
	_, err := tx.Exec(ctx, `
		UPDATE moderation_items
		SET
			state = $2,
			held_by = $3,
			held_before = $4,
			held_until = $5,
			token = $6,
			decided_by = $7,
			outcome = $8,
			ground = $9,
			note = $10,
			decided_at = $11,
			effective_at = $12
		WHERE id = $1`,
		i.ID, i.State,
		orNull(i.Lease.Holder.Account), orNull(i.Lease.Before.Account), orNull(i.Lease.Until), i.Lease.Token,
		orNull(i.Decision.By.Account), i.Decision.Outcome, i.Decision.Ground, i.Decision.Note,
		orNull(i.Decision.At), orNull(i.Decision.EffectiveAt))
	if err != nil {
		return fmt.Errorf("save item %d: %w", i.ID, err)
	}
	return nil
}

// orNull is NULL for a zero value.
func orNull[T comparable](value T) any {
	var zero T
	if value == zero {
		return nil
	}
	return value
}

func personOf(actor access.Actor) moderation.Person {
	return moderation.Person{Account: actor.Account, Public: actor.Public, Name: actor.Name}
}

// audit leaves who did what to an item.
func audit(ctx context.Context, tx *db.Tx, actor access.Actor, i moderation.Item, did string, more ...any) error {
	details := map[string]any{"did": did, "token": i.Lease.Token}
	for n := 0; n+1 < len(more); n += 2 {
		details[more[n].(string)] = more[n+1]
	}
	return tx.Audit(ctx, actor, access.Moderate, objectOf(i.ID), details)
}

// objectOf is an item as the audit names it.
func objectOf(id moderation.ID) string { return "moderation:" + id.String() }

// columns of an item i with the people it concerns.
const columns = `
			i.id,
			i.kind,
			i.object_id,
			i.author_id,
			a.name AS author_name,
			i.title,
			i.path,
			i.text,
			i.suspicions,
			i.created_at,
			i.due_at,
			i.state,
			coalesce(i.held_by, 0) AS holder_id,
			coalesce(h.public_id, '') AS holder_public,
			coalesce(h.name, '') AS holder_name,
			coalesce(i.held_before, 0) AS before_id,
			coalesce(b.public_id, '') AS before_public,
			coalesce(b.name, '') AS before_name,
			i.held_until,
			i.token,
			coalesce(i.decided_by, 0) AS decider_id,
			coalesce(d.public_id, '') AS decider_public,
			coalesce(d.name, '') AS decider_name,
			i.outcome,
			i.ground,
			i.note,
			i.decided_at,
			i.effective_at`

const people = `
		JOIN accounts a ON a.id = i.author_id
		LEFT JOIN accounts h ON h.id = i.held_by
		LEFT JOIN accounts b ON b.id = i.held_before
		LEFT JOIN accounts d ON d.id = i.decided_by`

// itemRow is an item as a statement gives it.
type itemRow struct {
	ID            moderation.ID
	Kind          moderation.Kind
	ObjectID      int64
	AuthorID      accounts.ID
	AuthorName    string
	Title         string
	Path          string
	Text          string
	Suspicions    []string
	CreatedAt     time.Time
	DueAt         time.Time
	State         moderation.State
	HolderID      accounts.ID
	HolderPublic  string
	HolderName    string
	BeforeID      accounts.ID
	BeforePublic  string
	BeforeName    string
	HeldUntil     *time.Time
	Token         int64
	DeciderID     accounts.ID
	DeciderPublic string
	DeciderName   string
	Outcome       moderation.Outcome
	Ground        moderation.Ground
	Note          string
	DecidedAt     *time.Time
	EffectiveAt   *time.Time
}

func (r itemRow) item() moderation.Item {
	item := moderation.Item{
		ID:         r.ID,
		Kind:       r.Kind,
		Object:     r.ObjectID,
		Author:     r.AuthorID,
		AuthorName: r.AuthorName,
		Text:       r.Text,
		Title:      r.Title,
		Path:       r.Path,
		CreatedAt:  r.CreatedAt,
		DueAt:      r.DueAt,
		State:      r.State,
		Lease: moderation.Lease{
			Holder: moderation.Person{Account: r.HolderID, Public: r.HolderPublic, Name: r.HolderName},
			Before: moderation.Person{Account: r.BeforeID, Public: r.BeforePublic, Name: r.BeforeName},
			Until:  orZero(r.HeldUntil),
			Token:  r.Token,
		},
		Decision: moderation.Decision{
			Verdict:     moderation.Verdict{Outcome: r.Outcome, Ground: r.Ground, Note: r.Note},
			By:          moderation.Person{Account: r.DeciderID, Public: r.DeciderPublic, Name: r.DeciderName},
			At:          orZero(r.DecidedAt),
			EffectiveAt: orZero(r.EffectiveAt),
		},
	}
	for _, why := range r.Suspicions {
		item.Suspicions = append(item.Suspicions, moderation.Suspicion(why))
	}
	return item
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
