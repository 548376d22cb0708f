package publics_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"veche/db/given"
	publicsdb "veche/db/publics"
	"veche/domain/moderation"
	"veche/domain/publics"
	publicsweb "veche/handlers/publics"
	"veche/handlers/webtest"
)

// square is a portal with one post that people talk under.
type square struct {
	*webtest.Site
	store *publicsdb.Store
	path  string
	post  publics.PostID
}

func newSquare(t *testing.T) square {
	t.Helper()
	var store *publicsdb.Store
	s := webtest.New(t, func(s *webtest.Site) {
		store = publicsdb.New(s.DB)
		web := publicsweb.New(store)
		web.Live(s.Server)
		s.Server.Mount(web.Routes())
	})
	slug, post := given.Post(t, s.DB)
	return square{s, store, fmt.Sprintf("/publics/%s/posts/%d", slug, post), post}
}

// form is what a fresh form of the page holds, with a text.
func form(page *webtest.Answer, body string) url.Values {
	return url.Values{
		"body":    {body},
		"request": {page.Find(`.comment-form [name="request"]`).AttrOr("value", "")},
		"newest":  {"1"},
	}
}

const suspect = "Всё объяснено здесь: www.example.ru"

func TestCommentWithoutScripts(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, _ := s.Person()
	answer := anna.Post(s.path+"/comments", form(anna.Get(s.path), "  Спасибо!\r\nСветло. "))
	if answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != s.path+"#comments" {
		t.Fatalf("%d to %q: %.600s", answer.Status, answer.Header.Get("Location"), answer.Body)
	}
	page := anna.Get(s.path)
	if said := page.Find(".threads .comment .as-typed").Text(); said != "Спасибо!\nСветло." {
		t.Errorf("the comment reads %q", said)
	}
	if own := page.Find(".own-comment"); own.AttrOr("data-own-state", "") != "published" {
		t.Errorf("the author is told %q", own.Text())
	}
	if counted := page.Find(".post-counts .unseen").Last().Text(); counted != "1 комментарий" {
		t.Errorf("counted are %q", counted)
	}
	guest := s.Guest().Get(s.path)
	if guest.Find(".threads .comment").Length() != 1 || guest.Find(".own-comment").Length() != 0 {
		t.Error("a guest does not see just the comment")
	}
}

func TestAnswerToACommentIsTheAuthorsPage(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, who := s.Person()
	sent := form(anna.Get(s.path), "Спасибо!")
	answer := anna.PostHTMX(s.path+"/comments", sent)
	if answer.Status != http.StatusOK {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	part := func(id string) *goquery.Selection { return answer.Find(`hx-partial[hx-target="#` + id + `"]`) }
	prefix := fmt.Sprintf("post-%d-", s.post)
	if list := part(prefix + "comments"); list.AttrOr("hx-swap", "") != "afterbegin" || list.Find(".thread[data-key]").Length() != 1 {
		t.Errorf("the comment is not put before the others: %s", answer.Body)
	}
	if fresh := part(prefix + "form"); fresh.Find("textarea").Text() != "" || fresh.Find(`[name="request"]`).AttrOr("value", "") == sent.Get("request") {
		t.Error("the form is not a fresh one")
	}
	if part(fmt.Sprintf("comments-%s-post-%d", who.Public, s.post)).Length() != 1 || part(prefix+"counts").Length() != 1 {
		t.Errorf("the answer lacks a region: %s", answer.Body)
	}
	// The same form once more: nothing is put into the list a second time.
	again := anna.PostHTMX(s.path+"/comments", sent)
	if again.Status != http.StatusOK || again.Find(".thread").Length() != 0 {
		t.Errorf("sent twice: %d %s", again.Status, again.Body)
	}
	if n := anna.Get(s.path).Find(".threads .comment").Length(); n != 1 {
		t.Errorf("sent twice it is %d comments", n)
	}
	// A page that shows older comments does not show the newest among them.
	older := form(anna.Get(s.path+"?before=1"), "Ещё раз спасибо!")
	older.Del("newest")
	if answer := anna.PostHTMX(s.path+"/comments", older); answer.Status != http.StatusOK || answer.Find(".thread").Length() != 0 {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
}

func TestHeldCommentIsShownToItsAuthorAlone(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, _ := s.Person()
	boris, _ := s.Person()
	answer := anna.PostHTMX(s.path+"/comments", form(anna.Get(s.path), suspect))
	own := answer.Find(".own-comment")
	if own.AttrOr("data-own-state", "") != "pending" || !strings.Contains(own.Text(), "не позднее") || !strings.Contains(own.Text(), suspect) {
		t.Errorf("the author is told %q", own.Text())
	}
	for name, b := range map[string]*webtest.Browser{"a guest": s.Guest(), "another": boris} {
		if page := b.Get(s.path); strings.Contains(page.Body, "example.ru") {
			t.Errorf("%s sees it", name)
		}
	}
	// Refused, it comes with its ground in plain words.
	state, _ := s.store.Submission(t.Context(), 1)
	if state.Text != suspect {
		t.Fatalf("what waits is %+v", state)
	}
	if err := s.store.Settle(t.Context(), 1, moderation.Refuse, moderation.Advertising); err != nil {
		t.Fatal(err)
	}
	if told := anna.Get(s.path).Find(".own-comment").Text(); !strings.Contains(told, "реклама без разрешения") {
		t.Errorf("the author is told %q", told)
	}
}

func TestCommentThatCannotBeTakenComesBack(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, _ := s.Person()
	long := strings.Repeat("ё", publics.MaxBody+1)
	for _, c := range []struct{ name, typed, says string }{
		{"nothing", " \n ", "Напишите комментарий"},
		{"too much", long, "помещается 2"},
		{"control characters", "раз\x01два <b>", "управляющие знаки"},
	} {
		for how, send := range map[string]func(string, url.Values) *webtest.Answer{"plain": anna.Post, "htmx": anna.PostHTMX} {
			sent := form(anna.Get(s.path), c.typed)
			answer := send(s.path+"/comments", sent)
			if answer.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s, %s: %d", c.name, how, answer.Status)
			}
			if said := answer.Find("#field-body-error").Text(); !strings.Contains(said, c.says) {
				t.Errorf("%s, %s: beside the field stands %q", c.name, how, said)
			}
			if back := answer.Find("textarea").Text(); strings.TrimSpace(back) != strings.TrimSpace(strings.ReplaceAll(c.typed, "\x01", "\ufffd")) && back != c.typed {
				t.Errorf("%s, %s: %.60q came back", c.name, how, back)
			}
			if key := answer.Find(`.comment-form [name="request"]`).AttrOr("value", ""); key != sent.Get("request") {
				t.Errorf("%s, %s: the key came back as %q", c.name, how, key)
			}
		}
	}
	if n := anna.Get(s.path).Find(".comment").Length(); n != 0 {
		t.Errorf("%d refused comments were saved", n)
	}
}

func TestTooManyCommentsWaitAndKeepTheText(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, _ := s.Person()
	for i := range 5 {
		if answer := anna.PostHTMX(s.path+"/comments", form(anna.Get(s.path), fmt.Sprint("Слово ", i))); answer.Status != http.StatusOK {
			t.Fatalf("comment %d: %d", i, answer.Status)
		}
	}
	answer := anna.PostHTMX(s.path+"/comments", form(anna.Get(s.path), "Последнее слово"))
	if answer.Status != http.StatusTooManyRequests || strings.TrimSpace(answer.Find("textarea").Text()) != "Последнее слово" {
		t.Errorf("%d, %q came back", answer.Status, answer.Find("textarea").Text())
	}
	if said := answer.Find(".error-summary").Text(); !strings.Contains(said, "через 1 мин") {
		t.Errorf("the wait is named so: %q", said)
	}
	if boris, _ := s.Person(); boris.PostHTMX(s.path+"/comments", form(boris.Get(s.path), "А я первый")).Status != http.StatusOK {
		t.Error("another person waits as well")
	}
}

func TestLike(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, who := s.Person()
	button := fmt.Sprintf("#reactions-%s-post-%d button", who.Public, s.post)
	page := anna.Get(s.path)
	if page.Find(button).AttrOr("aria-pressed", "") != "false" || page.Find(button).AttrOr("value", "") != "like" {
		t.Fatal("a post nobody likes looks liked")
	}
	like := url.Values{"reaction": {"like"}}
	for range 2 { // a form sent twice is one like
		answer := anna.PostHTMX(s.path+"/reactions", like)
		if answer.Status != http.StatusOK || answer.Find(button).AttrOr("aria-pressed", "") != "true" || answer.Find(button).AttrOr("value", "") != "none" {
			t.Errorf("%d: %s", answer.Status, answer.Body)
		}
		if n := answer.Find(".post-counts .number").First().Text(); n != "1" {
			t.Errorf("%s likes", n)
		}
	}
	if other, _ := s.Person(); other.Get(s.path).Find(`.like [aria-pressed="true"]`).Length() != 0 {
		t.Error("another's button is pressed")
	}
	answer := anna.Post(s.path+"/reactions", url.Values{"reaction": {"none"}})
	if answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != s.path {
		t.Errorf("%d to %q", answer.Status, answer.Header.Get("Location"))
	}
	if page := anna.Get(s.path); page.Find(".post-counts .number").First().Text() != "0" || page.Find(button).AttrOr("aria-pressed", "") != "false" {
		t.Error("the like was not taken back")
	}
}

func TestRegionsOfAPostCanBeJoined(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, _ := s.Person()
	anna.PostHTMX(s.path+"/comments", form(anna.Get(s.path), "Слово"))
	for who, want := range map[*webtest.Browser]int{anna: 5, s.Guest(): 3} { // counts, head, comment; own comments and reaction
		regions := who.Get(s.path).Find("main [data-live]")
		if regions.Length() != want {
			t.Errorf("%d regions, want %d", regions.Length(), want)
		}
		for _, node := range regions.EachIter() {
			for _, attribute := range []string{"id", "data-version", "data-state", "data-pass"} {
				if value := node.AttrOr(attribute, ""); value == "" || value == "?" {
					t.Errorf("%s has %s %q", node.AttrOr("data-live", ""), attribute, value)
				}
			}
			if node.Find("input, textarea").Length() != 0 {
				t.Errorf("in %s something could be typed", node.AttrOr("data-live", ""))
			}
		}
	}
}

func TestWhoMayNotTalkIsToldWhy(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	guest := s.Guest()
	guest.Get(s.path)
	_, token := given.Unconfirmed(t, s.DB)
	unconfirmed := s.With(token)
	page := unconfirmed.Get(s.path)
	if page.Find(".comments .notice-warn").Length() != 1 || page.Find(".comment-form, .like").Length() != 0 {
		t.Error("an unconfirmed person is not told why there is no form")
	}
	for path, form := range map[string]url.Values{"/comments": {"body": {"Слово"}}, "/reactions": {"reaction": {"like"}}} {
		form.Set("csrf", s.CSRFOf(guest, s.path))
		if answer := guest.PostHTMX(s.path+path, form); answer.Status != http.StatusUnauthorized || answer.Find(`#problem a, hx-partial a[href^="/sign-in"]`).Length() == 0 {
			t.Errorf("%s of a guest: %d", path, answer.Status)
		}
		form.Set("csrf", s.CSRFOf(unconfirmed, s.path))
		if answer := unconfirmed.PostHTMX(s.path+path, form); answer.Status != http.StatusForbidden {
			t.Errorf("%s of an unconfirmed person: %d", path, answer.Status)
		}
	}
	anna, _ := s.Person()
	sent := form(anna.Get(s.path), "Слово")
	for _, path := range []string{"/publics/rynok/posts/1/comments", "/publics/p1/posts/99/comments", "/publics/p1/posts/x/comments", "/publics/p1/posts/99/reactions"} {
		if answer := anna.PostHTMX(path, sent); answer.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Status)
		}
	}
	if answer := guest.Get(s.path + "/comments"); answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != s.path {
		t.Errorf("the address of the comments leads to %d %q", answer.Status, answer.Header.Get("Location"))
	}
}

// Without Postgres an answer holds no form: what was typed stays in the page.
func TestCommentWithoutADatabaseTouchesNoForm(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, _ := s.Person()
	sent := form(anna.Get(s.path), "Слово")
	webtest.CutOffDatabase(t, s.DB)
	answer := anna.PostHTMX(s.path+"/comments", sent)
	if answer.Status != http.StatusServiceUnavailable || answer.Find("textarea").Length() != 0 || answer.Find(`hx-partial[hx-target="#problem"]`).Length() != 1 {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
}

// Forms that no page of the portal sent do nothing.
func TestForgedFormsDoNothing(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, _ := s.Person()
	forged := form(anna.Get(s.path), "Слово")
	forged.Set("csrf", "forged")
	forged.Set("reaction", "like")
	for _, to := range []string{"/comments", "/reactions"} {
		for how, send := range map[string]func(string, url.Values) *webtest.Answer{"plain": anna.Post, "htmx": anna.PostHTMX} {
			if answer := send(s.path+to, forged); answer.Status != http.StatusForbidden {
				t.Errorf("%s, %s: %d", to, how, answer.Status)
			}
		}
	}
	if page := anna.Get(s.path); page.Find(".comment").Length() != 0 || page.Find(`.like [aria-pressed="true"]`).Length() != 0 {
		t.Error("a forged form did something")
	}
}

// Without scripts the browser brings a sent form back, with its key: what is typed
// into it now is a comment of its own.
func TestFormThatTheBrowserBroughtBackIsSaid(t *testing.T) {
	t.Parallel()
	s := newSquare(t)
	anna, _ := s.Person()
	sent := form(anna.Get(s.path), "Раз")
	anna.Post(s.path+"/comments", sent)
	anna.Post(s.path+"/comments", sent)
	sent.Set("body", "Два")
	anna.Post(s.path+"/comments", sent)
	if said := anna.Get(s.path).Find(".threads .comment .as-typed").Text(); said != "ДваРаз" {
		t.Errorf("said was %q", said)
	}
}
