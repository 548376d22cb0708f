package main

import (
	"testing"

	"veche/db/given"
)

func TestReadInOneWindowIsReadInTheOtherInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	anna, token := given.Person(t, site.DB)
	for _, question := range []string{"Где поставить скамейку?", "Какие деревья посадить?", "Когда открыть каток?"} {
		site.openPoll(t, question)
	}
	await(t, "Anna is told of all three", func() bool {
		_, unread, err := site.ofPeople().Unread(t.Context(), anna.Public)
		return err == nil && unread[anna.Public] == 3
	})
	browser := chromium(t)
	first, second := site.visitor(t, browser, token), site.visitor(t, browser, token)
	first.open("/notifications")
	second.open("/notifications")
	first.awaitText(".bell-count", "3")
	if !first.visible(".notices-all button") {
		t.Fatal("there is nothing to mark all as read with")
	}

	first.eval(`document.querySelector('.notice-entry:first-child .notice-read button').focus()`, nil)
	first.click(`.notice-entry:first-child .notice-read button`)
	for _, v := range []*tab{first, second} {
		v.awaitText(".bell-count", "2")
		v.awaitJS(`!document.querySelector('.notice-entry:first-child [data-unread]')`)
		v.awaitJS(`getComputedStyle(document.querySelector('.notice-entry:first-child .notice-read')).visibility === 'hidden'`)
		v.awaitJS(`document.querySelectorAll('.notice-item[data-unread]').length === 2`)
	}

	first.awaitJS(`document.activeElement.matches('.notice-entry:first-child .notice-name a')`)

	second.eval(`document.querySelector('.notices-all button').focus()`, nil)
	second.click(`.notices-all button`)
	for _, v := range []*tab{first, second} {
		v.awaitJS(`!document.querySelector('.bell-count') && !document.querySelector('[data-unread]')`)
		v.awaitJS(`!document.querySelector('.notices-all').checkVisibility()`)
		v.neverReloaded()
	}
	second.awaitJS(`document.activeElement.matches('.notices-top a')`)
}

func TestPollThatOpensRaisesTheBellInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	_, annas := given.Person(t, site.DB)
	_, unconfirmed := given.Unconfirmed(t, site.DB)
	browser := chromium(t)
	feed, elsewhere := site.visitor(t, browser, annas), site.visitor(t, browser, annas)
	stranger, guest := site.visitor(t, browser, unconfirmed), site.visitor(t, browser, "")
	feed.open("/notifications")
	elsewhere.open("/publics")
	stranger.open("/publics")
	guest.open("/publics")
	feed.awaitText(".notices .empty", "Уведомлений пока нет")

	poll := site.openPoll(t, "Где поставить скамейку?")
	for _, v := range []*tab{feed, elsewhere} {
		v.awaitText(".bell-count", "1")
	}
	elsewhere.awaitText("#live-said", "1 непрочитанное")
	feed.awaitText("[data-show-new]", "Показать 1 новое")
	if feed.visible(".notice-entry") {
		t.Error("the feed jumped under its reader")
	}
	feed.click("[data-show-new]")
	feed.awaitText(".notice-entry", "Где поставить скамейку?")
	feed.awaitJS(`!document.querySelector('.notices .empty') && document.querySelector('[data-show-new]').hidden`)

	// Following the item is reading it, and leads to where one can act.
	feed.click(".notice-name a")
	feed.awaitText("h1", "Где поставить скамейку?")
	feed.awaitJS(`location.pathname === ` + quoteJS(pagePath(poll)))
	for _, v := range []*tab{feed, elsewhere} {
		v.awaitJS(`document.querySelector('.bell') && !document.querySelector('.bell-count')`)
		v.neverReloaded()
	}
	if stranger.visible(".bell-count") || guest.visible(".bell") {
		t.Error("the bell rings for somebody who was not told")
	}
}

func TestLettersAreSwitchedOnWithOneClickInBrowser(t *testing.T) {
	t.Parallel()
	_, address := mailServer(t, relayForAll)
	site := start(t, "VECHE_SMTP_ADDR", address)
	anna, token := given.Person(t, site.DB)
	v := site.visitor(t, chromium(t), token)
	v.open("/settings/notifications")
	wants := func() bool {
		chosen, _, err := site.ofPeople().Settings(t.Context(), anna)
		return err == nil && chosen.Mail
	}
	v.click(`input[name="mail"]`)
	v.awaitText("#notifications-saved", "письма включены")
	if !wants() {
		t.Error("the switch was not kept")
	}
	v.click(`input[name="mail"]`)
	v.awaitText("#notifications-saved", "писем не будет")
	if wants() {
		t.Error("the switch was kept once only")
	}
	v.neverReloaded()
}
