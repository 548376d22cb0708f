package publics_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veche/db/given"
	publicsdb "veche/db/publics"
	"veche/domain/access"
	"veche/domain/moderation"
	"veche/domain/publics"
)

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
		Author:    people[0].Account,
		Text:      suspect,
		Title:     "Зажглись фонари",
		Path:      fmt.Sprintf("/publics/%s/posts/%d", q.slug, q.post),
		CreatedAt: own[0].CreatedAt,
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
	// A form that the browser brought back holds a key that was used before: what is
	// typed into it now is said, and once.
	for range 2 {
		q.say(people[0], "И вот что ещё.", "FORM1")
	}
	if sheet := q.sheet(access.Guest()); len(sheet.Threads) != 5 || sheet.Post.Comments != 5 {
		t.Errorf("%d comments, %d counted", len(sheet.Threads), sheet.Post.Comments)
	}
	slug, other := given.Post(t, q.db)
	if said, err := q.Comment(t.Context(), people[0], slug, other, "Один раз.", "FORM1"); err != nil || said.Repeated {
		t.Errorf("the same under another post: %+v, %v", said, err)
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

// What was withdrawn is talked about no more; what waited for a moderator is decided
// about all the same.
func TestNothingIsSaidUnderAWithdrawnPost(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	anna := given.Residents(t, q.db, 1)[0]
	held, gone := q.say(anna, suspect, "1"), q.say(anna, suspect, "2")
	q.change(`UPDATE posts SET state = 'withdrawn'`)
	q.change(`UPDATE comments SET state = 'removed' WHERE id = $1`, gone.ID)
	q.heard()
	if _, err := q.Comment(t.Context(), anna, q.slug, q.post, "Слова", "3"); !errors.Is(err, publics.ErrNoPost) {
		t.Errorf("comment: %v", err)
	}
	for _, like := range []bool{true, false} {
		if err := q.React(t.Context(), anna, q.slug, q.post, like); !errors.Is(err, publics.ErrNoPost) {
			t.Errorf("like %v: %v", like, err)
		}
	}
	if _, err := q.Sheet(t.Context(), anna, q.slug, q.post, 0); !errors.Is(err, publics.ErrNoPost) {
		t.Errorf("the page: %v", err)
	}
	q.wantHeard()
	if text, err := q.Submission(t.Context(), int64(held.ID)); err != nil || text.Text != suspect {
		t.Errorf("the moderators see %+v, %v", text, err)
	}
	q.settle(held.ID, moderation.Allow, "")
	q.settle(gone.ID, moderation.Allow, "") // its author took it back meanwhile
	q.wantHeard(publics.CommentPublished{Post: q.post, Comment: held.ID, Account: anna.Public, Reviewed: true})

	// Nobody reads it there, not even its author, until the post is back.
	_, comments, err := q.Comments(t.Context(), []publics.CommentID{held.ID, gone.ID})
	if err != nil || len(comments) != 0 {
		t.Errorf("shown are %+v, %v", comments, err)
	}
	key := publicsdb.OwnKey{Account: anna.Public, Post: q.post}
	if _, own, err := q.Own(t.Context(), []publicsdb.OwnKey{key}); err != nil || len(own) != 0 {
		t.Errorf("the author is told %+v, %v", own, err)
	}
	q.change(`UPDATE posts SET state = 'published'`)
	if got := q.shown(); !slices.Equal(got, []publics.CommentID{held.ID}) {
		t.Errorf("shown again are %d", got)
	}
}
