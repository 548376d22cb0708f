package styleguide_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"veche/views/layout"
)

const (
	newPassword = "#field-new-password"
	metRules    = `[...document.querySelectorAll("#field-new-password-hint [data-met]")].map((line) => line.dataset.rule).join(" ")`
	tallness    = `document.querySelector("#field-new-password").closest(".field").offsetHeight`
)

func TestRulesAreTickedOffWhileTypingInBrowser(t *testing.T) {
	base := serve(t)
	ctx := browser(t)
	var before, after int64
	var some, all, shown, pasted string
	run(t, ctx,
		as(base, "ru", layout.Prefs{}), screen(360, 900), chromedp.Navigate(base+"/styleguide"),
		chromedp.WaitVisible(".password-show"),
		chromedp.Evaluate(tallness, &before),
		chromedp.SendKeys(newPassword, "трамвай"),
		chromedp.Evaluate(metRules, &some),
		chromedp.Poll(`document.querySelector("[data-rules-said]").textContent.includes("большая буква")`, nil),
		chromedp.SendKeys(newPassword, "-Ж7"),
		chromedp.Evaluate(metRules, &all),
		chromedp.Poll(`document.querySelector("[data-rules-said]").textContent.startsWith("Все правила")`, nil),
		chromedp.Evaluate(tallness, &after),
		chromedp.Click(".password-show"),
		chromedp.Evaluate(`document.querySelector("#field-new-password").type`, &shown),
		chromedp.SendKeys("#field-code", "123 456"),
		chromedp.Value("#field-code", &pasted),
	)
	if some != "lower" || all != "length lower upper digit special" {
		t.Errorf("ticked off: %q, then %q", some, all)
	}
	if before != after {
		t.Errorf("the field grew from %d to %d pixels", before, after)
	}
	if shown != "text" {
		t.Errorf("the shown password is of the type %q", shown)
	}
	if pasted != "123 456" {
		t.Errorf("a code with its space arrives as %q", pasted)
	}
}
