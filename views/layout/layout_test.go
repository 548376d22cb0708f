package layout_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"veche/views/layout"
	"veche/views/ui"
	"veche/views/words"
)

// frame is a page of a signed-in reader; tests change what they are about.
func frame() layout.Frame {
	return layout.Frame{
		Title:  "Голосования",
		Lang:   words.Russian,
		Zone:   time.UTC,
		Path:   "/polls?state=open",
		Person: &layout.Person{Name: "Анна Соколова", Account: "a1"},
		CSRF:   "t0ken",
		Crumbs: []layout.Crumb{{Label: "Главная", Href: "/"}},
	}
}

func draw(t *testing.T, f layout.Frame) *goquery.Document {
	t.Helper()
	var html strings.Builder
	ctx := templ.WithChildren(context.Background(), templ.Raw(`<p id="inside">содержание</p>`))
	if err := layout.Page(f).Render(ctx, &html); err != nil {
		t.Fatal(err)
	}
	page, err := goquery.NewDocumentFromReader(strings.NewReader(html.String()))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func count(t *testing.T, page *goquery.Document, selector string, want int) {
	t.Helper()
	if got := page.Find(selector).Length(); got != want {
		t.Errorf("%d of %s, not %d", got, selector, want)
	}
}

func TestPageHasItsLandmarks(t *testing.T) {
	page := draw(t, frame())
	count(t, page, `html[lang="ru"]`, 1)
	count(t, page, "h1", 1)
	count(t, page, "body > header", 1)
	count(t, page, "main#content[hx-history-elt] #inside", 1)
	count(t, page, "body > footer", 1)
	count(t, page, `body > a.skip[href="#content"]`, 1)
	count(t, page, "nav:not([aria-label])", 0)
	if got := page.Find("title").Text(); got != "Голосования — Вече" {
		t.Errorf("the title is %q", got)
	}
	own := frame()
	own.NoHeading = true
	count(t, draw(t, own), "h1", 0)
}

func TestMenusShowWhereOneIs(t *testing.T) {
	for path, want := range map[string]string{
		"/":              "/",
		"/polls":         "/polls",
		"/polls/42?a=b":  "/polls",
		"/pollsters":     "",
		"/publics/3/pos": "/publics",
	} {
		f := frame()
		f.Path = path
		current := draw(t, f).Find(`.side a[aria-current="page"]`)
		if got := current.AttrOr("href", ""); got != want || current.Length() > 1 {
			t.Errorf("on %s the menu shows %q (%d entries)", path, got, current.Length())
		}
	}
}

// HOME-14 and VOTE-01 name the group.
func TestCivicInitiativesStandTogetherInTheMenu(t *testing.T) {
	for lang, title := range map[words.Lang]string{words.Russian: "Гражданские инициативы", words.English: "Civic initiatives"} {
		f := frame()
		f.Lang = lang
		group := draw(t, f).Find(".side .side-title")
		if group.Length() != 1 || group.Text() != title {
			t.Fatalf("the menu has the groups %q, want %q", group.Text(), title)
		}
		var leads []string
		for _, link := range group.NextFiltered("ul").Find("a").EachIter() {
			leads = append(leads, link.AttrOr("href", ""))
		}
		if !slices.Equal(leads, []string{"/polls", "/publics"}) {
			t.Errorf("%s leads to %q", title, leads)
		}
	}
}

// The frame is not redrawn by a move, so what changes it has to be a full load;
// and each form has to prove that it comes from this page.
func TestFormsOfTheFrameAreFullLoads(t *testing.T) {
	forms := draw(t, frame()).Find("form[method=post]")
	if forms.Length() != 3 {
		t.Fatalf("%d forms: language, appearance and sign-out are expected", forms.Length())
	}
	forms.Each(func(_ int, form *goquery.Selection) {
		action := form.AttrOr("action", "")
		if form.AttrOr("hx-boost", "") != "false" {
			t.Errorf("%s is boosted", action)
		}
		if form.Find(`input[name="`+ui.CSRFField+`"]`).AttrOr("value", "") != "t0ken" {
			t.Errorf("%s carries no token", action)
		}
		if back := form.Find("input[name=return]"); action != "/sign-out" && back.AttrOr("value", "") != "/polls?state=open" {
			t.Errorf("%s leads back to %q", action, back.AttrOr("value", ""))
		}
	})
}

func TestSocketStandsOutsideTheContent(t *testing.T) {
	page := draw(t, frame())
	for _, id := range []string{"#live", "#live-strip", "#live-toggle", "#live-said"} {
		count(t, page, id, 1)
		count(t, page, "#content "+id, 0)
	}
	count(t, page, "#live-strip[hidden][role=status] [data-live-words]", 1)
	count(t, page, "#live-toggle[hidden][aria-pressed=false] [data-live-label]", 1)
	live := page.Find("#live")
	for _, name := range []string{
		"paused", "unavailable", "connecting", "offline", "stale", "bye-session", "bye-role", "reload", "retry",
		"resume", "pause", "held-one", "held-few", "held-many", "held-other", "reconnecting-many", "more-few",
	} {
		if said := live.AttrOr("data-text-"+name, ""); said == "" || strings.Contains(said, "layout.") {
			t.Errorf("#live says %q for %s", said, name)
		}
	}
	quiet := frame()
	quiet.NoLive = true
	count(t, draw(t, quiet), "#live, #live-toggle, #live-strip", 0)
}

func TestGuestsAreShownTheDoor(t *testing.T) {
	guest := frame()
	guest.Person = nil
	page := draw(t, guest)
	if got := page.Find("a[data-sign-in]").AttrOr("href", ""); got != "/sign-in?next=%2Fpolls%3Fstate%3Dopen" {
		t.Errorf("sign-in leads to %q", got)
	}
	count(t, page, `form[action="/sign-out"]`, 0)
	count(t, draw(t, frame()), "a[data-sign-in]", 0)
}

// The content policy allows neither inline scripts nor inline styles.
func TestPageKeepsTheContentPolicy(t *testing.T) {
	page := draw(t, frame())
	count(t, page, "[style], style", 0)
	count(t, page, "script:not([src])", 0)
	page.Find("*").Each(func(_ int, element *goquery.Selection) {
		for _, attribute := range element.Nodes[0].Attr {
			if strings.HasPrefix(attribute.Key, "on") || strings.HasPrefix(attribute.Key, "hx-on") {
				t.Errorf("<%s> has the handler %s", goquery.NodeName(element), attribute.Key)
			}
		}
	})
}

func TestEveryWordIsKnown(t *testing.T) {
	for _, lang := range words.Langs {
		for _, person := range []*layout.Person{nil, {Name: "Анна"}} {
			f := frame()
			f.Lang, f.Person, f.Demo, f.Dev = lang, person, true, true
			html, err := draw(t, f).Html()
			if err != nil {
				t.Fatal(err)
			}
			for _, area := range []string{"layout.", "common.", "ui."} {
				if at := strings.Index(html, area); at >= 0 {
					t.Errorf("%s: an unknown word stands in the page: …%s…", lang, html[at:min(at+60, len(html))])
				}
			}
		}
	}
}

func mark(t *testing.T, f layout.Frame) string {
	t.Helper()
	return draw(t, f).Find(`meta[name="frame-mark"]`).AttrOr("content", "")
}

func TestMarkFollowsTheFrame(t *testing.T) {
	usual := mark(t, frame())
	if usual == "" {
		t.Fatal("no mark")
	}
	same := frame()
	same.Title, same.Path, same.CSRF = "Другая", "/publics", "other"
	if mark(t, same) != usual {
		t.Error("another page has another mark: every move would be a full load")
	}
	other := frame()
	other.Person = &layout.Person{Name: "Борис", Account: "b2"}
	guest := frame()
	guest.Person = nil
	english := frame()
	english.Lang = words.English
	for name, f := range map[string]layout.Frame{"another person": other, "a guest": guest, "another language": english} {
		if mark(t, f) == usual {
			t.Errorf("%s has the same mark", name)
		}
	}
}

func TestPrefsSurviveTheCookie(t *testing.T) {
	chosen := layout.Prefs{Theme: "dark", Contrast: "blue", Text: "largest", Font: "serif"}
	if got := layout.ParsePrefs(chosen.Cookie()); got != chosen {
		t.Errorf("came back as %+v", got)
	}
	usual := layout.ParsePrefs("")
	for _, cookie := range []string{"theme=%zz", "theme=pink&text=huge", `<script>`, layout.Prefs{}.Cookie()} {
		if got := layout.ParsePrefs(cookie); got != usual {
			t.Errorf("%q became %+v", cookie, got)
		}
	}
	f := frame()
	f.Prefs = chosen
	page := draw(t, f)
	count(t, page, `html[data-theme=dark][data-contrast=blue][data-text=largest][data-font=serif]`, 1)
	count(t, page, `#appearance-form input[checked]`, 4)
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Анна Соколова": "АС", "вера": "В", "Анна Мария Ким": "АК", "": ""} {
		if got := (layout.Person{Name: name}).Initials(); got != want {
			t.Errorf("%q has the initials %q", name, got)
		}
	}
}
