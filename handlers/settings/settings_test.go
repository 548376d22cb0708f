package settings_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"veche/domain/access"
	"veche/handlers/settings"
	"veche/handlers/webtest"
)

func newSite(t *testing.T) *webtest.Site {
	return webtest.New(t, func(s *webtest.Site) { s.Server.Mount(settings.New(s.Accounts).Routes()) })
}

const page = "/settings/appearance"

func kept(a *webtest.Answer, name string) (string, bool) {
	for _, line := range a.Header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil && c.Name == name {
			return c.Value, c.MaxAge > 0 && c.HttpOnly && c.Path == "/" && c.SameSite == http.SameSiteLaxMode
		}
	}
	return "", false
}

func TestLanguageIsKept(t *testing.T) {
	t.Parallel()
	guest := newSite(t).Guest()
	if lang := guest.Get(page).Find("html").AttrOr("lang", ""); lang != "ru" {
		t.Fatalf("the page speaks %q", lang)
	}
	answer := guest.Post("/settings/language", url.Values{"lang": {"en"}, "return": {page + "?x=1"}})
	if at := answer.Header.Get("Location"); answer.Status != http.StatusSeeOther || at != page+"?x=1" {
		t.Errorf("%d to %q", answer.Status, at)
	}
	if value, ok := kept(answer, "lang"); value != "en" || !ok {
		t.Errorf("kept %q, as it should be: %v", value, ok)
	}
	now := guest.Get(page)
	if lang, title := now.Find("html").AttrOr("lang", ""), now.Find("h1").Text(); lang != "en" || title != "Appearance" {
		t.Errorf("the page speaks %q: %q", lang, title)
	}
}

// The choice of a signed-in person is that of their letters, and nobody else's.
func TestLanguageOfAPersonIsThatOfTheirLetters(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	speaks := func(who access.Actor) (lang string) {
		t.Helper()
		if err := site.DB.Pool().QueryRow(t.Context(), `SELECT lang FROM accounts WHERE id = $1`, who.Account).Scan(&lang); err != nil {
			t.Fatal(err)
		}
		return lang
	}
	anna, annaIs := site.Person()
	_, borisIs := site.Person()
	for _, lang := range []string{"en", "ru", "en"} {
		anna.Get(page)
		if answer := anna.Post("/settings/language", url.Values{"lang": {lang}}); answer.Status != http.StatusSeeOther {
			t.Fatalf("%d", answer.Status)
		}
		if got := speaks(annaIs); got != lang {
			t.Errorf("chose %q, is written to in %q", lang, got)
		}
	}
	anna.Post("/settings/language", url.Values{"lang": {"fr"}})
	guest := site.Guest()
	guest.Get(page)
	guest.Post("/settings/language", url.Values{"lang": {"ru"}})
	if annas, boris := speaks(annaIs), speaks(borisIs); annas != "en" || boris != "ru" {
		t.Errorf("then Anna is written to in %q, Boris in %q", annas, boris)
	}
}

func TestUnknownLanguageIsRefused(t *testing.T) {
	t.Parallel()
	guest := newSite(t).Guest()
	guest.Get(page)
	for _, lang := range []string{"", "fr", "EN", "ru\r\nSet-Cookie: session=x", "<b>"} {
		answer := guest.Post("/settings/language", url.Values{"lang": {lang}})
		if answer.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", lang, answer.Status)
		}
		if value, _ := kept(answer, "lang"); value != "" {
			t.Errorf("%q: kept %q", lang, value)
		}
	}
}

func TestLookIsKept(t *testing.T) {
	t.Parallel()
	guest := newSite(t).Guest()
	form := guest.Get(page).Find(`main form[action="` + page + `"]`)
	for _, field := range []string{"theme", "contrast", "text", "font"} {
		if inputs := form.Find(`input[name="` + field + `"]`); inputs.Length() < 2 || inputs.Filter("[checked]").Length() != 1 {
			t.Errorf("%s: %d values, %d chosen", field, inputs.Length(), inputs.Filter("[checked]").Length())
		}
	}
	answer := guest.Post(page, url.Values{"theme": {"dark"}, "text": {"large"}, "font": {"serif"}, "return": {page}})
	if at := answer.Header.Get("Location"); answer.Status != http.StatusSeeOther || at != page {
		t.Errorf("%d to %q", answer.Status, at)
	}
	now := guest.Get(page)
	for attribute, want := range map[string]string{"theme": "dark", "contrast": "usual", "text": "large", "font": "serif"} {
		if got := now.Find("html").AttrOr("data-"+attribute, ""); got != want {
			t.Errorf("the page has %s %q, want %q", attribute, got, want)
		}
		if got := now.Find(`main input[name="`+attribute+`"][checked]`).AttrOr("value", ""); got != want {
			t.Errorf("the form has %s %q, want %q", attribute, got, want)
		}
	}
}

func TestOnlyKnownLooksAreKept(t *testing.T) {
	t.Parallel()
	guest := newSite(t).Guest()
	guest.Get(page)
	answer := guest.Post(page, url.Values{"theme": {"dark; Domain=evil.test"}, "contrast": {`"><script>`}, "text": {strings.Repeat("9", 9000)}, "font": {"\r\nX: y"}})
	value, _ := kept(answer, "look")
	chosen, err := url.ParseQuery(value)
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{"theme": "auto", "contrast": "usual", "text": "usual", "font": "sans"} {
		if got := chosen.Get(field); got != want {
			t.Errorf("kept %s %q", field, got)
		}
	}
	if len(chosen) != 4 {
		t.Errorf("kept %q", value)
	}
	forged := newSite(t).Guest()
	forged.Header.Set("Cookie", "look=theme=%22%3E%3Cscript%3E&text=huge")
	if got := forged.Get(page).Find("html").AttrOr("data-theme", ""); got != "auto" {
		t.Errorf("a forged cookie gives the theme %q", got)
	}
}

func TestSettingsLeadNowhereElseAndTakeNoForgedForm(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	for path, fields := range map[string]url.Values{
		"/settings/language": {"lang": {"en"}},
		page:                 {"theme": {"dark"}},
	} {
		guest := site.Guest()
		guest.Get(page)
		for _, back := range []string{"", "//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)", "/\t/evil.test"} {
			fields.Set("return", back)
			fields.Del("csrf")
			if answer := guest.Post(path, fields); answer.Header.Get("Location") != "/" {
				t.Errorf("%s: %q leads to %q", path, back, answer.Header.Get("Location"))
			}
		}
		fields.Set("csrf", "forged")
		if answer := guest.Post(path, fields); answer.Status != http.StatusForbidden || len(answer.Header.Values("Set-Cookie")) != 0 {
			t.Errorf("%s: a forged form was answered %d", path, answer.Status)
		}
	}
}
