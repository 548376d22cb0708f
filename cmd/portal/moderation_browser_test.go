package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	accountsdb "veche/db/accounts"
	"veche/db/given"
	moderationdb "veche/db/moderation"
	"veche/domain/accounts"
	"veche/domain/moderation"
	"veche/handlers/webtest"
)

const queuePath = "/moderation/queue"

func itemPath(i moderation.Item) string { return fmt.Sprintf("%s/%d", queuePath, i.ID) }

func cardOf(i moderation.Item) string { return "#" + moderation.CardOf(i.ID).ElementID() }

func leaseOf(i moderation.Item) string { return "#" + moderation.LeaseOf(i.ID).ElementID() }

// moderators opens windows of n moderators on a site.
func moderators(t *testing.T, site *program, n int) []*tab {
	t.Helper()
	browser := chromium(t)
	tabs := make([]*tab, n)
	for i := range tabs {
		_, token := given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleModerator})
		tabs[i] = site.visitor(t, browser, token)
	}
	return tabs
}

func TestTwoModeratorsSeeEachOtherWorkInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	item := given.Queued(t, site.DB)
	both := moderators(t, site, 2)
	gleb, dina := both[0], both[1]
	gleb.open(itemPath(item))
	dina.open(queuePath)

	gleb.click(leaseOf(item) + " button")
	gleb.awaitText(".desk-own", "Взято вами до")
	gleb.awaitJS(`document.querySelector('#desk-decide textarea')?.checkVisibility() === true`)
	dina.awaitText(cardOf(item), "Проверяет Тест Т.")

	// What is typed stays while the lease is prolonged.
	gleb.eval(`document.querySelector('#field-note').value = 'Адрес почты'`, nil)
	gleb.eval(`window.until = document.querySelector('.desk-own').dataset.state`, nil)
	gleb.eval(`document.querySelector('.desk-own button').focus()`, nil)
	gleb.click(`.desk-own button`)
	gleb.awaitJS(`document.querySelector('.desk-own').dataset.state !== window.until`)
	gleb.awaitJS(`document.activeElement === document.querySelector('.desk-own button')`)
	gleb.awaitJS(`document.querySelector('#field-note').value === 'Адрес почты'`)

	gleb.click(`#desk-decide input[value="advertising"]`)
	gleb.click(`#desk-decide button[value="refuse"]`)
	gleb.awaitText(".desk-undo", "Вы решили: отклонить")
	gleb.awaitJS(`document.querySelector('#desk-decide') === null`)
	dina.awaitText(cardOf(item), "Решено отклонить")
	decided := given.Item(t, site.DB, item.ID).Decision
	if decided.Ground != moderation.Advertising || decided.Note != "Адрес почты" {
		t.Errorf("decided as %+v", decided)
	}

	dina.awaitJS(`document.querySelector('` + cardOf(item) + `') === null`)
	t.Logf("gone %s after the end of the window", time.Since(decided.EffectiveAt).Round(time.Millisecond))
	dina.awaitText(".desk-none", "Очередь пуста")
	gleb.awaitText(leaseOf(item), "в силе с")
	gleb.awaitJS(`document.querySelector('.desk-undo').childElementCount === 0`)
	gleb.neverReloaded()
	dina.neverReloaded()
}

func TestUndoneDecisionComesBackInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	item := given.Queued(t, site.DB)
	both := moderators(t, site, 2)
	gleb, dina := both[0], both[1]
	gleb.open(itemPath(item))
	dina.open(itemPath(item))
	gleb.click(leaseOf(item) + " button")
	gleb.click(`#desk-decide button[value="allow"]`)
	dina.awaitText(leaseOf(item), "Решено опубликовать")
	gleb.click(`.desk-undo button`)
	gleb.awaitText("#problem", "Решение отменено")
	gleb.awaitJS(`document.querySelector('#desk-decide')?.checkVisibility() === true`)
	dina.awaitText(leaseOf(item), "Проверяет Тест Т.")
	gleb.neverReloaded()
	dina.neverReloaded()
}

func TestLostLeaseLeavesWhatWasTypedInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	item := given.Queued(t, site.DB)
	both := moderators(t, site, 2)
	gleb, dina := both[0], both[1]
	gleb.open(itemPath(item))
	dina.open(itemPath(item))
	gleb.click(leaseOf(item) + " button")
	gleb.awaitJS(`document.querySelector('#field-note') !== null`)
	gleb.eval(`document.querySelector('#field-note').value = 'Писал долго'`, nil)
	given.DeskTimePasses(t, site.DB, item.ID, moderation.LeaseFor)
	given.RunJobNow(t, site.DB, moderationdb.LapseArgs{Item: item.ID, Token: 1})
	gleb.awaitText(".desk-own", "Время на решение истекло")
	dina.click(leaseOf(item) + " button")
	gleb.awaitText(".desk-own", "Текст уже у другого модератора")
	gleb.click(`#desk-decide button[value="allow"]`)
	gleb.awaitText("#desk-decide .error-summary", "Тест Т.")
	gleb.awaitJS(`document.querySelector('#field-note').value === 'Писал долго'`)
	gleb.neverReloaded()
	dina.neverReloaded()
}

func TestHeldCommentWaitsBelowTheQueueInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	given.Queued(t, site.DB)
	gleb := moderators(t, site, 1)[0]
	gleb.open(queuePath)
	second := given.HeldComment(t, site.DB, given.Residents(t, site.DB, 1)[0], "www.example.ru")
	given.RunJobNow(t, site.DB, moderationdb.QueueArgs{Of: moderation.Comments, Object: int64(second)})
	gleb.awaitText("[data-show-new]", "Показать 1 новое")
	gleb.awaitText(".desk-queue", "2 текста")
	var rows int
	gleb.eval(`document.querySelectorAll('#moderation-list > article').length`, &rows)
	if rows != 1 {
		t.Errorf("%d rows: the list moved under the reader", rows)
	}
	gleb.click("[data-show-new]")
	gleb.awaitText("#moderation-list > article:last-child", "www.example.ru")
	gleb.awaitJS(`!document.querySelector('[data-show-new]').checkVisibility()`)
	gleb.neverReloaded()
}

// By deadline what is new comes last: it is offered where the end of the queue is
// shown, and put there.
func TestNewItemsAreOfferedAtTheEndOfALongQueueInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	author := given.Residents(t, site.DB, 1)[0]
	for n := range moderation.PageSize + 1 {
		given.QueuedBy(t, site.DB, author, fmt.Sprint("www.example.ru/", n))
	}
	gleb := moderators(t, site, 1)[0]
	gleb.open(queuePath)
	const rows = `document.querySelectorAll('#moderation-list > article').length`
	for i, waiting := range []string{"22 текста", "23 текста"} {
		comment := given.HeldComment(t, site.DB, author, "mail@example.ru")
		given.RunJobNow(t, site.DB, moderationdb.QueueArgs{Of: moderation.Comments, Object: int64(comment)})
		gleb.awaitText(".desk-queue .section-head", waiting)
		if i == 0 {
			// The first came while the end was out of sight, and is part of what follows.
			gleb.awaitJS(`document.querySelector('.new-items').dataset.keys.startsWith('22,')`)
			if gleb.visible("[data-show-new]") {
				t.Error("what is new is offered far from where it stands")
			}
			gleb.click("#moderation-list-pager a")
			gleb.awaitJS(rows + ` === 22`)
		}
	}
	gleb.awaitText("[data-show-new]", "Показать 1 новое")
	gleb.click("[data-show-new]")
	gleb.awaitJS(rows + ` === 23`)
	gleb.awaitJS(`!document.querySelector('[data-show-new]').checkVisibility()`)
	gleb.awaitJS(`document.activeElement.closest('#moderation-list > article:last-child') !== null`)
	gleb.neverReloaded()
}

func TestQueueIsWorkedOffWithOneClickATextInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	first, second := given.Queued(t, site.DB), given.Queued(t, site.DB)
	gleb := moderators(t, site, 1)[0]
	gleb.run(chromedp.EmulateViewport(1440, 1200))
	gleb.open(queuePath)
	current := func(i moderation.Item) string {
		return `document.querySelector('` + cardOf(i) + ` a[aria-current="page"]')?.checkVisibility() === true &&
			document.querySelectorAll('.desk-queue [aria-current]').length === 1`
	}
	gleb.click(".desk-next button")
	gleb.awaitText(".desk-own", "Взято вами до")
	gleb.awaitText(cardOf(first), "Проверяет Тест Т.")
	gleb.awaitJS(current(first))
	gleb.click(`#desk-decide button[value="allow"]`)
	gleb.awaitText(cardOf(first), "Решено опубликовать")
	gleb.awaitJS(current(first)) // a frame or an answer takes no mark away
	gleb.shot("desk-decided")
	gleb.click(".desk-item form[action$='/next'] button")
	gleb.awaitJS(`location.pathname === ` + quoteJS(itemPath(second)))
	gleb.awaitText(".desk-own", "Взято вами до")
	gleb.awaitJS(current(second))
	gleb.click(`#desk-decide button[value="allow"]`)
	gleb.click(".desk-item form[action$='/next'] button")
	gleb.awaitJS(`location.pathname === ` + quoteJS(queuePath))
	gleb.shot("desk-worked-off")
	gleb.neverReloaded()
}

// Whose role is taken sees nothing of the queue any more within a second, and what
// they hold passes on.
func TestDeskOfAFormerModeratorStopsInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	item := given.Queued(t, site.DB)
	admin, _ := given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleAdmin})
	who, token := given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleModerator})
	gleb := site.visitor(t, chromium(t), token)
	gleb.open(itemPath(item))
	gleb.click(leaseOf(item) + " button")
	gleb.awaitText(".desk-own", "Взято вами до")

	// The page is loaded anew at once, and is not the desk any more.
	people := accountsdb.New(site.DB, accountsdb.WithHashing(given.CheapHashing))
	began := time.Now()
	if err := people.Revoke(t.Context(), admin, who.Public, accounts.RoleModerator, ""); err != nil {
		t.Fatal(err)
	}
	gleb.awaitReload()
	t.Logf("the page is loaded anew after %s", time.Since(began).Round(time.Millisecond))
	gleb.awaitJS(`document.querySelector('.desk-item') === null && !document.body.textContent.includes('mail@example.ru')`)

	dina := moderators(t, site, 1)[0]
	dina.open(itemPath(item))
	dina.awaitText(leaseOf(item), "Проверяет Тест Т.")
	given.DeskTimePasses(t, site.DB, item.ID, moderation.LeaseFor)
	given.RunJobNow(t, site.DB, moderationdb.LapseArgs{Item: item.ID, Token: 1})
	dina.click(leaseOf(item) + " button")
	dina.awaitText(".desk-own", "Взято вами до")
	dina.neverReloaded()
}

// The desk as moderators see it, on a phone and at a wide screen.
func TestDeskIsAccessibleInBrowser(t *testing.T) {
	t.Parallel()
	site, _ := town(t)
	gleb := moderators(t, site, 1)[0]
	for _, screen := range [][2]int64{{360, 9000}, {1440, 1200}} {
		gleb.run(chromedp.EmulateViewport(screen[0], screen[1]))
		for _, path := range []string{queuePath, queuePath + "/2"} {
			gleb.open(path)
			if path != queuePath && screen[0] == 360 {
				gleb.click(".desk-lease button")
				gleb.awaitText(".desk-own", "Взято вами")
			}
			gleb.awaitJS(`document.getAnimations().every(a => a.playState !== 'running' || a.effect.getComputedTiming().iterations === Infinity)`)
			found, err := webtest.Axe(gleb.ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, violation := range found {
				t.Errorf("%s at %d: %s", path, screen[0], violation)
			}
			var beyond int
			gleb.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &beyond)
			if beyond > 0 {
				t.Errorf("%s at %d: scrolls %d px sideways", path, screen[0], beyond)
			}
		}
	}
}
