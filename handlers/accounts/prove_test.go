package accounts_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/handlers"
	accountsweb "veche/handlers/accounts"
	"veche/handlers/webtest"
)

// sensitive is a site with a page and a form that need a fresh proof. The form answers
// with what it was sent.
func sensitive(t *testing.T) *webtest.Site {
	t.Helper()
	return webtest.New(t, func(s *webtest.Site) {
		web := accountsweb.New(s.Accounts, s.Proofs)
		s.Server.ProveWith(web)
		s.Server.Mount(web.Routes())
		s.Server.Mount([]handlers.Route{
			{Method: fiber.MethodGet, Path: "/treasure", Action: access.ChangeSecurity, Handle: func(c *handlers.Ctx) error {
				return c.SendString("the page")
			}},
			{Method: fiber.MethodPost, Path: "/treasure/:n", Action: access.ChangeSecurity, Handle: func(c *handlers.Ctx) error {
				sent := url.Values{}
				for name, value := range c.Request().PostArgs().All() {
					if !strings.HasPrefix(string(name), "proof") && string(name) != "csrf" && string(name) != "credential" {
						sent.Add(string(name), string(value))
					}
				}
				return c.SendString(c.Params("n") + " " + sent.Encode())
			}},
		})
	})
}

// stale is Anna, signed in some time ago.
func stale(t *testing.T, site *webtest.Site) *webtest.Browser {
	t.Helper()
	addTwice(t, site)
	anna, in := password(t, site, "/")
	if entered := proveSecond(t, site, anna, in, phone); entered.Status != http.StatusSeeOther {
		t.Fatalf("%d", entered.Status)
	}
	exec(t, site, `UPDATE sessions SET proved_at = now() - interval '11 minutes'`)
	anna.Get("/profile") // forms carry the token of the session
	return anna
}

func TestSensitivePageAsksFirst(t *testing.T) {
	t.Parallel()
	site := sensitive(t)
	anna := stale(t, site)
	page := anna.Get("/treasure?a=1")
	if got := text(page, "main h1"); page.Status != http.StatusForbidden || got != "Подтвердите, что это вы" {
		t.Fatalf("%d %q", page.Status, got)
	}
	fields := fieldsOf(page, `main form[action="/proof"]`)
	fields.Set("proof", site.Code(phone))
	in := anna.Post("/proof", fields)
	if at := in.Header.Get("Location"); in.Status != http.StatusSeeOther || at != "/treasure?a=1" {
		t.Fatalf("proved: %d to %q", in.Status, at)
	}
	if page := anna.Get("/treasure"); page.Body != "the page" {
		t.Errorf("not asked again: %d %s", page.Status, page.Body)
	}
}

// What was filled in goes on as it was: several values of a name, letters of any
// script, the address itself. A password does not travel through the page.
func TestFormGoesOnWithWhatWasFilledIn(t *testing.T) {
	t.Parallel()
	site := sensitive(t)
	anna := stale(t, site)
	filled := url.Values{"topic": {"дворы", "парки"}, "text": {"«Ёлка» & <b>\nстрока"}, "empty": {""}, "new-password": {"Секрет-2026!"}}
	page := anna.Post("/treasure/7?x=1", filled)
	if page.Status != http.StatusForbidden || strings.Contains(page.Body, "Секрет") {
		t.Fatalf("%d, the password stands in the page: %v", page.Status, strings.Contains(page.Body, "Секрет"))
	}
	question := page.Find(`main form[action="/treasure/7?x=1"]`)
	answer := url.Values{}
	for _, input := range question.Find("input").EachIter() {
		answer.Add(input.AttrOr("name", ""), input.AttrOr("value", ""))
	}
	answer.Set("proof", "000000")
	site.Code(phone)
	wrong := anna.Post("/treasure/7?x=1", answer)
	if got := text(wrong, "#field-proof-error"); wrong.Status != http.StatusUnprocessableEntity || got == "" {
		t.Fatalf("a wrong proof: %d %q", wrong.Status, got)
	}
	answer = url.Values{}
	for _, input := range wrong.Find(`main form[action="/treasure/7?x=1"] input`).EachIter() {
		answer.Add(input.AttrOr("name", ""), input.AttrOr("value", ""))
	}
	answer.Set("proof", site.Sent.Messages()[len(site.Sent.Messages())-1].Code)
	done := anna.Post("/treasure/7?x=1", answer)
	want := url.Values{"topic": filled["topic"], "text": filled["text"], "empty": {""}}
	if got := "7 " + want.Encode(); done.Status != http.StatusOK || done.Body != got {
		t.Errorf("%d %q, want %q", done.Status, done.Body, got)
	}
}

// A form sent by a script gets the question in place of the page.
func TestQuestionTakesThePlaceOfThePage(t *testing.T) {
	t.Parallel()
	site := sensitive(t)
	anna := stale(t, site)
	page := anna.PostHTMX("/treasure/7", url.Values{"a": {"1"}})
	if page.Status != http.StatusForbidden || page.Header.Get("HX-Retarget") != "#content" || page.Find("main form input[name=a]").Length() != 1 {
		t.Errorf("%d, target %q", page.Status, page.Header.Get("HX-Retarget"))
	}
}

func TestProofOfOneSessionIsNoneInAnother(t *testing.T) {
	t.Parallel()
	site := sensitive(t)
	anna := stale(t, site)
	answer := fieldsOf(anna.Get("/treasure"), `main form`)
	answer.Set("proof", site.Code(phone))
	other, in := password(t, site, "/")
	proveSecond(t, site, other, in, phone)
	exec(t, site, `UPDATE sessions SET proved_at = NULL`)
	other.Get("/treasure")
	answer.Del("csrf")
	if page := other.Post("/proof", answer); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code of another session: %d", page.Status)
	}
	if page := other.Get("/treasure"); page.Status != http.StatusForbidden {
		t.Errorf("proved all the same: %d", page.Status)
	}
}

// Ten wrong answers in a row, whatever the sessions and methods, and the person waits.
func TestWrongProofsMakeThePersonWait(t *testing.T) {
	t.Parallel()
	site := sensitive(t)
	anna := stale(t, site)
	var status int
	for range 12 {
		answer := fieldsOf(anna.Get("/treasure"), `main form`)
		answer.Set("proof", "000000")
		if status = anna.Post("/proof", answer).Status; status == http.StatusTooManyRequests {
			break
		}
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("never made to wait: %d", status)
	}
	exec(t, site, `UPDATE proof_failures SET failed_at = now() - interval '2 hours'`)
	answer := fieldsOf(anna.Get("/treasure"), `main form`)
	answer.Set("proof", site.Code(phone))
	if in := anna.Post("/proof", answer); in.Status != http.StatusSeeOther {
		t.Errorf("an hour later: %d", in.Status)
	}
}

// A device or a role is withdrawn at once: what was fresh is asked anew only in time,
// but a guest is asked to sign in.
func TestGuestIsNotAskedForAProof(t *testing.T) {
	t.Parallel()
	site := sensitive(t)
	if page := site.Guest().Get("/treasure"); page.Header.Get("Location") != "/sign-in?next=%2Ftreasure" {
		t.Errorf("%d to %q", page.Status, page.Header.Get("Location"))
	}
}
