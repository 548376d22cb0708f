package accounts_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"veche/domain/accounts"
	"veche/handlers"
	"veche/handlers/webtest"
)

func TestForgedFormsAreRefused(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	other := site.CSRFOf(site.Guest(), "/sign-in")

	for name, forge := range map[string]func(*webtest.Browser, url.Values){
		"no token":                func(_ *webtest.Browser, f url.Values) { f.Set("csrf", "") },
		"a made-up token":         func(_ *webtest.Browser, f url.Values) { f.Set("csrf", strings.Repeat("A", 64)) },
		"a token of somebody":     func(_ *webtest.Browser, f url.Values) { f.Set("csrf", other) },
		"sent from another site":  func(b *webtest.Browser, _ url.Values) { b.Header.Set("Sec-Fetch-Site", "cross-site") },
		"sent from a sister site": func(b *webtest.Browser, _ url.Values) { b.Header.Set("Sec-Fetch-Site", "same-site") },
		"a foreign origin":        func(b *webtest.Browser, _ url.Values) { b.Header.Set("Origin", "https://evil.test") },
		"an opaque origin":        func(b *webtest.Browser, _ url.Values) { b.Header.Set("Origin", "null") },
	} {
		t.Run(name, func(t *testing.T) {
			guest := site.Guest()
			guest.Get("/sign-in")
			fields := form("anna@demo.test", secret)
			forge(guest, fields)
			in := guest.Post("/sign-in", fields)
			if in.Status != http.StatusForbidden || cookie(in, "session") != nil {
				t.Errorf("signing in was answered %d", in.Status)
			}

			anna, _ := site.Person()
			anna.Get("/profile")
			fields = url.Values{}
			forge(anna, fields)
			out := anna.Post("/sign-out", fields)
			anna.Header.Del("Sec-Fetch-Site")
			anna.Header.Del("Origin")
			if out.Status != http.StatusForbidden || !knows(anna) {
				t.Errorf("signing out was answered %d", out.Status)
			}
		})
	}
}

func TestSignOutTakesAForm(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	anna, _ := site.Person()
	if link := anna.Get("/sign-out"); link.Status == http.StatusOK || link.Status == http.StatusSeeOther || !knows(anna) {
		t.Errorf("a link signs out: %d", link.Status)
	}
}

func TestTokenPlantedBeforeSignInOpensNothing(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	planted := accounts.NewToken()
	victim := site.With(planted)
	victim.Get("/sign-in")
	in := victim.Post("/sign-in", form("anna@demo.test", secret))
	given := cookie(in, "session")
	if in.Status != http.StatusSeeOther || given == nil || given.Value == string(planted) {
		t.Fatalf("%d, cookie %v", in.Status, given)
	}
	if knows(site.With(planted)) || !knows(site.With(accounts.Token(given.Value))) {
		t.Error("the session can be opened by the token planted before")
	}
}

func TestSigningInAsSomebodyElseEndsTheFormerSession(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	visitor, before := site.Person()
	visitor.Get("/profile")
	if in := visitor.Post("/sign-in", form("anna@demo.test", secret)); in.Status != http.StatusSeeOther {
		t.Fatalf("answered %d", in.Status)
	}
	if got := text(visitor.Get("/profile"), "main"); !strings.Contains(got, "anna@demo.test") {
		t.Errorf("the profile says %q", got)
	}
	rights, err := site.Accounts.Rights(t.Context(), []string{before.Session})
	if err != nil || len(rights) != 0 {
		t.Errorf("the former session is on: %v (%v)", rights, err)
	}
}

// elsewhere leads away from the portal in one browser or another, or to where
// signing in makes no sense.
var elsewhere = []string{
	"", "//evil.test", "///evil.test", "////evil.test", "/\\evil.test", "\\\\evil.test", "/\\/evil.test", "\\/evil.test",
	"/\t/evil.test", "/\n/evil.test", "/\r\n/evil.test", "\t//evil.test", " //evil.test", "\x00//evil.test", "/\x00/evil.test",
	"https://evil.test", "https:evil.test", "http:/evil.test", "HTTPS://evil.test/polls", "//evil.test/polls", "//user@evil.test",
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x",
	"evil.test", "@evil.test", "?next=//evil.test", "#//evil.test", ".//evil.test", "/polls\r\nSet-Cookie: session=x",
	"/%", "/polls/%zz", "/sign-in", "/sign-in?next=/sign-in", "/sign-out",
}

func TestSignInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	visitor, _ := site.Person()
	for _, next := range elsewhere {
		if got := handlers.NextPath(next); got != "/" {
			t.Errorf("%q leads to %q", next, got)
		}
		in := visitor.Get("/sign-in?next=" + url.QueryEscape(next))
		if at := in.Header.Get("Location"); in.Status != http.StatusSeeOther || at != "/" {
			t.Errorf("%q: %d to %q", next, in.Status, at)
		}
	}
	for _, next := range []string{"/", "/polls", "/polls/7?x=1&y=//z", "/publics/dvor/posts/3#comment-5", "/поиск?q=двор", "/a:b", "/polls?back=https://veche.test"} {
		if got := handlers.NextPath(next); got != next {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

func TestRefusedFormLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	for _, next := range []string{"//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)"} {
		guest := site.Guest()
		guest.Get("/sign-in")
		fields := form("anna@demo.test", "wrong")
		fields.Set("next", next)
		back := guest.Post("/sign-in", fields)
		if got := back.Find("input[name=next]").AttrOr("value", ""); got != "/" || strings.Contains(back.Body, "evil.test") {
			t.Errorf("%q stands in the page as %q", next, got)
		}
		fields = form("anna@demo.test", secret)
		fields.Set("next", next)
		if in := guest.Post("/sign-in", fields); in.Header.Get("Location") != "/" {
			t.Errorf("%q: %d to %q", next, in.Status, in.Header.Get("Location"))
		}
	}
}

func FuzzNextPath(f *testing.F) {
	for _, next := range elsewhere {
		f.Add(next)
	}
	f.Add("/polls/7?x=1")
	base, err := url.Parse("https://veche.test/sign-in")
	if err != nil {
		f.Fatal(err)
	}
	unseen := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/")
	f.Fuzz(func(t *testing.T, next string) {
		path := handlers.NextPath(next)
		// What the URL standard makes of it: edges trimmed, line ends dropped,
		// backslashes turned.
		read := unseen.Replace(strings.TrimFunc(path, func(r rune) bool { return r <= ' ' }))
		if !strings.HasPrefix(read, "/") || strings.HasPrefix(read, "//") {
			t.Fatalf("%q leads to %q", next, path)
		}
		to, err := url.Parse(path)
		if err != nil {
			t.Fatalf("%q leads to %q: %v", next, path, err)
		}
		if at := base.ResolveReference(to); at.Host != base.Host || at.Scheme != base.Scheme || at.User != nil {
			t.Fatalf("%q leads to %s", next, at)
		}
	})
}

// hidden is what differs from answer to answer whoever asks.
var hidden = regexp.MustCompile(`(name="csrf" value=")[^"]*|(X-CSRF-Token[^:]*:&#34;)[^&]*|("X-CSRF-Token":")[^"]*`)

func TestAnswersDoNotTellWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	answers := map[string]string{}
	for _, login := range []string{"anna@demo.test", "nope@demo.test", "+79001234567", "+79007654321"} {
		guest := site.Guest()
		guest.Get("/sign-in")
		page := guest.Post("/sign-in", form(login, "wrong"))
		if page.Status != http.StatusUnprocessableEntity {
			t.Fatalf("%s: %d", login, page.Status)
		}
		answers[login] = strings.ReplaceAll(hidden.ReplaceAllString(page.Body, ""), login, "LOGIN")
	}
	if answers["anna@demo.test"] != answers["nope@demo.test"] || answers["+79001234567"] != answers["+79007654321"] {
		t.Error("the answer differs for known and unknown logins")
	}
	if !strings.Contains(answers["anna@demo.test"], "LOGIN") {
		t.Error("what was typed is not in the answer, so that nothing was compared")
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	for _, login := range []string{"anna@demo.test", "nobody@demo.test"} {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			site := newSite(t)
			addAnna(t, site)
			guest := site.Guest()
			guest.Get("/sign-in")
			for i := range 10 {
				if page := guest.Post("/sign-in", form(login, fmt.Sprint("guess", i))); page.Status != http.StatusUnprocessableEntity {
					t.Fatalf("guess %d: %d", i, page.Status)
				}
			}
			// Spelled another way it is the same login; the right password comes too late.
			for _, spelled := range []string{login, strings.ToUpper(login), "\u200b" + login} {
				page := guest.Post("/sign-in", form(spelled, secret))
				if page.Status != http.StatusTooManyRequests || cookie(page, "session") != nil {
					t.Errorf("%q: %d", spelled, page.Status)
				}
				if got := text(page, "main .error-summary"); !strings.Contains(got, "Подождите") {
					t.Errorf("the summary says %q", got)
				}
				if got := page.Find("input[name=login]").AttrOr("value", ""); got != spelled {
					t.Errorf("the login came back as %q", got)
				}
			}
		})
	}
}

func TestOneAddressCannotTryManyLogins(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	guest := site.Guest()
	guest.Get("/sign-in")
	// The count of sixty refills by one a second, so a slow machine lets more through.
	for i := range 600 {
		if guest.Post("/sign-in", form(fmt.Sprintf("person%d@demo.test", i), secret)).Status == http.StatusTooManyRequests {
			if i < 60 {
				t.Errorf("refused at the login number %d", i+1)
			}
			return
		}
	}
	t.Error("600 logins in a row were tried from one address")
}

func TestSuccessClearsTheCountOfItsLoginOnly(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	for round := range 3 {
		anna := site.Guest()
		anna.Get("/sign-in")
		for i := range 4 { // the fifth would close sign-in for this login
			anna.Post("/sign-in", form("anna@demo.test", "wrong"))
			if i < 3 {
				anna.Post("/sign-in", form("boris@demo.test", "wrong"))
			}
		}
		if in := anna.Post("/sign-in", form("anna@demo.test", secret)); in.Status != http.StatusSeeOther {
			t.Fatalf("round %d: %d", round, in.Status)
		}
	}
	guest := site.Guest()
	guest.Get("/sign-in")
	guest.Post("/sign-in", form("boris@demo.test", "wrong"))
	if page := guest.Post("/sign-in", form("boris@demo.test", "wrong")); page.Status != http.StatusTooManyRequests {
		t.Errorf("another's count was cleared too: %d", page.Status)
	}
}

func TestCookieOfAnEndedSessionIsTakenBack(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	anna, actor := site.Person()
	// A page that is not there is asked for by nobody in particular.
	if missing := anna.Get("/no-such-page"); missing.Status != http.StatusNotFound || cookie(missing, "session") != nil {
		t.Errorf("a missing page: %d, cookie %v", missing.Status, cookie(missing, "session"))
	}
	if !knows(anna) {
		t.Fatal("a missing page signs out")
	}
	if err := site.Accounts.SignOut(t.Context(), actor); err != nil {
		t.Fatal(err)
	}
	page := anna.Get("/sign-in")
	if gone := cookie(page, "session"); page.Status != http.StatusOK || gone == nil || gone.Value != "" {
		t.Errorf("%d, cookie %v", page.Status, gone)
	}
	if again := anna.Get("/sign-in"); cookie(again, "session") != nil {
		t.Error("the cookie is taken back from a browser without one")
	}
	if in := anna.Post("/sign-in", form("anna@demo.test", secret)); in.Status != http.StatusSeeOther {
		t.Errorf("signing in again: %d", in.Status)
	}
	if !knows(anna) {
		t.Error("after signing in again the browser is a guest's")
	}
}
