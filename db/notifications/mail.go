package notifications

import (
	"context"
	"errors"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/notifications"
)

// errNoMailer says that a letter waits for a mail server that is not configured.
var errNoMailer = errors.New("no mail server is configured")

// noteTime is how long noting what became of a letter may take: longer than the job
// has time left, or a letter that was sent would be sent again.
const noteTime = 5 * time.Second

// Mail sends the letter of a notification. Sent twice, because a process died
// between sending and noting it, it has the same Message-ID. last says that it
// will not be tried again.
func (s *Store) Mail(ctx context.Context, id int64, last bool) error {
	letter, account, wanted, err := s.letter(ctx, id)
	if err != nil || letter.Address == "" {
		return err
	}
	if !wanted {
		return s.withdraw(ctx, id, account, letter.ID)
	}
	err = s.send(ctx, letter)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	var refused notifications.RefusedError
	switch {
	case err == nil:
		return s.note(ctx, id, account, letter.ID, notifications.Sent)
	case errors.As(err, &refused), last:
		return errors.Join(err, s.note(ctx, id, account, letter.ID, notifications.Failed))
	}
	return err
}

func (s *Store) send(ctx context.Context, letter notifications.Letter) error {
	if s.o.Mailer == nil {
		return errNoMailer
	}
	return s.o.Mailer.Send(ctx, letter)
}

// letter reads a letter that was not sent yet, whose it is, and whether they still
// want it. Its address is "" when there is none to send.
func (s *Store) letter(ctx context.Context, id int64) (letter notifications.Letter, account string, wanted bool, err error) {
	var rows []struct {
		itemRow
		Email string
		Lang  string
		Mail  bool
	}
	_, err = s.db.Look(ctx, db.Ask(&rows, `
		SELECT item.*, a.email, a.lang, coalesce(s.mail, false) AS mail
		FROM (`+selectItems+` WHERE n.id = $1 AND d.state = 'queued') item
		JOIN accounts a ON a.public_id = item.account
		LEFT JOIN notification_settings s ON s.account_id = a.id`, id))
	if err != nil || len(rows) == 0 {
		return letter, "", false, err
	}
	row := rows[0]
	wanted = row.Mail || row.Kind.Always()
	return notifications.Letter{Notification: row.notification(), Address: row.Email, Lang: row.Lang}, row.Account, wanted, nil
}

// note keeps what became of a letter.
func (s *Store) note(ctx context.Context, id int64, account, item string, state notifications.State) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE notification_deliveries
			SET state = $2, at = clock_timestamp()
			WHERE notification_id = $1 AND channel = 'mail' AND state = 'queued'`, id, state)
		if err != nil {
			return fmt.Errorf("note that letter %d is %s: %w", id, state, err)
		}
		return tx.Emit(ctx, notifications.Delivered{Account: account, Notification: item})
	})
}

// withdraw forgets a letter that its reader no longer wants.
func (s *Store) withdraw(ctx context.Context, id int64, account, item string) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `
			DELETE FROM notification_deliveries
			WHERE notification_id = $1 AND channel = 'mail' AND state = 'queued'`, id)
		if err != nil {
			return fmt.Errorf("withdraw letter %d: %w", id, err)
		}
		return tx.Emit(ctx, notifications.Delivered{Account: account, Notification: item})
	})
}
