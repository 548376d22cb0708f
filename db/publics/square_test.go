package publics_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/riverqueue/river"

	"veche/db"
	"veche/db/dbtest"
	"veche/db/given"
	publicsdb "veche/db/publics"
	"veche/domain/access"
	"veche/domain/event"
	"veche/domain/moderation"
	"veche/domain/publics"
)

// square is a post that people talk under, and what was announced of it.
type square struct {
	*publicsdb.Store
	t    *testing.T
	db   *db.DB
	slug string
	post publics.PostID

	mu        sync.Mutex
	announced []event.Event
}

func newSquare(t *testing.T) *square {
	t.Helper()
	d := dbtest.New(t)
	q := &square{Store: publicsdb.New(d), t: t, db: d}
	q.slug, q.post = given.Post(t, d)
	d.React(func(happened event.Event) []river.InsertManyParams {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.announced = append(q.announced, happened)
		return nil
	})
	return q
}

// heard empties and answers what was announced.
func (q *square) heard() []event.Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	heard := q.announced
	q.announced = nil
	return heard
}

func (q *square) wantHeard(want ...event.Event) {
	q.t.Helper()
	if diff := cmp.Diff(want, q.heard(), cmpopts.IgnoreFields(publics.CommentPublished{}, "NoticeUntil"), cmpopts.EquateEmpty()); diff != "" {
		q.t.Errorf("announced (-want +got):\n%s", diff)
	}
}

func (q *square) say(who access.Actor, body, request string) publicsdb.Said {
	q.t.Helper()
	said, err := q.Comment(q.t.Context(), who, q.slug, q.post, body, request)
	if err != nil {
		q.t.Fatal(err)
	}
	return said
}

func (q *square) sheet(who access.Actor) publicsdb.Sheet {
	q.t.Helper()
	sheet, err := q.Sheet(q.t.Context(), who, q.slug, q.post, 0)
	if err != nil {
		q.t.Fatal(err)
	}
	return sheet
}

// shown are the comments that everybody reads, newest first.
func (q *square) shown() []publics.CommentID {
	q.t.Helper()
	var ids []publics.CommentID
	for _, thread := range q.sheet(access.Guest()).Threads {
		ids = append(ids, thread.ID)
	}
	return ids
}

// rows counts what stands in a table.
func (q *square) rows(table string) int64 {
	q.t.Helper()
	var n int64
	err := q.db.Read(q.t.Context(), func(r *db.Snapshot) error { return r.Get(q.t.Context(), &n, `SELECT count(*) FROM `+table) })
	if err != nil {
		q.t.Fatal(err)
	}
	return n
}

func (q *square) settle(id publics.CommentID, outcome moderation.Outcome, ground moderation.Ground) {
	q.t.Helper()
	if err := q.Settle(q.t.Context(), id, outcome, ground); err != nil {
		q.t.Fatal(err)
	}
}

// change does what no use case does yet.
func (q *square) change(statement string, args ...any) {
	q.t.Helper()
	err := q.db.InTx(q.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(q.t.Context(), statement, args...)
		return err
	})
	if err != nil {
		q.t.Fatal(err)
	}
}

const suspect = "Всё объяснено здесь: www.example.ru"
