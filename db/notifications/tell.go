package notifications

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/notifications"
)

// Tell puts a notice into the feeds of those it concerns, at most a chunk of them
// in order of their keys, beginning after the account given. The rest follows from
// the event, see [notifications.Told].
func (s *Store) Tell(ctx context.Context, kind notifications.Kind, about int64, facts map[string]string, after accounts.ID) error {
	compose, known := s.o.Compose[kind]
	if !known {
		return fmt.Errorf("nobody composes notices of kind %q", kind)
	}
	notice, err := compose(ctx, about, facts)
	if err != nil {
		return fmt.Errorf("compose %s of %d: %w", kind, about, err)
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		told, err := s.add(ctx, tx, notice, notifications.Cause(kind, about), after)
		if err != nil {
			return fmt.Errorf("tell of %s of %d: %w", kind, about, err)
		}
		happened := notifications.Told{Kind: kind, About: about, Facts: facts}
		for _, t := range told {
			if t.ID != nil {
				happened.Accounts = append(happened.Accounts, t.PublicID)
			}
			if t.Letter {
				happened.Letters = append(happened.Letters, *t.ID)
			}
			if t.Text {
				happened.Texts = append(happened.Texts, *t.ID)
			}
		}
		if len(told) == s.o.Chunk {
			happened.Next = int64(told[len(told)-1].AccountID)
		}
		return tx.Emit(ctx, happened)
	})
}

// told is a person of the chunk. Without an id they knew already.
type told struct {
	AccountID accounts.ID
	PublicID  string
	ID        *int64
	Letter    bool
	Text      bool
}

// add saves the chunk's items and letters. Postgres makes the rows itself: none of
// them travels here and back.
func (s *Store) add(ctx context.Context, tx *db.Tx, notice notifications.Notice, cause string, after accounts.ID) ([]told, error) {
	if notice.Facts == nil {
		notice.Facts = map[string]string{}
	}
	var rows []told
	err := tx.Look(ctx, db.Ask(&rows, `
		WITH people AS (
			SELECT id, public_id
			FROM accounts
			WHERE id > $1 AND CASE WHEN $2 THEN confirmed ELSE id = ANY($3) END
			ORDER BY id
			LIMIT $4
		), added AS (
			INSERT INTO notifications (account_id, kind, section, facts, path, cause)
			SELECT id, $5, $6, $7, $8, $9 FROM people
			ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING
			RETURNING id, account_id
		), letters AS (
			INSERT INTO notification_deliveries (notification_id, channel)
			SELECT added.id, 'mail'
			FROM added
			LEFT JOIN notification_settings s ON s.account_id = added.account_id
			WHERE $10 AND ($11 OR s.mail)
			RETURNING notification_id
		), texts AS (
			INSERT INTO notification_deliveries (notification_id, channel)
			SELECT added.id, 'sms'
			FROM added
			JOIN accounts a ON a.id = added.account_id AND a.phone_confirmed_at IS NOT NULL AND a.phone IS NOT NULL
			WHERE $12
			RETURNING notification_id
		)
		SELECT
			people.id AS account_id,
			people.public_id,
			added.id AS id,
			letters.notification_id IS NOT NULL AS letter,
			texts.notification_id IS NOT NULL AS text
		FROM people
		LEFT JOIN added ON added.account_id = people.id
		LEFT JOIN letters ON letters.notification_id = added.id
		LEFT JOIN texts ON texts.notification_id = added.id
		ORDER BY people.id`,
		after, notice.Everyone, notice.To, s.o.Chunk,
		notice.Kind, notice.Kind.Section(), notice.Facts, notice.Path, cause, s.MailOffered(),
		notice.Kind.Always(), notice.Kind.Texted() && s.o.Texter != nil))
	return rows, err
}
