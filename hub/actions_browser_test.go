package hub_test

// Order never misleads, between socket and requests: the answer to an action may be
// drawn before a frame and arrive after it. It never overwrites the newer frame, in
// whichever form it comes, and what it says besides is shown.

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/gofiber/fiber/v2"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
)

// slowAction is POST /votes: it commits, draws its answer, and keeps it back until
// it is let go.
type slowAction struct {
	answer func(element string) string
	drawn  chan struct{} // one for each answer that waits
	letGo  chan struct{}
}

// setActingStage is a stage whose page shows a region and a form that posts.
func setActingStage(t *testing.T, form string, answer func(element string) string) (*stage, *slowAction) {
	t.Helper()
	js, err := script()
	if err != nil {
		t.Fatal(err)
	}
	action := &slowAction{answer: answer, drawn: make(chan struct{}, 10), letGo: make(chan struct{})}
	s := &stage{
		looks:  map[event.Region]look{tally: {text: "at first", state: 10}},
		broker: hubtest.NewBroker(),
		extra:  form,
	}
	s.portal = startPortal(t, hub.Options{Broker: s.broker}, func(p *portal) {
		s.portal = p
		p.h.Handle("poll", "tally", s.draw)
		p.app.Get("/page", func(c *fiber.Ctx) error { return s.page(c, []event.Region{tally}) })
		p.app.Post("/votes", func(c *fiber.Ctx) error { return s.vote(c, action) })
		p.app.Get("/app.js", func(c *fiber.Ctx) error {
			c.Set(fiber.HeaderContentType, "text/javascript; charset=utf-8")
			return c.Send(js)
		})
	})
	t.Cleanup(func() { close(action.letGo) })
	return s, action
}

func (s *stage) vote(c *fiber.Ctx, action *slowAction) error {
	version := s.broker.Version(tally.Topic())
	s.mu.Lock()
	s.looks[tally] = look{text: "with my vote", state: s.looks[tally].state + 1}
	answer := action.answer(s.element(tally, version, s.passes.Mint(tally, "ru", anna0())))
	s.mu.Unlock()
	action.drawn <- struct{}{}
	select {
	case <-action.letGo:
	case <-time.After(20 * time.Second):
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(fiber.StatusOK).SendString(answer)
}

func (a *slowAction) awaitDrawn(t *testing.T) {
	t.Helper()
	select {
	case <-a.drawn:
	case <-time.After(20 * time.Second):
		t.Fatal("the action was not asked for")
	}
}

const (
	voteForm = `<form id="vote" hx-post="/votes" hx-target="%s" hx-swap="%s"><button id="send">Проголосовать</button></form><div id="box"></div>`
	thanks   = `<b id="thanks">Ваш голос принят</b>`
)

func TestSlowAnswerToAnActionNeverOverwritesANewerFrame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form   string
		answer func(element string) string
		says   bool // something besides the region
	}{
		"the region itself, morphed": {
			fmt.Sprintf(voteForm, "#poll-42-tally", "outerMorph"),
			func(element string) string { return element }, false,
		},
		"the region itself, replaced": {
			fmt.Sprintf(voteForm, "#poll-42-tally", "outerHTML"),
			func(element string) string { return element }, false,
		},
		"the whole content": {
			fmt.Sprintf(voteForm, "#content", "innerHTML"),
			func(element string) string { return "<div>" + element + "</div>" + thanks }, true,
		},
		"beside the main answer": {
			fmt.Sprintf(voteForm, "#box", "innerHTML"),
			func(element string) string {
				return thanks + `<hx-partial hx-target="#poll-42-tally" hx-swap="outerMorph">` + element + `</hx-partial>`
			}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, action := setActingStage(t, c.form, c.answer)
			v := s.visit()
			v.run(
				chromedp.Evaluate(`document.addEventListener("htmx:after:swap", ({ detail }) => { if (detail.ctx.sourceElement.id === "vote") window.answered = true; })`, nil),
				chromedp.Evaluate(`window.texts = []; new MutationObserver(() => {
					const now = document.querySelector("#poll-42-tally")?.textContent.trim();
					if (now !== texts.at(-1)) texts.push(now);
				}).observe(document.getElementById("content"), { subtree: true, childList: true, characterData: true }); undefined`, nil),
				chromedp.Click("#send", chromedp.ByID),
			)
			action.awaitDrawn(t)
			s.put(tally, look{text: "with the votes of others", state: 20})
			v.awaitText(tallyText, "with the votes of others")
			action.letGo <- struct{}{}
			if c.says {
				v.awaitText("#thanks", "Ваш голос принят")
			} else {
				v.await(`window.answered === true`)
			}
			s.put(tally, look{text: "and on", state: 21})
			v.awaitText(tallyText, "and on")
			if got := fmt.Sprint(eval[[]string](v, `window.texts`)); got != "[with the votes of others and on]" {
				t.Errorf("region showed %s", got)
			}
		})
	}
}

// The other way round: what the person did is seen in the answer, and a frame that
// was drawn before it and comes after it does not take it back.
func TestOlderFrameNeverTakesAnAnswerBack(t *testing.T) {
	t.Parallel()
	s, action := setActingStage(t, fmt.Sprintf(voteForm, "#poll-42-tally", "outerMorph"), func(element string) string { return element })
	v := s.visit()
	v.run(chromedp.Click("#send", chromedp.ByID))
	action.awaitDrawn(t)
	action.letGo <- struct{}{}
	v.awaitText(tallyText, "with my vote")
	v.run(chromedp.Evaluate(`window.arrived = 0; document.addEventListener("htmx:ws:before:message:incoming", ({ detail }) => { if (detail.message.data.startsWith("<")) arrived++; }); undefined`, nil))
	s.put(tally, look{text: "without it", state: 9})
	v.await(`window.arrived === 1`)
	s.set(func() { s.looks[tally] = look{text: "without it still", state: 10} })
	s.cutSockets() // the page comes back and catches up, if need be
	v.awaitStrip("live", "")
	v.awaitText(tallyText, "with my vote")
	s.put(tally, look{text: "with it and others", state: 12})
	v.awaitText(tallyText, "with it and others")
}
