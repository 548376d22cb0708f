package publics_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"veche/db/demo"
	publicsdb "veche/db/publics"
	publicsweb "veche/handlers/publics"
	"veche/handlers/webtest"
)

// site is a portal with the demo town in it.
func site(t *testing.T) (*webtest.Site, demo.Summary) {
	t.Helper()
	var area *publicsweb.Handler
	s := webtest.New(t, func(s *webtest.Site) {
		area = publicsweb.New(publicsdb.New(s.DB))
		area.Live(s.Server)
		s.Server.Mount(area.Routes())
	})
	summary, err := demo.Seed(t.Context(), s.DB, demo.Options{Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return s, summary
}

// One town serves all that only read it.
func TestPages(t *testing.T) {
	t.Parallel()
	s, summary := site(t)
	for name, check := range map[string]func(*testing.T, *webtest.Browser, demo.Summary){
		"samples":        everySampleIsAPage,
		"directory":      directoryLeadsToPublics,
		"walls":          wallsHoldEveryPost,
		"kinds":          wallIsFilteredByKind,
		"post":           postIsReadWithItsTalk,
		"thread":         threadHasItsOwnPage,
		"not found":      missingThingsAreNotFound,
		"other language": pagesSpeakEnglish,
		"no controls":    guestsAreOfferedToSignIn,
	} {
		t.Run(name, func(t *testing.T) { check(t, s.Guest(), summary) })
	}
}

func everySampleIsAPage(t *testing.T, guest *webtest.Browser, _ demo.Summary) {
	for _, route := range publicsweb.New(nil).Routes() {
		if route.Method != http.MethodGet || strings.HasSuffix(route.Path, "/comments") {
			continue // where forms are sent
		}
		path := route.Sample
		if path == "" {
			path = route.Path
		}
		page := guest.Get(path)
		if page.Status != http.StatusOK || page.Find("main h1").Length() != 1 {
			t.Errorf("%s: %d, %d headings", path, page.Status, page.Find("main h1").Length())
		}
	}
}

func directoryLeadsToPublics(t *testing.T, guest *webtest.Browser, summary demo.Summary) {
	page := guest.Get("/publics")
	cards := page.Find("#publics-list > .card")
	if cards.Length() != summary.Publics {
		t.Fatalf("%d cards of %d publics", cards.Length(), summary.Publics)
	}
	for _, card := range cards.EachIter() {
		link := card.Find(".card-title a")
		there := guest.Get(link.AttrOr("href", ""))
		if title := strings.TrimSpace(there.Find("h1").Text()); there.Status != http.StatusOK || title != strings.TrimSpace(link.Text()) {
			t.Errorf("%q leads to %d %q", link.Text(), there.Status, title)
		}
	}
}

// follow visits a list and the pages after it, and answers the links in it.
func follow(t *testing.T, guest *webtest.Browser, path, list, links string) (hrefs []string) {
	t.Helper()
	for pages := 0; path != ""; pages++ {
		page := guest.Get(path)
		if page.Status != http.StatusOK || pages > 20 {
			t.Fatalf("%s: %d after %d pages", path, page.Status, pages)
		}
		for _, link := range page.Find(list + " " + links).EachIter() {
			hrefs = append(hrefs, link.AttrOr("href", ""))
		}
		path = page.Find(list+"-pager a").AttrOr("href", "")
	}
	return hrefs
}

func wallsHoldEveryPost(t *testing.T, guest *webtest.Browser, summary demo.Summary) {
	posts := map[string]bool{}
	for _, public := range follow(t, guest, "/publics", "#publics-list", ".card-title a") {
		for _, post := range follow(t, guest, public, "#posts-list", ".row-title a") {
			if posts[post] {
				t.Errorf("%s is listed twice", post)
			}
			posts[post] = true
		}
	}
	if len(posts) != summary.Posts {
		t.Errorf("%d posts are listed of %d", len(posts), summary.Posts)
	}
}

func wallIsFilteredByKind(t *testing.T, guest *webtest.Browser, _ demo.Summary) {
	page := guest.Get("/publics/dvor?kind=notice")
	if current := page.Find(".filter[aria-current]"); current.Length() != 1 || current.Text() != "Объявления" {
		t.Errorf("the filter says %q", current.Text())
	}
	rows := page.Find("#posts-list .row")
	if rows.Length() == 0 || rows.Length() != page.Find("#posts-list .row .tag:contains('Объявление')").Length() {
		t.Errorf("%d rows are not all notices", rows.Length())
	}
	all := guest.Get("/publics/dvor?kind=nonsense").Find("#posts-list .row").Length()
	if all <= rows.Length() {
		t.Errorf("an unknown kind shows %d rows", all)
	}
}

func postIsReadWithItsTalk(t *testing.T, guest *webtest.Browser, _ demo.Summary) {
	page := guest.Get("/publics/dvor/posts/1")
	if n := page.Find(".post .prose p").Length(); n < 2 {
		t.Errorf("%d paragraphs", n)
	}
	if page.Find(`.post .meta a[href="/publics/dvor"]`).Text() != "Двор и улица" {
		t.Error("the post does not say whose it is")
	}
	likes := page.Find("#post-1-counts .number").First().Text()
	if likes == "" || likes == "0" {
		t.Errorf("%q likes", likes)
	}
	threads := page.Find("#post-1-comments > .thread")
	if threads.Length() == 0 {
		t.Fatal("nobody said anything")
	}
	if newest := page.Find("#post-1-comments").AttrOr("data-newest", ""); newest != threads.First().AttrOr("data-key", "?") {
		t.Errorf("the newest comment is %q", newest)
	}
	said := page.Find("#post-1-comments .comment").Length()
	if counted := page.Find("#post-1-counts .unseen").Last().Text(); !strings.HasPrefix(counted, strconv.Itoa(said)+" ") {
		t.Errorf("%q, %d are shown", counted, said)
	}
}

func threadHasItsOwnPage(t *testing.T, guest *webtest.Browser, _ demo.Summary) {
	page := guest.Get("/publics/dvor/posts/1/comments/1")
	if page.Find("#post-1-comment-1").Length() != 1 {
		t.Error("the comment is missing")
	}
	if href := page.Find(".lead a").AttrOr("href", ""); href != "/publics/dvor/posts/1" {
		t.Errorf("the way back leads to %q", href)
	}
}

func missingThingsAreNotFound(t *testing.T, guest *webtest.Browser, _ demo.Summary) {
	for _, path := range []string{
		"/publics/rynok", "/publics/%FF%FE", "/publics/%D0%B4%D0%B2%D0%BE%D1%80",
		"/publics/park/posts/1", "/publics/dvor/posts/0", "/publics/dvor/posts/x", "/publics/dvor/posts/99999999999999999999",
		"/publics/dvor/posts/1/comments/999999", "/publics/dvor/posts/1/comments/-1",
	} {
		if page := guest.Get(path); page.Status != http.StatusNotFound || page.Find("h1").Length() != 1 {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
	for _, path := range []string{
		"/publics?after=%FF", "/publics/dvor?from=%FF.1", "/publics/dvor?from=1", "/publics/dvor/posts/1?before=x",
	} {
		if page := guest.Get(path); page.Status != http.StatusOK || page.Find(".card, .row, .comment").Length() == 0 {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
}

func pagesSpeakEnglish(t *testing.T, guest *webtest.Browser, _ demo.Summary) {
	guest.Header.Set("Accept-Language", "en")
	page := guest.Get("/publics/dvor")
	if page.Find("html").AttrOr("lang", "") != "en" || page.Find(".filter").Last().Text() != "Notices" {
		t.Errorf("%s, %q", page.Find("html").AttrOr("lang", ""), page.Find(".filter").Text())
	}
}

// Guests read everything and are offered nothing that they could not do: no form, but
// the way to sign in and back.
func guestsAreOfferedToSignIn(t *testing.T, guest *webtest.Browser, _ demo.Summary) {
	for _, path := range []string{"/publics", "/publics/dvor", "/publics/dvor/posts/1", "/publics/dvor/posts/1/comments/1"} {
		page := guest.Get(path)
		if n := page.Find("main").Find("form, input, textarea, button:not([hidden])").Length(); n != 0 {
			t.Errorf("%s has %d controls", path, n)
		}
	}
	links := guest.Get("/publics/dvor/posts/1").Find(`main a[href^="/sign-in"]`)
	if links.Length() != 2 {
		t.Errorf("%d ways to sign in, for a like and for a comment", links.Length())
	}
	for _, link := range links.EachIter() {
		if href := link.AttrOr("href", ""); href != "/sign-in?next="+url.QueryEscape("/publics/dvor/posts/1") {
			t.Errorf("sign-in leads to %q", href)
		}
	}
}
