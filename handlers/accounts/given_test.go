package accounts_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/handlers"
	accountsweb "veche/handlers/accounts"
	"veche/handlers/settings"
	"veche/handlers/webtest"
)

const secret = " Пароль-2026! "

var guest = access.Guest()

// newSite is a portal with sign-in and settings. Its counts of tries are its own,
// since every test comes from the same address.
func newSite(t *testing.T, changes ...webtest.Option) *webtest.Site {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = client.Close() })
	own := func(o *handlers.Options) { o.Limiter = handlers.NewLimiter(client, "", []byte("s")) }
	return webtest.New(t, func(s *webtest.Site) {
		s.Server.Mount(accountsweb.New(s.Accounts, s.Proofs).Routes())
		s.Server.Mount(settings.New(s.Accounts).Routes())
	}, append([]webtest.Option{own}, changes...)...)
}

// add puts a person into the site.
func add(t *testing.T, s *webtest.Site, person accounts.Account, password string, grants ...accounts.Grant) {
	t.Helper()
	hash, err := s.Accounts.HashPassword(t.Context(), accounts.NewPassword(password))
	if err != nil {
		t.Fatal(err)
	}
	err = s.DB.InTx(t.Context(), func(tx *db.Tx) error {
		id, err := accountsdb.Add(t.Context(), tx, person, hash, grants...)
		if err != nil {
			return err
		}
		// The second proof has tests of its own.
		_, err = tx.Exec(t.Context(), `UPDATE accounts SET second_factor = 'off' WHERE id = $1`, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func addAnna(t *testing.T, s *webtest.Site) {
	t.Helper()
	add(t, s, accounts.Account{Name: "Анна Сергеевна Лебедева", Email: "anna@demo.test", Phone: "+79001234567", Confirmed: true}, secret)
}

func form(login, password string) url.Values {
	return url.Values{"login": {login}, "password": {password}}
}

// cookie is what an answer sets under a name, or nil.
func cookie(a *webtest.Answer, name string) *http.Cookie {
	for _, line := range a.Header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil && c.Name == name {
			return c
		}
	}
	return nil
}

// knows says whether the site knows the visitor, by asking for their profile.
func knows(b *webtest.Browser) bool { return b.Get("/profile").Status == http.StatusOK }

func text(a *webtest.Answer, selector string) string {
	return strings.Join(strings.Fields(a.Find(selector).Text()), " ")
}

// proveSecond answers the question that a sign-in led to with the code that was sent.
func proveSecond(t *testing.T, s *webtest.Site, visitor *webtest.Browser, in *webtest.Answer, address string) *webtest.Answer {
	t.Helper()
	at := in.Header.Get("Location")
	if in.Status != http.StatusSeeOther || !strings.HasPrefix(at, "/sign-in/code") {
		t.Fatalf("no second proof is asked for: %d to %q", in.Status, at)
	}
	fields := fieldsOf(visitor.Get(at), `main form`)
	fields.Set("proof", s.Code(address))
	return visitor.Post("/sign-in/code", fields)
}

// fieldsOf are the fields of a form as they stand in it, without its token.
func fieldsOf(page *webtest.Answer, selector string) url.Values {
	fields := url.Values{}
	for _, input := range page.Find(selector).First().Find("input").EachIter() {
		if name := input.AttrOr("name", ""); name != "csrf" {
			fields.Set(name, input.AttrOr("value", ""))
		}
	}
	return fields
}
