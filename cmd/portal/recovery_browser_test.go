package main

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"veche/cmd/sim/inbox"
	"veche/db/given"
	"veche/domain/accounts"
)

// Somebody who forgot their password gets a letter with a code, chooses another
// password and may sign in: on a telephone, by keyboard alone.
func TestForgottenPasswordInBrowser(t *testing.T) {
	t.Parallel()
	box, mail := mailServer(t, relayForAll)
	site := start(t, "VECHE_SMTP_ADDR", mail)
	browser := chromium(t)
	anna, _ := given.Person(t, site.DB)
	var email string
	if err := site.DB.Pool().QueryRow(t.Context(), `SELECT email FROM accounts WHERE id = $1`, anna.Account).Scan(&email); err != nil {
		t.Fatal(err)
	}
	v := site.visitor(t, browser, "")
	v.run(emulation.SetDeviceMetricsOverride(360, 800, 1, true))
	types := func(field, text string) {
		t.Helper()
		v.run(chromedp.Focus(`[name="`+field+`"]`, chromedp.ByQuery), chromedp.SendKeys(`[name="`+field+`"]`, text+kb.Enter, chromedp.ByQuery))
	}
	v.open("/recovery")
	v.shot("recovery-begin-360")
	types("login", email)
	v.arrives("main label", "Код подтверждения")
	v.shot("recovery-code-360")
	var codes []string
	eventually(t, "the letter with the code", func() bool {
		for _, letter := range box.Messages(inbox.Filter{To: email}) {
			codes = letter.Codes
		}
		return len(codes) > 0
	})
	types("code", codes[0])
	v.arrives("main label", "Новый пароль")
	v.shot("recovery-password-360")
	types(accounts.NewPasswordField, "Рябина-2031-тропа")
	v.arrives("h1", "Пароль изменён")
	v.shot("recovery-done-360")
	v.open("/recovery/request")
	v.shot("recovery-request-360")
	v.run(emulation.SetDeviceMetricsOverride(1440, 900, 1, false))
	v.open("/unlock")
	v.shot("recovery-unlock-1440")
}
