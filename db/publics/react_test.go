package publics_test

import (
	"sync"
	"testing"

	"veche/db/given"
	publicsdb "veche/db/publics"
	"veche/domain/publics"
)

func TestLikesInARushAreCountedExactly(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	people := given.Residents(t, q.db, 40)
	var clicks sync.WaitGroup
	for i := range 200 {
		who := people[i%len(people)] // five clicks of each, for and against
		clicks.Go(func() {
			if err := q.React(t.Context(), who, q.slug, q.post, i/len(people)%2 == 0); err != nil {
				t.Error(err)
			}
		})
	}
	clicks.Wait()
	_, counts, err := q.Counts(t.Context(), []publics.PostID{q.post})
	if got, want := counts[q.post].Likes, q.rows("reactions"); err != nil || got != want {
		t.Errorf("%d likes are counted of %d, %v", got, want, err)
	}
	// And everybody at once is of one mind in the end.
	for _, like := range []bool{true, false} {
		for range 3 {
			for _, who := range people {
				clicks.Go(func() {
					if err := q.React(t.Context(), who, q.slug, q.post, like); err != nil {
						t.Error(err)
					}
				})
			}
		}
		clicks.Wait()
		want := int64(0)
		if like {
			want = int64(len(people))
		}
		_, counts, err := q.Counts(t.Context(), []publics.PostID{q.post})
		if got := counts[q.post].Likes; err != nil || got != want || q.rows("reactions") != want {
			t.Errorf("like %v: %d are counted, %d rows, want %d, %v", like, got, q.rows("reactions"), want, err)
		}
	}
}

func TestLikeIsAnnouncedWhenItChangesSomething(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	people := given.Residents(t, q.db, 2)
	for _, like := range []bool{false, true, true, false, false, true} {
		if err := q.React(t.Context(), people[0], q.slug, q.post, like); err != nil {
			t.Fatal(err)
		}
	}
	reacted := publics.Reacted{Post: q.post, Account: people[0].Public}
	q.wantHeard(reacted, reacted, reacted)
	own, other := q.sheet(people[0]), q.sheet(people[1])
	if !own.Liked || other.Liked || other.Post.Likes != 1 {
		t.Errorf("own %v, other's %v, %d likes", own.Liked, other.Liked, other.Post.Likes)
	}
	keys := []publicsdb.OwnKey{{Account: people[0].Public, Post: q.post}, {Account: people[1].Public, Post: q.post}}
	_, liked, err := q.Liked(t.Context(), keys)
	if err != nil || !liked[keys[0]] || liked[keys[1]] {
		t.Errorf("%v, %v", liked, err)
	}
}
