package publics_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

const suspect = "Всё объяснено здесь: www.example.ru"

func TestDecentCommentIsPublishedAtOnce(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	anna := given.Residents(t, q.db, 1)[0]
	said := q.say(anna, "Спасибо за свет!", "FORM1")
	q.wantHeard(publics.CommentPublished{Post: q.post, Comment: said.ID, Account: anna.Public})

	sheet := q.sheet(access.Guest())
	if len(sheet.Threads) != 1 || sheet.Threads[0].Body != "Спасибо за свет!" || sheet.Post.Comments != 1 || len(sheet.Own) != 0 {
		t.Errorf("everybody sees %+v, own %v", sheet.Threads, sheet.Own)
	}
	if own := q.sheet(anna).Own; len(own) != 1 || own[0].ID != said.ID || own[0].State != publics.Published {
		t.Errorf("the author is told %+v", own)
	}
}

func TestSuspectCommentIsSeenByItsAuthorAlone(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	people := given.Residents(t, q.db, 2)
	said := q.say(people[0], suspect, "FORM1")
	q.wantHeard(publics.CommentHeld{
		Post:       q.post,
		Comment:    said.ID,
		Account:    people[0].Public,
		Suspicions: []moderation.Suspicion{moderation.Links},
	})
	for name, who := range map[string]access.Actor{"a guest": access.Guest(), "another": people[1]} {
		sheet := q.sheet(who)
		if len(sheet.Threads) != 0 || len(sheet.Own) != 0 || sheet.Post.Comments != 0 {
			t.Errorf("%s sees %+v", name, sheet)
		}
	}
	own := q.sheet(people[0]).Own
	if len(own) != 1 || own[0].State != publics.Pending || own[0].Body != suspect {
		t.Fatalf("the author is told %+v", own)
	}
	waits, err := q.Submission(t.Context(), int64(said.ID))
	want := moderation.Submission{
		Author:     people[0].Account,
		AuthorName: "Житель",
		Text:       suspect,
		Title:      "Зажглись фонари",
		Path:       fmt.Sprintf("/publics/%s/posts/%d", q.slug, q.post),
		CreatedAt:  own[0].CreatedAt,
	}
	if diff := cmp.Diff(want, waits); diff != "" || err != nil {
		t.Errorf("the moderators see (-want +got): %v\n%s", err, diff)
	}
}

func TestFormSentTwiceIsOneComment(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	people := given.Residents(t, q.db, 2)
	var senders sync.WaitGroup
	said := make([]publicsdb.Said, 8)
	for i := range said {
		senders.Go(func() {
			var err error
			if said[i], err = q.Comment(t.Context(), people[0], q.slug, q.post, "Один раз.", "FORM1"); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	firsts := 0
	for _, s := range said {
		if s.ID != said[0].ID || s.State != publics.Published {
			t.Errorf("one sender was told %+v, another %+v", said[0], s)
		}
		if !s.Repeated {
			firsts++
		}
	}
	if firsts != 1 || len(q.heard()) != 1 {
		t.Errorf("%d of them were the first", firsts)
	}
	// The key is of one person's form alone, and a form without one is never another.
	q.say(people[1], "Один раз.", "FORM1")
	q.say(people[0], "Без ключа.", "")
	q.say(people[0], "Без ключа.", "")
	if sheet := q.sheet(access.Guest()); len(sheet.Threads) != 4 || sheet.Post.Comments != 4 {
		t.Errorf("%d comments, %d counted", len(sheet.Threads), sheet.Post.Comments)
	}
}

func TestDecisionPublishesOrRefusesOnce(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	people := given.Residents(t, q.db, 2)
	held, bad := q.say(people[0], suspect, "1"), q.say(people[0], suspect, "2")
	later := q.say(people[1], "Я пришёл позже.", "3")
	q.heard()

	for range 2 { // a job may run twice
		q.settle(held.ID, moderation.Allow, "")
		q.settle(bad.ID, moderation.Refuse, moderation.Advertising)
	}
	q.settle(bad.ID, moderation.Allow, "") // what is decided stays
	q.settle(later.ID, moderation.Refuse, moderation.Insult)
	q.settle(999, moderation.Allow, "")
	q.wantHeard(
		publics.CommentPublished{Post: q.post, Comment: held.ID, Account: people[0].Public, Reviewed: true},
		publics.CommentRefused{Post: q.post, Comment: bad.ID, Account: people[0].Public, Ground: moderation.Advertising},
	)
	// Who waited comes after those who were let through meanwhile: above them.
	if got, want := q.shown(), []publics.CommentID{held.ID, later.ID}; !slices.Equal(got, want) {
		t.Errorf("shown are %d, want %d", got, want)
	}
	if n := q.sheet(access.Guest()).Post.Comments; n != 2 {
		t.Errorf("%d comments are counted", n)
	}
	own := q.sheet(people[0]).Own
	if len(own) != 2 || own[0].State != publics.Refused || own[0].Ground != moderation.Advertising || own[1].State != publics.Published {
		t.Errorf("the author is told %+v", own)
	}
	if _, err := q.Submission(t.Context(), int64(held.ID)); !errors.Is(err, publics.ErrNoComment) {
		t.Errorf("a decided comment still waits: %v", err)
	}
	if err := q.Settle(t.Context(), q.say(people[0], suspect, "4").ID, "perhaps", ""); err == nil {
		t.Error("an outcome that is none was carried out")
	}
}

func TestNoticeOfPublicationEnds(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	anna := given.Residents(t, q.db, 1)[0]
	said := q.say(anna, "Спасибо!", "1")
	published, ok := q.heard()[0].(publics.CommentPublished)
	if left := time.Until(published.NoticeUntil); !ok || left < publics.NoticeFor-time.Minute || left > publics.NoticeFor+time.Minute {
		t.Errorf("the notice ends in %s", left)
	}
	for range 2 {
		if err := q.EndNotice(t.Context(), said.ID); err != nil {
			t.Fatal(err)
		}
	}
	q.wantHeard(publics.NoticeEnded{Post: q.post, Account: anna.Public})
	if own := q.sheet(anna).Own; len(own) != 0 {
		t.Errorf("the author is still told %+v", own)
	}
	if len(q.shown()) != 1 {
		t.Error("the comment is gone with the notice")
	}
}

func TestWhoMayTalk(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	anna := given.Residents(t, q.db, 1)[0]
	unconfirmed, _ := given.Unconfirmed(t, q.db)
	q.heard()
	for name, c := range map[string]struct {
		who  access.Actor
		slug string
		post publics.PostID
		want error
	}{
		"a guest":             {access.Guest(), q.slug, q.post, access.ErrUnauthenticated},
		"unconfirmed":         {unconfirmed, q.slug, q.post, access.ErrUnconfirmed},
		"no such post":        {anna, q.slug, 999, publics.ErrNoPost},
		"under another's":     {anna, "rynok", q.post, publics.ErrNoPost},
		"nonsense for a slug": {anna, "\x01", q.post, publics.ErrNoPost},
	} {
		if _, err := q.Comment(t.Context(), c.who, c.slug, c.post, "Слова", "1"); !errors.Is(err, c.want) {
			t.Errorf("comment, %s: %v, want %v", name, err, c.want)
		}
		if err := q.React(t.Context(), c.who, c.slug, c.post, true); !errors.Is(err, c.want) {
			t.Errorf("like, %s: %v, want %v", name, err, c.want)
		}
	}
	if n := q.rows("comments") + q.rows("reactions") + q.rows("post_counts"); n != 0 {
		t.Errorf("%d rows were left behind", n)
	}
	q.wantHeard()
}

func TestOwnCommentsAreReadForManyAtOnce(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	people := given.Residents(t, q.db, 3)
	for i := range publics.OwnShown + 3 {
		q.say(people[0], suspect, fmt.Sprint("F", i))
	}
	held := q.say(people[1], suspect, "1")
	var keys []publicsdb.OwnKey
	for _, who := range people {
		keys = append(keys, publicsdb.OwnKey{Account: who.Public, Post: q.post})
	}
	keys = append(keys, publicsdb.OwnKey{Account: people[1].Public, Post: 999})
	_, own, err := q.Own(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(own[keys[0]].Comments); n != publics.OwnShown {
		t.Errorf("%d of many are shown", n)
	}
	if of := own[keys[1]]; len(of.Comments) != 1 || of.Comments[0].ID != held.ID || of.Slug != q.slug {
		t.Errorf("another is told %+v", of)
	}
	if of, ok := own[keys[2]]; !ok || len(of.Comments) != 0 {
		t.Errorf("who said nothing is told %+v, %v", of, ok)
	}
	if _, ok := own[keys[3]]; ok {
		t.Error("a post that is not there has a region")
	}
}

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

func TestCommentsAreReadForManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.publics("dvor")
	w.posts([]any{1, 1, "news", "published", noon}, []any{2, 1, "news", "withdrawn", noon})
	w.comments(
		[]any{1, 1, nil, "published", false},
		[]any{2, 1, 1, "published", true},
		[]any{3, 1, nil, "removed", false},
		[]any{4, 1, 3, "published", false}, // answers what is removed
		[]any{5, 1, nil, "pending", false},
		[]any{6, 2, nil, "published", false},
	)
	_, found, err := w.Comments(t.Context(), []publics.CommentID{1, 2, 3, 4, 5, 6, 7})
	if err != nil || len(found) != 2 {
		t.Fatalf("%d comments, %v", len(found), err)
	}
	if c := found[1]; c.Slug != "dvor" || c.Post != 1 || c.Thread != 1 || c.Comment.Author != "Анна Сергеевна Лебедева" {
		t.Errorf("%+v", c)
	}
	if c := found[2]; c.Thread != 1 || c.Comment.Author != "Паблик dvor" {
		t.Errorf("%+v", c)
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
