package moderation_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	accountsdb "veche/db/accounts"
	"veche/db/given"
	"veche/domain/accounts"
	"veche/domain/moderation"
	moderationweb "veche/handlers/moderation"
	"veche/handlers/webtest"
)

func site(t *testing.T) *webtest.Site {
	t.Helper()
	return webtest.New(t, func(s *webtest.Site) {
		web := moderationweb.New(given.Desk(s.DB))
		web.Live(s.Server)
		s.Server.Mount(web.Routes())
	})
}

var moderator = accounts.Grant{Role: accounts.RoleModerator}

func path(i moderation.Item) string { return fmt.Sprintf("/moderation/queue/%d", i.ID) }

const undoPath = "/moderation/undo"

// formOf is where a button sends the form it belongs to.
func formOf(page *webtest.Answer, button string) string {
	return page.Find("#"+page.Find(button).AttrOr("form", "")).AttrOr("action", "")
}

// verdict is the form of a decision as the page sends it.
func verdict(page *webtest.Answer, outcome, ground, note string) url.Values {
	return url.Values{
		"token":   {page.Find(`input[name="token"]`).AttrOr("value", "")},
		"outcome": {outcome}, "ground": {ground}, "note": {note},
	}
}

func TestDeskIsForModerators(t *testing.T) {
	t.Parallel()
	s := site(t)
	item := given.Queued(t, s.DB)
	anna, _ := s.Person()
	gleb, _ := s.Person(moderator)
	for _, page := range []string{"/moderation/queue", path(item)} {
		if answer := s.Guest().Get(page); answer.Status != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), "/sign-in") {
			t.Errorf("%s as a guest: %d to %q", page, answer.Status, answer.Header.Get("Location"))
		}
		if answer := anna.Get(page); answer.Status != http.StatusForbidden || strings.Contains(answer.Body, "mail@example.ru") {
			t.Errorf("%s as a citizen: %d", page, answer.Status)
		}
		if answer := gleb.Get(page); answer.Status != http.StatusOK || !strings.Contains(answer.Body, "mail@example.ru") {
			t.Errorf("%s as a moderator: %d", page, answer.Status)
		}
	}
	const entry = `.side a[href="/moderation/queue"]`
	if gleb.Get("/moderation/queue").Find(entry).Length() != 1 || anna.Get("/moderation/queue").Find(entry).Length() != 0 {
		t.Error("the menu shows the desk to others than moderators")
	}
}

func TestDecisionWithoutScripts(t *testing.T) {
	t.Parallel()
	s := site(t)
	item := given.Queued(t, s.DB)
	gleb, _ := s.Person(moderator)
	page := gleb.Get(path(item))
	if page.Find("#desk-decide").Length() != 0 {
		t.Error("who has not taken it is asked to decide")
	}
	if to := formOf(page, ".desk-lease button"); to != path(item)+"/lease" {
		t.Fatalf("the button leads to %q", to)
	}
	if answer := gleb.Post(path(item)+"/lease", url.Values{}); answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != path(item) {
		t.Fatalf("taking: %d to %q", answer.Status, answer.Header.Get("Location"))
	}
	page = gleb.Get(path(item))
	if page.Find("#desk-decide").Length() != 1 || page.Find(`input[name="token"]`).AttrOr("form", "") != "desk-decide" {
		t.Fatal("who took it is not asked to decide")
	}
	back := gleb.Post(path(item)+"/decision", verdict(page, "refuse", "", "Адрес почты"))
	if back.Status != http.StatusUnprocessableEntity || back.Find("textarea").Text() != "Адрес почты" || !strings.Contains(back.Find(".field-error").Text(), "что нарушено") {
		t.Errorf("without a ground: %d, note %q, %q", back.Status, back.Find("textarea").Text(), back.Find(".field-error").Text())
	}
	if again := gleb.Get(path(item) + "/decision"); again.Status != http.StatusSeeOther || again.Header.Get("Location") != path(item) {
		t.Errorf("reloading it: %d to %q", again.Status, again.Header.Get("Location"))
	}
	if answer := gleb.Post(path(item)+"/decision", verdict(back, "refuse", "advertising", "Адрес почты")); answer.Status != http.StatusSeeOther {
		t.Fatalf("deciding: %d %s", answer.Status, answer.Body)
	}
	page = gleb.Get(path(item))
	if page.Find("#desk-decide").Length() != 0 || !strings.Contains(page.Find(".desk-lease").Text(), "реклама без разрешения") {
		t.Errorf("the page after the decision says %q", page.Find(".desk-lease").Text())
	}
	queue := gleb.Get("/moderation/queue")
	if to, id := formOf(queue, ".desk-undo button"), queue.Find(".desk-undo button").AttrOr("value", ""); to != undoPath || id != item.ID.String() {
		t.Fatalf("the way to undo leads to %q of %q", to, id)
	}
	if answer := gleb.Post(undoPath, url.Values{"item": {item.ID.String()}}); answer.Status != http.StatusSeeOther {
		t.Fatalf("undoing: %d", answer.Status)
	}
	page = gleb.Get(path(item))
	if page.Find("#desk-decide").Length() != 1 || page.Find(".desk-undo button").Length() != 0 {
		t.Error("after undoing the item is not the moderator's again")
	}
	if answer := gleb.Post(path(item)+"/lease/release", url.Values{}); answer.Status != http.StatusSeeOther {
		t.Fatalf("giving back: %d", answer.Status)
	}
	if after := given.Item(t, s.DB, item.ID); after.Lease.Holder.Account != 0 || after.State != moderation.StateWaiting {
		t.Errorf("given back as %+v", after)
	}
}

// The answer to a press holds what changed, and nothing that would take away what is
// being typed.
func TestAnswersHoldTheRegionsAndKeepTheForm(t *testing.T) {
	t.Parallel()
	s := site(t)
	item := given.Queued(t, s.DB)
	gleb, who := s.Person(moderator)
	gleb.Get(path(item))
	place := fmt.Sprintf(`hx-partial[hx-target="#desk-decision-%d"]`, item.ID)
	taken := gleb.PostHTMX(path(item)+"/lease", url.Values{})
	for _, region := range []string{
		moderation.LeaseOf(item.ID).ElementID(),
		moderation.CardOf(item.ID).ElementID(),
		moderation.OwnOf(who.Public, item.ID).ElementID(),
		moderation.UndoOf(who.Public).ElementID(),
	} {
		if taken.Find(`hx-partial[hx-target="#`+region+`"] [data-state]`).Length() != 1 {
			t.Errorf("the answer lacks %s", region)
		}
	}
	if taken.Status != http.StatusOK || taken.Find(place+" #desk-decide").Length() != 1 {
		t.Fatalf("taking: %d, %d forms", taken.Status, taken.Find("#desk-decide").Length())
	}
	if longer := gleb.PostHTMX(path(item)+"/lease", url.Values{"drawn": {"yes"}}); longer.Find(place).Length() != 0 {
		t.Error("prolonging draws the form anew")
	}
	refused := gleb.PostHTMX(path(item)+"/decision", verdict(taken, "refuse", "", "пишу"))
	if refused.Status != http.StatusUnprocessableEntity || refused.Find("#desk-decide textarea").Text() != "пишу" {
		t.Errorf("without a ground: %d, note %q", refused.Status, refused.Find("textarea").Text())
	}
	decided := gleb.PostHTMX(path(item)+"/decision", verdict(taken, "refuse", "insult", "писал долго"))
	if decided.Status != http.StatusOK || decided.Find("#desk-decide").Length() != 0 || decided.Find(place+" a").Length() != 1 {
		t.Errorf("deciding: %d %s", decided.Status, decided.Body)
	}
	undone := gleb.PostHTMX(undoPath, url.Values{"item": {item.ID.String()}})
	for how, form := range map[string]*goquery.Selection{
		"in the answer": undone.Find(place + " #desk-decide"),
		"on the page":   gleb.Get(path(item)).Find("#desk-decide"),
	} {
		ground, note := form.Find("[name=ground][checked]").AttrOr("value", ""), form.Find("textarea").Text()
		if undone.Status != http.StatusOK || ground != "insult" || note != "писал долго" {
			t.Errorf("undone, %s: %d, ground %q, note %q", how, undone.Status, ground, note)
		}
	}
	gleb.PostHTMX(path(item)+"/lease/release", nil)
	if again := gleb.PostHTMX(path(item)+"/lease", nil); again.Find("textarea").Text() != "" {
		t.Error("what was typed outlives the lease")
	}
}

func TestLostLeaseKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := site(t)
	item := given.Queued(t, s.DB)
	gleb, who := s.Person(moderator)
	dina, _ := s.Person(moderator)
	gleb.Get(path(item))
	gleb.Post(path(item)+"/lease", url.Values{})
	page := gleb.Get(path(item))
	given.DeskTimePasses(t, s.DB, item.ID, moderation.LeaseFor)
	dina.Get(path(item))
	if taken := dina.Post(path(item)+"/lease", url.Values{}); taken.Status != http.StatusSeeOther {
		t.Fatalf("taking over: %d", taken.Status)
	}
	for how, send := range map[string]func(string, url.Values) *webtest.Answer{"plain": gleb.Post, "htmx": gleb.PostHTMX} {
		answer := send(path(item)+"/decision", verdict(page, "refuse", "insult", "Писал долго"))
		if answer.Status != http.StatusConflict || answer.Find("#desk-decide textarea").Text() != "Писал долго" ||
			answer.Find(`input[name="ground"][checked]`).AttrOr("value", "") != "insult" {
			t.Errorf("%s: %d, note %q", how, answer.Status, answer.Find("textarea").Text())
		}
		if says := answer.Find(".error-summary").Text(); !strings.Contains(says, "Тест Т.") {
			t.Errorf("%s: who has it is not said: %q", how, says)
		}
		own := answer.Find("#" + moderation.OwnOf(who.Public, item.ID).ElementID())
		if own.AttrOr("data-own", "") != "lost" || own.Find(`input[name="token"]`).Length() != 0 {
			t.Errorf("%s: own line %q", how, own.Text())
		}
	}
	if late := gleb.PostHTMX(path(item)+"/lease", url.Values{"drawn": {"yes"}}); late.Status != http.StatusConflict || !strings.Contains(late.Body, "у другого модератора") {
		t.Errorf("taking it back: %d", late.Status)
	}
}

func TestSharedRegionsAreTheSameForAllModerators(t *testing.T) {
	t.Parallel()
	s := site(t)
	item := given.Queued(t, s.DB)
	gleb, who := s.Person(moderator)
	dina, _ := s.Person(moderator)
	gleb.Get(path(item))
	gleb.Post(path(item)+"/lease", url.Values{})
	for _, id := range []string{moderation.LeaseOf(item.ID).ElementID(), moderation.CardOf(item.ID).ElementID(), moderation.CountRegion.ElementID()} {
		var drawn []string
		for _, b := range []*webtest.Browser{gleb, dina} {
			region := b.Get(path(item)).Find("#" + id)
			for _, stamp := range []string{"data-pass", "data-version", "data-state"} {
				region.RemoveAttr(stamp)
			}
			html, err := goquery.OuterHtml(region)
			if err != nil || region.Length() != 1 {
				t.Fatalf("%d of %s, %v", region.Length(), id, err)
			}
			drawn = append(drawn, html)
		}
		if drawn[0] != drawn[1] {
			t.Errorf("%s is drawn differently for the holder:\n%s\n%s", id, drawn[0], drawn[1])
		}
		for _, personal := range []string{who.Public, "csrf", "Тестов"} {
			if strings.Contains(drawn[0], personal) {
				t.Errorf("%s holds %q", id, personal)
			}
		}
	}
}

func TestOwnTextIsNotOffered(t *testing.T) {
	t.Parallel()
	s := site(t)
	gleb, who := s.Person(moderator)
	item := given.QueuedBy(t, s.DB, who, "Только сегодня скидки")
	page := gleb.Get(path(item))
	if !strings.Contains(page.Find(".desk-item").Text(), "Это ваш текст") || page.Find(".desk-mine .desk-lease").Length() != 1 {
		t.Error("the page does not say whose text it is")
	}
	for how, send := range map[string]func(string, url.Values) *webtest.Answer{"plain": gleb.Post, "htmx": gleb.PostHTMX} {
		for to, form := range map[string]url.Values{
			path(item) + "/lease":    {},
			path(item) + "/decision": {"token": {"0"}, "outcome": {"allow"}},
		} {
			if answer := send(to, form); answer.Status != http.StatusForbidden {
				t.Errorf("%s, %s: %d", how, to, answer.Status)
			}
		}
		send(path(item)+"/lease/release", url.Values{})
		send(undoPath, url.Values{"item": {item.ID.String()}})
	}
	// The next one is none of their own either.
	if next := gleb.Post("/moderation/next", url.Values{}); next.Status != http.StatusSeeOther || next.Header.Get("Location") != "/moderation/queue" {
		t.Errorf("next: %d to %q", next.Status, next.Header.Get("Location"))
	}
	if after := given.Item(t, s.DB, item.ID); after.State != moderation.StateWaiting || after.Lease != (moderation.Lease{}) {
		t.Errorf("one's own text became %+v", after)
	}
}

// Whose role is taken decides nothing any more, whatever they hold; a colleague takes
// it when the lease has run out.
func TestFormerModeratorDecidesNothing(t *testing.T) {
	t.Parallel()
	s := site(t)
	item := given.Queued(t, s.DB)
	gleb, who := s.Person(moderator)
	dina, _ := s.Person(moderator)
	_, admin := s.Person(accounts.Grant{Role: accounts.RoleAdmin})
	if next := gleb.Post("/moderation/next", url.Values{"csrf": {s.CSRFOf(gleb, path(item))}}); next.Header.Get("Location") != path(item) {
		t.Fatalf("next: %d to %q", next.Status, next.Header.Get("Location"))
	}
	page := gleb.Get(path(item))
	people := accountsdb.New(s.DB, accountsdb.WithHashing(given.CheapHashing))
	if err := people.Revoke(t.Context(), admin, who.Public, accounts.RoleModerator, ""); err != nil {
		t.Fatal(err)
	}
	for to, form := range map[string]url.Values{
		path(item) + "/decision":      verdict(page, "allow", "", ""),
		path(item) + "/lease":         {},
		path(item) + "/lease/release": {},
		undoPath:                      {"item": {item.ID.String()}},
		"/moderation/next":            {},
	} {
		form.Set("csrf", page.Find(`input[name="csrf"]`).AttrOr("value", ""))
		if answer := gleb.Post(to, form); answer.Status != http.StatusForbidden || strings.Contains(answer.Body, "mail@example.ru") {
			t.Errorf("%s: %d", to, answer.Status)
		}
	}
	if after := given.Item(t, s.DB, item.ID); after.State != moderation.StateWaiting || after.Lease.Holder.Account != who.Account {
		t.Errorf("the item became %+v", after)
	}
	dina.Get(path(item))
	if answer := dina.PostHTMX(path(item)+"/lease", url.Values{}); answer.Status != http.StatusConflict {
		t.Errorf("taking what is held: %d", answer.Status)
	}
	given.DeskTimePasses(t, s.DB, item.ID, moderation.LeaseFor)
	if answer := dina.PostHTMX(path(item)+"/lease", url.Values{}); answer.Status != http.StatusOK {
		t.Errorf("taking what is free again: %d", answer.Status)
	}
}

// Forms that no page of the portal sent, and those of guests, do nothing.
func TestForgedFormsDoNothing(t *testing.T) {
	t.Parallel()
	s := site(t)
	item := given.Queued(t, s.DB)
	gleb, _ := s.Person(moderator)
	gleb.Get(path(item))
	guest := s.Guest()
	for _, to := range []string{path(item) + "/lease", path(item) + "/lease/release", path(item) + "/decision", undoPath, "/moderation/next"} {
		if answer := gleb.Post(to, url.Values{"csrf": {"forged"}, "item": {item.ID.String()}}); answer.Status != http.StatusForbidden {
			t.Errorf("%s with a forged token: %d", to, answer.Status)
		}
		answer := guest.Post(to, url.Values{"item": {item.ID.String()}})
		if leads := strings.HasPrefix(answer.Header.Get("Location"), "/sign-in"); answer.Status < 400 && !leads {
			t.Errorf("%s of a guest: %d", to, answer.Status)
		}
	}
	if after := given.Item(t, s.DB, item.ID); after.Lease.Token != 0 {
		t.Errorf("the item became %+v", after)
	}
}

func TestQueuePagesByKey(t *testing.T) {
	t.Parallel()
	s := site(t)
	author := given.Residents(t, s.DB, 1)[0]
	for n := range moderation.PageSize + 2 {
		given.QueuedBy(t, s.DB, author, "www.example.ru/"+strconv.Itoa(n))
	}
	gleb, _ := s.Person(moderator)
	first := gleb.Get("/moderation/queue")
	next, _ := first.Find("#moderation-list-pager a").Attr("href")
	rest := gleb.Get(next)
	if n, m := first.Find("#moderation-list > article").Length(), rest.Find("#moderation-list > article").Length(); n != moderation.PageSize || m != 2 {
		t.Errorf("%d and %d rows", n, m)
	}
	// What is new comes after the last row, and is asked for from there.
	last := rest.Find("#moderation-list > article").Last().AttrOr("data-key", "")
	if rest.Find("#moderation-list").AttrOr("data-newest", "") != last || !strings.HasSuffix(rest.Find("#moderation-list-pager input[name=from]").AttrOr("value", ""), "."+last) {
		t.Error("the page does not say where it ends")
	}
	if first.Find("#moderation-list-pager").Is("[hidden]") || !rest.Find("#moderation-list-pager").Is("[hidden]") {
		t.Error("the last page alone is the end of the queue")
	}
	if says := strings.TrimSpace(first.Find("#" + moderation.CountRegion.ElementID()).Text()); says != "22 текста" {
		t.Errorf("the queue says %q", says)
	}
	for _, nonsense := range []string{"x", "1.", "99999999999999999999.1", "-1.-1"} {
		if page := gleb.Get("/moderation/queue?from=" + nonsense); page.Find("#moderation-list > article").Length() != moderation.PageSize {
			t.Errorf("from=%s leads to %d", nonsense, page.Status)
		}
	}
}

func TestItemsThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := site(t)
	gleb, _ := s.Person(moderator)
	gleb.Get("/moderation/queue")
	for _, id := range []string{"0", "-1", "abc", "999999", "99999999999999999999"} {
		if page := gleb.Get("/moderation/queue/" + id); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", id, page.Status)
		}
		for _, do := range []string{"/lease", "/lease/release", "/decision"} {
			if answer := gleb.Post("/moderation/queue/"+id+do, url.Values{}); answer.Status != http.StatusNotFound {
				t.Errorf("%s%s: %d", id, do, answer.Status)
			}
		}
		if answer := gleb.Post(undoPath, url.Values{"item": {id}}); answer.Status != http.StatusNotFound && answer.Status != http.StatusConflict {
			t.Errorf("undoing %s: %d", id, answer.Status)
		}
	}
}
