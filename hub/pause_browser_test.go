package hub_test

// Pausable: while the switch is pressed the page stays as it is, the newest frame of
// each region is held, changes are counted by topic, and goodbyes pass. What a person
// does meanwhile is answered all the same.

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"veche/domain/event"
	"veche/hub"
)

// watchTexts notes every text that an element shows from now on.
func watchTexts(v *tab, selector string) {
	v.t.Helper()
	v.run(chromedp.Evaluate(fmt.Sprintf(`window.texts = []; new MutationObserver(() => {
		const now = document.querySelector(%q)?.textContent.trim();
		if (now !== texts.at(-1)) texts.push(now);
	}).observe(document.getElementById("content"), { subtree: true, childList: true, characterData: true }); undefined`, selector), nil))
}

func wantTexts(v *tab, want ...string) {
	v.t.Helper()
	if got := eval[[]string](v, `window.texts`); fmt.Sprint(got) != fmt.Sprint(want) {
		v.t.Errorf("shown were %q, want %q", got, want)
	}
}

// pressPause notes from now on what arrives over the socket, though it is not shown.
func pressPause(v *tab) {
	v.t.Helper()
	v.run(
		chromedp.Evaluate(`window.arrived = ""; document.addEventListener("htmx:ws:before:message:incoming", ({ detail }) => { arrived += detail.message.data; }); undefined`, nil),
		chromedp.Click("#live-toggle", chromedp.ByID),
	)
	v.awaitStrip("paused", "Приостановлено")
}

func awaitArrival(v *tab, text string) {
	v.t.Helper()
	v.await(fmt.Sprintf(`window.arrived.includes(%q)`, text))
}

func resume(v *tab) {
	v.t.Helper()
	v.run(chromedp.Click("#live-strip [data-live-action]", chromedp.ByQuery))
	v.awaitStrip("live", "")
}

// Of many changes in a pause the page shows the last of each region, and no other.
func TestResumingShowsTheNewestFrameOfEachRegionOnly(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally, note)
	v := s.visit()
	watchTexts(v, tallyText)
	pressPause(v)
	for i := range 4 {
		s.put(tally, look{text: fmt.Sprintf("tally %d", i), state: 11 + i})
		s.put(note, look{text: fmt.Sprintf("note %d", i), state: 11 + i})
		awaitArrival(v, fmt.Sprintf("tally %d", i))
		awaitArrival(v, fmt.Sprintf("note %d", i))
	}
	v.awaitStrip("paused", "Приостановлено · 2 новых")
	v.awaitText(noteText, "at first")
	wantTexts(v)
	resume(v)
	v.awaitText(noteText, "note 3")
	v.awaitText(tallyText, "tally 3")
	wantTexts(v, "tally 3")
}

func TestPausedPageThatComesBackGoesOnHolding(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	watchTexts(v, tallyText)
	pressPause(v)
	s.put(tally, look{text: "before the cut", state: 11})
	awaitArrival(v, "before the cut")
	s.cutSockets()
	s.put(tally, look{text: "during the cut", state: 12})
	awaitArrival(v, "during the cut")
	v.awaitStrip("paused", "Приостановлено · 1 новое")
	s.put(tally, look{text: "after the cut", state: 13})
	awaitArrival(v, "after the cut")
	v.awaitStrip("paused", "Приостановлено · 1 новое")
	wantTexts(v)
	resume(v)
	v.awaitText(tallyText, "after the cut")
	wantTexts(v, "after the cut")
}

// What is held may be older than the answer to what the person did meanwhile.
func TestOwnActionIsAnsweredInAPauseAndStays(t *testing.T) {
	t.Parallel()
	s, action := setActingStage(t, fmt.Sprintf(voteForm, "#poll-42-tally", "outerMorph"), func(element string) string { return element })
	v := s.visit()
	watchTexts(v, tallyText)
	pressPause(v)
	s.put(tally, look{text: "with the votes of others", state: 11})
	awaitArrival(v, "with the votes of others")
	v.run(chromedp.Click("#send", chromedp.ByID))
	action.awaitDrawn(t)
	action.letGo <- struct{}{}
	v.awaitText(tallyText, "with my vote")
	v.awaitStrip("paused", "Приостановлено")
	resume(v)
	s.put(tally, look{text: "and on", state: 20})
	v.awaitText(tallyText, "and on")
	wantTexts(v, "with my vote", "and on")
}

// Nothing typed is lost by it, so the page is loaded anew at once; the visit stays
// paused.
func TestByeLoadsAPausedPageAnew(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	pressPause(v)
	v.run(chromedp.Evaluate(`window.before = true`, nil))
	s.set(func() {
		s.rights++
		s.looks[tally] = look{text: "with other rights", state: 11}
	})
	bye(t, s, event.ByeRole)
	v.await(`window.before === undefined && document.getElementById("live-strip")?.dataset.liveState === "paused"`)
	v.awaitText(tallyText, "with other rights")
}

// What another process read earlier may come later, in a pause as at any time.
func TestHeldIsTheNewestStateAndNotTheLastFrame(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	pressPause(v)
	for _, l := range []look{{text: "newer", state: 20}, {text: "older", state: 15}} {
		s.put(tally, l)
		awaitArrival(v, l.text)
	}
	resume(v)
	v.awaitText(tallyText, "newer")
}
