package devices

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/devices"
)

// objectOf names a device in the audit.
func objectOf(public string) string { return "device:" + public }

// Add offers a device and answers its public id (SEC-16). What nobody followed the link
// of in time gives room to it.
func (s *Store) Add(ctx context.Context, actor access.Actor, offer devices.Offer) (string, error) {
	if err := access.Can(actor, access.ChangeDevices, access.Object{Owner: actor.Account}); err != nil {
		return "", err
	}
	public := accounts.NewPublicID()
	return public, s.db.InTx(ctx, func(tx *db.Tx) error {
		var owner struct {
			Phone bool
			Count int
		}
		err := tx.Get(ctx, &owner, `
			SELECT
				phone IS NOT NULL AND phone_confirmed_at IS NOT NULL AS phone,
				(SELECT count(*) FROM devices WHERE account_id = a.id AND (bound_at IS NOT NULL OR link_until > now())) AS count
			FROM accounts a
			WHERE id = $1
			FOR NO KEY UPDATE`, actor.Account)
		switch {
		case err != nil:
			return fmt.Errorf("lock account %d: %w", actor.Account, err)
		case owner.Count >= devices.MostDevices:
			return devices.ErrTooMany
		case offer.Way == devices.SMS && (!owner.Phone || s.o.Texter == nil):
			return devices.ErrNoPhone
		}
		if _, err := tx.Exec(ctx, `
			DELETE FROM devices WHERE account_id = $1 AND bound_at IS NULL AND link_until <= now()`, actor.Account); err != nil {
			return fmt.Errorf("forget devices that were never bound: %w", err)
		}
		var id devices.ID
		err = tx.Get(ctx, &id, `
			INSERT INTO devices (public_id, account_id, kind, name, way, link_hash, link_until)
			VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
			RETURNING id`,
			public, actor.Account, offer.Kind, offer.Name, offer.Way, s.Link(public).Hash(), devices.LinkFor.Seconds())
		if err != nil {
			return fmt.Errorf("offer a device: %w", err)
		}
		if err := tx.Audit(ctx, actor, access.ChangeDevices, objectOf(public), map[string]any{"offered": offer.Kind}); err != nil {
			return err
		}
		if offer.Way == devices.SMS {
			if err := tx.Emit(ctx, devices.LinkAsked{Device: id}); err != nil {
				return err
			}
		}
		return tx.Emit(ctx, devices.Changed{Account: actor.Public, Device: public})
	})
}

// Limit sets how far a device of the actor's reaches and whether its pages ring, from
// now on and everywhere (SEC-17, SEC-18).
func (s *Store) Limit(ctx context.Context, actor access.Actor, public string, reach accounts.Reach, notices bool) error {
	if err := access.Can(actor, access.ChangeDevices, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		changed, err := tx.Exec(ctx, `
			UPDATE devices SET reach = $3, notices = $4
			WHERE public_id = $1 AND account_id = $2`, public, actor.Account, reach, notices)
		switch {
		case err != nil:
			return fmt.Errorf("limit a device: %w", err)
		case changed == 0:
			return devices.ErrNotFound
		}
		details := map[string]any{"reach": reach, "notices": notices}
		if err := tx.Audit(ctx, actor, access.ChangeDevices, objectOf(public), details); err != nil {
			return err
		}
		if err := s.o.Sessions.ChangeReach(ctx, tx, actor); err != nil {
			return err
		}
		return tx.Emit(ctx, devices.Changed{Account: actor.Public, Device: public})
	})
}

// Unbind ends what is open on a device of the actor's and deletes everything that is
// kept of it: the row, the browser by which it was known, its names and addresses in
// sessions and in the journal (SEC-19).
func (s *Store) Unbind(ctx context.Context, actor access.Actor, public string) error {
	if err := access.Can(actor, access.UnbindDevice, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var id devices.ID
		err := tx.Get(ctx, &id, `SELECT id FROM devices WHERE public_id = $1 AND account_id = $2 FOR UPDATE`, public, actor.Account)
		switch {
		case db.NoRows(err):
			return devices.ErrNotFound
		case err != nil:
			return fmt.Errorf("lock a device: %w", err)
		}
		if err := s.o.Sessions.EndOfDevice(ctx, tx, actor, int64(id)); err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM browsers b USING sessions s
				WHERE s.device_id = $1 AND b.account_id = s.account_id AND b.token_hash = s.browser`,
			`UPDATE account_events e SET device = '', address = '' FROM sessions s
				WHERE s.device_id = $1 AND e.account_id = s.account_id AND e.session = s.public_id`,
			`UPDATE sessions SET device = '', address = '', browser = NULL WHERE device_id = $1`,
			`DELETE FROM codes c USING devices d WHERE d.id = $1 AND c.account_id = d.account_id AND c.purpose = 'device'`,
			`DELETE FROM devices WHERE id = $1`,
		} {
			if _, err := tx.Exec(ctx, statement, id); err != nil {
				return fmt.Errorf("delete what is kept of device %d: %w", id, err)
			}
		}
		if err := tx.Audit(ctx, actor, access.UnbindDevice, objectOf(public), nil); err != nil {
			return err
		}
		return tx.Emit(ctx, devices.Changed{Account: actor.Public, Device: public})
	})
}
