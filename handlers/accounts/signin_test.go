package accounts_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	accountsdb "veche/db/accounts"
	"veche/domain/accounts"
	"veche/handlers"
)

// Letters are in the language of the pages a person signed in from, the browser's or
// the one they chose as a guest.
func TestSigningInSaysInWhichLanguageLettersAre(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	for _, c := range []struct{ browser, chosen, want string }{
		{"en-GB,en;q=0.9", "", "en"},
		{"en-GB,en;q=0.9", "ru", "ru"},
		{"fr", "en", "en"},
		{"fr", "", "ru"},
	} {
		anna := site.Guest()
		anna.Header.Set("Accept-Language", c.browser)
		anna.Get("/sign-in")
		if c.chosen != "" {
			anna.Post("/settings/language", url.Values{"lang": {c.chosen}})
		}
		if in := anna.Post("/sign-in", form("anna@demo.test", secret)); cookie(in, "session") == nil {
			t.Fatalf("not signed in: %d", in.Status)
		}
		var got string
		if err := site.DB.Pool().QueryRow(t.Context(), `SELECT lang FROM accounts`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != c.want {
			t.Errorf("browser %q, chosen %q: letters in %q", c.browser, c.chosen, got)
		}
	}
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	anna := site.Guest()
	anna.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0")

	sent := anna.Get("/profile")
	if at := sent.Header.Get("Location"); sent.Status != http.StatusSeeOther || at != "/sign-in?next=%2Fprofile" {
		t.Fatalf("a guest's profile: %d to %q", sent.Status, at)
	}
	page := anna.Get(sent.Header.Get("Location"))
	signIn := page.Find(`main form[action="/sign-in"]`)
	for selector, want := range map[string]string{
		`label[for="field-login"]`:    "Логин (Электронная почта или телефон)",
		`label[for="field-password"]`: "Пароль",
		`button`:                      "Войти",
	} {
		if got := strings.TrimSpace(signIn.Find(selector).Text()); got != want {
			t.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
	for selector, attribute := range map[string][2]string{
		`input[name=login]`:    {"autocomplete", "username"},
		`input[name=password]`: {"autocomplete", "current-password"},
		`input[name=next]`:     {"value", "/profile"},
	} {
		if got := signIn.Find(selector).AttrOr(attribute[0], ""); got != attribute[1] {
			t.Errorf("%s has %s=%q", selector, attribute[0], got)
		}
	}
	if boost := signIn.AttrOr("hx-boost", ""); boost != "false" {
		t.Error("the form does not load the whole page")
	}

	fields := form(" ANNA@demo.test", secret)
	fields.Set("next", "/profile")
	in := anna.Post("/sign-in", fields)
	if at := in.Header.Get("Location"); in.Status != http.StatusSeeOther || at != "/profile" {
		t.Fatalf("signed in: %d to %q", in.Status, at)
	}
	session := cookie(in, "session")
	if session == nil || !session.HttpOnly || session.SameSite != http.SameSiteLaxMode || session.Path != "/" || session.Secure {
		t.Errorf("session cookie %+v", session)
	}
	if lasts := time.Until(session.Expires); lasts > accountsdb.DefaultLifetime || lasts < accountsdb.DefaultLifetime-time.Minute {
		t.Errorf("the cookie lasts %s", lasts)
	}

	profile := anna.Get("/profile")
	for _, want := range []string{"Анна Сергеевна Лебедева", "Подтверждена", "Гражданин", "anna@demo.test", "+7\u00a0900\u00a0123\u201145\u201167", "Firefox · Linux", "127.0.0.1"} {
		if !strings.Contains(profile.Find("main").Text(), want) {
			t.Errorf("the profile does not say %q", want)
		}
	}
	if kept := profile.Header.Get("Cache-Control"); kept != "private, no-store" {
		t.Errorf("the profile may be kept: %q", kept)
	}
	if again := anna.Get("/sign-in?next=/profile"); again.Header.Get("Location") != "/profile" {
		t.Errorf("signed in, the form still shows: %d", again.Status)
	}

	anna.Get("/profile")
	out := anna.Post("/sign-out", map[string][]string{})
	gone := cookie(out, "session")
	if out.Status != http.StatusSeeOther || out.Header.Get("Location") != "/" || gone == nil || gone.Value != "" || gone.Expires.After(time.Now()) {
		t.Errorf("signed out: %d to %q, cookie %+v", out.Status, out.Header.Get("Location"), gone)
	}
	if knows(anna) {
		t.Error("after signing out the portal still knows the browser")
	}
	if knows(site.With(accounts.Token(session.Value))) {
		t.Error("the stolen cookie still works after signing out")
	}
}

func TestRefusedFormComesBackWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addAnna(t, site)
	for _, c := range []struct {
		name, login, password string
		summary, field        string
	}{
		{"wrong password", "anna@demo.test", "не тот пароль", "Логин и пароль не подошли", ""},
		{"no password", "anna@demo.test", "", "Введите пароль.", "password"},
		{"no login", "", "не тот пароль", "Введите логин:", "login"},
		{"unclear login", `"><script>alert(1)</script>`, "не тот пароль", "Введите адрес электронной почты", "login"},
		{"a password pasted from somewhere", "anna@demo.test", strings.Repeat("я", 2000), "слишком длинный", "password"},
	} {
		t.Run(c.name, func(t *testing.T) {
			guest := site.Guest()
			guest.Get("/sign-in")
			fields := form(c.login, c.password)
			fields.Set("next", "/polls/7?x=1")
			page := guest.Post("/sign-in", fields)
			if page.Status != http.StatusUnprocessableEntity || cookie(page, "session") != nil {
				t.Fatalf("answered %d, cookie %v", page.Status, cookie(page, "session"))
			}
			if got := text(page, "main .error-summary"); !strings.Contains(got, c.summary) {
				t.Errorf("the summary says %q", got)
			}
			if c.field != "" && page.Find("#field-"+c.field+"-error").Length() != 1 {
				t.Errorf("nothing stands at the field %s", c.field)
			}
			if got := page.Find("input[name=login]").AttrOr("value", ""); got != c.login {
				t.Errorf("the login came back as %q", got)
			}
			if got := page.Find("input[name=next]").AttrOr("value", ""); got != "/polls/7?x=1" {
				t.Errorf("the way on came back as %q", got)
			}
			if c.password != "" && strings.Contains(page.Body, c.password) {
				t.Error("the password came back")
			}
			if page.Find("main script").Length() != 0 {
				t.Error("what was typed became markup")
			}
		})
	}
}

func TestSignInSpeaksEnglish(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	guest := site.Guest()
	guest.Header.Set("Accept-Language", "en-GB,en;q=0.9")
	if got := text(guest.Get("/sign-in"), `label[for="field-login"]`); got != "Login (e-mail or phone)" {
		t.Errorf("the form says %q", got)
	}
	if got := text(guest.Post("/sign-in", form("nobody@demo.test", "x")), ".error-summary"); !strings.Contains(got, "do not match") {
		t.Errorf("the summary says %q", got)
	}
}

func TestDemoPeopleAreOfferedInDemoModeOnly(t *testing.T) {
	t.Parallel()
	ordinary := newSite(t).Guest().Get("/sign-in")
	if strings.Contains(ordinary.Body, "demo.test") || strings.Contains(ordinary.Body, accounts.DemoPassword) {
		t.Error("demo people show without demo data")
	}

	site := newSite(t, func(o *handlers.Options) { o.Demo = true })
	for _, p := range accounts.Demo() {
		add(t, site, accounts.Account{Name: p.Name, Email: p.Email, Phone: p.Phone, Confirmed: p.Confirmed}, accounts.DemoPassword, p.Grants...)
	}
	page := site.Guest().Get("/sign-in?next=/polls")
	forms := page.Find(`main section form[action="/sign-in"]`)
	if got := text(page, "main section .tag"); got != "Демо-контур" || forms.Length() != len(accounts.Demo()) {
		t.Fatalf("%d people under %q", forms.Length(), got)
	}
	for i, p := range accounts.Demo() {
		pressed := forms.Eq(i)
		if got := strings.TrimSpace(pressed.Find("button").Text()); got != p.Name {
			t.Errorf("the button says %q", got)
		}
		fields := map[string][]string{}
		for _, input := range pressed.Find("input").EachIter() {
			fields[input.AttrOr("name", "")] = []string{input.AttrOr("value", "")}
		}
		delete(fields, "csrf") // each visitor has a token of their own
		visitor := site.Guest()
		visitor.Get("/sign-in")
		in := visitor.Post("/sign-in", fields)
		if len(p.Grants) > 0 { // whoever works for the portal is always asked for a second proof
			in = proveSecond(t, site, visitor, in, p.Phone)
		}
		if in.Status != http.StatusSeeOther || in.Header.Get("Location") != "/polls" {
			t.Errorf("%s: %d to %q", p.Key, in.Status, in.Header.Get("Location"))
			continue
		}
		if profile := visitor.Get("/profile"); !strings.Contains(profile.Body, p.Email) {
			t.Errorf("%s: signed in as %q", p.Key, text(profile, "dd"))
		}
	}
}

func TestOverHTTPSTheCookieIsBoundToTheHost(t *testing.T) {
	t.Parallel()
	site := newSite(t, func(o *handlers.Options) { o.HTTPS = true })
	addAnna(t, site)
	guest := site.Guest()
	// The test speaks plain HTTP, over which a jar keeps Secure cookies back.
	visitor := cookie(guest.Get("/sign-in"), "visitor")
	if visitor == nil || !visitor.Secure {
		t.Fatalf("visitor cookie %+v", visitor)
	}
	guest.Header.Set("Cookie", "visitor="+visitor.Value)
	guest.Get("/sign-in")
	in := guest.Post("/sign-in", form("anna@demo.test", secret))
	session := cookie(in, "__Host-session")
	if in.Status != http.StatusSeeOther || session == nil || !session.Secure || session.Domain != "" || session.Path != "/" {
		t.Errorf("%d, cookie %+v", in.Status, session)
	}
}
