package main

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"veche/db/given"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/moderation"
	"veche/handlers"
	"veche/handlers/webtest"
)

// notPages are the routes that answer with something else than a page.
var notPages = map[string]bool{"/live": true, "/metrics": true, "/healthz": true, "/readyz": true}

// A sample of every page of the portal is looked at with axe-core by those whom the
// portal is for, each with something of their own on it, and none may scroll
// sideways. The style guide has a test of its own, in every language and theme.
func TestEveryPageIsAccessibleInBrowser(t *testing.T) {
	t.Parallel()
	site, routes := town(t)
	browser := chromium(t)
	people := peopleOf(t, site)
	// Tall enough for the whole page: what lies under the bar at the lower edge at
	// one moment of scrolling is not out of reach.
	phone := look{name: "on a phone", width: 360, height: 9000}
	desk := look{name: "at a desk in the dark", width: 1440, height: 900, dark: true}
	small := look{name: "on a small phone in large letters of one colour", width: 320, height: 800, roomOnly: true, appearance: url.Values{
		"theme": {"auto"}, "contrast": {"white-on-black"}, "text": {"large"}, "font": {"sans"},
	}}
	// Each goes where somebody else does not: what everybody may see a citizen looks at.
	citizen := access.Actor{Account: 1, Confirmed: true, Fresh: true}
	open := func(r handlers.Route) bool { return access.May(access.Guest(), r.Action) == nil }
	own := func(r handlers.Route) bool { return access.May(citizen, r.Action) == nil }
	work := func(r handlers.Route) bool { return !own(r) }
	walks := []struct {
		who   string
		token accounts.Token
		look  look
		where func(handlers.Route) bool
		after func(*walk)
	}{
		{"guest", "", phone, open, nil},
		{"citizen", people.citizen, desk, own, (*walk).sendsNothing},
		{"citizen", people.citizen, small, own, nil},
		{"moderator who has the text", people.holder, desk, work, (*walk).refusesWithoutGround},
		{"moderator who looks on", people.onlooker, phone, work, nil},
		{"editor", people.editor, phone, work, nil},
		{"support", people.support, phone, work, nil},
		{"administrator", people.admin, desk, work, nil},
	}
	seen := &sync.Map{}
	for _, w := range walks {
		t.Run(w.who+" "+w.look.name, func(t *testing.T) {
			t.Parallel()
			walk := &walk{tab: site.visitor(t, browser, w.token), look: w.look, seen: seen}
			walk.dress(t, site, w.token)
			walk.everyPage(routes, w.where)
			if w.after != nil {
				w.after(walk)
			}
		})
	}
}

// people have something to see: notices, comments of their own in each state, a text
// taken for review and one decided.
type people struct{ citizen, holder, onlooker, editor, support, admin accounts.Token }

func peopleOf(t *testing.T, site *program) people {
	t.Helper()
	var all people
	reader, token := given.Person(t, site.DB)
	all.citizen = token
	site.openPoll(t, "Где поставить скамейку?")
	if _, err := site.DB.Pool().Exec(t.Context(), `
		INSERT INTO comments (post_id, author_id, body, state, ground, decided_at)
		VALUES
			(1, $1, 'Пишите на mail@example.ru', 'pending', '', NULL),
			(1, $1, 'Дураки какие-то', 'rejected', 'insult', now()),
			(1, $1, 'Спасибо, давно ждали', 'published', '', now())`, reader.Account); err != nil {
		t.Fatal(err)
	}
	await(t, "the citizen is told of the poll", func() bool {
		_, unread, err := site.ofPeople().Unread(t.Context(), reader.Public)
		return err == nil && unread[reader.Public] == 1
	})
	desk := given.Desk(site.DB)
	holder, token := given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleModerator})
	all.holder = token
	for _, item := range []moderation.ID{1, 2} {
		if err := desk.Take(t.Context(), holder, item); err != nil {
			t.Fatal(err)
		}
	}
	refusal := moderation.NewVerdict(string(moderation.Refuse), string(moderation.Advertising), "Третий раз за неделю")
	if err := desk.Decide(t.Context(), holder, 2, given.Item(t, site.DB, 2).Lease.Token, refusal); err != nil {
		t.Fatal(err)
	}
	// What is held and what can be undone stays so for as long as the walks last, which
	// begin when other tests are over.
	for _, item := range []moderation.ID{1, 2} {
		given.DeskTimePasses(t, site.DB, item, -time.Hour)
	}
	_, all.onlooker = given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleModerator})
	_, all.editor = given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleEditor, Scope: accounts.DemoPublic})
	_, all.support = given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleSupport})
	_, all.admin = given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleAdmin})
	return all
}

// look is how somebody sees the portal.
type look struct {
	name          string
	width, height int64
	dark          bool
	appearance    url.Values // chosen in the portal; nil is as it comes
	// roomOnly looks at whether everything has room and leaves the rest: what axe finds
	// does not depend on the width, and colours have a test of their own.
	roomOnly bool
}

// walk is one visitor going through the portal.
type walk struct {
	*tab
	look look
	// seen are the pages looked at by all, by their look and what they consist of: the
	// same page need not be looked at twice.
	seen *sync.Map
	// looked is on how many pages this visitor was the first.
	looked int
}

// dress makes the portal look as the visitor has chosen.
func (w *walk) dress(t *testing.T, site *program, token accounts.Token) {
	t.Helper()
	w.run(chromedp.EmulateViewport(w.look.width, w.look.height))
	if w.look.dark {
		w.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
	}
	if w.look.appearance == nil {
		return
	}
	visitor := client(t, site, token)
	form := url.Values{"csrf": {tokenOf(t, visitor, site)}}
	for name, values := range w.look.appearance {
		form[name] = values
	}
	send(t, visitor, http.MethodPost, site.URL+"/settings/appearance", form, nil)
	address, err := url.Parse(site.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range visitor.Jar.Cookies(address) {
		w.run(network.SetCookie(cookie.Name, cookie.Value).WithURL(site.URL))
	}
}

func (w *walk) everyPage(routes []handlers.Route, where func(handlers.Route) bool) {
	w.t.Helper()
	visited := 0
	for _, route := range routes {
		if route.Method != http.MethodGet || notPages[route.Path] || strings.HasPrefix(route.Path, "/styleguide") || !where(route) {
			continue
		}
		visited++
		w.open(route.Sample)
		w.check(route.Sample)
	}
	// Whoever has a place of work sees a page there that nobody saw before them.
	if visited < 1 || w.looked < 1 {
		w.t.Errorf("%d pages were visited and %d looked at", visited, w.looked)
	}
}

// sendsNothing looks at a form that came back.
func (w *walk) sendsNothing() {
	w.open("/publics/dvor/posts/1")
	w.click(`.comment-form button`)
	w.awaitText(".comment-form", "Напишите комментарий")
	w.check("a comment that came back")
}

// refusesWithoutGround looks at a decision that came back.
func (w *walk) refusesWithoutGround() {
	w.open("/moderation/queue/1")
	w.click(`#desk-decide button[value="refuse"]`)
	w.awaitText("#desk-decide", "Выберите, что нарушено")
	w.check("a decision that came back")
}

// check looks at the page as it stands.
func (w *walk) check(page string) {
	w.t.Helper()
	var consists string
	w.eval(`[...document.querySelectorAll('main *')].map(e => e.tagName + '.' + e.getAttribute('class') + [...e.attributes].map(a => a.name)).join()`, &consists)
	var beyond int
	w.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &beyond)
	if beyond > 0 {
		w.t.Errorf("%s scrolls %d px sideways", page, beyond)
	}
	if _, before := w.seen.LoadOrStore(w.look.name+consists, true); before {
		return
	}
	w.looked++
	if w.look.roomOnly {
		return
	}
	w.awaitJS(`document.getAnimations().every(a => a.playState !== 'running' || a.effect.getComputedTiming().iterations === Infinity)`)
	found, err := webtest.Axe(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, violation := range found {
		w.t.Errorf("%s: %s", page, violation)
	}
}
