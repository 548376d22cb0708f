package notifications_test

import (
	"context"
	"testing"

	accountsdb "veche/db/accounts"
	"veche/db/given"
	notificationsdb "veche/db/notifications"
	"veche/domain/notifications"
)

// What counts is the choice at the moment a letter is to leave; one that was
// withdrawn does not come back.
func TestLetterGoesByTheChoiceAtTheMomentItLeaves(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	box := &mailbox{}
	s := found(t, &notice, notificationsdb.Options{Mailer: box})
	anna := given.Residents(t, s.db, 1)[0]
	notice = to(anna)
	choose := func(mail bool) {
		t.Helper()
		if err := s.Choose(t.Context(), anna, notifications.Settings{Mail: mail}); err != nil {
			t.Fatal(err)
		}
	}
	leave := func(letter int64, want int, when string) {
		t.Helper()
		if err := s.Mail(t.Context(), letter, false); err != nil || len(box.letters) != want {
			t.Errorf("%s: %d letters (%v), want %d", when, len(box.letters), err, want)
		}
	}
	choose(true)
	first := s.tell(t, notifications.PollOpened, 1, 0).Letters[0]
	choose(false)
	if letters := s.tell(t, notifications.PollOpened, 2, 0).Letters; len(letters) != 0 {
		t.Errorf("while letters are off %d are made", len(letters))
	}
	choose(true)
	leave(first, 1, "off and on again before it leaves")
	leave(first, 1, "once more")

	second := s.tell(t, notifications.PollOpened, 3, 0).Letters[0]
	choose(false)
	leave(second, 1, "off when it leaves")
	choose(true)
	leave(second, 1, "on again after it was withdrawn")
}

// A letter that left is noted as sent, though the job's time was over meanwhile: it
// would be sent again otherwise. One that nobody can send is given up in the end.
func TestWhatBecameOfALetterIsAlwaysNoted(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	ctx, end := context.WithCancel(t.Context())
	s := found(t, &notice, notificationsdb.Options{Mailer: lastGasp{end}})
	anna := given.Residents(t, s.db, 1)[0]
	notice = to(anna)
	if err := s.Choose(t.Context(), anna, notifications.Settings{Mail: true}); err != nil {
		t.Fatal(err)
	}
	first := s.tell(t, notifications.PollOpened, 1, 0).Letters[0]
	if err := s.Mail(ctx, first, false); err != nil {
		t.Errorf("sent, and then %v", err)
	}
	s.hasLetter(t, anna, notifications.Sent)

	second := s.tell(t, notifications.PollOpened, 2, 0).Letters[0]
	without := notificationsdb.New(s.db, notificationsdb.Options{})
	for _, c := range []struct {
		last bool
		want notifications.State
	}{{false, notifications.Queued}, {true, notifications.Failed}} {
		if err := without.Mail(t.Context(), second, c.last); err == nil {
			t.Error("a letter without a mail server is done")
		}
		s.hasLetter(t, anna, c.want)
	}
}

// A letter is in the language its reader has at the moment it leaves.
func TestLetterLeavesInTheLanguageOfItsReader(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	box := &mailbox{}
	s := found(t, &notice, notificationsdb.Options{Mailer: box})
	people := given.Residents(t, s.db, 2)
	notice = to(people...)
	for _, person := range people {
		if err := s.Choose(t.Context(), person, notifications.Settings{Mail: true}); err != nil {
			t.Fatal(err)
		}
	}
	letters := s.tell(t, notifications.PollOpened, 1, 0).Letters
	if err := accountsdb.New(s.db).Speaks(t.Context(), people[1], "en"); err != nil {
		t.Fatal(err)
	}
	for _, letter := range letters {
		if err := s.Mail(t.Context(), letter, false); err != nil {
			t.Fatal(err)
		}
	}
	languages := map[string]int{}
	for _, letter := range box.letters {
		languages[letter.Lang]++
	}
	if len(box.letters) != 2 || languages["ru"] != 1 || languages["en"] != 1 {
		t.Errorf("letters in %v", languages)
	}
}

// lastGasp takes a letter in the last moment of a job.
type lastGasp struct{ end context.CancelFunc }

func (l lastGasp) Send(context.Context, notifications.Letter) error {
	l.end()
	return nil
}
