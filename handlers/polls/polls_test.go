package polls_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"veche/db/given"
	pollsdb "veche/db/polls"
	"veche/domain/polls"
	pollsweb "veche/handlers/polls"
	"veche/handlers/webtest"
)

func site(t *testing.T) *webtest.Site {
	t.Helper()
	return webtest.New(t, func(s *webtest.Site) {
		web := pollsweb.New(pollsdb.New(s.DB))
		web.Live(s.Server)
		s.Server.Mount(web.Routes())
	})
}

func path(p polls.Poll) string { return fmt.Sprintf("/polls/%d", p.ID) }

func choose(p polls.Poll, at int) url.Values {
	return url.Values{"option": {strconv.FormatInt(int64(p.Options[at].ID), 10)}, "request": {"FORM1"}}
}

func TestGuestSeesResultsAndNoForm(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll := given.OpenPoll(t, s.DB)
	page := s.Guest().Get(path(poll))
	if page.Status != http.StatusOK || strings.TrimSpace(page.Find("h1").Text()) != poll.Question {
		t.Fatalf("%d %q", page.Status, page.Find("h1").Text())
	}
	if n := page.Find(".poll-tally .bar").Length(); n != 3 {
		t.Errorf("%d bars", n)
	}
	if page.Find("form.form").Length() != 0 {
		t.Error("a guest is shown the form of a vote")
	}
	if href, _ := page.Find(".poll-form a").Attr("href"); href != "/sign-in?next="+url.QueryEscape(path(poll)) {
		t.Errorf("sign-in leads to %q", href)
	}
}

func TestRegionsOfThePageCanBeJoined(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll := given.OpenPoll(t, s.DB)
	anna, _ := s.Person()
	page := anna.Get(path(poll))
	regions := page.Find("main [data-live]")
	if regions.Length() != 5 {
		t.Fatalf("%d live regions", regions.Length())
	}
	for _, node := range regions.EachIter() {
		for _, attribute := range []string{"id", "data-version", "data-state", "data-pass"} {
			if value, ok := node.Attr(attribute); !ok || value == "" || value == "?" {
				name, _ := node.Attr("data-live")
				t.Errorf("%s has %s %q", name, attribute, value)
			}
		}
	}
}

func TestVoteWithoutScripts(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll := given.OpenPoll(t, s.DB)
	anna, _ := s.Person()
	anna.Get(path(poll))
	answer := anna.Post(path(poll)+"/ballots", choose(poll, 1))
	if answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != path(poll) {
		t.Fatalf("%d to %q: %s", answer.Status, answer.Header.Get("Location"), answer.Body)
	}
	page := anna.Get(path(poll))
	if state, _ := page.Find(".poll-ballot").Attr("data-ballot"); state != "cast" {
		t.Errorf("own ballot is %q", state)
	}
	if own, _ := page.Find(".poll-ballot").Attr("data-own-choice"); own != "2" {
		t.Errorf("own choice is %q", own)
	}
	if text := page.Find(".poll-sum").Text(); !strings.Contains(text, "1 человек") {
		t.Errorf("the sum says %q", text)
	}
}

func TestVoteAnswersWithTheRegions(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll := given.OpenPoll(t, s.DB)
	anna, who := s.Person()
	anna.Get(path(poll))
	answer := anna.PostHTMX(path(poll)+"/ballots", choose(poll, 0))
	if answer.Status != http.StatusOK {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	for _, target := range []string{
		fmt.Sprintf("#poll-%d-tally", poll.ID),
		fmt.Sprintf("#poll-%d-status", poll.ID),
		fmt.Sprintf("#poll-%d-turnout", poll.ID),
		fmt.Sprintf("#ballots-%s-poll-%d", who.Public, poll.ID),
	} {
		if answer.Find(`hx-partial[hx-target="`+target+`"]`).Length() != 1 {
			t.Errorf("the answer lacks %s", target)
		}
	}
	if strings.Contains(answer.Find(".poll-tally").Text(), "Ваш голос принят") {
		t.Error("the shared region tells whose vote it was")
	}
}

func TestSharedRegionsHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll := given.OpenPoll(t, s.DB)
	anna, who := s.Person()
	boris, _ := s.Person()
	anna.Get(path(poll))
	anna.PostHTMX(path(poll)+"/ballots", choose(poll, 0))
	region := func(b *webtest.Browser, name string) string {
		node := b.Get(path(poll)).Find(name)
		if node.Length() != 1 {
			t.Fatalf("the page has %d of %s", node.Length(), name)
		}
		// The pass is bound to each session; the stamps change with every page read.
		for _, stamp := range []string{"data-pass", "data-version", "data-state"} {
			node.RemoveAttr(stamp)
		}
		html, err := goquery.OuterHtml(node)
		if err != nil {
			t.Fatal(err)
		}
		return html
	}
	for _, view := range []string{"tally", "status", "turnout"} {
		name := fmt.Sprintf("#poll-%d-%s", poll.ID, view)
		own, other := region(anna, name), region(boris, name)
		if own != other {
			t.Errorf("%s is drawn differently for the voter", name)
		}
		if strings.Contains(own, who.Public) {
			t.Errorf("%s names the voter", name)
		}
	}
}

func TestVoteThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	s := site(t)
	open := given.OpenPoll(t, s.DB)
	scheduled := given.ScheduledPoll(t, s.DB, "Ещё не началось?")
	ended := given.OpenPoll(t, s.DB)
	given.TimeIsUp(t, s.DB, ended.ID)
	if err := pollsdb.New(s.DB).Close(t.Context(), ended.ID); err != nil {
		t.Fatal(err)
	}
	anna, _ := s.Person()
	anna.Get(path(open))
	anna.Post(path(open)+"/ballots", choose(open, 0))
	second := choose(open, 1)
	second.Set("request", "FORM2")
	for _, c := range []struct {
		name   string
		poll   polls.Poll
		form   url.Values
		status int
		says   string
	}{
		{"a second vote", open, second, http.StatusConflict, "уже голосовали"},
		{"a poll that is closed", ended, choose(ended, 0), http.StatusConflict, "завершено"},
		{"a poll that did not open", scheduled, choose(scheduled, 0), http.StatusConflict, "ещё не началось"},
		{"nothing chosen", open, url.Values{}, http.StatusUnprocessableEntity, "Выберите один из вариантов"},
		{"an option that is no number", open, url.Values{"option": {"первый"}}, http.StatusUnprocessableEntity, "Выберите один из вариантов"},
		{"an option of another poll", open, choose(ended, 0), http.StatusUnprocessableEntity, "Такого варианта"},
	} {
		for how, send := range map[string]func(string, url.Values) *webtest.Answer{"plain": anna.Post, "htmx": anna.PostHTMX} {
			answer := send(path(c.poll)+"/ballots", c.form)
			if answer.Status != c.status || !strings.Contains(answer.Body, c.says) {
				t.Errorf("%s, %s: %d, want %d with %q: %.600s", c.name, how, answer.Status, c.status, c.says, answer.Body)
			}
		}
	}
	if strings.Contains(anna.Get(path(open)).Find(".poll-sum").Text(), "2 человека") {
		t.Error("a refused vote was counted")
	}
}

func TestFormThatComesBackKeepsItsKey(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll, other := given.OpenPoll(t, s.DB), given.OpenPoll(t, s.DB)
	anna, _ := s.Person()
	anna.Get(path(poll))
	answer := anna.PostHTMX(path(poll)+"/ballots", choose(other, 0))
	if answer.Find("form input[name=request]").AttrOr("value", "") != "FORM1" {
		t.Error("the form lost its key")
	}
	if answer.Find(".error-summary a").Length() != 1 {
		t.Error("no summary leads to the field")
	}
}

// A page that answers a form stands at the form's address, and people reload it,
// switch its language and follow its links all the same.
func TestAddressOfTheVoteLeadsToThePoll(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll := given.OpenPoll(t, s.DB)
	anna, _ := s.Person()
	anna.Get(path(poll))
	anna.Header.Set("Referer", s.URL+path(poll))
	back := anna.Post(path(poll)+"/ballots", url.Values{})
	if got := back.Find(`.language input[name="return"]`).AttrOr("value", ""); got != path(poll) {
		t.Errorf("from the form that came back a new language leads to %q", got)
	}
	if again := anna.Get(path(poll) + "/ballots"); again.Status != http.StatusSeeOther || again.Header.Get("Location") != path(poll) {
		t.Errorf("reloading it: %d to %q", again.Status, again.Header.Get("Location"))
	}
	anna.Post(path(poll)+"/ballots", choose(poll, 0))
	second := choose(poll, 1)
	second.Set("request", "FORM2")
	refused := anna.Post(path(poll)+"/ballots", second)
	if refused.Status != http.StatusConflict || refused.Find(`main a[href="`+path(poll)+`"]`).Length() != 1 {
		t.Errorf("a refused vote does not lead back to the poll: %d %s", refused.Status, refused.Find("main").Text())
	}
	if nowhere := anna.Get("/polls/abc/ballots"); nowhere.Status != http.StatusNotFound {
		t.Errorf("the vote of no poll: %d", nowhere.Status)
	}
}

func TestGuestIsSentToSignIn(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll := given.OpenPoll(t, s.DB)
	guest := s.Guest()
	anna, _ := s.Person()
	anna.Get(path(poll))
	guest.Get(path(poll))
	for how, send := range map[string]func(string, url.Values) *webtest.Answer{"plain": guest.Post, "htmx": guest.PostHTMX} {
		// The token is from a session that ended: what is missing is the sign-in.
		form := choose(poll, 0)
		form.Set("csrf", s.CSRFOf(anna, "/polls"))
		answer := send(path(poll)+"/ballots", form)
		if answer.Status != http.StatusUnauthorized || !strings.Contains(answer.Body, "/sign-in") {
			t.Errorf("%s: %d %s", how, answer.Status, answer.Body)
		}
	}
}

func TestUnconfirmedPersonIsToldWhy(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll := given.OpenPoll(t, s.DB)
	_, token := given.Unconfirmed(t, s.DB)
	fresh := s.With(token)
	page := fresh.Get(path(poll))
	if page.Find("form.form").Length() != 0 || !strings.Contains(page.Text(), "учётная запись не подтверждена") {
		t.Error("the page does not say what is missing")
	}
	if answer := fresh.Post(path(poll)+"/ballots", choose(poll, 0)); answer.Status != http.StatusForbidden {
		t.Errorf("the vote was answered with %d", answer.Status)
	}
}

func TestListOfPolls(t *testing.T) {
	t.Parallel()
	s := site(t)
	for i := range polls.PageSize + 2 {
		given.ScheduledPoll(t, s.DB, fmt.Sprintf("Вопрос номер %d", i))
	}
	open := given.OpenPoll(t, s.DB)
	guest := s.Guest()

	all := guest.Get("/polls")
	if n := all.Find("#polls-list > article").Length(); n != polls.PageSize {
		t.Errorf("%d cards on the first page", n)
	}
	next, ok := all.Find("#polls-list-pager a").Attr("href")
	if !ok {
		t.Fatal("no way to the next page")
	}
	rest := guest.Get(next)
	if n := rest.Find("#polls-list > article").Length(); n != 3 {
		t.Errorf("%d cards on the second page", n)
	}
	if all.Find("[data-show-new]").Length() != 1 || rest.Find("[data-show-new]").Length() != 0 {
		t.Error("what is new is told above the first page, and above no other")
	}
	onlyOpen := guest.Get("/polls?status=open")
	if n := onlyOpen.Find("#polls-list > article").Length(); n != 1 {
		t.Errorf("%d open polls", n)
	}
	if onlyOpen.Find(".filter[aria-current]").Text() != "Открыты" {
		t.Error("the filter does not show that it is on")
	}
	found := guest.Get("/polls?" + url.Values{"q": {"скамейка"}}.Encode())
	if found.Find("#polls-list > article").Length() != 1 || !strings.Contains(found.Find("#polls-list h3").Text(), open.Question) {
		t.Error("the search does not find the poll")
	}
	if found.Find("input[name=q]").AttrOr("value", "") != "скамейка" {
		t.Error("what was searched for is gone from the field")
	}
	nothing := guest.Get("/polls?" + url.Values{"q": {"бегемот"}}.Encode())
	if nothing.Status != http.StatusOK || nothing.Find(".empty").Length() != 1 {
		t.Error("an empty list says nothing")
	}
	long := guest.Get("/polls?" + url.Values{"q": {strings.Repeat("ы", 300)}}.Encode())
	if long.Status != http.StatusUnprocessableEntity || long.Find(".field-error").Length() != 1 {
		t.Errorf("a search too long: %d", long.Status)
	}
}

func TestPollsThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := site(t)
	for _, path := range []string{"/polls/0", "/polls/-1", "/polls/abc", "/polls/999999", "/polls/99999999999999999999"} {
		if answer := s.Guest().Get(path); answer.Status != http.StatusNotFound || answer.Find("h1").Length() != 1 {
			t.Errorf("%s: %d", path, answer.Status)
		}
	}
}
