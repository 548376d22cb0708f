package hub_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"veche/domain/event"
	"veche/hub"
)

func TestReconnectedPageCatchesUpWithoutReload(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally, note)
	v := s.visit()
	for i := range 3 {
		s.cutSockets()
		text := fmt.Sprintf("changed meanwhile %d", i)
		s.put(tally, look{text: text, state: 11 + i})
		v.awaitText(tallyText, text)
		v.awaitStrip("live", "")
	}
	if s.loads != 1 {
		t.Errorf("page was loaded %d times", s.loads)
	}
}

func TestPageThatMissedNothingIsNotRedrawnAfterReconnecting(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	s.put(tally, look{text: "changed", state: 11})
	v.awaitText(tallyText, "changed")
	s.set(func() { s.looks[tally] = look{text: "drawn needlessly", state: 12} })
	s.cutSockets()
	v.await(`document.getElementById("live-strip").dataset.liveState === "live"`)
	for _, _, sockets := s.h.Counts(); sockets == 0; _, _, sockets = s.h.Counts() {
		time.Sleep(10 * time.Millisecond)
	}
	s.awaitJoins()
	v.run(chromedp.Sleep(200 * time.Millisecond)) // long enough for a frame that must not come
	v.awaitText(tallyText, "changed")
}

func TestPauseHoldsAndCountsAndResumingShows(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally, note)
	v := s.visit()
	v.run(chromedp.Click("#live-toggle", chromedp.ByID))
	v.awaitStrip("paused", "Приостановлено")
	for i := range 3 {
		s.put(tally, look{text: fmt.Sprintf("change %d", i), state: 11 + i})
	}
	v.awaitStrip("paused", "Приостановлено · 1 новое")
	s.put(note, look{text: "another", state: 20})
	v.awaitStrip("paused", "Приостановлено · 2 новых")
	v.awaitText(tallyText, "at first")

	v.run(chromedp.Reload())
	v.awaitStrip("paused", "Приостановлено") // this visit stays paused
	if pressed := eval[string](v, `document.getElementById("live-toggle").getAttribute("aria-pressed")`); pressed != "true" {
		t.Errorf("aria-pressed is %q", pressed)
	}
	s.awaitJoins()
	s.put(tally, look{text: "the last", state: 30})
	v.awaitStrip("paused", "Приостановлено · 1 новое")
	v.run(chromedp.Click("#live-strip [data-live-action]", chromedp.ByQuery))
	v.awaitText(tallyText, "the last")
	v.awaitStrip("live", "")
	s.put(tally, look{text: "after it", state: 31})
	v.awaitText(tallyText, "after it")
}

func bye(t *testing.T, s *stage, kind event.Bye) {
	t.Helper()
	change := event.Change{Topic: "session:s-anna", Bye: kind}
	if kind == event.ByeRole {
		change.Topic = "account:a-anna"
	}
	if err := s.broker.Publish(t.Context(), []event.Change{change}); err != nil {
		t.Fatal(err)
	}
}

func TestByeLoadsThePageAnew(t *testing.T) {
	t.Parallel()
	for _, kind := range []event.Bye{event.ByeSession, event.ByeRole} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := setStage(t, hub.Options{}, tally)
			v := s.visit()
			v.run(chromedp.Evaluate(`window.before = true`, nil))
			s.set(func() { s.rights++ })
			bye(t, s, kind)
			v.await(`window.before === undefined && document.getElementById("live-strip")?.dataset.liveState === "live"`)
			s.awaitJoins()
			s.put(tally, look{text: "with new rights", state: 11})
			v.awaitText(tallyText, "with new rights")
		})
	}
}

func TestByePassesThePauseAndKeepsTypedText(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	s.set(func() { s.extra = `<form><textarea id="text"></textarea></form>` })
	v := s.visit()
	v.run(
		chromedp.Click("#live-toggle", chromedp.ByID),
		chromedp.SendKeys("#text", "a long letter", chromedp.ByID),
	)
	bye(t, s, event.ByeSession)
	v.awaitStrip("stale", "Вы вышли")
	if typed := eval[string](v, `document.getElementById("text").value`); typed != "a long letter" {
		t.Errorf("typed text is %q", typed)
	}
	v.run(chromedp.Click("#live-strip [data-live-action]", chromedp.ByQuery))
	v.await(`document.getElementById("text").value === ""`)
}

func TestStripSaysThatTheFeedIsLost(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	s.broker.Break()
	v.awaitStrip("unavailable", "Недоступно")
	s.set(func() { s.looks[tally] = look{text: "meanwhile", state: 11} })
	s.broker.PublishUnheard(event.Change{Topic: "poll:42"})
	s.broker.Heal(false)
	v.awaitStrip("live", "")
	v.awaitText(tallyText, "meanwhile")
}

func TestStripCountsDownToTheNextTry(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	v.run(chromedp.Evaluate(`htmx.config.ws.reconnectDelay = 30000`, nil))
	s.cutSockets()
	v.awaitStrip("reconnecting", "Через 2")
	first := eval[string](v, `document.querySelector("[data-live-words]").textContent`)
	v.await(fmt.Sprintf(`document.querySelector("[data-live-words]").textContent !== %q`, first))
	s.put(tally, look{text: "meanwhile", state: 11})
	v.run(chromedp.Click("#live-strip [data-live-action]", chromedp.ByQuery)) // now, not then
	v.awaitText(tallyText, "meanwhile")
	v.awaitStrip("live", "")
	s.put(tally, look{text: "and on", state: 12})
	v.awaitText(tallyText, "and on")
}

func TestDrainIsInvisible(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	s.set(func() { s.extra = `<form><textarea id="text"></textarea></form>` })
	v := s.visit()
	v.run(chromedp.SendKeys("#text", "half a sentence", chromedp.ByID))
	if err := s.h.Drain(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	v.awaitStrip("reconnecting", "")
	if typed := eval[string](v, `document.getElementById("text").value`); typed != "half a sentence" || s.loads != 1 {
		t.Errorf("typed text is %q after %d loads", typed, s.loads)
	}
}

func TestPageOfAnotherSessionIsSaidToBeStale(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	v.run(chromedp.Evaluate(`document.getElementById("poll-42-tally").dataset.pass = "ru.of-someone-else"; htmx.swap({sourceElement: document.body, target: "#live-said", swap: "innerHTML", text: "<i></i>"})`, nil))
	v.awaitStrip("stale", "Устарела")
}

func TestChangeGlowsAndIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally, note)
	v := s.visit()
	v.run(chromedp.Evaluate(`window.sayings = []; new MutationObserver(() => sayings.push(document.getElementById("live-said").textContent)).observe(document.getElementById("live-said"), {childList: true})`, nil))
	for i := range 3 {
		s.put(tally, look{text: fmt.Sprint(i), state: 11 + i, attrs: fmt.Sprintf(`data-say="%d votes"`, i)})
		v.awaitText(tallyText, fmt.Sprint(i))
	}
	v.await(`document.querySelector("#poll-42-tally.just-changed") !== null`)
	s.put(note, look{text: "unsaid", state: 20})
	v.await(`sayings.length === 1 && sayings[0] === "2 votes"`)
	v.await(`document.querySelector(".just-changed") === null`)
	s.put(tally, look{text: "2", state: 30, attrs: `data-say="2 votes"`})
	s.put(note, look{text: "after it", state: 31})
	v.awaitText(noteText, "after it")
	if eval[bool](v, `document.querySelector("#poll-42-tally.just-changed") !== null`) {
		t.Error("what did not change glows")
	}
}

func TestContentThatIsReplacedIsFollowedAnew(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	s.set(func() {
		s.extra = `<button id="ask" type="button" hx-get="/answer" hx-target="#box">go</button><div id="box"></div>`
	})
	v := s.visit()
	// A fragment is drawn, something changes, and only then the fragment arrives.
	for i, region := range []event.Region{note, "post:8/comment/2", note, ""} {
		version := s.broker.Version(region.Topic())
		s.set(func() {
			clear(s.looks)
			s.looks[tally] = look{text: "at first", state: 10}
			s.answer = ""
			if region != "" {
				s.looks[region] = look{text: "drawn", state: 10 + 2*i}
				s.answer = s.element(region, version, s.passes.Mint(region, "ru", anna0()))
			}
		})
		if region != "" {
			s.put(region, look{text: fmt.Sprintf("changed on the way %d", i), state: 11 + 2*i})
		}
		v.run(chromedp.Click("#ask", chromedp.ByID))
		if region != "" {
			v.awaitText("#"+region.ElementID()+" p", fmt.Sprintf("changed on the way %d", i))
		}
		s.awaitJoins()
	}
}

// anna0 is who the pages of a stage belong to at first.
func anna0() hub.Visitor {
	v := anna
	v.Rights = 0
	return v
}

func TestHeadOfAListCountsWhatWaits(t *testing.T) {
	t.Parallel()
	const head = event.Region("post:7/head")
	const words = `data-list="#list" data-text-new-one="Показать {n} новый" data-text-new-few="Показать {n} новых" data-text-new-many="Показать {n} новых" data-text-new-over="Показать новые ({n}+)"`
	const button = `<button type="button" data-show-new hidden><span data-show-count></span></button>`
	s := setStage(t, hub.Options{}, head)
	s.set(func() {
		s.looks[head] = look{text: button, state: 10, attrs: words + ` data-keys="5,4"`}
		s.extra = `<ul id="list" data-newest="5"><li data-key="12">just added by the reader</li><li data-key="5"></li><li data-key="4"></li></ul>`
	})
	v := s.visit()
	v.await(`document.querySelector("[data-show-new]").hidden`)
	for i, c := range []struct{ keys, want string }{
		{"6,5,4", "Показать 1 новый"},
		{"8,7,6,5", "Показать 3 новых"},
		{"[8, 7, 6]", "Показать новые (3+)"},
		{"8,7,4", "Показать 2 новых"}, // the newest shown was removed
		{"7,5", "Показать 1 новый"},
		{"13,12,11,5", "Показать 2 новых"},
	} {
		s.put(head, look{text: button, state: 11 + i, attrs: words + fmt.Sprintf(` data-keys=%q`, c.keys)})
		v.awaitText("[data-show-new]:not([hidden]) [data-show-count]", c.want)
	}
	s.put(head, look{text: button, state: 30, attrs: words + ` data-keys="12,5,4"`})
	v.await(`document.querySelector("[data-show-new]").hidden`)
}

// Keys made of the time have more digits than a number of the script is exact to.
func TestHeadOfAListComparesKeysOfAnyLength(t *testing.T) {
	t.Parallel()
	const head = event.Region("post:7/head")
	const words = `data-list="#list" data-text-new-one="{n} новый" data-text-new-few="{n} новых" data-text-new-many="{n} новых" data-text-new-over="{n}+"`
	const button = `<button type="button" data-show-new hidden><span data-show-count></span></button>`
	for name, c := range map[string]struct{ newest, keys, want string }{
		"newest one removed":                 {"1763787600000002", "1763787600000003,1763787600000001", "1 новый"},
		"newest one removed, beyond doubles": {"90071992547409935", "90071992547409936,90071992547409934", "1 новый"},
		"nothing newer, newest one removed":  {"1763787600000002", "1763787600000001,999999999999999", ""},
		"longer is newer":                    {"999999999999999", "1763787600000001,999999999999998", "1 новый"},
		"nothing shown":                      {"", "1763787600000003", "1 новый"},
		"nothing shown, said in a number":    {"0", "1763787600000003,1763787600000001", "2 новых"},
		"more than the head names":           {"1763787600000002", "1763787600000004,1763787600000003", "2+"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, hub.Options{}, head)
			s.set(func() {
				s.looks[head] = look{text: button, state: 10, attrs: words + fmt.Sprintf(` data-keys=%q`, c.keys)}
				s.extra = fmt.Sprintf(`<ul id="list" data-newest=%q></ul>`, c.newest)
			})
			v := s.visit()
			if c.want == "" {
				v.await(`document.querySelector("[data-show-new]").hidden`)
				return
			}
			v.awaitText("[data-show-new]:not([hidden]) [data-show-count]", c.want)
		})
	}
}

func TestHiddenPageClosesItsSocketAndCatchesUpWhenShown(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	v := s.visit()
	v.run(chromedp.Evaluate(`window.front = window.open("about:blank"); undefined`, nil))
	v.await(`document.hidden`)
	for range 1000 {
		if _, _, sockets := s.h.Counts(); sockets == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, _, sockets := s.h.Counts(); sockets != 0 {
		t.Fatal("a hidden page keeps its socket")
	}
	s.put(tally, look{text: "unseen", state: 11})
	v.run(chromedp.Evaluate(`window.front.close()`, nil))
	v.await(`!document.hidden`)
	v.awaitText(tallyText, "unseen")
	v.awaitStrip("live", "")
}
