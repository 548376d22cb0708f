package moderation

import (
	"context"

	"veche/db"
	"veche/domain/access"
	"veche/domain/moderation"
)

// Decide notes the actor's verdict under the lease they hold (MOD-03, MOD-04). token
// is the lease's; one from before is refused, whoever shows it. The verdict takes
// effect moderation.UndoFor later, by the job that the event calls for.
func (s *Store) Decide(ctx context.Context, actor access.Actor, id moderation.ID, token int64, v moderation.Verdict) error {
	if err := access.Can(actor, access.Moderate, access.Object{}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		item, now, err := lockItem(ctx, tx, id)
		if err != nil {
			return err
		}
		decided, err := item.Decide(personOf(actor), token, v, now)
		if err != nil {
			return err
		}
		if err := save(ctx, tx, decided); err != nil {
			return err
		}
		if err := audit(ctx, tx, actor, decided, "decide", "outcome", v.Outcome, "ground", decided.Decision.Ground); err != nil {
			return err
		}
		return tx.Emit(ctx, moderation.Decided{
			Item:        id,
			By:          actor.Public,
			Before:      item.Lease.Before.Public,
			Token:       token,
			EffectiveAt: decided.Decision.EffectiveAt,
		})
	})
}

// Undo takes the actor's decision back before it takes effect. They have the item
// again.
func (s *Store) Undo(ctx context.Context, actor access.Actor, id moderation.ID) error {
	if err := access.Can(actor, access.Moderate, access.Object{}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		item, now, err := lockItem(ctx, tx, id)
		if err != nil {
			return err
		}
		again, err := item.Undo(personOf(actor), now)
		if err != nil {
			return err
		}
		if err := save(ctx, tx, again); err != nil {
			return err
		}
		if err := audit(ctx, tx, actor, again, "undo", "outcome", item.Decision.Outcome); err != nil {
			return err
		}
		return tx.Emit(ctx, moderation.Undone{
			Item:  id,
			By:    actor.Public,
			Token: again.Lease.Token,
			Until: again.Lease.Until,
		})
	})
}

// Settle lets the decision made under the token take effect; the area the text
// belongs to follows the event. Before its time it answers a moderation.EarlyError.
func (s *Store) Settle(ctx context.Context, id moderation.ID, token int64) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		item, now, err := lockItem(ctx, tx, id)
		if err != nil {
			return err
		}
		settled, changed, err := item.Settle(token, now)
		if err != nil || !changed {
			return err
		}
		if err := save(ctx, tx, settled); err != nil {
			return err
		}
		return tx.Emit(ctx, moderation.Settled{
			Item:      id,
			Moderator: settled.Decision.By.Public,
			Kind:      settled.Kind,
			Object:    settled.Object,
			Outcome:   settled.Decision.Outcome,
			Ground:    settled.Decision.Ground,
		})
	})
}
