package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"veche/db/given"
	"veche/domain/accounts"
	"veche/handlers/webtest"
)

// Half a town reads, its editor watches: the numbers move by themselves, and those
// who turn away are not counted.
func TestEditorSeesReadersComeAndGoInBrowser(t *testing.T) {
	t.Parallel()
	site, _ := town(t)
	_, token := given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleEditor, Scope: "public:dvor"})
	browser := chromium(t)
	editor, reader := site.visitor(t, browser, token), site.visitor(t, browser, "")
	const post = "/publics/dvor/posts/1"
	seconds := func() (sum int64) {
		t.Helper()
		err := site.DB.Pool().QueryRow(t.Context(), `SELECT coalesce(sum(seconds), 0)::bigint FROM post_hours WHERE post_id = 1`).Scan(&sum)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	before := seconds()
	editor.open(post + "/statistics")
	editor.awaitText("#viewers-1-now .stat-value", "0")
	editor.eval(`const number = (at) => Number(document.querySelector('#statistics-1-totals .stat:nth-child(' + at + ') .stat-value').textContent.replace(/\D/g, ''));
		window.views = () => number(1); window.today = () => number(2); window.before = {views: views(), today: today()}`, nil)

	for _, width := range []int64{360, 1440} {
		editor.run(chromedp.EmulateViewport(width, 3000))
		found, err := webtest.Axe(editor.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, violation := range found {
			t.Errorf("at %d px: %s", width, violation)
		}
		editor.awaitJS(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
	}

	reader.open(post)
	reader.awaitText("#viewers-1-here", "Сейчас читают: 1")
	editor.awaitText("#viewers-1-now .stat-value", "1")
	editor.awaitJS(`views() === before.views + 1 && today() === before.today + 1`)
	if reader.visible(fmt.Sprintf(`a[href="%s/statistics"]`, post)) {
		t.Error("a reader is led to the statistics")
	}

	// Time is told when the page is left, and what was told is saved.
	reader.eval(`window.until = performance.now() + 1500`, nil)
	reader.awaitJS(`performance.now() > until`)
	reader.click(`.post .meta a[href="/publics/dvor"]`)
	reader.awaitJS(`location.pathname === "/publics/dvor"`)
	editor.awaitText("#viewers-1-now .stat-value", "0")
	for deadline := time.Now().Add(patience); seconds() == before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the time of reading is not saved")
		}
	}

	reader.open(post)
	editor.awaitText("#viewers-1-now .stat-value", "1")
	editor.awaitJS(`views() === before.views + 1`)
	editor.neverReloaded()
}
