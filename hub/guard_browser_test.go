package hub_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"veche/domain/event"
	"veche/hub"
)

const (
	tallyText = "#poll-42-tally p"
	note      = event.Region("post:7/comment/1")
	noteText  = "#post-7-comment-1 p"
)

func TestBrowserShowsAChangeWithoutReload(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	v.awaitText(tallyText, "at first")
	s.put(tally, look{text: "changed", state: 11})
	v.awaitText(tallyText, "changed")
	if s.loads != 1 {
		t.Errorf("page was loaded %d times", s.loads)
	}
}

func TestGuardDropsAnOlderFrame(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally, note)
	v := s.visit()
	s.put(tally, look{text: "older", state: 9})
	s.put(note, look{text: "came after it", state: 11})
	v.awaitText(noteText, "came after it")
	v.awaitText(tallyText, "at first")
	version := eval[string](v, `document.getElementById("poll-42-tally").dataset.version`)
	if want := s.broker.Version("poll:42"); version != want {
		t.Errorf("page says version %q, want %q: what stands is newer than what was announced", version, want)
	}
	s.put(tally, look{text: "newer", state: 12})
	v.awaitText(tallyText, "newer")
}

func TestStatesOfAnotherInstallationAreNotCompared(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	v.run(chromedp.Evaluate(`document.getElementById("poll-42-tally").dataset.state = "before-the-restore:999"`, nil))
	s.put(tally, look{text: "after the restore", state: 3})
	v.awaitText(tallyText, "after the restore")
}

func TestGuardDropsAnOlderAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ target, swap, answer, done string }{
		"the region itself": {
			"#poll-42-tally", "outerMorph",
			`<section id="poll-42-tally" data-live="poll:42/tally" data-state="town:5"><p>old answer</p></section>`,
			"window.swapped === true",
		},
		"within a larger fragment": {
			"#content", "innerHTML",
			`<b>around</b><div><section id="poll-42-tally" data-live="poll:42/tally" data-state="town:5"><p>old answer</p></section></div>`,
			`document.querySelector("#content > b")?.textContent === "around" && window.swapped === true`,
		},
		"beside the main answer": {
			"#box", "innerHTML",
			`<b>around</b><hx-partial hx-target="#poll-42-tally" hx-swap="outerHTML"><section id="poll-42-tally" data-live="poll:42/tally" data-state="town:5"><p>old answer</p></section></hx-partial>`,
			`document.querySelector("#box b")?.textContent === "around" && window.swapped === true`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, hub.Options{}, tally)
			s.set(func() {
				s.extra = `<div id="box"></div><button id="ask" type="button" hx-get="/answer" hx-target="` + c.target + `" hx-swap="` + c.swap + `">ask</button>`
				s.answer = c.answer
			})
			v := s.visit()
			s.put(tally, look{text: "by frame", state: 11})
			v.awaitText(tallyText, "by frame")
			v.run(
				chromedp.Evaluate(`document.addEventListener("htmx:after:swap", () => { window.swapped = true; })`, nil),
				chromedp.Click("#ask", chromedp.ByID),
			)
			v.await(c.done)
			v.awaitText(tallyText, "by frame")
			if copies := eval[int](v, `document.querySelectorAll("#poll-42-tally").length`); copies != 1 {
				t.Errorf("region stands %d times in the page", copies)
			}
			s.put(tally, look{text: "still followed", state: 12})
			v.awaitText(tallyText, "still followed")
		})
	}
}

func TestNewerAnswerIsShown(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	s.set(func() {
		s.extra = `<button id="ask" type="button" hx-get="/answer" hx-target="#poll-42-tally" hx-swap="outerHTML">ask</button>`
		s.answer = `<section id="poll-42-tally" data-live="poll:42/tally" data-state="town:15"><p>new answer</p></section>`
	})
	v := s.visit()
	v.run(chromedp.Click("#ask", chromedp.ByID))
	v.awaitText(tallyText, "new answer")
	if eval[bool](v, `document.querySelector("#poll-42-tally").classList.contains("just-changed")`) {
		t.Error("the person's own answer glows as if someone else had changed it")
	}
	s.put(tally, look{text: "older frame", state: 14})
	s.put(tally, look{text: "newer frame", state: 16})
	v.awaitText(tallyText, "newer frame")
}

func TestPassSurvivesFramesThatLackIt(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	s.put(tally, look{text: "by frame", state: 11})
	v.awaitText(tallyText, "by frame")
	if pass := eval[string](v, `document.getElementById("poll-42-tally").dataset.pass ?? ""`); pass == "" {
		t.Error("pass is lost")
	}
	if version := eval[string](v, `document.getElementById("poll-42-tally").dataset.version`); version != s.broker.Version("poll:42") {
		t.Errorf("page says version %q", version)
	}
}
