// Package notifications keeps people's feeds, what they read of them, and the
// letters that go with them.
//
// It promises that a person is told of one cause once, however often it is
// announced; that telling a whole town takes many small transactions and no long
// one; and that a letter is in the queue if and only if its item is in the feed.
package notifications

import (
	"context"
	"time"

	"veche/db"
	"veche/domain/notifications"
	"veche/internal/together"
)

// Compose makes the notice of a kind: what it is about is given by its key, and by
// the facts that only the event knew.
type Compose func(ctx context.Context, about int64, facts map[string]string) (notifications.Notice, error)

// Mailer sends letters. A [notifications.RefusedError] is final; whatever else went
// wrong is tried again. Its errors hold nothing personal: they are logged.
type Mailer interface {
	Send(ctx context.Context, letter notifications.Letter) error
}

// Texter sends text messages, as a Mailer sends letters.
type Texter interface {
	Send(ctx context.Context, text notifications.Text) error
}

// Options are what the store needs to know to tell people.
type Options struct {
	Compose map[notifications.Kind]Compose
	Mailer  Mailer // nil offers no letters
	Texter  Texter // nil sends no text messages
	Chunk   int    // accounts told in one transaction; 0 is the usual
}

// usualChunk keeps a transaction, the outbox rows and jobs in it included, below a
// tenth of a second.
const usualChunk = 1000

// Store keeps notifications in Postgres. What many pages and drawings ask for at
// the same time is read for all of them at once.
type Store struct {
	db    *db.DB
	o     Options
	bells *together.Rounds[string, bell]
}

// readTime bounds a read that several wait for.
const readTime = 10 * time.Second

// New makes the store.
func New(d *db.DB, o Options) *Store {
	if o.Chunk == 0 {
		o.Chunk = usualChunk
	}
	s := &Store{db: d, o: o}
	s.bells = together.New(readTime, s.readBells)
	return s
}

// MailOffered says whether people may choose letters.
func (s *Store) MailOffered() bool { return s.o.Mailer != nil }
