package notifications_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/riverqueue/river"

	"veche/db"
	"veche/db/dbtest"
	"veche/db/given"
	notificationsdb "veche/db/notifications"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/notifications"
	"veche/domain/problem"
)

// town is a store whose notices go to whom the test says, and what it announced.
type town struct {
	*notificationsdb.Store
	db       *db.DB
	mu       sync.Mutex
	happened []event.Event
}

// to is a notice to some people, of something they can look at.
func to(people ...access.Actor) notifications.Notice {
	notice := notifications.Notice{Facts: map[string]string{notifications.Subject: "Скамейка"}, Path: "/polls/1"}
	for _, p := range people {
		notice.To = append(notice.To, p.Account)
	}
	return notice
}

func found(t *testing.T, notice *notifications.Notice, o notificationsdb.Options) *town {
	t.Helper()
	d := dbtest.New(t)
	s := &town{db: d}
	o.Compose = map[notifications.Kind]notificationsdb.Compose{}
	for _, kind := range []notifications.Kind{notifications.PollOpened, notifications.CommentPublished} {
		o.Compose[kind] = func(context.Context, int64, map[string]string) (notifications.Notice, error) {
			composed := *notice
			composed.Kind = kind
			return composed, nil
		}
	}
	s.Store = notificationsdb.New(d, o)
	d.React(func(e event.Event) []river.InsertManyParams {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.happened = append(s.happened, e)
		return nil
	})
	return s
}

func (s *town) tell(t *testing.T, kind notifications.Kind, about int64, after accounts.ID) notifications.Told {
	t.Helper()
	if err := s.Tell(t.Context(), kind, about, nil, after); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	told, ok := s.happened[len(s.happened)-1].(notifications.Told)
	if !ok {
		t.Fatalf("announced %+v", s.happened)
	}
	return told
}

func (s *town) feed(t *testing.T, of access.Actor, f notifications.Filter) notificationsdb.Feed {
	t.Helper()
	feed, err := s.Feed(t.Context(), of, f, 30)
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

func (s *town) unread(t *testing.T, of access.Actor) int {
	t.Helper()
	_, unread, err := s.Unread(t.Context(), of.Public)
	if err != nil {
		t.Fatal(err)
	}
	return unread[of.Public]
}

func TestPersonIsToldOfOneCauseOnce(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	s := found(t, &notice, notificationsdb.Options{})
	people := given.Residents(t, s.db, 2)
	anna, boris := people[0], people[1]
	notice = to(anna)
	if told := s.tell(t, notifications.PollOpened, 42, 0); !slices.Equal(told.Accounts, []string{anna.Public}) {
		t.Errorf("told %v", told.Accounts)
	}
	if again := s.tell(t, notifications.PollOpened, 42, 0); len(again.Accounts) != 0 {
		t.Errorf("the same job told %v again", again.Accounts)
	}
	s.tell(t, notifications.PollOpened, 43, 0)
	s.tell(t, notifications.CommentPublished, 42, 0)
	feed := s.feed(t, anna, notifications.Filter{})
	if len(feed.Items) != 3 || s.unread(t, anna) != 3 {
		t.Errorf("%d items, %d unread, want 3: other causes are told", len(feed.Items), s.unread(t, anna))
	}
	if item := feed.Items[2]; item.Kind != notifications.PollOpened || item.Facts[notifications.Subject] != "Скамейка" || item.Path != "/polls/1" {
		t.Errorf("the first item is %+v", item)
	}
	if len(s.feed(t, boris, notifications.Filter{}).Items) != 0 {
		t.Error("somebody else was told too")
	}
}

func TestTownIsToldInChunks(t *testing.T) {
	t.Parallel()
	notice := notifications.Notice{Everyone: true, Path: "/polls/1"}
	s := found(t, &notice, notificationsdb.Options{Chunk: 3})
	residents := given.Residents(t, s.db, 8)
	unconfirmed, _ := given.Unconfirmed(t, s.db)
	var sizes []int
	told := s.tell(t, notifications.PollOpened, 42, 0)
	for sizes = append(sizes, len(told.Accounts)); told.Next != 0; sizes = append(sizes, len(told.Accounts)) {
		told = s.tell(t, notifications.PollOpened, 42, accounts.ID(told.Next))
	}
	if !slices.Equal(sizes, []int{3, 3, 2}) {
		t.Errorf("chunks of %v", sizes)
	}
	for _, resident := range residents {
		if got := s.unread(t, resident); got != 1 {
			t.Errorf("resident %d has %d items", resident.Account, got)
		}
	}
	if got := s.unread(t, unconfirmed); got != 0 {
		t.Errorf("a person who may not vote was told %d times", got)
	}
	// A chunk that is told again leads on all the same: the job may have died after it.
	if again := s.tell(t, notifications.PollOpened, 42, 0); len(again.Accounts) != 0 || again.Next != int64(residents[2].Account) {
		t.Errorf("told again: %+v", again)
	}
}

func TestUnreadOfManyPeopleIsCountedAtOnce(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	s := found(t, &notice, notificationsdb.Options{})
	people := given.Residents(t, s.db, 3)
	notice = to(people[0])
	for about := range int64(notifications.MostUnread + 5) {
		s.tell(t, notifications.PollOpened, about, 0)
	}
	notice = to(people[1])
	s.tell(t, notifications.PollOpened, 1, 0)
	state, unread, err := s.Unread(t.Context(), people[0].Public, people[1].Public, people[2].Public, "nobody")
	if err != nil || state == "" {
		t.Fatalf("%q %v", state, err)
	}
	if _, known := unread["nobody"]; known || len(unread) != 3 {
		t.Errorf("counted %v", unread)
	}
	for i, want := range []int{notifications.MostUnread, 1, 0} {
		if got := unread[people[i].Public]; got != want {
			t.Errorf("person %d has %d, want %d", i, got, want)
		}
	}
}

func TestItemIsReadByItsOwnerAlone(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	s := found(t, &notice, notificationsdb.Options{})
	people := given.Residents(t, s.db, 2)
	anna, boris := people[0], people[1]
	notice = to(anna)
	s.tell(t, notifications.PollOpened, 42, 0)
	s.tell(t, notifications.PollOpened, 43, 0)
	id := s.feed(t, anna, notifications.Filter{}).Items[0].ID

	if _, err := s.Read(t.Context(), boris, id); !errors.Is(err, notifications.ErrNotFound) {
		t.Errorf("somebody else reads it: %v", err)
	}
	if _, err := s.Read(t.Context(), access.Guest(), id); !errors.Is(err, notifications.ErrNotFound) {
		t.Errorf("a guest reads it: %v", err)
	}
	_, items, err := s.Items(t.Context(), []notificationsdb.ItemKey{{Account: boris.Public, ID: id}})
	if err != nil || len(items) != 0 {
		t.Errorf("it is drawn in somebody else's feed: %v %v", items, err)
	}
	if got := s.unread(t, anna); got != 2 {
		t.Fatalf("%d unread", got)
	}
	before := len(s.happened)
	for range 2 {
		if path, err := s.Read(t.Context(), anna, id); err != nil || path != "/polls/1" {
			t.Fatalf("%q %v", path, err)
		}
	}
	if got := s.happened[before:]; len(got) != 1 || got[0] != (notifications.Read{Account: anna.Public, Notification: id}) {
		t.Errorf("reading it twice announced %v", got)
	}
	if got := s.unread(t, anna); got != 1 {
		t.Errorf("%d unread", got)
	}
	if err := s.ReadAll(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	if got := s.unread(t, anna); got != 0 {
		t.Errorf("%d unread after all were read", got)
	}
}

func TestFeedGoesByPageSectionAndReading(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	s := found(t, &notice, notificationsdb.Options{})
	anna := given.Residents(t, s.db, 1)[0]
	notice = to(anna)
	for about := range int64(notifications.PageSize + 2) {
		s.tell(t, notifications.PollOpened, about, 0)
	}
	s.tell(t, notifications.CommentPublished, 1, 0)

	first := s.feed(t, anna, notifications.Filter{})
	if len(first.Items) != notifications.PageSize || first.Items[0].Kind != notifications.CommentPublished {
		t.Fatalf("%d items, the newest is %s", len(first.Items), first.Items[0].Kind)
	}
	rest := s.feed(t, anna, notifications.Filter{Before: first.Next})
	if len(rest.Items) != 3 || rest.Next != 0 {
		t.Errorf("the last page has %d items and goes on at %d", len(rest.Items), rest.Next)
	}
	seen := map[string]bool{}
	for _, item := range append(first.Items, rest.Items...) {
		if seen[item.ID] {
			t.Errorf("%s is on two pages", item.ID)
		}
		seen[item.ID] = true
	}
	comments := s.feed(t, anna, notifications.Filter{Section: notifications.Comments})
	if len(comments.Items) != 1 || len(comments.Newest) != 1 {
		t.Errorf("%d comments, %d keys", len(comments.Items), len(comments.Newest))
	}
	newest := first.Items[0]
	if _, err := s.Read(t.Context(), anna, newest.ID); err != nil {
		t.Fatal(err)
	}
	unread := s.feed(t, anna, notifications.Filter{Unread: true})
	if unread.Items[0].ID == newest.ID || unread.Newest[0] != newest.Key() {
		t.Error("a read item is among the unread, or the head forgot that it is there")
	}
}

func TestLetterFollowsTheChoiceOfItsReader(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	box := &mailbox{}
	s := found(t, &notice, notificationsdb.Options{Mailer: box})
	people := given.Residents(t, s.db, 2)
	anna, boris := people[0], people[1]
	notice = to(anna, boris)
	if err := s.Choose(t.Context(), anna, notifications.Settings{Mail: true}); err != nil {
		t.Fatal(err)
	}
	told := s.tell(t, notifications.PollOpened, 42, 0)
	if len(told.Letters) != 1 {
		t.Fatalf("%d letters, want one: Boris asked for none", len(told.Letters))
	}
	letter := told.Letters[0]
	s.hasLetter(t, anna, notifications.Queued)

	box.answer = errors.New("the mail server is away")
	if err := s.Mail(t.Context(), letter, false); err == nil {
		t.Error("a letter that did not leave is done")
	}
	s.hasLetter(t, anna, notifications.Queued)
	box.answer = nil
	for range 2 { // the job may run again
		if err := s.Mail(t.Context(), letter, false); err != nil {
			t.Fatal(err)
		}
	}
	s.hasLetter(t, anna, notifications.Sent)
	if len(box.letters) != 2 || box.letters[0].ID != box.letters[1].ID || box.letters[1].ID != s.feed(t, anna, notifications.Filter{}).Items[0].ID {
		t.Errorf("the mailbox was handed %+v", box.letters)
	}

	box.answer = notifications.RefusedError{Code: 550}
	refused := s.tell(t, notifications.PollOpened, 43, 0).Letters[0]
	if err := s.Mail(t.Context(), refused, false); !errors.Is(err, box.answer) {
		t.Errorf("a refused letter: %v", err)
	}
	s.hasLetter(t, anna, notifications.Failed)

	box.answer = errors.New("still away")
	late := s.tell(t, notifications.PollOpened, 44, 0).Letters[0]
	if err := s.Mail(t.Context(), late, true); err == nil {
		t.Error("a letter tried too often is done")
	}
	s.hasLetter(t, anna, notifications.Failed)
}

func TestLetterIsWithdrawnWhenItsReaderChangesTheirMind(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	box := &mailbox{}
	s := found(t, &notice, notificationsdb.Options{Mailer: box})
	anna := given.Residents(t, s.db, 1)[0]
	notice = to(anna)
	for _, wanted := range []bool{true, false} {
		if err := s.Choose(t.Context(), anna, notifications.Settings{Mail: wanted}); err != nil {
			t.Fatal(err)
		}
		if wanted {
			s.tell(t, notifications.PollOpened, 42, 0)
		}
	}
	told := s.happened[len(s.happened)-1].(notifications.Told)
	if err := s.Mail(t.Context(), told.Letters[0], false); err != nil || len(box.letters) != 0 {
		t.Errorf("%v, sent %v", err, box.letters)
	}
	if letter := s.feed(t, anna, notifications.Filter{}).Items[0].Letter; letter != nil {
		t.Errorf("the feed tells of a letter: %+v", letter)
	}
}

func TestPortalWithoutMailOffersNone(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	s := found(t, &notice, notificationsdb.Options{})
	anna := given.Residents(t, s.db, 1)[0]
	err := s.Choose(t.Context(), anna, notifications.Settings{Mail: true})
	if refused, ok := problem.As(err); !ok || !errors.Is(refused, notifications.ErrNotOffered) {
		t.Errorf("letters are switched on: %v", err)
	}
	if chosen, address, err := s.Settings(t.Context(), anna); err != nil || chosen.Mail || address == "" {
		t.Errorf("%+v to %q: %v", chosen, address, err)
	}
}

func (s *town) hasLetter(t *testing.T, of access.Actor, want notifications.State) {
	t.Helper()
	letter := s.feed(t, of, notifications.Filter{}).Items[0].Letter
	if letter == nil || letter.State != want {
		t.Errorf("the letter is %+v, want %s", letter, want)
	}
}

// mailbox takes letters, or answers as it is told.
type mailbox struct {
	letters []notifications.Letter
	answer  error
}

func (m *mailbox) Send(_ context.Context, letter notifications.Letter) error {
	m.letters = append(m.letters, letter)
	return m.answer
}
