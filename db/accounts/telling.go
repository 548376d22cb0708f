package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"veche/db"
	"veche/domain/accounts"
)

// Messenger tells people what concerns their account. What it answers with
// accounts.RefusedError is not tried again.
type Messenger interface {
	Tell(ctx context.Context, message accounts.Message) error
}

// TellOwnerArgs is the job that tells the owner of a contact that somebody else says it
// is theirs, where it has another owner.
type TellOwnerArgs struct {
	Registration int64            `json:"registration,omitempty"`
	Account      accounts.ID      `json:"account,omitempty"`
	Channel      accounts.Channel `json:"channel"`
}

// Kind names the job.
func (TellOwnerArgs) Kind() string { return "accounts.tell_owner" }

// SendLinkArgs is the job that sends the letter of a link.
type SendLinkArgs struct {
	Link int64 `json:"link"`
}

// Kind names the job.
func (SendLinkArgs) Kind() string { return "accounts.send_link" }

// TellFormerArgs is the job that tells the reader of a former contact.
type TellFormerArgs struct {
	Change int64 `json:"change"`
}

// Kind names the job.
func (TellFormerArgs) Kind() string { return "accounts.tell_former" }

// RemindArgs is the job that finds old passwords.
type RemindArgs struct{}

// Kind names the job.
func (RemindArgs) Kind() string { return "accounts.remind_passwords" }

// remindEvery is how often old passwords are looked for.
const remindEvery = 24 * time.Hour

// addTellers adds the jobs that tell people.
func (s *Store) addTellers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[TellOwnerArgs]) error {
		return final(s.TellOwner(ctx, job.Args))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[SendLinkArgs]) error {
		return final(s.SendLink(ctx, job.Args.Link))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[TellFormerArgs]) error {
		return final(s.TellFormer(ctx, job.Args.Change))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[RemindArgs]) error {
		return s.Remind(ctx)
	}))
}

// final gives up on what will never be taken.
func final(err error) error {
	if refused := (accounts.RefusedError{}); errors.As(err, &refused) {
		return river.JobCancel(err)
	}
	return err
}

// perContact is how many times in an hour the owner of a contact is told that somebody
// else claims it.
const perContact = 3

// TellOwner tells the owner of a contact that it has an account, where somebody else
// has just said that it is theirs.
func (s *Store) TellOwner(ctx context.Context, claim TellOwnerArgs) error {
	message := accounts.Message{Kind: accounts.TellOwner, Channel: claim.Channel}
	column := boundColumn(claim.Channel)
	statement, key := `
		SELECT '', r.`+column+`, o.lang,
			(SELECT count(*) FROM registrations l WHERE l.`+column+` = r.`+column+` AND l.created_at > now() - interval '1 hour')
		FROM registrations r
		JOIN accounts o ON o.`+column+` = r.`+column+`
		WHERE r.id = $1 AND r.account_id IS NULL`, claim.Registration
	if claim.Registration == 0 {
		statement, key = `
			SELECT a.public_id, a.`+column+`_wanted, o.lang,
				(SELECT count(*) FROM codes l WHERE l.account_id = a.id AND l.purpose IN ('contact', 'confirm') AND l.created_at > now() - interval '1 hour')
			FROM accounts a
			JOIN accounts o ON o.`+column+` = a.`+column+`_wanted AND o.id <> a.id
			WHERE a.id = $1`, int64(claim.Account)
	}
	var who string
	var lately int
	err := s.db.Pool().QueryRow(ctx, statement, key).Scan(&who, &message.Address, &message.Lang, &lately)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && lately > perContact:
		return nil
	case err != nil:
		return fmt.Errorf("read who a contact belongs to: %w", err)
	}
	message.ID = fmt.Sprintf("claim-%d-%s-%d", claim.Registration, who, lately)
	return s.messenger.Tell(ctx, message)
}

// remindBatch bounds one transaction of Remind, in accounts.
const remindBatch = 500

// Remind finds the passwords that were chosen three months ago, and tells their owners
// once in three months (ID-08).
func (s *Store) Remind(ctx context.Context) error {
	for {
		var reminders []int64
		err := s.db.InTx(ctx, func(tx *db.Tx) error {
			err := tx.Select(ctx, &reminders, `
				INSERT INTO password_reminders (account_id)
				SELECT id FROM accounts a
				WHERE password_hash <> '' AND password_set_at <= now() - $1 * interval '1 second'
					AND NOT EXISTS (
						SELECT 1 FROM password_reminders r
						WHERE r.account_id = a.id AND r.created_at > now() - $1 * interval '1 second'
					)
				ORDER BY id
				LIMIT $2
				FOR NO KEY UPDATE SKIP LOCKED
				RETURNING id`, accounts.PasswordAge.Seconds(), remindBatch)
			if err != nil {
				return fmt.Errorf("look for old passwords: %w", err)
			}
			for _, reminder := range reminders {
				if err := tx.Emit(ctx, accounts.PasswordOld{Reminder: reminder}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(reminders) < remindBatch {
			return err
		}
	}
}

// Reminded is who a reminder is for; accounts.ErrUnknownAccount when it was removed, or
// the password is another one meanwhile.
func (s *Store) Reminded(ctx context.Context, reminder int64) (accounts.ID, error) {
	var who accounts.ID
	err := s.db.Pool().QueryRow(ctx, `
		SELECT a.id
		FROM password_reminders r
		JOIN accounts a ON a.id = r.account_id
		WHERE r.id = $1 AND a.password_set_at <= now() - $2 * interval '1 second'`, reminder, accounts.PasswordAge.Seconds()).Scan(&who)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, accounts.ErrUnknownAccount
	}
	if err != nil {
		return 0, fmt.Errorf("read reminder %d: %w", reminder, err)
	}
	return who, nil
}

// ForgetBegun removes what was begun and is over: it is personal.
func (s *Store) ForgetBegun(ctx context.Context) error {
	_, err := s.db.Pool().Exec(ctx, `
		WITH
			registrations AS (DELETE FROM registrations WHERE expires_at < now()),
			links AS (DELETE FROM email_links WHERE expires_at < now()),
			changes AS (DELETE FROM contact_changes WHERE created_at < now() - interval '7 days')
		DELETE FROM phone_sign_ins WHERE expires_at < now()`)
	if err != nil {
		return fmt.Errorf("forget what was begun: %w", err)
	}
	return nil
}
