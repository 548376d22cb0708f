package factors_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	factorsdb "veche/db/factors"
	"veche/db/given"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/factors"
	"veche/handlers"
	factorsweb "veche/handlers/factors"
	"veche/handlers/webtest"
)

const (
	root   = "/settings/security"
	origin = "http://localhost:8080"
)

// portal is a site with the security settings, under the name localhost.
type portal struct {
	*webtest.Site
	store *factorsdb.Store
	web   *factorsweb.Handler
	t     *testing.T
}

func site(t *testing.T) *portal {
	t.Helper()
	p := &portal{t: t}
	p.Site = webtest.New(t, func(s *webtest.Site) {
		var err error
		p.store, err = factorsdb.New(s.DB, factorsdb.Options{
			Secret: []byte("a secret only tests know, long enough"), Issuer: "Вече", RelyingParty: "localhost", Origins: []string{origin},
		})
		if err != nil {
			t.Fatal(err)
		}
		p.web = factorsweb.New(p.store)
		s.Server.Mount(p.web.Routes())
	})
	return p
}

// person has a confirmed phone and mailbox; the second factor is off.
func (p *portal) person(grants ...accounts.Grant) (*webtest.Browser, access.Actor) {
	p.t.Helper()
	browser, actor := p.Person(grants...)
	_, err := p.DB.Pool().Exec(p.t.Context(), `
		UPDATE accounts
		SET phone = '+7900' || lpad(id::text, 7, '0'), phone_confirmed_at = now(), email_confirmed_at = now(), second_factor = 'off'
		WHERE id = $1`, actor.Account)
	if err != nil {
		p.t.Fatal(err)
	}
	return browser, actor
}

func (p *portal) methods(of access.Actor) factors.Methods {
	p.t.Helper()
	methods, err := p.store.Methods(p.t.Context(), of.Account)
	if err != nil {
		p.t.Fatal(err)
	}
	return methods
}

func text(a *webtest.Answer, selector string) string {
	return strings.Join(strings.Fields(a.Find(selector).Text()), " ")
}

// leads fails when the answer leads elsewhere.
func leads(t *testing.T, a *webtest.Answer, to string) {
	t.Helper()
	if got := a.Header.Get("Location"); a.Status != http.StatusSeeOther || got != to {
		t.Errorf("%d to %q, want %q; %s", a.Status, got, to, text(a, "main"))
	}
}

func TestSecondFactorIsSwitchedOnWithCodesThatAreShownOnce(t *testing.T) {
	t.Parallel()
	p := site(t)
	anna, who := p.person()
	page := anna.Get(root)
	if page.Status != http.StatusOK || text(page, "h1") != "Настройки безопасности" {
		t.Fatalf("%d %q", page.Status, text(page, "h1"))
	}
	if state := page.Find(".tag").First().Text(); state != "Выключена" || !strings.Contains(text(page, "main"), "Придёт на номер +7900") {
		t.Errorf("the page says %q", text(page, "main"))
	}
	if n := page.Find(`input[name="method"]`).Length(); n != 4 {
		t.Errorf("%d methods are offered", n)
	}
	done := anna.Post(root+"/second-factor", url.Values{"method": {"sms"}})
	codes := done.Find("#backup-codes li")
	if done.Status != http.StatusOK || codes.Length() != factors.BackupCodes {
		t.Fatalf("%d, %d codes", done.Status, codes.Length())
	}
	if code := codes.First().Text(); len(code) != 9 || code[4] != '-' {
		t.Errorf("a code is written %q", code)
	}
	if kept := done.Header.Get("Cache-Control"); !strings.Contains(kept, "no-store") {
		t.Errorf("the codes may be kept: %q", kept)
	}
	if done.Find(`form[action="/sign-out"]`).Length() == 0 || !strings.Contains(text(done, "main"), "выйдите и войдите снова") {
		t.Error("nobody is invited to try it")
	}
	again := anna.Get(root)
	if strings.Contains(again.Body, codes.First().Text()) || !strings.Contains(text(again, "main"), "Осталось 10 кодов") {
		t.Errorf("afterwards the page says %q", text(again, "main"))
	}
	leads(t, anna.Post(root+"/second-factor", url.Values{"method": {"mail"}}), root+"?done=chosen")
	if now := p.methods(who); now.Preferred != factors.Mail {
		t.Errorf("preferred is %s", now.Preferred)
	}
	made := anna.Post(root+"/backup-codes", url.Values{})
	if n := made.Find("#backup-codes li").Length(); n != factors.BackupCodes || strings.Contains(made.Body, codes.First().Text()) {
		t.Errorf("new codes: %d", n)
	}
	leads(t, anna.Post(root+"/second-factor", url.Values{"method": {"off"}}), root+"?done=off")
	if refused := anna.Post(root+"/backup-codes", url.Values{}); refused.Status != http.StatusConflict || refused.Find(".error-summary").Length() != 1 {
		t.Errorf("codes without a second factor: %d", refused.Status)
	}
}

func TestAppIsSetUpOnItsPage(t *testing.T) {
	t.Parallel()
	p := site(t)
	anna, who := p.person()
	anna.Get(root)
	// Chosen before it is there, the app leads to its set-up.
	setup := anna.Post(root+"/second-factor", url.Values{"method": {"totp"}})
	key := strings.ReplaceAll(setup.Find(".secret").Text(), " ", "")
	picture, _ := setup.Find("img.qr").Attr("src")
	drawn, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(picture, "data:image/png;base64,"))
	if setup.Status != http.StatusOK || len(key) != 32 || err != nil || !strings.HasPrefix(string(drawn), "\x89PNG") {
		t.Fatalf("%d, key %q, picture %.40q (%v)", setup.Status, key, picture, err)
	}
	wrong := anna.Post(root+"/totp/confirm", url.Values{"code": {"12345"}})
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(text(wrong, "#field-code-error"), "Код не подошёл") {
		t.Errorf("a wrong code: %d %q", wrong.Status, text(wrong, "main"))
	}
	if strings.ReplaceAll(wrong.Find(".secret").Text(), " ", "") != key {
		t.Error("after a wrong code the key is another one")
	}
	code, err := totp.GenerateCode(key, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	done := anna.Post(root+"/totp/confirm", url.Values{"code": {code}})
	if done.Status != http.StatusOK || done.Find("#backup-codes li").Length() != factors.BackupCodes || !strings.Contains(text(done, "main"), "код из приложения") {
		t.Fatalf("%d %q", done.Status, text(done, "main"))
	}
	if now := p.methods(who); !now.TOTP || now.Preferred != factors.TOTP {
		t.Errorf("now %+v", now)
	}
	if again := anna.Post(root+"/totp", url.Values{}); again.Status != http.StatusConflict || strings.Contains(again.Body, key) {
		t.Errorf("the key of a connected app is shown again: %d", again.Status)
	}
	anna.Get(root)
	leads(t, anna.Post(root+"/totp/remove", url.Values{}), root+"?done=no-app")
	if now := p.methods(who); now.TOTP || now.Preferred != factors.SMS {
		t.Errorf("after the removal %+v", now)
	}
}

// phone is a device that makes passkeys for the page.
func (p *portal) phone(of access.Actor) (at virtualwebauthn.RelyingParty, phone virtualwebauthn.Authenticator, key virtualwebauthn.Credential) {
	return virtualwebauthn.RelyingParty{ID: "localhost", Name: "Вече", Origin: origin},
		virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(of.Public)}),
		virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
}

func (p *portal) answers(page *webtest.Answer, of access.Actor) string {
	p.t.Helper()
	options, _ := page.Find(`form[data-passkey="create"]`).Attr("data-options")
	asked, err := virtualwebauthn.ParseAttestationOptions(options)
	if err != nil {
		p.t.Fatalf("%d, options %q: %v", page.Status, options, err)
	}
	at, phone, key := p.phone(of)
	return virtualwebauthn.CreateAttestationResponse(at, phone, key, *asked)
}

func TestPasskeyIsAddedRenamedAndRemoved(t *testing.T) {
	t.Parallel()
	p := site(t)
	anna, who := p.person()
	anna.Get(root)
	form := anna.Post(root+"/passkeys", url.Values{})
	answer := p.answers(form, who)
	if form.Find("noscript").Length() == 0 {
		t.Error("nobody is told that it takes a script")
	}
	nameless := anna.Post(root+"/passkeys/add", url.Values{"name": {" "}, "credential": {answer}})
	if nameless.Status != http.StatusUnprocessableEntity || !strings.Contains(text(nameless, "#field-name-error"), "Введите название") {
		t.Errorf("without a name: %d", nameless.Status)
	}
	leads(t, anna.Post(root+"/passkeys/add", url.Values{"name": {"<b>Телефон</b>"}, "credential": {answer}}), root+"?done=key-added")
	if twice := anna.Post(root+"/passkeys/add", url.Values{"name": {"Ещё"}, "credential": {answer}}); twice.Status != http.StatusConflict || p.methods(who).Passkeys != 1 {
		t.Errorf("the same answer twice: %d", twice.Status)
	}
	// Without a script the form comes without an answer.
	if empty := anna.Post(root+"/passkeys/add", url.Values{"name": {"Телефон"}}); empty.Status != http.StatusUnprocessableEntity {
		t.Errorf("without an answer: %d", empty.Status)
	}
	page := anna.Get(root)
	if name := text(page, ".passkey-name"); name != "<b>Телефон</b>" {
		t.Errorf("it is called %q", name)
	}
	path, _ := page.Find(`form[action$="/name"]`).Attr("action")
	boris, _ := p.person()
	boris.Get(root)
	for _, action := range []string{path, strings.TrimSuffix(path, "/name") + "/remove"} {
		if got := boris.Post(action, url.Values{"name": {"Мой"}}); got.Status != http.StatusNotFound {
			t.Errorf("somebody else posts to %s: %d", action, got.Status)
		}
	}
	leads(t, anna.Post(path, url.Values{"name": {"Планшет"}}), root+"?done=key-named")
	if name := text(anna.Get(root), ".passkey-name"); name != "Планшет" {
		t.Errorf("renamed it is called %q", name)
	}
	leads(t, anna.Post(strings.TrimSuffix(path, "/name")+"/remove", url.Values{}), root+"?done=key-removed")
	if p.methods(who).Passkeys != 0 {
		t.Error("a removed passkey is there")
	}
}

func TestPageUnderANumberSendsToTheName(t *testing.T) {
	t.Parallel()
	p := site(t)
	anna, _ := p.person()
	page := anna.Get(root) // under 127.0.0.1
	if page.Find(`a[href="`+origin+root+`"]`).Length() != 1 || !strings.Contains(text(page, "main"), "Откройте портал по имени localhost") {
		t.Errorf("the page says %q", text(page, "main"))
	}
	if page.Find(`form[action="`+root+`/passkeys"]`).Length() != 0 {
		t.Error("a button is offered that cannot work")
	}
	refused := anna.Post(root+"/second-factor", url.Values{"method": {"passkey"}})
	if refused.Status != http.StatusUnprocessableEntity {
		t.Errorf("a passkey is chosen there: %d", refused.Status)
	}
}

func TestStaffAreNotOfferedToSwitchOff(t *testing.T) {
	t.Parallel()
	p := site(t)
	gleb, who := p.person(accounts.Grant{Role: accounts.RoleModerator})
	page := gleb.Get(root)
	if page.Find(`input[type="hidden"][name="method"][value="off"]`).Length() != 0 || !strings.Contains(text(page, "main"), "выключить это нельзя") {
		t.Errorf("the page says %q", text(page, "main"))
	}
	gleb.Post(root+"/second-factor", url.Values{"method": {"sms"}})
	refused := gleb.Post(root+"/second-factor", url.Values{"method": {"off"}})
	if refused.Status != http.StatusConflict || !strings.Contains(text(refused, ".error-summary"), "обязательно") || p.methods(who).Preferred != factors.SMS {
		t.Errorf("%d %q", refused.Status, text(refused, ".error-summary"))
	}
}

func TestCardsOfOtherAreasStandOnThePage(t *testing.T) {
	t.Parallel()
	p := site(t)
	p.web.Add(
		func(*handlers.Ctx) (templ.Component, error) { return templ.Raw(`<p id="one">1</p>`), nil },
		func(*handlers.Ctx) (templ.Component, error) { return nil, nil },
		func(c *handlers.Ctx) (templ.Component, error) {
			return templ.Raw(`<p id="two">` + c.Actor.Public + `</p>`), nil
		},
	)
	anna, who := p.person()
	page := anna.Get(root)
	if page.Find("#one ~ #two").Text() != who.Public {
		t.Errorf("the page says %q", text(page, "main"))
	}
}

func TestSecuritySettingsAreForThoseWhoAreIn(t *testing.T) {
	t.Parallel()
	p := site(t)
	guest := p.Guest()
	if got := guest.Get(root); !strings.HasPrefix(got.Header.Get("Location"), "/sign-in") {
		t.Errorf("a guest gets %d", got.Status)
	}
	unconfirmed, token := given.Unconfirmed(t, p.DB)
	if got := p.With(token).Get(root); got.Status != http.StatusOK || unconfirmed.Confirmed {
		t.Errorf("who is not confirmed yet gets %d", got.Status)
	}
	anna, _ := p.person()
	for _, path := range []string{"/second-factor", "/totp", "/totp/confirm", "/passkeys", "/passkeys/add", "/backup-codes"} {
		leads(t, anna.Get(root+path), root)
	}
	if got := anna.Get(root + "?done=%3Cscript%3E"); strings.Contains(got.Find("main").Text(), "script") || got.Find("[role=status] .notice").Length() != 0 {
		t.Error("an address makes the page say what it wants")
	}
}
