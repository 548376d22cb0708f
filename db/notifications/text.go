package notifications

import (
	"context"
	"errors"
	"fmt"

	"veche/db"
	"veche/domain/notifications"
)

// errNoTexter says that a text message waits for a gateway that is not configured.
var errNoTexter = errors.New("no SMS gateway is configured")

// Text sends the text message of a notification. last says that it will not be tried
// again.
func (s *Store) Text(ctx context.Context, id int64, last bool) error {
	var rows []struct {
		itemRow
		Phone string
		Lang  string
	}
	_, err := s.db.Look(ctx, db.Ask(&rows, `
		SELECT item.*, a.phone, a.lang
		FROM (`+selectItems+` WHERE n.id = $1) item
		JOIN accounts a ON a.public_id = item.account AND a.phone IS NOT NULL
		WHERE EXISTS (
			SELECT 1 FROM notification_deliveries
			WHERE notification_id = $1 AND channel = 'sms' AND state = 'queued'
		)`, id))
	if err != nil || len(rows) == 0 {
		return err
	}
	if s.o.Texter == nil {
		return errNoTexter
	}
	row := rows[0]
	err = s.o.Texter.Send(ctx, notifications.Text{Notification: row.notification(), Number: row.Phone, Lang: row.Lang})
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	var refused notifications.RefusedError
	switch {
	case err == nil:
		return s.noteText(ctx, id, notifications.Sent)
	case errors.As(err, &refused), last:
		return errors.Join(err, s.noteText(ctx, id, notifications.Failed))
	}
	return err
}

func (s *Store) noteText(ctx context.Context, id int64, state notifications.State) error {
	_, err := s.db.Pool().Exec(ctx, `
		UPDATE notification_deliveries SET state = $2, at = clock_timestamp()
		WHERE notification_id = $1 AND channel = 'sms' AND state = 'queued'`, id, state)
	if err != nil {
		return fmt.Errorf("note that text message %d is %s: %w", id, state, err)
	}
	return nil
}
