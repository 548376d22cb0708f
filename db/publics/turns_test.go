package publics_test

import (
	"sync"
	"sync/atomic"
	"testing"

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

func TestTurnsFollowTheOrderInWhichCommentsAppear(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	people := given.Residents(t, q.db, 20)
	done := make(chan struct{})
	var senders sync.WaitGroup
	for i, who := range people {
		senders.Go(func() {
			body := suspect
			if i%2 == 0 {
				body = "Сразу."
			}
			said, err := q.Comment(t.Context(), who, q.slug, q.post, body, "1")
			if err == nil && said.State == publics.Pending {
				err = q.Settle(t.Context(), said.ID, moderation.Allow, "")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	go func() { senders.Wait(); close(done) }()
	// Whatever a reader sees first, what appears later stands above it.
	newest := int64(0)
	known := map[int64]bool{}
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		_, heads, err := q.Heads(t.Context(), []publics.PostID{q.post})
		if err != nil {
			t.Fatal(err)
		}
		turns := heads[q.post].Turns
		for _, turn := range turns {
			if !known[turn] && turn < newest {
				t.Errorf("turn %d appeared after %d", turn, newest)
			}
			known[turn] = true
		}
		if len(turns) > 0 {
			newest = turns[0]
		}
	}
	if len(known) != len(people) {
		t.Errorf("%d of %d comments were seen", len(known), len(people))
	}
}

// A comment that has its turn but is not visible yet keeps those with later turns
// waiting: a page that shows one of them has missed none before it.
func TestCommentsAppearOneAfterAnother(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := publicsdb.New(d)
	slug, post := given.Post(t, d)
	people := given.Residents(t, d, 2)
	say := func(who access.Actor) error {
		_, err := s.Comment(t.Context(), who, slug, post, "Слова.", "1")
		return err
	}
	var begun atomic.Bool
	second := make(chan error, 1)
	d.React(func(event.Event) []river.InsertManyParams {
		if begun.Swap(true) {
			return nil
		}
		// The first has its turn, and is not committed.
		go func() { second <- say(people[1]) }()
		for waiting := 0; waiting == 0; {
			select {
			case err := <-second:
				t.Errorf("the second appeared before the first: %v", err)
				second <- err
				return nil
			default:
			}
			err := d.Read(t.Context(), func(r *db.Snapshot) error {
				return r.Get(t.Context(), &waiting, `
					SELECT count(*) FROM pg_stat_activity
					WHERE datname = current_database() AND wait_event_type = 'Lock'`)
			})
			if err != nil {
				t.Error(err)
				return nil
			}
		}
		return nil
	})
	if err := say(people[0]); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Fatal(err)
	}
}
