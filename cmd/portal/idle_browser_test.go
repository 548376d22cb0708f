package main

import (
	"testing"

	accountsdb "veche/db/accounts"
	"veche/db/given"
)

// A session that nobody uses is warned in all of its windows, also in one whose updates
// are paused; one press keeps it. When it has ended, the windows are at the sign-in form,
// which leads back (SEC-07).
func TestIdleSessionIsWarnedKeptAndEndedInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	actor, token := given.Person(t, site.DB)
	browser := chromium(t)
	first, second := site.visitor(t, browser, token), site.visitor(t, browser, token)
	first.open("/polls")
	second.open("/notifications")
	second.click("#live-toggle")
	second.awaitJS(`document.querySelector('#live-strip').dataset.liveState === 'paused'`)

	idleFor := func(seconds int) {
		t.Helper()
		_, err := site.DB.Pool().Exec(t.Context(), `
			UPDATE sessions SET seen_at = now() - $2 * interval '1 second' WHERE public_id = $1`, actor.Session, seconds)
		if err != nil {
			t.Fatal(err)
		}
	}
	idleFor(13*60 + 20)
	given.RunJobNow(t, site.DB, accountsdb.WarnIdleArgs{})
	for _, v := range []*tab{first, second} {
		v.awaitText(".idle", "сеанс завершится сам")
		v.awaitJS(`/^[01]:\d\d$/.test(document.querySelector('[data-idle-left]')?.textContent ?? '')`)
	}
	first.shot("idle-warning")

	first.click(".idle button")
	for _, v := range []*tab{first, second} {
		v.awaitJS(`document.querySelector('.idle').childElementCount === 0`)
		v.neverReloaded()
	}

	idleFor(16 * 60)
	given.RunJobNow(t, site.DB, accountsdb.EndOverdueArgs{})
	first.awaitReload()
	first.awaitJS(`location.pathname === '/sign-in' && new URLSearchParams(location.search).get('next') === '/polls'`)
	first.awaitText("main", "Сеанс завершён")
	second.awaitReload()
	second.awaitJS(`location.pathname === '/sign-in' && new URLSearchParams(location.search).get('next') === '/notifications'`)
	first.shot("idle-ended")
}
