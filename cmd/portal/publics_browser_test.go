package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"veche/db"
	"veche/db/dbtest"
	"veche/db/given"
	publicsdb "veche/db/publics"
	"veche/domain/moderation"
	"veche/domain/publics"
	"veche/hub/localredis"
)

// typing is what a reader is about to say while everything around moves.
const typing = "Пишу и не тороплюсь"

// writes puts text into the form of a comment as typing does.
func (v *tab) writes(text string) {
	v.t.Helper()
	v.run(chromedp.SetValue(".comment-form textarea", text, chromedp.ByQuery))
}

func (v *tab) says(text string) {
	v.t.Helper()
	v.writes(text)
	v.click(`.comment-form button[type="submit"]`)
}

func (v *tab) awaitTyped(text string) {
	v.t.Helper()
	v.awaitJS(`document.querySelector('.comment-form textarea').value === ` + quoteJS(text))
}

func postPath(slug string, id publics.PostID) string {
	return fmt.Sprintf("/publics/%s/posts/%d", slug, id)
}

func TestNewCommentWaitsAboveTheListOfReadersInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	slug, post := given.Post(t, site.DB)
	_, annas := given.Person(t, site.DB)
	_, boriss := given.Person(t, site.DB)
	browser := chromium(t)
	anna, boris, guest := site.visitor(t, browser, annas), site.visitor(t, browser, boriss), site.visitor(t, browser, "")
	for _, v := range []*tab{anna, boris, guest} {
		v.open(postPath(slug, post))
	}
	boris.writes(typing)

	anna.says("Спасибо за свет!")
	anna.awaitText(".own-comment", "опубликован")
	anna.awaitText(".threads .comment", "Спасибо за свет!")
	anna.awaitTyped("")
	anna.awaitJS(`document.activeElement.matches('.own-comments')`)
	for _, v := range []*tab{boris, guest} {
		v.awaitText("[data-show-new]", "Показать 1 новый комментарий")
		v.awaitText(".post-counts", "1 комментарий")
		v.awaitJS(`document.querySelectorAll('.threads .comment').length === 0`)
		v.click("[data-show-new]")
		v.awaitText(".threads .comment", "Спасибо за свет!")
		v.awaitJS(`!document.querySelector('[data-show-new]').checkVisibility()`)
	}
	// What stands in the author's list already is not announced to them as new, not
	// even when its frame comes last.
	anna.awaitText(".post-counts", "1 комментарий")
	anna.awaitJS(`document.querySelector('.new-items').dataset.keys !== ''`)
	if anna.visible("[data-show-new]") {
		t.Error("the author is told of their own comment")
	}
	boris.awaitTyped(typing)
	for _, v := range []*tab{anna, boris, guest} {
		v.neverReloaded()
	}
}

func TestLikeMovesOnAnotherPersonsPageInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	slug, post := given.Post(t, site.DB)
	_, annas := given.Person(t, site.DB)
	_, boriss := given.Person(t, site.DB)
	browser := chromium(t)
	anna, second, boris := site.visitor(t, browser, annas), site.visitor(t, browser, annas), site.visitor(t, browser, boriss)
	for _, v := range []*tab{anna, second, boris} {
		v.open(postPath(slug, post))
	}
	anna.click(".like button")
	for _, v := range []*tab{anna, second, boris} {
		v.awaitText(".post-counts", "1 отметка «нравится»")
	}
	anna.awaitJS(`document.querySelector('.like [aria-pressed="true"]') !== null`)
	second.awaitJS(`document.querySelector('.like [aria-pressed="true"]') !== null`)
	if boris.visible(`.like [aria-pressed="true"]`) {
		t.Error("one person's like presses another's button")
	}
	boris.click(".like button")
	anna.awaitText(".post-counts", "2 отметки «нравится»")
	second.click(".like button") // what another window of the same person did
	boris.awaitText(".post-counts", "1 отметка «нравится»")
	anna.awaitJS(`document.querySelector('.like [aria-pressed="false"]') !== null`)
	for _, v := range []*tab{anna, second, boris} {
		v.neverReloaded()
	}
}

func TestHeldCommentIsFollowedByItsAuthorInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	slug, post := given.Post(t, site.DB)
	_, annas := given.Person(t, site.DB)
	browser := chromium(t)
	anna, guest := site.visitor(t, browser, annas), site.visitor(t, browser, "")
	anna.open(postPath(slug, post))
	guest.open(postPath(slug, post))
	anna.says("Подробности на www.example.ru")
	anna.awaitText(".own-comment", "на проверке")
	anna.awaitText(".own-comment", "не позднее")
	anna.awaitTyped("")
	anna.says("Купите: www.example.ru")
	anna.awaitJS(`document.querySelectorAll('.own-comment').length === 2`)
	anna.awaitTyped("") // the frame may come before the answer
	anna.writes(typing)

	given.RunJobNow(t, site.DB, publicsdb.SettleArgs{Comment: 1, Outcome: moderation.Allow})
	anna.awaitText("#own-comment-1", "опубликован")
	guest.awaitText("[data-show-new]", "Показать 1 новый комментарий")
	given.RunJobNow(t, site.DB, publicsdb.SettleArgs{Comment: 2, Outcome: moderation.Refuse, Ground: moderation.Advertising})
	anna.awaitText("#own-comment-2", "реклама без разрешения")
	given.RunJobNow(t, site.DB, publicsdb.NoticeArgs{Comment: 1})
	anna.awaitJS(`document.querySelector('#own-comment-1') === null`)
	anna.awaitTyped(typing)
	anna.neverReloaded()
	guest.neverReloaded()
}

func TestTypedCommentOutlivesEverythingInBrowser(t *testing.T) {
	t.Parallel()
	redisURL, prefix := localredis.ForTest(t)
	f := fleetOn(t, environmentOf(dbtest.URL(t), redisURL, prefix, "PORT", freePort(t)))
	process := f.start()
	slug, post := given.Post(t, f.DB)
	_, token := given.Person(t, f.DB)
	anna := newTab(t, chromium(t), process.URL, token)
	anna.open(postPath(slug, post))

	// It comes back from a form that was refused, with its trouble beside it.
	anna.says("раз\u202eдва")
	anna.awaitText("#field-body-error", "управляющие знаки")
	anna.awaitTyped("раз\u202eдва")
	anna.writes(typing)

	// It outlives a server that is not there when the form is sent.
	process.Kill()
	anna.click(`.comment-form button[type="submit"]`)
	anna.awaitJS(`document.querySelector('#trouble').checkVisibility()`)
	anna.awaitTyped(typing)

	// It outlives the restart, and frames that come after it.
	f.start()
	boris := given.Residents(t, f.DB, 1)[0]
	if _, err := publicsdb.New(f.DB).Comment(t.Context(), boris, slug, post, "Пока вас не было.", ""); err != nil {
		t.Fatal(err)
	}
	anna.awaitText("[data-show-new]", "Показать 1 новый комментарий")
	anna.awaitTyped(typing)
	anna.neverReloaded()

	// And being signed out in the middle: the answer says so and leaves the text.
	anna.run(network.ClearBrowserCookies())
	anna.click(`.comment-form button[type="submit"]`)
	anna.awaitJS(`document.querySelector('#problem').childElementCount > 0`)
	anna.awaitTyped(typing)
	anna.neverReloaded()
}

// While a comment is on its way nothing is typed into its form: the answer empties it.
func TestNothingIsTypedIntoAFormOnItsWayInBrowser(t *testing.T) {
	t.Parallel()
	site := start(t)
	slug, post := given.Post(t, site.DB)
	_, token := given.Person(t, site.DB)
	anna := site.visitor(t, chromium(t), token)
	anna.open(postPath(slug, post))
	const field = `document.querySelector('.comment-form textarea')`
	types := func(text string) {
		anna.eval(field+`.focus(); document.execCommand('insertText', false, `+quoteJS(text)+`)`, nil)
	}
	types("Спасибо")
	anna.awaitTyped("Спасибо")
	err := site.DB.InTx(t.Context(), func(tx *db.Tx) error {
		// The portal waits for the post.
		if _, err := tx.Exec(t.Context(), `SELECT FROM posts WHERE id = $1 FOR UPDATE`, post); err != nil {
			return err
		}
		anna.click(`.comment-form button[type="submit"]`)
		anna.awaitJS(field + `.readOnly`)
		types(" и ещё")
		anna.awaitTyped("Спасибо")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	anna.awaitText(".threads .comment", "Спасибо")
	anna.awaitTyped("")
	types(typing)
	anna.awaitTyped(typing)

	// An answer without a form leaves the field as it was, and gives it back.
	anna.run(network.ClearBrowserCookies())
	anna.click(`.comment-form button[type="submit"]`)
	anna.awaitJS(`document.querySelector('#problem').childElementCount > 0`)
	anna.awaitJS(`!` + field + `.readOnly`)
	types(", правда")
	anna.awaitTyped(typing + ", правда")
	anna.neverReloaded()
}
