package moderation

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/moderation"
)

// Take gives an item to the actor for a while, or prolongs what they have (WRK-05).
// Of many who try at once one gets it; the others are told who.
func (s *Store) Take(ctx context.Context, actor access.Actor, id moderation.ID) error {
	if err := access.Can(actor, access.Moderate, access.Object{}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error { return take(ctx, tx, actor, id) })
}

// TakeNext gives the actor the most urgent item that nobody has and that is not their
// own. It answers 0 when there is none. Many who ask at once get one each.
func (s *Store) TakeNext(ctx context.Context, actor access.Actor) (next moderation.ID, err error) {
	if err := access.Can(actor, access.Moderate, access.Object{}); err != nil {
		return 0, err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		err := tx.Get(ctx, &next, selectFree, actor.Account)
		switch {
		case db.NoRows(err):
			return nil
		case err != nil:
			return fmt.Errorf("look for the next item: %w", err)
		}
		return take(ctx, tx, actor, next)
	})
	return next, err
}

const selectFree = `
	SELECT id
	FROM moderation_items
	WHERE
		state <> 'settled' AND state = 'waiting' AND
		(held_by IS NULL OR held_until <= clock_timestamp()) AND
		author_id <> $1
	ORDER BY due_at, id
	LIMIT 1
	FOR UPDATE SKIP LOCKED`

func take(ctx context.Context, tx *db.Tx, actor access.Actor, id moderation.ID) error {
	item, now, err := lockItem(ctx, tx, id)
	if err != nil {
		return err
	}
	taken, err := item.Take(personOf(actor), now)
	if err != nil {
		return err
	}
	if err := save(ctx, tx, taken); err != nil {
		return err
	}
	if err := audit(ctx, tx, actor, taken, "take"); err != nil {
		return err
	}
	return tx.Emit(ctx, moderation.Taken{
		Item:   id,
		By:     actor.Public,
		Before: taken.Lease.Before.Public,
		Token:  taken.Lease.Token,
		Until:  taken.Lease.Until,
	})
}

// Release gives an item back before its time. One that the actor does not have stays
// as it is.
func (s *Store) Release(ctx context.Context, actor access.Actor, id moderation.ID) error {
	if err := access.Can(actor, access.Moderate, access.Object{}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		item, _, err := lockItem(ctx, tx, id)
		if err != nil {
			return err
		}
		free, changed := item.Release(personOf(actor))
		if !changed {
			return nil
		}
		if err := save(ctx, tx, free); err != nil {
			return err
		}
		if err := audit(ctx, tx, actor, free, "release"); err != nil {
			return err
		}
		return tx.Emit(ctx, moderation.Freed{Item: id, By: actor.Public})
	})
}

// Lapse frees an item whose lease under the token has run out. Before its time it
// answers a moderation.EarlyError.
func (s *Store) Lapse(ctx context.Context, id moderation.ID, token int64) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		item, now, err := lockItem(ctx, tx, id)
		if err != nil {
			return err
		}
		free, changed, err := item.Lapse(token, now)
		if err != nil || !changed {
			return err
		}
		if err := save(ctx, tx, free); err != nil {
			return err
		}
		return tx.Emit(ctx, moderation.Freed{Item: id, By: item.Lease.Holder.Public})
	})
}
