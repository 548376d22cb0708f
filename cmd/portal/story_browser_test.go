package main

import (
	"fmt"
	"strings"
	"testing"

	"veche/cmd/sim/inbox"
	"veche/db/given"
	notificationsdb "veche/db/notifications"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/notifications"
	"veche/domain/publics"
)

// A comment that looks suspicious is written, held, taken, decided upon and published.
// The people it concerns sit at different processes, and what each of them does shows
// on the pages of the others by itself: nobody loads a page anew.
func TestFourPeopleLiveThroughACommentInBrowser(t *testing.T) {
	t.Parallel()
	box, address := mailServer(t, relayForAll)
	f, b := startBalanced(t, 2, "VECHE_SMTP_ADDR", address, "VECHE_MAIL_FROM", "veche@veche.example")
	one, two := b.processes[0], b.processes[1]
	slug, post := given.Post(t, f.DB)
	anna, annas := given.Person(t, f.DB)
	_, boriss := given.Person(t, f.DB)
	_, glebs := given.Person(t, f.DB, accounts.Grant{Role: accounts.RoleModerator})
	_, dinas := given.Person(t, f.DB, accounts.Grant{Role: accounts.RoleModerator})
	_, veras := given.Person(t, f.DB, accounts.Grant{Role: accounts.RoleEditor, Scope: "public:" + slug})
	f.wantsLetters(anna)

	browser := chromium(t)
	author := b.visitor(t, browser, "anna", annas, one)
	reader := b.visitor(t, browser, "boris", boriss, two)
	moderator := b.visitor(t, browser, "gleb", glebs, one)
	colleague := b.visitor(t, browser, "dina", dinas, two)
	editor := b.visitor(t, browser, "vera", veras) // served by both in turn
	everybody := []*tab{author, reader, moderator, colleague, editor}

	// The editor watches how many come.
	editor.open(postPath(slug, post) + "/statistics")
	editor.awaitFigures(post, figures{})
	moderator.open(queuePath)
	colleague.open(queuePath)
	reader.open(postPath(slug, post))
	author.open(postPath(slug, post))
	author.awaitText(fmt.Sprintf("#viewers-%d-here", post), "Сейчас читают: 2")
	editor.awaitFigures(post, figures{now: 2, views: 2})

	// The author says something suspicious, while the reader is about to say something.
	reader.writes(typing)
	author.says("Подробности на www.example.ru")
	author.awaitText(".own-comment", "на проверке")
	author.shot("story-1-author-waits")
	for _, v := range []*tab{moderator, colleague} {
		v.awaitText("[data-show-new]", "Показать 1 новое")
		v.click("[data-show-new]")
		v.awaitText("#moderation-list", "www.example.ru")
	}
	if reader.visible("[data-show-new]") || reader.visible(".threads .comment") {
		t.Error("a reader is told of a comment that is held")
	}

	// One moderator takes it, and the other sees who did.
	moderator.click("#moderation-list article a")
	moderator.awaitText("main", "Ссылки")
	moderator.click(".desk-lease button")
	moderator.awaitText(".desk-own", "Взято вами до")
	colleague.awaitText("#moderation-list article", "Проверяет Тест Т.")
	moderator.shot("story-2-moderator-holds")
	colleague.shot("story-2-colleague-sees")

	// The decision can be undone for a while, and until then nobody learns of it.
	moderator.click(`#desk-decide button[value="allow"]`)
	moderator.awaitText(".desk-undo", "Вы решили: опубликовать")
	told := reader.visible("[data-show-new]") || author.visible(`.own-comment[data-own-state="published"]`)
	if f.count(`SELECT count(*) FROM moderation_items WHERE effective_at > clock_timestamp()`) == 1 && told {
		t.Error("a decision that can be undone is told already")
	}
	moderator.shot("story-3-moderator-may-undo")

	// Then everybody does.
	reader.awaitText("[data-show-new]", "Показать 1 новый комментарий")
	author.awaitText(".own-comment", "опубликован")
	author.awaitText(".bell-count", "1")
	editor.awaitFigures(post, figures{now: 2, views: 2, comments: 1})
	colleague.awaitText(".desk-none", "Очередь пуста")
	reader.shot("story-4-reader-is-told")
	reader.click("[data-show-new]")
	reader.awaitText(".threads .comment", "www.example.ru")
	reader.awaitTyped(typing)
	author.shot("story-4-author-is-told")

	// A like goes the same ways.
	reader.click(".like button")
	author.awaitText(".post-counts", "1")
	editor.awaitFigures(post, figures{now: 2, views: 2, likes: 1, comments: 1})
	editor.shot("story-5-editor-watches")

	// What the author reads in one window is read in the other, at another process.
	elsewhere := b.visitor(t, browser, "anna, elsewhere", annas, two)
	everybody = append(everybody, elsewhere)
	elsewhere.open("/notifications")
	elsewhere.awaitText(".notice-entry", "опубликован")
	elsewhere.shot("story-6-feed")
	elsewhere.click(".notice-entry .notice-read button")
	author.awaitJS(`document.querySelector('.bell') && !document.querySelector('.bell-count')`)

	await(t, "the letter is there", func() bool { return len(box.Messages(inbox.Filter{})) == 1 })
	if letter := box.Messages(inbox.Filter{})[0]; !strings.Contains(letter.Text, b.URL+"/notifications/") {
		t.Errorf("the letter leads nowhere: %s", letter.Text)
	}
	for _, v := range everybody {
		v.neverReloaded()
	}
	b.expectAllServed(t)
}

// wantsLetters has a person choose to be sent letters.
func (f *fleet) wantsLetters(who access.Actor) {
	f.t.Helper()
	store := notificationsdb.New(f.DB, notificationsdb.Options{Mailer: post{}})
	if err := store.Choose(f.t.Context(), who, notifications.Settings{Mail: true}); err != nil {
		f.t.Fatal(err)
	}
}

// figures are the numbers of a statistics page.
type figures struct{ now, views, likes, comments int }

// awaitFigures waits until the statistics page shows these numbers.
func (v *tab) awaitFigures(post publics.PostID, want figures) {
	v.t.Helper()
	for region, number := range map[string]int{
		fmt.Sprintf("#viewers-%d-now .stat-value", post):                         want.now,
		fmt.Sprintf("#statistics-%d-totals .stat:first-child .stat-value", post): want.views,
		fmt.Sprintf("#post-%d-figures .stat:first-child .stat-value", post):      want.likes,
		fmt.Sprintf("#post-%d-figures .stat:last-child .stat-value", post):       want.comments,
	} {
		v.awaitJS(fmt.Sprintf(`document.querySelector(%s)?.textContent.trim() === '%d'`, quoteJS(region), number))
	}
}
