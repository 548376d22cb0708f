package accounts_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	accountsdb "veche/db/accounts"
	"veche/domain/accounts"
	"veche/handlers/webtest"
)

const validSNILS = "112-233-445 95"

func TestConfirmationOpensTheServices(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	olga := registered(t, s, "olga@demo.test", "+79161112233")
	olga.Get("/confirm")
	page := olga.Post("/confirm", url.Values{"step": {"send"}})
	fields := fieldsOf(page, `main form[action="/confirm"]`)
	code := s.Code("+79161112233")
	for name, c := range map[string]struct {
		code, snils string
		want        string
	}{
		"no number":           {code, "", "СНИЛС"},
		"a wrong check digit": {code, "112-233-445 96", "СНИЛС"},
		"a wrong code":        {"000000", validSNILS, "Код не подошёл"},
	} {
		fields.Set("code", c.code)
		fields.Set("snils", c.snils)
		if at := olga.Post("/confirm", fields); at.Status != http.StatusUnprocessableEntity || !strings.Contains(text(at, ".field-error"), c.want) {
			t.Errorf("%s: %d %q", name, at.Status, text(at, ".field-error"))
		}
	}
	fields.Set("code", code)
	fields.Set("snils", validSNILS)
	if at := olga.Post("/confirm", fields); at.Header.Get("Location") != "/confirm/done" {
		t.Fatalf("%d %s", at.Status, text(at, "main"))
	}
	if got := text(olga.Get("/confirm/done"), "main h1"); got != "Регистрация завершена" {
		t.Errorf("the end is %q", got)
	}
	row := ask[string](t, s, `SELECT concat_ws(' ', confirmed, snils, rights > 1) FROM accounts WHERE phone = '+79161112233'`)
	if row != "t 11223344595 t" {
		t.Errorf("the account is %q", row)
	}
	if n := ask[int](t, s, `SELECT count(*) FROM account_events WHERE kind = 'confirmed'`); n != 1 {
		t.Errorf("%d lines in the journal", n)
	}

	// Another account does not get the same number, and is not told whose it is.
	vera := registered(t, s, "vera@new.test", "+79162223344")
	vera.Get("/confirm")
	fields = fieldsOf(vera.Post("/confirm", url.Values{"step": {"send"}}), `main form[action="/confirm"]`)
	fields.Set("code", s.Code("+79162223344"))
	fields.Set("snils", validSNILS)
	if at := vera.Post("/confirm", fields); at.Status != http.StatusUnprocessableEntity || strings.Contains(at.Body, "другой учётной") {
		t.Errorf("the same СНИЛС: %d", at.Status)
	}
	if n := ask[int](t, s, `SELECT count(*) FROM accounts WHERE confirmed`); n != 1 {
		t.Errorf("%d confirmed", n)
	}
}

// A code of another session is no good, nor one for something else.
func TestConfirmationTakesNobodyElsesCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	olga := registered(t, s, "olga@demo.test", "+79161112233")
	vera := registered(t, s, "vera@new.test", "+79162223344")
	olga.Get("/confirm")
	fields := fieldsOf(olga.Post("/confirm", url.Values{"step": {"send"}}), `main form[action="/confirm"]`)
	fields.Set("code", s.Code("+79161112233"))
	fields.Set("snils", validSNILS)
	vera.Get("/profile")
	fields.Del("csrf")
	if at := vera.Post("/confirm", fields); at.Status == http.StatusSeeOther {
		t.Error("somebody else's code confirms")
	}
	if n := ask[int](t, s, `SELECT count(*) FROM accounts WHERE confirmed`); n != 0 {
		t.Errorf("%d confirmed", n)
	}
}

func TestHelpIsOfferedAfterRepeatedFailures(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	olga := registered(t, s, "olga@demo.test", "+79161112233")
	olga.Get("/confirm")
	page := olga.Post("/confirm", url.Values{"step": {"send"}})
	if page.Find(".notice a[href='/recovery']").Length() != 0 {
		t.Error("help is offered before anything failed")
	}
	for range 3 {
		fields := fieldsOf(page, `main form[action="/confirm"]`)
		fields.Set("code", "000000")
		fields.Set("snils", validSNILS)
		page = olga.Post("/confirm", fields)
	}
	id := strings.ToUpper(ask[string](t, s, `SELECT public_id FROM codes WHERE purpose = 'confirm'`))
	if got := text(page, ".notice"); page.Find(".notice a[href='/recovery']").Length() != 1 || !strings.Contains(got, id[:4]+"-"+id[4:8]) {
		t.Errorf("after three failures: %q", got)
	}
}

func TestFirstSignInLeadsToTheConfirmationOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	add(t, s, accounts.Account{Name: "Пётр Новиков", Email: "petr@demo.test", Phone: "+79005556677"}, secret)
	do(t, s, `UPDATE accounts SET email_confirmed_at = now(), phone_confirmed_at = now()`)
	for i, want := range []string{"/confirm?next=%2Fpolls", "/polls"} {
		b := s.Guest()
		b.Get("/sign-in")
		fields := form("petr@demo.test", secret)
		fields.Set("next", "/polls")
		if at := b.Post("/sign-in", fields); at.Header.Get("Location") != want {
			t.Errorf("sign-in %d leads to %q", i+1, at.Header.Get("Location"))
		}
		for _, evil := range elsewhere {
			if to := b.Get("/confirm?next="+url.QueryEscape(evil)).Find(`main > div > p > a`).Last().AttrOr("href", ""); to != "/" && to != "/settings/contacts" {
				t.Errorf("%q leads to %q", evil, to)
			}
		}
	}
}

// callIn asks for a code by phone and answers the page that follows.
func callIn(b *webtest.Browser, phone string) *webtest.Answer {
	b.Get("/sign-in/phone")
	b.Post("/sign-in/phone", url.Values{"phone": {phone}})
	return b.Get("/sign-in/phone/code")
}

func TestPhoneCodeSignsIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	addAnna(t, s)
	b := s.Guest()
	callIn(b, "8 900 123-45-67")
	code := s.Code("+79001234567")
	thief := s.Guest()
	callIn(thief, "+79990001122")
	if at := thief.Post("/sign-in/phone/code", url.Values{"code": {code}}); at.Status != http.StatusUnprocessableEntity {
		t.Errorf("another visitor's code: %d", at.Status)
	}
	in := b.Post("/sign-in/phone/code", url.Values{"code": {code}})
	if in.Status != http.StatusSeeOther || !knows(b) {
		t.Fatalf("%d %s", in.Status, text(in, "main"))
	}
	actor, err := s.Accounts.Actor(t.Context(), cookie(in, "session").Value)
	if err != nil || actor.Fresh || len(actor.Means) != 1 || actor.Means[0] != accounts.BySMS {
		t.Errorf("the session is %+v (%v)", actor, err)
	}
	if at := b.Post("/sign-in/phone/code", url.Values{"code": {code}}); at.Status == http.StatusSeeOther {
		t.Error("the code is taken twice")
	}
}

func TestPhoneSignInGoesOnToTheSecondFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	addAnna(t, s)
	do(t, s, `UPDATE accounts SET second_factor = 'mail'`)
	b := s.Guest()
	callIn(b, "+79001234567")
	in := b.Post("/sign-in/phone/code", url.Values{"code": {s.Code("+79001234567")}})
	if !strings.HasPrefix(in.Header.Get("Location"), "/sign-in/code") || cookie(in, "session") != nil {
		t.Fatalf("leads to %s", in.Header.Get("Location"))
	}
	page := b.Get("/sign-in/code")
	if method := page.Find(`input[name="proof-method"]`).AttrOr("value", ""); method != "mail" || page.Find(`button[value="sms"]`).Length() != 0 {
		t.Errorf("the second proof is %q", method)
	}
}

// Numbers that nobody has, of staff, and those that it is switched off for look like
// any other; only nothing is sent.
func TestPhoneSignInDoesNotTellWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	addAnna(t, s)
	add(t, s, accounts.Account{Name: "Глеб", Email: "gleb@demo.test", Phone: "+79001234568", Confirmed: true}, secret, accounts.Grant{Role: accounts.RoleModerator})
	add(t, s, accounts.Account{Name: "Пётр", Email: "petr@demo.test", Phone: "+79001234569", Confirmed: true}, secret)
	do(t, s, `UPDATE accounts SET phone_sign_in = false WHERE name = 'Пётр'`)
	var first []string
	for _, phone := range []string{"+79001234567", "+79001234568", "+79001234569", "+79001234560"} {
		b := s.Guest()
		asked := callIn(b, phone)
		wrong := b.Post("/sign-in/phone/code", url.Values{"code": {"000000"}})
		again := b.Post("/sign-in/phone/code", url.Values{"step": {"resend"}})
		got := []string{hide(asked, phone), hide(wrong, phone), hide(again, phone)}
		if first == nil {
			first = got
		} else if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("%s differs (-known)\n%s", phone, diff)
		}
	}
	if n := ask[string](t, s, `SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE address <> '')) FROM codes WHERE purpose = 'phone'`); n != "4 1" {
		t.Errorf("codes, and those sent: %s", n)
	}
}

// hide leaves the last digits of a masked number out of a page.
func hide(a *webtest.Answer, phone string) string {
	return strings.ReplaceAll(alike(a), "••• "+phone[len(phone)-2:], "•••")
}

func TestPasswordChangeEndsEveryOtherSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	anna, who := s.Person()
	other := s.With(anotherSession(t, s, who.Account))
	anna.Get("/settings/password")
	for name, c := range map[string]struct {
		current, next string
		want          int
	}{
		"a wrong current one": {"Wrong-2026!", chosen, http.StatusUnprocessableEntity},
		"none":                {"", chosen, http.StatusUnprocessableEntity},
		"a weak one":          {"Test-2026!", "password", http.StatusUnprocessableEntity},
	} {
		if at := anna.Post("/settings/password", url.Values{"password": {c.current}, "new-password": {c.next}}); at.Status != c.want {
			t.Errorf("%s: %d", name, at.Status)
		}
	}
	changed := anna.Post("/settings/password", url.Values{"password": {"Test-2026!"}, "new-password": {chosen}})
	if changed.Header.Get("Location") != "/profile?saved=password" || cookie(changed, "session") == nil {
		t.Fatalf("%d %s", changed.Status, text(changed, "main"))
	}
	if !knows(anna) || knows(other) {
		t.Errorf("here %t, elsewhere %t", knows(anna), knows(other))
	}
	if n := ask[int](t, s, `SELECT count(*) FROM account_events WHERE kind = 'password_changed'`); n != 1 {
		t.Errorf("%d lines in the journal", n)
	}
	// Guesses are bounded, for a session that somebody left open.
	status := 0
	for range 7 {
		anna.Get("/settings/password")
		status = anna.Post("/settings/password", url.Values{"password": {"Wrong-2026!"}, "new-password": {"Тихий-вечер-2207"}}).Status
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("guessing goes on: %d", status)
	}
}

func TestTemporaryPasswordIsChangedWithoutTheFormerOne(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	anna, who := s.Person()
	do(t, s, `UPDATE accounts SET password_until = now() + interval '1 day' WHERE id = $1`, who.Account)
	do(t, s, `UPDATE sessions SET proved_at = NULL`)
	if at := anna.Get("/profile"); at.Header.Get("Location") != "/settings/password" {
		t.Fatalf("the profile leads to %q", at.Header.Get("Location"))
	}
	if at := anna.Get("/settings/password"); at.Status != http.StatusOK || at.Find(`input[name="password"]`).Length() != 0 {
		t.Errorf("the page: %d", at.Status)
	}
	anna.Post("/settings/password", url.Values{"new-password": {chosen}})
	if !knows(anna) {
		t.Error("the portal stays shut after the change")
	}
}

// anotherSession opens one more session of a person.
func anotherSession(t *testing.T, s *webtest.Site, who accounts.ID) accounts.Token {
	t.Helper()
	token := accounts.NewToken()
	do(t, s, `
		INSERT INTO sessions (public_id, token_hash, account_id, seen_at, proved_at, expires_at)
		VALUES ($1, $2, $3, now(), now(), now() + interval '1 hour')`, accounts.NewPublicID(), token.Hash(), who)
	return token
}

func TestContactIsChangedByItsCodeAndTheFormerReaderIsTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	anna, who := s.Person()
	former := ask[string](t, s, `SELECT email FROM accounts WHERE id = $1`, who.Account)
	take := func(b *webtest.Browser, fields url.Values, address string) *webtest.Answer {
		b.Get("/settings/contacts")
		at := b.Post("/settings/contacts", fields)
		page := b.Get(at.Header.Get("Location"))
		answer := fieldsOf(page, `main form`)
		answer.Set("code", s.Code(address))
		return b.Post("/settings/contacts/code", answer)
	}
	if at := take(anna, url.Values{"channel": {"mail"}, "email": {"new@demo.test"}}, "new@demo.test"); at.Header.Get("Location") != "/profile?saved=mail" {
		t.Fatalf("%d %s", at.Status, text(at, "main"))
	}
	if at := take(anna, url.Values{"channel": {"sms"}, "phone": {"+79163334455"}}, "+79163334455"); at.Header.Get("Location") != "/profile?saved=sms" {
		t.Fatalf("%d %s", at.Status, text(at, "main"))
	}
	if row := ask[string](t, s, `SELECT concat_ws(' ', email, phone) FROM accounts WHERE id = $1`, who.Account); row != "new@demo.test +79163334455" {
		t.Errorf("bound are %s", row)
	}
	if err := s.Accounts.TellFormer(t.Context(), ask[int64](t, s, `SELECT id FROM contact_changes`)); err != nil {
		t.Fatal(err)
	}
	told := s.Sent.Told()
	if last := told[len(told)-1]; last.Kind != accounts.TellMoved || last.Address != former {
		t.Errorf("told %+v", last)
	}
}

func TestContactOfAnotherAccountLooksLikeAnyOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	addAnna(t, s)
	var pages []string
	for _, phone := range []string{"+79001234567", "+79991234567"} {
		mallory, who := s.Person()
		mallory.Get("/settings/contacts")
		at := mallory.Post("/settings/contacts", url.Values{"channel": {"sms"}, "phone": {phone}})
		asked := mallory.Get(at.Header.Get("Location"))
		fields := fieldsOf(asked, `main form`)
		fields.Set("code", "000000")
		wrong := mallory.Post("/settings/contacts/code", fields)
		page := text(asked, "main") + text(wrong, "main")
		pages = append(pages, page)
		if err := s.Accounts.TellOwner(t.Context(), accountsdb.TellOwnerArgs{Account: who.Account, Channel: accounts.ByText}); err != nil {
			t.Fatal(err)
		}
	}
	if pages[0] != pages[1] || pages[0] == "" {
		t.Errorf("known %q\nunknown %q", pages[0], pages[1])
	}
	if told := s.Sent.Told(); len(told) != 1 || told[0].Address != "+79001234567" {
		t.Errorf("told %+v", told)
	}
}

func TestOldPasswordIsMentionedOnceInThreeMonths(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	anna, _ := s.Person()
	remind := func(want int) {
		t.Helper()
		if err := s.Accounts.Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := ask[int](t, s, `SELECT count(*) FROM password_reminders`); n != want {
			t.Errorf("%d reminders, want %d", n, want)
		}
	}
	remind(0)
	if got := text(anna.Get("/profile"), ".notice"); strings.Contains(got, "трёх месяцев") {
		t.Error("a new password is called old")
	}
	do(t, s, `UPDATE accounts SET password_set_at = now() - interval '100 days'`)
	if got := text(anna.Get("/profile"), ".notice"); !strings.Contains(got, "трёх месяцев") {
		t.Errorf("the profile says %q", got)
	}
	remind(1)
	remind(1)
	do(t, s, `UPDATE password_reminders SET created_at = now() - interval '100 days'`)
	remind(2)
}

func TestUnconfirmedEmailKeepsWhatTakesAConfirmedPersonShut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	anna, who := s.Person()
	if !who.Confirmed {
		t.Fatal("not confirmed to begin with")
	}
	do(t, s, `UPDATE accounts SET email_confirmed_at = NULL WHERE id = $1`, who.Account)
	token := anotherSession(t, s, who.Account)
	actor, err := s.Accounts.Actor(t.Context(), string(token))
	if err != nil || actor.Confirmed || !actor.EmailWaits {
		t.Errorf("acts as %+v (%v)", actor, err)
	}
	if anna.Get("/profile").Find(`form[action="/confirm/email"]`).Length() != 1 {
		t.Error("no banner")
	}
	anna.Get("/profile")
	status := 0
	for range 7 {
		status = anna.Post("/confirm/email", url.Values{}).Status
	}
	if n := ask[int](t, s, `SELECT count(*) FROM email_links`); status != http.StatusTooManyRequests || n != 5 {
		t.Errorf("%d letters, then %d", n, status)
	}
}

func TestSwitchOfPhoneSignInIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	anna, who := s.Person()
	anna.Get("/settings/sign-in")
	anna.Post("/settings/sign-in", url.Values{})
	if ask[bool](t, s, `SELECT phone_sign_in FROM accounts WHERE id = $1`, who.Account) {
		t.Error("it stays on")
	}
	anna.Get("/settings/sign-in")
	anna.Post("/settings/sign-in", url.Values{"phone_sign_in": {"on"}})
	if !ask[bool](t, s, `SELECT phone_sign_in FROM accounts WHERE id = $1`, who.Account) {
		t.Error("it stays off")
	}
}
