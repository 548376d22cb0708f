package recovery_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	recoverydb "veche/db/recovery"
	"veche/domain/access"
	"veche/domain/accounts"
	recoveryweb "veche/handlers/recovery"
	"veche/handlers/webtest"
	"veche/static"
)

const phone = "+79440000900"

type portal struct {
	*webtest.Site
	t     *testing.T
	store *recoverydb.Store
}

func site(t *testing.T) *portal {
	t.Helper()
	p := &portal{t: t}
	p.Site = webtest.New(t, func(s *webtest.Site) {
		var err error
		p.store, err = recoverydb.New(s.DB, recoverydb.Options{
			Hashing: s.Accounts.Hashing(), Secret: []byte("a secret only tests know, long enough"),
		})
		if err != nil {
			t.Fatal(err)
		}
		p.store.Join(recoverydb.Joints{Accounts: s.Accounts, Codes: s.Codes, Proofs: s.Proofs})
		web := recoveryweb.New(p.store, accounts.NewPasswordPolicy(static.LeakedPassword), s.Accounts)
		web.Live(s.Server)
		s.Server.Mount(web.Routes())
	})
	return p
}

func (p *portal) exec(statement string, args ...any) {
	p.t.Helper()
	if _, err := p.DB.Pool().Exec(p.t.Context(), statement, args...); err != nil {
		p.t.Fatal(err)
	}
}

func value[T any](p *portal, query string, args ...any) (found T) {
	p.t.Helper()
	if err := p.DB.Pool().QueryRow(p.t.Context(), query, args...).Scan(&found); err != nil {
		p.t.Fatal(err)
	}
	return found
}

// owner is a person with a phone and an e-mail, both confirmed.
func (p *portal) owner(grants ...accounts.Grant) (actor access.Actor, email string) {
	p.t.Helper()
	_, actor = p.Person(grants...)
	p.exec(`UPDATE accounts SET phone = $2, phone_confirmed_at = now() WHERE id = $1`, actor.Account, phone)
	return actor, value[string](p, `SELECT email FROM accounts WHERE id = $1`, actor.Account)
}

// begun is a guest who has just typed a login.
func (p *portal) begun(path, login string) *webtest.Browser {
	p.t.Helper()
	guest := p.Guest()
	guest.Get(path)
	if answer := guest.Post(path, url.Values{"login": {login}}); answer.Status != http.StatusSeeOther {
		p.t.Fatalf("%s for %s: %d", path, login, answer.Status)
	}
	return guest
}

// takes sends a step and answers the page that follows.
func (p *portal) takes(guest *webtest.Browser, form url.Values) *webtest.Answer {
	p.t.Helper()
	guest.Get("/recovery/step")
	answer := guest.Post("/recovery/step", form)
	if answer.Status == http.StatusSeeOther {
		return guest.Get("/recovery/step")
	}
	return answer
}

func says(answer *webtest.Answer, text string) bool {
	return strings.Contains(strings.Join(strings.Fields(answer.Find("main").Text()), " "), text)
}

func code(digits string) url.Values { return url.Values{"code": {digits}} }

func password(chosen string) url.Values { return url.Values{accounts.NewPasswordField: {chosen}} }
