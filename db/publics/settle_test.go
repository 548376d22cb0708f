package publics_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"veche/db/given"
	"veche/domain/access"
	"veche/domain/moderation"
	"veche/domain/publics"
)

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
