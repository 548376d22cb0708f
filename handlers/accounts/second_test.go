package accounts_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"veche/domain/accounts"
	"veche/handlers/webtest"
)

const phone = "+79001234567"

// addTwice adds Anna, who is asked for a second proof.
func addTwice(t *testing.T, s *webtest.Site) {
	t.Helper()
	addAnna(t, s)
	exec(t, s, `UPDATE accounts SET second_factor = 'sms'`)
}

func exec(t *testing.T, s *webtest.Site, statement string, args ...any) {
	t.Helper()
	if _, err := s.DB.Pool().Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// password answers the first question and leads to the second.
func password(t *testing.T, s *webtest.Site, next string) (*webtest.Browser, *webtest.Answer) {
	t.Helper()
	anna := s.Guest()
	anna.Get("/sign-in")
	fields := form("anna@demo.test", secret)
	fields.Set("next", next)
	in := anna.Post("/sign-in", fields)
	if cookie(in, "session") != nil {
		t.Fatal("the password alone opens a session")
	}
	return anna, in
}

func TestSecondProofOpensTheSession(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addTwice(t, site)
	anna, in := password(t, site, "/profile")
	if at := in.Header.Get("Location"); at != "/sign-in/code?next=%2Fprofile" {
		t.Fatalf("sent to %q", at)
	}
	waiting := cookie(in, "pending")
	if waiting == nil || !waiting.HttpOnly || waiting.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", waiting)
	}
	if knows(anna) {
		t.Error("known before the second proof")
	}
	page := anna.Get(in.Header.Get("Location"))
	if got := text(page, "main h1"); got != "Подтвердите, что это вы" {
		t.Errorf("the page is %q", got)
	}
	for _, want := range []string{"+7 ••• ••• 67", "Код подтверждения", "Подтвердить", "Отправить код ещё раз", "Код из письма"} {
		if !strings.Contains(page.Find("main").Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page.Body, "900123") {
		t.Error("the page shows the whole number")
	}
	fields := fieldsOf(page, "main form")
	code := site.Code(phone)
	fields.Set("proof", code[:3]+" "+code[3:])
	entered := anna.Post("/sign-in/code", fields)
	if at := entered.Header.Get("Location"); entered.Status != http.StatusSeeOther || at != "/profile" {
		t.Fatalf("entered: %d to %q", entered.Status, at)
	}
	if gone := cookie(entered, "pending"); gone == nil || gone.Value != "" {
		t.Errorf("the cookie of the waiting stays: %+v", gone)
	}
	if known := cookie(entered, "browser"); known == nil || !known.HttpOnly || known.MaxAge < 300*24*60*60 {
		t.Errorf("the browser is not remembered: %+v", known)
	}
	if !knows(anna) {
		t.Error("not known after the second proof")
	}
	fields.Del("csrf")
	if again := anna.Post("/sign-in/code", fields); again.Header.Get("Location") != "/sign-in?next=%2Fprofile" {
		t.Errorf("sent again: %d to %q", again.Status, again.Header.Get("Location"))
	}
}

func TestWrongSecondProofIsSaidAndCounted(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addTwice(t, site)
	anna, in := password(t, site, "/")
	page := anna.Get(in.Header.Get("Location"))
	fields := fieldsOf(page, "main form")
	code := site.Code(phone)
	wrong := code[:5] + string('0'+(code[5]-'0'+1)%10)
	for typed, want := range map[string]string{
		"":    "Введите код: шесть цифр.",
		"abc": "Введите код: шесть цифр.",
		wrong: "Не подошло. Проверьте, что введено, и попробуйте ещё раз.",
	} {
		fields.Set("proof", typed)
		refused := anna.Post("/sign-in/code", fields)
		if got := text(refused, "#field-proof-error"); refused.Status != http.StatusUnprocessableEntity || got != want {
			t.Errorf("%q: %d %q", typed, refused.Status, got)
		}
	}
	fields.Set("proof", wrong)
	for range 4 {
		anna.Post("/sign-in/code", fields)
	}
	fields.Set("proof", code)
	late := anna.Post("/sign-in/code", fields)
	if late.Status != http.StatusUnprocessableEntity || knows(anna) {
		t.Errorf("the right code after five wrong ones: %d", late.Status)
	}
}

func TestExpiredCodeIsCalledSo(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addTwice(t, site)
	anna, in := password(t, site, "/")
	fields := fieldsOf(anna.Get(in.Header.Get("Location")), "main form")
	fields.Set("proof", site.Code(phone))
	exec(t, site, `UPDATE codes SET expires_at = now() - interval '1 second'`)
	refused := anna.Post("/sign-in/code", fields)
	if got := text(refused, "#field-proof-error"); !strings.HasPrefix(got, "Код подтверждения просрочен") {
		t.Errorf("%d %q", refused.Status, got)
	}
}

// Another way is one press away, and what comes by it opens the same session.
func TestAnotherWayCanBeChosen(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addTwice(t, site)
	anna, in := password(t, site, "/polls")
	fields := fieldsOf(anna.Get(in.Header.Get("Location")), "main form")
	fields.Set("proof-step", "mail")
	page := anna.Post("/sign-in/code", fields)
	if page.Status != http.StatusOK || !strings.Contains(text(page, "main"), "a•••@demo.test") {
		t.Fatalf("%d %s", page.Status, text(page, "main"))
	}
	fields = fieldsOf(page, "main form")
	fields.Set("proof", site.Code("anna@demo.test"))
	if entered := anna.Post("/sign-in/code", fields); entered.Header.Get("Location") != "/polls" {
		t.Errorf("%d to %q", entered.Status, entered.Header.Get("Location"))
	}
}

// A page that is loaded again sends nothing; the button does, after a while.
func TestCodeIsSentAgainWhenItIsAskedFor(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addTwice(t, site)
	anna, in := password(t, site, "/")
	at := in.Header.Get("Location")
	first := fieldsOf(anna.Get(at), "main form").Get("proof-code")
	fields := fieldsOf(anna.Get(at), "main form")
	if fields.Get("proof-code") != first {
		t.Error("loading the page again sent another code")
	}
	fields.Set("proof-step", "resend")
	if soon := anna.Post("/sign-in/code", fields); soon.Status != http.StatusTooManyRequests {
		t.Errorf("sent again at once: %d", soon.Status)
	}
	site.Code(phone)
	exec(t, site, `UPDATE codes SET sent_at = now() - interval '1 minute'`)
	if again := anna.Post("/sign-in/code", fields); again.Status != http.StatusOK {
		t.Errorf("sent again: %d", again.Status)
	}
	site.Code(phone)
	if n := len(site.Sent.Messages()); n != 2 {
		t.Errorf("%d messages", n)
	}
}

// The second step belongs to the browser that took the first.
func TestSecondStepIsNobodyElses(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addTwice(t, site)
	anna, in := password(t, site, "/")
	fields := fieldsOf(anna.Get(in.Header.Get("Location")), "main form")
	fields.Set("proof", site.Code(phone))
	other := site.Guest()
	other.Get("/sign-in")
	stolen := url.Values{}
	for name := range fields {
		stolen.Set(name, fields.Get(name))
	}
	stolen.Del("csrf")
	if page := other.Post("/sign-in/code", stolen); page.Header.Get("Location") != "/sign-in" || knows(other) {
		t.Errorf("a browser without the cookie: %d to %q", page.Status, page.Header.Get("Location"))
	}
	if page := other.Get("/sign-in/code"); page.Header.Get("Location") != "/sign-in" {
		t.Errorf("the page without the cookie: %d to %q", page.Status, page.Header.Get("Location"))
	}
	boris := accounts.Account{Name: "Борис", Email: "boris@demo.test", Phone: "+79001234568", Confirmed: true}
	add(t, site, boris, secret)
	exec(t, site, `UPDATE accounts SET second_factor = 'sms' WHERE email = 'boris@demo.test'`)
	other.Get("/sign-in")
	other.Post("/sign-in", form("boris@demo.test", secret))
	other.Get("/sign-in/code")
	if page := other.Post("/sign-in/code", stolen); page.Status != http.StatusUnprocessableEntity || knows(other) {
		t.Errorf("Anna's code in Boris' sign-in: %d", page.Status)
	}
}

func TestSecondStepLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	addTwice(t, site)
	for _, next := range []string{"//evil.example", "https://evil.example", `/\evil.example`, "/sign-in/code", "/sign-out"} {
		anna, in := password(t, site, "/")
		fields := fieldsOf(anna.Get(in.Header.Get("Location")), "main form")
		fields.Set("next", next)
		fields.Set("proof", site.Code(phone))
		if entered := anna.Post("/sign-in/code", fields); entered.Header.Get("Location") != "/" {
			t.Errorf("%s leads to %q", next, entered.Header.Get("Location"))
		}
	}
}
