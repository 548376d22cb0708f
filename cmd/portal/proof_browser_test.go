package main

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"veche/cmd/sim/inbox"
	"veche/db/given"
)

const phoneOfTests = "+79001234567"

// codeFor waits for the code that came to a phone last.
func codeFor(t *testing.T, box *inbox.Box, phone string) string {
	t.Helper()
	var code string
	eventually(t, "a code for "+phone, func() bool {
		messages := box.Messages(inbox.Filter{To: phone})
		if len(messages) == 0 || len(messages[0].Codes) == 0 {
			return false
		}
		code = messages[0].Codes[0]
		return true
	})
	return code
}

// A vote asks for a second proof when the last is long ago, and is cast as it was
// chosen once the code of the text message is typed: at the width of a phone, and
// without a hand on the mouse.
func TestVoteGoesOnAfterTheSecondProofInBrowser(t *testing.T) {
	t.Parallel()
	box, gateway := operator(t)
	site := start(t, withTexts(gateway)...)
	poll := given.OpenPoll(t, site.DB)
	who, token := given.Person(t, site.DB)
	for _, change := range []string{
		`UPDATE accounts SET phone = '` + phoneOfTests + `', phone_confirmed_at = now(), second_factor = 'sms' WHERE id = $1`,
		`UPDATE sessions SET proved_at = now() - interval '1 hour' WHERE account_id = $1`,
	} {
		if _, err := site.DB.Pool().Exec(t.Context(), change, who.Account); err != nil {
			t.Fatal(err)
		}
	}
	browser := chromium(t)
	anna, guest := site.visitor(t, browser, token), site.visitor(t, browser, "")
	anna.run(emulation.SetDeviceMetricsOverride(360, 740, 1, true))
	anna.open(pagePath(poll))
	guest.open(pagePath(poll))

	anna.eval(`document.querySelectorAll('input[name="option"]')[1].focus()`, nil)
	anna.run(chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.Enter))
	anna.awaitText("main h1", "Подтвердите, что это вы")
	anna.shot("proof-question")
	var wide bool
	anna.eval(`document.documentElement.scrollWidth > innerWidth`, &wide)
	if wide {
		t.Error("the question scrolls sideways")
	}
	anna.awaitJS(`document.activeElement.matches('h1, [name="proof"]')`)
	anna.eval(`document.querySelector('[name="proof"]').focus()`, nil)
	anna.run(chromedp.KeyEvent("000000"), chromedp.KeyEvent(kb.Enter))
	anna.arrives("#field-proof-error", "Не подошло")
	anna.shot("proof-wrong")
	code := codeFor(t, box, phoneOfTests)
	anna.eval(`document.querySelector('[name="proof"]').focus()`, nil)
	anna.run(chromedp.KeyEvent(code), chromedp.KeyEvent(kb.Enter))
	anna.arrives(".poll-ballot", "Вариант 2")
	guest.awaitText(".poll-sum", "Проголосовал 1 человек")
	guest.neverReloaded()
}
