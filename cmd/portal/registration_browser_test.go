package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"veche/cmd/sim/inbox"
	"veche/db/given"
)

// A person with an old phone and no mouse gets an account, confirms it and votes.
func TestNewcomerRegistersConfirmsAndVotesByKeyboardInBrowser(t *testing.T) {
	t.Parallel()
	texts, gateway := operator(t)
	letters, server := mailServer(t, relayForAll)
	more := append(withTexts(gateway), "VECHE_SMTP_ADDR", server, "VECHE_MAIL_FROM", "veche@veche.example")
	port := freePort(t)
	site := start(t, append(more, "PORT", port)...)
	poll := given.OpenPoll(t, site.DB)
	v := site.visitor(t, chromium(t), "")
	v.run(emulation.SetDeviceMetricsOverride(360, 740, 2, true))

	v.open("/sign-in")
	v.shot("registration-0-door")
	v.follow(`main a[href="/register"]`)
	v.shot("registration-1-person")
	v.write(`input[name="name"]`, "Ольга Петровна Синицына")
	v.write(`input[name="email"]`, "olga@veche.example")
	v.write(`input[name="phone"]`, "8 916 111-22-33")
	v.tabTo(`input[name="consent"]`)
	v.run(chromedp.KeyEvent(" "))
	v.press(`main form[action="/register"] button.button-primary`)

	v.arrives("main", "Шаг 2 из 4")
	v.shot("registration-2-code")
	v.write(`input[name="code"]`, codeIn(t, texts, 1))
	v.run(chromedp.KeyEvent(kb.Enter))
	v.arrives("main", "Шаг 3 из 4")
	v.write(`input[name="new-password"]`, "Ясный-полдень-7491")
	v.shot("registration-3-password")
	v.run(chromedp.KeyEvent(kb.Enter))
	v.arrives("main", "Шаг 4 из 4")
	v.shot("registration-4-questions")
	v.follow(`main a[href="/register/done"]`)
	v.arrives("main", "Учётная запись создана")
	v.shot("registration-5-done")
	v.follow(`main a[href="/profile"]`)
	v.arrives("main", "Ольга Петровна Синицына")
	v.shot("registration-6-cabinet")

	v.follow(`main a[href="/confirm"]`)
	v.shot("registration-7-confirm")
	v.press(`main button[value="send"]`)
	v.arrives("main", "СНИЛС")
	v.write(`input[name="code"]`, codeIn(t, texts, 2))
	v.write(`input[name="snils"]`, "112-233-445 95")
	v.shot("registration-8-snils")
	v.run(chromedp.KeyEvent(kb.Enter))
	v.arrives("main", "Регистрация завершена")
	v.shot("registration-9-confirmed")

	var link string
	await(t, "the letter with the link", func() bool {
		for _, letter := range letters.Messages(inbox.Filter{}) {
			if found := linkInLetter.FindString(letter.Text); found != "" {
				link = found
			}
		}
		return link != ""
	})
	v.open(strings.TrimPrefix(link, site.URL))
	v.shot("registration-10-link")
	v.press(`main form[action^="/confirm/email/"] button`)
	v.arrives("main", "Почта подтверждена")

	v.open(pagePath(poll))
	v.tabTo(`input[name="option"]`)
	v.run(chromedp.KeyEvent(" "))
	v.press(`.poll-form button[type="submit"]`)
	v.awaitText(".poll-ballot", "Ваш голос принят") // nobody asked for a proof again
	v.open("/")
	v.shot("registration-11-home")
	v.open("/settings/contacts")
	v.shot("registration-12-contacts")
}

var (
	digitsInText = regexp.MustCompile(`\b\d{6}\b`)
	linkInLetter = regexp.MustCompile(`http://\S+/confirm/email/\S+`)
)

// codeIn is the code in the newest text, once there are so many.
func codeIn(t *testing.T, box *inbox.Box, so int) string {
	t.Helper()
	await(t, "a text with a code", func() bool { return len(box.Messages(inbox.Filter{})) >= so })
	var newest *inbox.Message
	for _, m := range box.Messages(inbox.Filter{}) {
		if newest == nil || newest.At.Before(m.At) {
			newest = m
		}
	}
	code := digitsInText.FindString(newest.Text)
	if code == "" {
		t.Fatalf("no code in %q", newest.Text)
	}
	return code
}

// tabTo goes on with the Tab key until an element has the focus, as a person without a
// mouse does.
func (v *tab) tabTo(selector string) {
	v.t.Helper()
	v.becomes(`document.querySelector(` + quoteJS(selector) + `)?.checkVisibility()`)
	const most = 120
	for range most {
		var there bool
		v.eval(`document.activeElement?.matches(`+quoteJS(selector)+`) === true`, &there)
		if there {
			return
		}
		v.run(chromedp.KeyEvent(kb.Tab))
	}
	v.t.Fatalf("the Tab key does not lead to %s", selector)
}

// write types into a field.
func (v *tab) write(selector, text string) {
	v.t.Helper()
	v.tabTo(selector)
	v.run(chromedp.KeyEvent(text))
}

// press presses a button, and follow a link; both wait for the page to change.
func (v *tab) press(selector string) {
	v.t.Helper()
	v.tabTo(selector)
	v.run(chromedp.KeyEvent(kb.Enter))
}

func (v *tab) follow(selector string) {
	v.t.Helper()
	v.tabTo(selector)
	var to string
	v.eval(`new URL(document.activeElement.href).pathname`, &to)
	v.run(chromedp.KeyEvent(kb.Enter))
	v.becomes(`location.pathname === ` + quoteJS(to))
}
