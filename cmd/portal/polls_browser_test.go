package main

import (
	"fmt"
	"testing"

	"veche/db/dbtest"
	"veche/db/given"
	pollsdb "veche/db/polls"
	"veche/domain/polls"
	"veche/hub/localredis"
)

func pagePath(p polls.Poll) string { return fmt.Sprintf("/polls/%d", p.ID) }

// cast is a person's click on an option and on «Отправить».
func (v *tab) cast(p polls.Poll, at int) {
	v.t.Helper()
	v.click(fmt.Sprintf(`input[name="option"][value="%d"]`, p.Options[at].ID))
	v.click(`.poll-form button[type="submit"]`)
}

func TestVoteMovesOnAnotherPersonsPageInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	poll := given.OpenPoll(t, site.DB)
	_, annas := given.Person(t, site.DB)
	_, boriss := given.Person(t, site.DB)
	browser := chromium(t)
	anna, boris, guest := site.visitor(t, browser, annas), site.visitor(t, browser, boriss), site.visitor(t, browser, "")
	for _, v := range []*tab{anna, boris, guest} {
		v.open(pagePath(poll))
	}
	// Boris has chosen already, but not sent: what he chose must stay.
	boris.click(fmt.Sprintf(`input[name="option"][value="%d"]`, poll.Options[2].ID))
	boris.eval(`new MutationObserver(() => { window.movedAt ??= Date.now() })
		.observe(document.querySelector('.poll-tally'), {subtree: true, childList: true, characterData: true, attributes: true})`, nil)
	anna.eval(`document.querySelector('.poll-form').addEventListener('submit', () => { window.sentAt = Date.now() })`, nil)

	anna.cast(poll, 0)
	anna.awaitText(".poll-ballot", "Ваш голос принят")
	for _, v := range []*tab{anna, boris, guest} {
		v.awaitText(".poll-sum", "Проголосовал 1 человек")
		v.awaitText(".poll-tally .bar:first-child .bar-share", "100")
	}
	if anna.visible(".poll-form") {
		t.Error("the form stays after the vote")
	}
	anna.awaitJS(`document.activeElement.matches('.poll-ballot')`)
	var sent, moved float64
	anna.eval(`window.sentAt`, &sent)
	boris.eval(`window.movedAt`, &moved)
	t.Logf("from click to another person's screen: %.0f ms", moved-sent)

	boris.click(`.poll-form button[type="submit"]`)
	boris.awaitText(".poll-ballot", "Вариант 3")
	guest.awaitText(".poll-sum", "Проголосовали 2 человека")
	for _, v := range []*tab{anna, boris, guest} {
		v.neverReloaded()
	}
}

func TestOwnVoteShowsInThePersonsOtherWindowInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	poll := given.OpenPoll(t, site.DB)
	_, token := given.Person(t, site.DB)
	browser := chromium(t)
	first, second := site.visitor(t, browser, token), site.visitor(t, browser, token)
	first.open(pagePath(poll))
	second.open(pagePath(poll))
	first.cast(poll, 1)
	second.awaitText(".poll-ballot", "Вариант 2")
	second.awaitJS(`!document.querySelector('.poll-form').checkVisibility()`)
	second.neverReloaded()
}

func TestCloseOfAPollIsSeenOnOpenPagesInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	poll := given.OpenPoll(t, site.DB)
	_, token := given.Person(t, site.DB)
	browser := chromium(t)
	page, list := site.visitor(t, browser, token), site.visitor(t, browser, "")
	page.open(pagePath(poll))
	list.open("/polls")
	if !page.visible(".poll-form") {
		t.Fatal("an open poll shows no form")
	}
	given.TimeIsUp(t, site.DB, poll.ID)
	given.RunJobNow(t, site.DB, pollsdb.CloseArgs{Poll: poll.ID})
	page.awaitText(".poll-status", "Завершено")
	page.awaitText(".poll-tally h2", "Итоги")
	page.awaitJS(`!document.querySelector('.poll-form').checkVisibility()`)
	page.awaitText("#live-said", "Голосование завершено")
	list.awaitText(".poll-card .tag", "Завершено")
	page.neverReloaded()
	list.neverReloaded()
}

func TestAnnouncedPollOpensByItselfInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	site.DB.React(reactions) // the poll is announced through the test's own connection
	browser := chromium(t)
	reader := site.visitor(t, browser, "")
	poll := given.ScheduledPoll(t, site.DB, "Когда зажигать фонари?")
	reader.open(pagePath(poll))
	reader.awaitText(".poll-status", "Открыто")
	reader.neverReloaded()
}

func TestNewPollWaitsAboveTheListInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	given.OpenPoll(t, site.DB)
	coming := given.ScheduledPoll(t, site.DB, "Как назвать новый мост?")
	browser := chromium(t)
	reader := site.visitor(t, browser, "")
	reader.open("/polls?status=open")
	given.RunJobNow(t, site.DB, pollsdb.OpenArgs{Poll: coming.ID})
	reader.awaitText("[data-show-new]", "Показать 1 новое")
	var cards int
	reader.eval(`document.querySelectorAll('#polls-list > article').length`, &cards)
	if cards != 1 {
		t.Errorf("%d cards: the list moved under the reader", cards)
	}
	reader.click("[data-show-new]")
	reader.awaitText("#polls-list", "новый мост")
	reader.awaitJS(`!document.querySelector('[data-show-new]').checkVisibility()`)
	reader.awaitJS(`document.activeElement === document.querySelector('#polls-list a')`)
	reader.neverReloaded()
}

func TestRefusedVoteIsExplainedInPlaceInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	poll := given.OpenPoll(t, site.DB)
	who, token := given.Person(t, site.DB)
	browser := chromium(t)
	anna := site.visitor(t, browser, token)
	anna.open(pagePath(poll))
	anna.click(`.poll-form button[type="submit"]`)
	anna.awaitText(".poll-form .error-summary", "Выберите один из вариантов")
	anna.awaitJS(`document.activeElement.closest('.error-summary') !== null`)

	// The vote arrives by another way while this page's socket hears nothing.
	anna.click("#live-toggle")
	if err := pollsdb.New(site.DB).Cast(t.Context(), who, poll.ID, poll.Options[0].ID, "OTHER"); err != nil {
		t.Fatal(err)
	}
	anna.cast(poll, 1)
	anna.awaitText("#problem", "уже голосовали")
	anna.awaitText(".poll-ballot", "Вариант 1")
	anna.neverReloaded()
}

func TestRedisKilledAndBackEmptyHealsOpenPagesInBrowser(t *testing.T) {
	t.Parallel()
	redis, err := localredis.Start(t.Context(), localredis.Options{Real: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Stop)
	site := startWith(t, environmentOf(dbtest.URL(t), redis.URL(), "test:"))
	poll := given.OpenPoll(t, site.DB)
	_, annas := given.Person(t, site.DB)
	_, boriss := given.Person(t, site.DB)
	browser := chromium(t)
	anna, boris := site.visitor(t, browser, annas), site.visitor(t, browser, boriss)
	anna.open(pagePath(poll))
	boris.open(pagePath(poll))

	redis.Kill()
	boris.awaitJS(`document.querySelector('#live-strip').checkVisibility()`)
	anna.cast(poll, 0) // Postgres is the truth: voting goes on
	anna.awaitText(".poll-ballot", "Ваш голос принят")
	anna.awaitText(".poll-sum", "Проголосовал 1 человек")
	if err := redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	boris.awaitText(".poll-sum", "Проголосовал 1 человек")
	boris.awaitJS(`!document.querySelector('#live-strip').checkVisibility()`)

	// And the feed is alive again, not only caught up.
	boris.cast(poll, 1)
	anna.awaitText(".poll-sum", "Проголосовали 2 человека")
	anna.neverReloaded()
	boris.neverReloaded()
}

func TestRestartedServerIsCaughtUpWithInBrowser(t *testing.T) {
	t.Parallel()
	redisURL, prefix := localredis.ForTest(t)
	env := environmentOf(dbtest.URL(t), redisURL, prefix, "PORT", freePort(t))
	site := startWith(t, env)
	poll := given.OpenPoll(t, site.DB)
	browser := chromium(t)
	reader := site.visitor(t, browser, "")
	reader.open(pagePath(poll))
	site.stop()
	again := startWith(t, env)
	voter := given.Residents(t, again.DB, 1)[0]
	if err := pollsdb.New(again.DB).Cast(t.Context(), voter, poll.ID, poll.Options[0].ID, ""); err != nil {
		t.Fatal(err)
	}
	reader.awaitText(".poll-sum", "Проголосовал 1 человек")
	reader.neverReloaded()
}
