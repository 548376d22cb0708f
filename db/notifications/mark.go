package notifications

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/notifications"
)

// Read marks one of the actor's items as read and answers where it leads. Others'
// items do not exist for the actor. Twice is no error.
func (s *Store) Read(ctx context.Context, actor access.Actor, id string) (path string, err error) {
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		var found struct {
			AccountID accounts.ID
			Path      string
			ReadAt    *time.Time
		}
		err := tx.Get(ctx, &found, `
			SELECT account_id, path, read_at FROM notifications WHERE public_id = $1 FOR UPDATE`, id)
		if db.NoRows(err) {
			return notifications.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("load a notification: %w", err)
		}
		if access.Can(actor, access.ChangeNotifications, access.Object{Owner: found.AccountID}) != nil {
			return notifications.ErrNotFound
		}
		path = found.Path
		if found.ReadAt != nil {
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE notifications SET read_at = clock_timestamp() WHERE public_id = $1`, id); err != nil {
			return fmt.Errorf("mark a notification as read: %w", err)
		}
		return tx.Emit(ctx, notifications.Read{Account: actor.Public, Notification: id})
	})
	return path, err
}

// ReadAll marks all of the actor's items as read.
func (s *Store) ReadAll(ctx context.Context, actor access.Actor) error {
	if err := access.Can(actor, access.ChangeNotifications, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		marked, err := tx.Exec(ctx, `
			UPDATE notifications SET read_at = clock_timestamp() WHERE account_id = $1 AND read_at IS NULL`, actor.Account)
		if err != nil {
			return fmt.Errorf("mark the notifications of account %d as read: %w", actor.Account, err)
		}
		if marked == 0 {
			return nil
		}
		return tx.Emit(ctx, notifications.AllRead{Account: actor.Public})
	})
}

// Choose keeps which channels the actor wants (NTF-07). A channel that the portal
// does not offer cannot be switched on.
func (s *Store) Choose(ctx context.Context, actor access.Actor, chosen notifications.Settings) error {
	if err := access.Can(actor, access.ChangeNotifications, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	if chosen.Mail && !s.MailOffered() {
		return notifications.ErrNotOffered
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO notification_settings (account_id, mail)
			VALUES ($1, $2)
			ON CONFLICT (account_id) DO UPDATE SET mail = excluded.mail`, actor.Account, chosen.Mail)
		if err != nil {
			return fmt.Errorf("keep the channels of account %d: %w", actor.Account, err)
		}
		return nil
	})
}
