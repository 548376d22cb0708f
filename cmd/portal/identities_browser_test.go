package main

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"veche/db/given"
	"veche/domain/accounts"
)

// key puts the focus on something, as somebody does who goes there by Tab, and
// presses a key.
func (v *tab) key(selector, key string) {
	v.t.Helper()
	v.awaitJS(`(() => { const e = document.querySelector(` + quoteJS(selector) + `); e?.focus(); return e !== null && document.activeElement === e; })()`)
	v.run(chromedp.KeyEvent(key))
}

// The whole way to the state's sign-in and back, on a phone, without a pointer.
func TestStateSignInByKeyboardInBrowser(t *testing.T) {
	t.Parallel()
	site, _ := vouchedPortal(t)
	browser := chromium(t)
	for lang, says := range map[string]struct{ button, name string }{
		"ru": {"Войти через Служба esia", "Мой профиль"},
		"en": {"Sign in with Service esia", "My profile"},
	} {
		v := site.visitor(t, browser, "")
		v.run(
			network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": lang}),
			emulation.SetDeviceMetricsOverride(360, 800, 1, true),
		)
		v.open("/sign-in?next=%2Fprofile")
		v.awaitText(`a[href^="/identities/esia/start"]`, says.button)
		v.shot("identities-sign-in-360-" + lang)
		v.key(`a[href^="/identities/esia/start"]`, kb.Enter)
		v.arrives("body", "Астахова")
		v.key(`[name="person"][value="nina"]`, " ")
		v.key(`button[value="enter"]`, kb.Enter)
		v.arrives("h1", says.name)
		v.awaitText("main", "Нина Петровна Астахова")
		v.shot("identities-profile-360-" + lang)
		v.open("/settings/identities")
		v.shot("identities-settings-360-" + lang)
		var beyond int
		v.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &beyond)
		if beyond > 0 {
			t.Errorf("the page scrolls %d px sideways", beyond)
		}
		v.run(emulation.SetDeviceMetricsOverride(1440, 900, 1, false))
		v.shot("identities-settings-1440-" + lang)
	}
}

// A finger that was added in the settings opens a session by itself, and is asked for
// again before what is sensitive (ID-14).
func TestFingerprintSignsInInBrowser(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	site := start(t, "PORT", port, "VECHE_PUBLIC_URL", "http://127.0.0.1:"+port)
	browser := chromium(t)
	anna, token := given.Person(t, site.DB)
	exec := func(statement string) {
		t.Helper()
		if _, err := site.DB.Pool().Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	exec(`UPDATE accounts SET email_confirmed_at = now(), second_factor = 'off'`)

	numbered := site.visitor(t, browser, accounts.Token(""))
	numbered.open("/sign-in")
	numbered.awaitText(".ways", "http://localhost:"+port+"/sign-in")
	if numbered.visible(`form[action="/sign-in/passkey"]`) {
		t.Error("under a number a fingerprint is asked for all the same")
	}

	v := newTab(t, browser, "http://localhost:"+port, token)
	v.run(emulation.SetDeviceMetricsOverride(360, 800, 1, true))
	v.fingerprint(true)
	v.open("/settings/security")
	v.click(`form[action="/settings/security/passkeys"] button`)
	v.arrives("h1", "Новое устройство")
	v.eval(`document.querySelector('[name="name"]').value = 'Телефон'`, nil)
	v.click(`form[data-passkey] button`)
	v.arrives(".passkey-name", "Телефон")
	v.open("/profile")
	v.click(`main form[action="/sign-out"] button:not([name])`)
	v.arrives("header", "Войти")

	v.open("/sign-in?next=%2Fprofile")
	v.shot("identities-passkey-360")
	v.click(`form[action="/sign-in/passkey"] button`)
	v.arrives("h1", "Мой профиль")
	if n := count(t, site, `
		SELECT count(*) FROM sessions
		WHERE account_id = $1 AND means = '{passkey}' AND proved_at IS NOT NULL AND ended_at IS NULL`, anna.Account); n != 1 {
		t.Errorf("%d sessions were opened by a passkey", n)
	}
}
