package factors

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/factors"
)

// Prefer chooses the method the actor is asked for after the password, or with
// factors.Off switches the second factor off, which staff may not (SEC-05). Switched
// on, it comes with backup codes, which are known to nobody but the caller from then
// on (SEC-04); switched off, it makes those before void.
func (s *Store) Prefer(ctx context.Context, actor access.Actor, method factors.Method) ([]factors.BackupCode, error) {
	if err := own(actor, access.ChangeFactors); err != nil {
		return nil, err
	}
	var codes []factors.BackupCode
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		person, err := hold(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		if err := person.Prefer(method); err != nil {
			return err
		}
		codes, err = s.prefer(ctx, tx, actor, person.Methods, method)
		return err
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// prefer keeps a choice that was checked. now is what the person can use when it is
// made.
func (s *Store) prefer(ctx context.Context, tx *db.Tx, actor access.Actor, now factors.Methods, method factors.Method) ([]factors.BackupCode, error) {
	if err := choose(ctx, tx, actor, now.Preferred, method); err != nil {
		return nil, err
	}
	if method == factors.Off || now.BackupCodes > 0 {
		return nil, nil
	}
	return s.makeCodes(ctx, tx, actor)
}

// choose saves and tells of a choice, when it is another one than before.
func choose(ctx context.Context, tx *db.Tx, actor access.Actor, before, method factors.Method) error {
	if method == before {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE accounts SET second_factor = $2 WHERE id = $1`, actor.Account, method); err != nil {
		return fmt.Errorf("keep the second factor of account %d: %w", actor.Account, err)
	}
	if method == factors.Off {
		if err := voidCodes(ctx, tx, actor.Account); err != nil {
			return err
		}
	}
	return tell(ctx, tx, actor, factors.Preferred{Account: actor.Public, Method: method}, method)
}
