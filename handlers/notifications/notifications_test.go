package notifications_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"veche/db/given"
	notificationsdb "veche/db/notifications"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/notifications"
	"veche/handlers"
	notificationsweb "veche/handlers/notifications"
	"veche/handlers/webtest"
	"veche/hub/hubtest"
)

// portal is a site whose notices go to whom the test says.
type portal struct {
	*webtest.Site
	store *notificationsdb.Store
	to    []accounts.ID
	about int64
}

type sink struct{}

func (sink) Send(context.Context, notifications.Letter) error { return nil }

func site(t *testing.T, mailer notificationsdb.Mailer) *portal {
	t.Helper()
	p := &portal{}
	compose := func(kind notifications.Kind) notificationsdb.Compose {
		return func(_ context.Context, about int64, _ map[string]string) (notifications.Notice, error) {
			facts := map[string]string{notifications.Subject: fmt.Sprintf("Вопрос %d", about), notifications.Ground: "insult"}
			return notifications.Notice{Kind: kind, Facts: facts, Path: "/profile", To: p.to}, nil
		}
	}
	p.Site = webtest.New(t, func(s *webtest.Site) {
		p.store = notificationsdb.New(s.DB, notificationsdb.Options{Mailer: mailer, Compose: map[notifications.Kind]notificationsdb.Compose{
			notifications.PollOpened:     compose(notifications.PollOpened),
			notifications.CommentRefused: compose(notifications.CommentRefused),
		}})
		web := notificationsweb.New(p.store)
		web.Live(s.Server)
		s.Server.Mount(web.Routes())
		s.Server.Ring(web)
		s.Server.Mount([]handlers.Route{{Method: http.MethodGet, Path: "/broken", Action: access.ReadPolls, Handle: func(*handlers.Ctx) error {
			return errors.New("broken")
		}}})
	})
	return p
}

// tell puts an item into a person's feed and answers its id.
func (p *portal) tell(t *testing.T, who access.Actor, kind notifications.Kind) string {
	t.Helper()
	p.to = []accounts.ID{who.Account}
	p.about++
	if err := p.store.Tell(t.Context(), kind, p.about, nil, 0); err != nil {
		t.Fatal(err)
	}
	feed, err := p.store.Feed(t.Context(), who, notifications.Filter{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return feed.Items[0].ID
}

func bellOf(who access.Actor) string {
	return "#" + notifications.BellOf(who.Public).ElementID()
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestFeedTellsWhatHappened(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	anna, who := s.Person()
	if empty := anna.Get("/notifications"); empty.Status != http.StatusOK || !strings.Contains(empty.Find(".empty").Text(), "Уведомлений пока нет") {
		t.Errorf("an empty feed: %d %q", empty.Status, empty.Find("main").Text())
	}
	s.tell(t, who, notifications.PollOpened)
	s.tell(t, who, notifications.CommentRefused)
	page := anna.Get("/notifications")
	if n := page.Find(".notice-entry").Length(); n != 2 {
		t.Fatalf("%d items", n)
	}
	newest := squeeze(page.Find(".notice-entry").First().Text())
	for _, want := range []string{"Ваш комментарий не опубликован", "«Вопрос 2»", "Причина: оскорбления или дискриминация."} {
		if !strings.Contains(newest, want) {
			t.Errorf("the newest item says %q, not %q", newest, want)
		}
	}
	if page.Find(".notice-entry time[datetime]").Length() != 2 {
		t.Error("items do not say when")
	}
	// The same item in English: its text is not what is stored.
	anna.Header.Set("Accept-Language", "en")
	if text := squeeze(anna.Get("/notifications").Find(".notice-entry").First().Text()); !strings.Contains(text, "Your comment was not published") {
		t.Errorf("in English the item says %q", text)
	}
}

func TestFeedIsFiltered(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	anna, who := s.Person()
	poll := s.tell(t, who, notifications.PollOpened)
	s.tell(t, who, notifications.CommentRefused)
	if _, err := s.store.Read(t.Context(), who, poll); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{"": 2, "?section=polls": 1, "?section=comments": 1, "?unread=1": 1, "?section=polls&unread=1": 0, "?section=nonsense": 2} {
		page := anna.Get("/notifications" + query)
		if got := page.Find(".notice-entry").Length(); got != want {
			t.Errorf("%q shows %d items, want %d", query, got, want)
		}
		if want == 0 && !strings.Contains(page.Find(".empty").Text(), "Всё прочитано") {
			t.Errorf("%q says %q", query, page.Find("main").Text())
		}
	}
}

func TestBellCountsOnEveryPage(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	anna, who := s.Person()
	bell := func() string { return squeeze(anna.Get("/settings/notifications").Find(bellOf(who)).Text()) }
	if got := bell(); got != "Уведомления: непрочитанных нет" {
		t.Errorf("with nothing to read the bell says %q", got)
	}
	s.tell(t, who, notifications.PollOpened)
	if got := bell(); got != "1 Уведомления: 1 непрочитанное" {
		t.Errorf("the bell says %q", got)
	}
	if missing := anna.Get("/nowhere"); missing.Find(bellOf(who)).Length() != 1 {
		t.Error("the page of a wrong address has no bell")
	}
	for range notifications.MostUnread {
		s.tell(t, who, notifications.PollOpened)
	}
	if got := bell(); got != "99+ Уведомления: больше 99 непрочитанных" {
		t.Errorf("the bell says %q", got)
	}
	if guest := s.Guest().Get("/nowhere"); guest.Find(".bell").Length() != 0 {
		t.Error("a guest has a bell")
	}
}

// A page that says that something is broken does not ask for more.
func TestBrokenPageLeadsToNotificationsWithoutCounting(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	anna, who := s.Person()
	s.tell(t, who, notifications.PollOpened)
	page := anna.Get("/broken")
	if page.Status != http.StatusInternalServerError || page.Find(bellOf(who)).Length() != 0 || page.Find(`.bell[href="/notifications"]`).Length() != 1 {
		t.Errorf("%d %s", page.Status, page.Find(".top").Text())
	}
}

func TestItemLeadsOnAndIsRead(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	anna, who := s.Person()
	id := s.tell(t, who, notifications.PollOpened)
	page := anna.Get("/notifications")
	href, _ := page.Find(".notice-name a").Attr("href")
	answer := anna.Get(href)
	if answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != "/profile" || href != "/notifications/"+id {
		t.Fatalf("%s answers %d to %q", href, answer.Status, answer.Header.Get("Location"))
	}
	if again := anna.Get("/notifications"); again.Find("[data-unread]").Length() != 0 {
		t.Error("an item that was followed is unread")
	}
}

// Asking is not reading: RFC 9110, section 9.2.1.
func TestItemThatNobodyLookedAtStaysUnread(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	anna, who := s.Person()
	path := "/notifications/" + s.tell(t, who, notifications.PollOpened)
	stranger, _ := s.Person()
	for name, ask := range map[string]func(*webtest.Browser) *webtest.Answer{
		"asked for its head": func(b *webtest.Browser) *webtest.Answer { return b.Head(path) },
		"fetched ahead":      func(b *webtest.Browser) *webtest.Answer { return b.GetWith(path, "Sec-Purpose", "prefetch;prerender") },
		"fetched by habit":   func(b *webtest.Browser) *webtest.Answer { return b.GetWith(path, "Purpose", "prefetch") },
	} {
		answer := ask(anna)
		if answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != "/profile" {
			t.Errorf("%s: %d to %q", name, answer.Status, answer.Header.Get("Location"))
		}
		if kept := answer.Header.Get("Cache-Control"); !strings.Contains(kept, "no-store") {
			t.Errorf("%s: the answer may be kept (%q)", name, kept)
		}
		if _, unread, err := s.store.Unread(t.Context(), who.Public); err != nil || unread[who.Public] != 1 {
			t.Errorf("%s: %d unread (%v)", name, unread[who.Public], err)
		}
		if other := ask(stranger); other.Status != http.StatusNotFound || other.Header.Get("Location") != "" {
			t.Errorf("%s by somebody else: %d to %q", name, other.Status, other.Header.Get("Location"))
		}
	}
}

func TestItemsAreMarkedWithoutScripts(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	anna, who := s.Person()
	id := s.tell(t, who, notifications.PollOpened)
	s.tell(t, who, notifications.PollOpened)
	s.tell(t, who, notifications.PollOpened)
	anna.Get("/notifications?section=polls")
	answer := anna.Post("/notifications/"+id+"/read", url.Values{"return": {"/notifications?section=polls"}})
	if answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != "/notifications?section=polls" {
		t.Fatalf("%d to %q", answer.Status, answer.Header.Get("Location"))
	}
	if n := anna.Get("/notifications").Find(".notice-item[data-unread]").Length(); n != 2 {
		t.Errorf("%d items are unread", n)
	}
	answer = anna.Post("/notifications/read", url.Values{"return": {"//evil.example"}})
	if answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != "/notifications" {
		t.Fatalf("%d to %q", answer.Status, answer.Header.Get("Location"))
	}
	if n := anna.Get("/notifications").Find("[data-unread]").Length(); n != 0 {
		t.Errorf("%d are unread after all were read", n)
	}
}

func TestMarkingAnswersWithItemAndBell(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	anna, who := s.Person()
	id := s.tell(t, who, notifications.PollOpened)
	anna.Get("/notifications")
	answer := anna.PostHTMX("/notifications/"+id+"/read", url.Values{})
	if answer.Status != http.StatusOK || answer.Find("hx-partial").Length() != 2 {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	if answer.Find("[data-unread]").Length() != 0 || answer.Find(bellOf(who)).Length() != 1 {
		t.Errorf("the answer is %s", answer.Body)
	}
}

// To anybody but its owner an item does not exist, whatever they try and whoever
// they are.
func TestItemIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	_, who := s.Person()
	id := s.tell(t, who, notifications.PollOpened)
	for _, role := range append([]accounts.Role{""}, accounts.Roles...) {
		var grants []accounts.Grant
		if role != "" {
			grants = append(grants, accounts.Grant{Role: role})
		}
		other, _ := s.Person(grants...)
		if got := other.Get("/notifications"); got.Find(".notice-entry").Length() != 0 {
			t.Errorf("%q sees somebody else's feed", role)
		}
		if got := other.Get("/notifications/" + id); got.Status != http.StatusNotFound {
			t.Errorf("%q follows it: %d", role, got.Status)
		}
		if got := other.Post("/notifications/"+id+"/read", url.Values{}); got.Status != http.StatusNotFound {
			t.Errorf("%q marks it: %d", role, got.Status)
		}
		other.Get("/notifications")
		other.Post("/notifications/read", url.Values{})
	}
	guest := s.Guest()
	if got := guest.Get("/notifications/" + id); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/sign-in") {
		t.Errorf("a guest follows it: %d", got.Status)
	}
	if _, unread, err := s.store.Unread(t.Context(), who.Public); err != nil || unread[who.Public] != 1 {
		t.Errorf("the owner has %d unread: %v", unread[who.Public], err)
	}
}

// What proves that Anna's page may show her bell proves nothing of anybody else's.
func TestStolenPassShowsNobodysBell(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	owner, annas := given.Person(t, s.DB)
	_, boriss := given.Person(t, s.DB)
	s.tell(t, owner, notifications.PollOpened)
	page := s.With(annas).Get("/notifications")
	open := func(token accounts.Token) *hubtest.Page {
		return hubtest.OpenPage(t, s.URL+"/live", &websocket.DialOptions{
			HTTPHeader: http.Header{"Cookie": {"session=" + string(token)}, "Origin": {s.URL}},
		})
	}
	anna, boris, guest := open(annas), open(boriss), open("")
	regions := 0
	for _, element := range page.Find("[data-live][data-pass]").EachIter() {
		region := event.Region(element.AttrOr("data-live", ""))
		if region.Topic() != notifications.TopicOf(owner.Public) {
			continue
		}
		regions++
		version, pass := element.AttrOr("data-version", ""), element.AttrOr("data-pass", "")
		if _, ok := anna.Join(region, version, pass); !ok {
			t.Errorf("%s is not to be followed by its owner", region)
		}
		for who, thief := range map[string]*hubtest.Page{"somebody else": boris, "a guest": guest} {
			if _, ok := thief.Join(region, version, pass); ok {
				t.Errorf("%s is followed by %s", region, who)
			}
		}
	}
	if regions != 3 {
		t.Errorf("%d regions were tried, want bell, head and item", regions)
	}
}

func TestChannelsAreChosenWithAndWithoutScripts(t *testing.T) {
	t.Parallel()
	s := site(t, sink{})
	anna, who := s.Person()
	checked := func(page *webtest.Answer) bool {
		_, on := page.Find(`input[name="mail"]`).Attr("checked")
		return on
	}
	if page := anna.Get("/settings/notifications"); page.Status != http.StatusOK || checked(page) {
		t.Errorf("%d: letters are on before anybody asked for them", page.Status)
	}
	if answer := anna.Post("/settings/notifications", url.Values{"mail": {"on"}}); answer.Status != http.StatusSeeOther {
		t.Fatalf("%d", answer.Status)
	}
	if page := anna.Get("/settings/notifications?saved=1"); !checked(page) || !strings.Contains(page.Find("#notifications-saved").Text(), "письма включены") {
		t.Error("the choice was not kept")
	}
	answer := anna.PostHTMX("/settings/notifications", url.Values{})
	if answer.Status != http.StatusOK || !strings.Contains(answer.Find(`hx-partial[hx-target="#notifications-saved"]`).Text(), "писем не будет") {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
	if chosen, _, err := s.store.Settings(t.Context(), who); err != nil || chosen.Mail {
		t.Errorf("%+v %v", chosen, err)
	}
	other, _ := given.Unconfirmed(t, s.DB)
	if chosen, _, err := s.store.Settings(t.Context(), other); err != nil || chosen.Mail {
		t.Errorf("somebody else's choice changed: %+v %v", chosen, err)
	}
}

func TestOnlyChannelsThatWorkAreOffered(t *testing.T) {
	t.Parallel()
	s := site(t, nil)
	anna, _ := s.Person()
	page := anna.Get("/settings/notifications")
	if page.Find(`input[name="mail"]`).Length() != 0 || page.Find("main .notice").Length() != 1 {
		t.Errorf("the page offers %s", page.Find("main").Text())
	}
	answer := anna.Post("/settings/notifications", url.Values{"mail": {"on"}, "csrf": {s.CSRFOf(anna, "/notifications")}})
	if answer.Status != http.StatusUnprocessableEntity {
		t.Errorf("letters are switched on without a mail server: %d", answer.Status)
	}
}
