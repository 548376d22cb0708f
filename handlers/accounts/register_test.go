package accounts_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	accountsdb "veche/db/accounts"
	"veche/domain/accounts"
	"veche/handlers/webtest"
	view "veche/views/accounts"
)

const chosen = "Ясный-полдень-7491"

func newcomer(email, phone string) url.Values {
	return url.Values{"name": {"Ольга Петровна Синицына"}, "email": {email}, "phone": {phone}, "channel": {"sms"}, "consent": {"on"}}
}

// typeCode registers up to the code and answers what came of it.
func typeCode(t *testing.T, s *webtest.Site, b *webtest.Browser, fields url.Values, code string) *webtest.Answer {
	t.Helper()
	b.Get("/register")
	if at := b.Post("/register", fields); at.Header.Get("Location") != "/register/code" {
		t.Fatalf("the data lead to %d %s", at.Status, text(at, "main"))
	}
	b.Get("/register/code")
	if code == "" {
		code = s.Code(fields.Get("phone"))
	}
	return b.Post("/register/code", url.Values{"code": {code}})
}

// registered goes all the way to an account.
func registered(t *testing.T, s *webtest.Site, email, phone string) *webtest.Browser {
	t.Helper()
	b := s.Guest()
	if at := typeCode(t, s, b, newcomer(email, phone), ""); at.Header.Get("Location") != "/register/password" {
		t.Fatalf("the code leads to %d %s", at.Status, text(at, "main"))
	}
	b.Get("/register/password")
	if at := b.Post("/register/password", url.Values{"new-password": {chosen}}); at.Header.Get("Location") != "/register/questions" {
		t.Fatalf("the password leads to %d %s", at.Status, text(at, "main"))
	}
	b.Get("/register/questions")
	return b
}

// ask answers a question about the one row that a statement finds.
func ask[T any](t *testing.T, s *webtest.Site, statement string, args ...any) T {
	t.Helper()
	var found T
	if err := s.DB.Pool().QueryRow(t.Context(), statement, args...).Scan(&found); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return found
}

func do(t *testing.T, s *webtest.Site, statement string, args ...any) {
	t.Helper()
	if _, err := s.DB.Pool().Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func TestRegistrationLeadsIntoTheCabinet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	olga := registered(t, s, "olga@demo.test", "+79161112233")
	if got := text(olga.Get("/profile"), "main"); !strings.Contains(got, "Ольга Петровна Синицына") || !strings.Contains(got, "ждёт подтверждения") {
		t.Errorf("the cabinet says %q", got)
	}
	if got := text(olga.Get("/register/done"), "main"); !strings.Contains(got, "olga@demo.test") {
		t.Errorf("the end says %q", got)
	}
	row := ask[string](t, s, `
		SELECT concat_ws(' ', email = '', email_wanted, phone, phone_confirmed_at IS NOT NULL, confirmed, second_factor, consented_at IS NOT NULL, password_hash <> '')
		FROM accounts WHERE phone = '+79161112233'`)
	if want := "t olga@demo.test +79161112233 t f sms t t"; row != want {
		t.Errorf("the account is %q, want %q", row, want)
	}
	// By letter it is the e-mail that is confirmed, and the number that waits.
	fields, boris := newcomer("boris@new.test", "+79161112244"), s.Guest()
	fields.Set("channel", "mail")
	boris.Get("/register")
	boris.Post("/register", fields)
	boris.Get("/register/code")
	boris.Post("/register/code", url.Values{"code": {s.Code("boris@new.test")}})
	boris.Get("/register/password")
	boris.Post("/register/password", url.Values{"new-password": {chosen}})
	row = ask[string](t, s, `SELECT concat_ws(' ', email, phone IS NULL, phone_wanted, second_factor) FROM accounts WHERE email = 'boris@new.test'`)
	if want := "boris@new.test t +79161112244 mail"; row != want {
		t.Errorf("by letter the account is %q, want %q", row, want)
	}
}

func TestRegistrationKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.Guest()
	b.Get("/register")
	fields := newcomer("no address", "123")
	fields.Del("consent")
	wrong := b.Post("/register", fields)
	if wrong.Status != http.StatusUnprocessableEntity || wrong.Find(".field-error").Length() != 3 {
		t.Errorf("%d with %d errors", wrong.Status, wrong.Find(".field-error").Length())
	}
	for name, want := range map[string]string{"name": "Ольга Петровна Синицына", "email": "no address", "phone": "123"} {
		if got := wrong.Find(`main input[name="`+name+`"]`).AttrOr("value", ""); got != want {
			t.Errorf("%s is %q after an error", name, got)
		}
	}
	b.Post("/register", newcomer("olga@demo.test", "8 916 111-22-33"))
	if got := b.Get("/register").Find(`main input[name="email"]`).AttrOr("value", ""); got != "olga@demo.test" {
		t.Errorf("on Back the address is %q", got)
	}
}

var secretOfPage = regexp.MustCompile(`(name="csrf" value|hx-headers:inherited|data-pass|data-version|data-state|content)="[^"]*"`)

// alike leaves out of a page what differs from one drawing to the next.
func alike(a *webtest.Answer) string { return secretOfPage.ReplaceAllString(a.Body, `$1=""`) }

// A contact that has an account leads through the very same pages, after the same
// work; only the message is another.
func TestRegistrationDoesNotTellWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	add(t, s, accounts.Account{Name: "Анна Лебедева", Email: "anna@demo.test", Phone: "+79001234567", Confirmed: true}, secret)
	pages := map[string][]string{}
	for _, c := range []struct{ name, email, phone string }{
		{"known phone", "new1@demo.test", "+79001234567"},
		{"unknown phone", "new2@demo.test", "+79991234567"},
	} {
		b := s.Guest()
		b.Get("/register")
		began := b.Post("/register", newcomer(c.email, c.phone))
		asked := b.Get("/register/code")
		wrong := b.Post("/register/code", url.Values{"code": {"000000"}})
		again := b.Post("/register/code", url.Values{"step": {"resend"}})
		pages[c.name] = []string{fmt.Sprint(began.Status, began.Header.Get("Location")), mask(alike(asked)), mask(alike(wrong)), mask(alike(again))}
		rows := ask[string](t, s, `SELECT concat_ws(' ', count(*), count(DISTINCT c.id)) FROM registrations r JOIN codes c ON c.public_id = r.code WHERE r.phone = $1`, c.phone)
		if rows != "1 1" {
			t.Errorf("%s leaves %s registrations and codes", c.name, rows)
		}
	}
	if diff := cmp.Diff(pages["unknown phone"], pages["known phone"]); diff != "" {
		t.Errorf("the pages differ (-unknown +known)\n%s", diff)
	}
	// The known number is sent no code, and its owner is told.
	key := ask[int64](t, s, `SELECT id FROM registrations WHERE phone = '+79001234567'`)
	for _, phone := range []string{"+79001234567", "+79991234567"} {
		id := ask[int64](t, s, `SELECT id FROM registrations WHERE phone = $1`, phone)
		if err := s.Accounts.TellOwner(t.Context(), accountsdb.TellOwnerArgs{Registration: id, Channel: accounts.ByText}); err != nil {
			t.Fatal(err)
		}
	}
	told := s.Sent.Told()
	if len(told) != 1 || told[0].Kind != accounts.TellOwner || told[0].Address != "+79001234567" || key == 0 {
		t.Errorf("told %+v", told)
	}
	s.Code("+79991234567")
	for _, m := range s.Sent.Messages() {
		if m.Address == "+79001234567" {
			t.Error("a code goes to a number that has an account")
		}
	}
}

// mask makes the numbers of the two cases one.
func mask(page string) string { return strings.ReplaceAll(page, "+79991234567", "+79001234567") }

// An e-mail that has an account hinders nobody who only says it is theirs, and tells
// them nothing: it waits for its link, as any other does.
func TestRegistrationWithSomebodysEmailLooksLikeAnyOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	add(t, s, accounts.Account{Name: "Анна Лебедева", Email: "anna@demo.test", Confirmed: true}, secret)
	mallory := registered(t, s, "anna@demo.test", "+79161112233")
	if got := text(mallory.Get("/profile"), "main"); !strings.Contains(got, "anna@demo.testждёт подтверждения") {
		t.Errorf("the cabinet says %q", got)
	}
	link := ask[int64](t, s, `SELECT id FROM email_links WHERE email = 'anna@demo.test'`)
	if err := s.Accounts.SendLink(t.Context(), link); err != nil {
		t.Fatal(err)
	}
	if told := s.Sent.Told(); len(told) != 1 || told[0].Kind != accounts.TellOwner || told[0].Token != "" {
		t.Errorf("the owner of the address is told %+v", told)
	}
	// Nor can they sign in with the address: it is the owner's.
	thief := s.Guest()
	thief.Get("/sign-in")
	if in := thief.Post("/sign-in", form("anna@demo.test", chosen)); in.Status != http.StatusUnprocessableEntity {
		t.Errorf("signing in with it is answered %d to %s", in.Status, in.Header.Get("Location"))
	}
}

func TestCodeOfRegistrationIsGoodOnceAndForOneVisitor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	olga, mallory := s.Guest(), s.Guest()
	fields := newcomer("olga@demo.test", "+79161112233")
	olga.Get("/register")
	olga.Post("/register", fields)
	code := s.Code("+79161112233")
	if at := typeCode(t, s, mallory, newcomer("mallory@demo.test", "+79169998877"), code); at.Status != http.StatusUnprocessableEntity {
		t.Errorf("another visitor's code is answered %d", at.Status)
	}
	olga.Get("/register/code")
	first := olga.Post("/register/code", url.Values{"code": {code}})
	if first.Header.Get("Location") != "/register/password" {
		t.Fatalf("the own code: %d", first.Status)
	}
	do(t, s, `UPDATE registrations SET confirmed_at = NULL`)
	if again := olga.Post("/register/code", url.Values{"code": {code}}); again.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code is taken twice: %d", again.Status)
	}
	// Without the code there is no password page, and no account.
	mallory.Get("/register/code")
	if at := mallory.Post("/register/password", url.Values{"new-password": {chosen}}); at.Status == http.StatusSeeOther && at.Header.Get("Location") != "/register/code" {
		t.Errorf("an unconfirmed contact leads to %s", at.Header.Get("Location"))
	}
	if n := ask[int](t, s, `SELECT count(*) FROM accounts`); n != 0 {
		t.Errorf("%d accounts", n)
	}
}

// Who planted the token of a registration, or knew it, knows it no more once the
// contact was confirmed; and the session is new.
func TestRegistrationTakesAnotherTokenWithTheCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.Guest()
	b.Get("/register")
	planted := cookie(b.Post("/register", newcomer("olga@demo.test", "+79161112233")), "registration")
	b.Get("/register/code")
	next := cookie(b.Post("/register/code", url.Values{"code": {s.Code("+79161112233")}}), "registration")
	if planted == nil || next == nil || planted.Value == next.Value {
		t.Fatalf("tokens %v and %v", planted, next)
	}
	if _, err := s.Accounts.Draft(t.Context(), accounts.Token(planted.Value)); err == nil {
		t.Error("the former token opens the registration")
	}
	b.Get("/register/password")
	made := b.Post("/register/password", url.Values{"new-password": {chosen}})
	session := cookie(made, "session")
	if session == nil || session.Value == next.Value || !knows(b) {
		t.Errorf("the session is %v", session)
	}
}

func TestRegistrationSentTwiceMakesOneAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.Guest()
	b.Get("/register")
	b.Post("/register", newcomer("olga@demo.test", "+79161112233"))
	b.Get("/register/code")
	ticket := cookie(b.Post("/register/code", url.Values{"code": {s.Code("+79161112233")}}), "registration")
	token := accounts.Token(ticket.Value)
	errs := make(chan error, 2)
	for range cap(errs) {
		go func() {
			entry, err := s.Accounts.Finish(t.Context(), guest, token, accounts.NewPassword(chosen), accounts.Place{})
			if err == nil && entry.Token == "" {
				err = fmt.Errorf("no session")
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := ask[int](t, s, `SELECT count(*) FROM accounts`); n != 1 {
		t.Errorf("%d accounts", n)
	}
	if _, err := s.Accounts.Finish(t.Context(), guest, token, accounts.NewPassword("Другой-пароль-1"), accounts.Place{}); err == nil {
		t.Error("with another password the registration opens the account")
	}
}

func TestRegistrationAsksForAGoodPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.Guest()
	typeCode(t, s, b, newcomer("olga@demo.test", "+79161112233"), "")
	b.Get("/register/password")
	for _, weak := range []string{"", "Aa1!", "password", "Синицына-2026!", "Qwerty123!"} {
		if at := b.Post("/register/password", url.Values{"new-password": {weak}}); at.Status != http.StatusUnprocessableEntity || strings.Contains(at.Body, `value="`+weak+`"`) && weak != "" {
			t.Errorf("%q is answered %d", weak, at.Status)
		}
	}
}

func TestEmailIsConfirmedByAPressNotByALook(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	olga := registered(t, s, "olga@demo.test", "+79161112233")
	if got := text(olga.Get("/profile"), ".notice"); !strings.Contains(got, "Подтвердите электронную почту") {
		t.Fatalf("no banner: %q", got)
	}
	path := linkTo(t, s, "olga@demo.test")
	stranger, _ := s.Person()
	if at := stranger.Get(path); at.Find(`main form[action="`+path+`"]`).Length() != 0 {
		t.Error("somebody else is offered the button")
	}
	stranger.Get("/profile")
	if at := stranger.Post(path, url.Values{}); at.Status != http.StatusForbidden {
		t.Errorf("in somebody else's session: %d", at.Status)
	}
	reader := s.Guest() // on another device
	for range 2 {
		if at := reader.Get(path); at.Status != http.StatusOK || at.Find(`main form[action="`+path+`"]`).Length() != 1 {
			t.Fatalf("the page of the link: %d", at.Status)
		}
	}
	if ask[bool](t, s, `SELECT email_confirmed_at IS NOT NULL FROM accounts WHERE phone = '+79161112233'`) {
		t.Error("looking at the link confirms")
	}
	if at := reader.Post(path, url.Values{}); at.Status != http.StatusOK || knows(reader) {
		t.Errorf("the press is answered %d, signed in %t", at.Status, knows(reader))
	}
	if got := ask[string](t, s, `SELECT concat_ws(' ', email, email_wanted = '', email_confirmed_at IS NOT NULL) FROM accounts WHERE phone = '+79161112233'`); got != "olga@demo.test t t" {
		t.Errorf("the account has %q", got)
	}
	if at := reader.Post(path, url.Values{}); at.Status != http.StatusConflict {
		t.Errorf("the link is taken twice: %d", at.Status)
	}
	if got := text(olga.Get("/profile"), "main"); strings.Contains(got, "Подтвердите электронную почту") {
		t.Error("the banner stays")
	}
	for _, forged := range []string{"/confirm/email/none", "/confirm/email/" + string(accounts.NewToken())} {
		if at := reader.Get(forged); at.Status != http.StatusConflict {
			t.Errorf("%s is answered %d", forged, at.Status)
		}
	}
}

// linkTo sends the letter and answers the page that it leads to.
func linkTo(t *testing.T, s *webtest.Site, email string) string {
	t.Helper()
	if err := s.Accounts.SendLink(t.Context(), ask[int64](t, s, `SELECT max(id) FROM email_links WHERE email = $1`, email)); err != nil {
		t.Fatal(err)
	}
	told := s.Sent.Told()
	last := told[len(told)-1]
	if last.Kind != accounts.TellLink || last.Address != email {
		t.Fatalf("sent %+v", last)
	}
	if strings.Contains(ask[string](t, s, `SELECT coalesce(string_agg(l::text, ''), '') FROM email_links l`), string(last.Token)) {
		t.Error("the database holds the token")
	}
	return view.LinkPath(last.Token)
}
