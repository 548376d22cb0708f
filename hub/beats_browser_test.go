package hub_test

// Reading time: the page tells for how long it was in view, and no longer.

import (
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"veche/domain/event"
	"veche/hub"
)

func TestPageTellsForHowLongItWasInView(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	heard := map[event.Topic]int{}
	s := setStage(t, hub.Options{}, tally)
	s.h.HandleBeats("poll", func(_ hub.Visitor, topic event.Topic, seconds int) {
		mu.Lock()
		defer mu.Unlock()
		heard[topic] += seconds
	})
	s.set(func() {
		s.config = `,"beat":300`
		s.extra = `<p data-beat="poll:42">A poll</p><p data-beat="poll:43">One that is not followed</p>`
	})
	began := time.Now()
	v := s.visit()
	awaitBeats := func(atLeast int) int {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			mu.Lock()
			seconds := heard[tally.Topic()]
			mu.Unlock()
			if seconds >= atLeast {
				return seconds
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d seconds are heard, want %d", seconds, atLeast)
			}
		}
	}
	// A paused page is read all the same.
	v.run(chromedp.Evaluate(`document.getElementById("live-toggle").click()`, nil))
	if seconds := awaitBeats(3); float64(seconds) > time.Since(began).Seconds()+1 {
		t.Errorf("%d seconds within %v", seconds, time.Since(began))
	}

	v.run(chromedp.Evaluate(`window.front = window.open("about:blank"); undefined`, nil))
	v.await(`document.hidden`)
	hidden := time.Now()
	s.awaitSockets(0)
	before := awaitBeats(0)
	v.await(`performance.now() > ` + eval[string](v, `String(performance.now() + 3000)`))
	if seconds := awaitBeats(0); seconds != before {
		t.Errorf("a hidden page tells of %d seconds", seconds-before)
	}
	v.run(chromedp.Evaluate(`window.told = []; (() => {
		const send = WebSocket.prototype.send;
		WebSocket.prototype.send = function (message) {
			const { beat } = JSON.parse(message);
			if (beat) told.push(beat["poll:42"]);
			send.call(this, message);
		};
	})(); window.front.close()`, nil))
	v.await(`!document.hidden`)
	shown := time.Now()
	awaitBeats(before + 1)
	if first, since := eval[int](v, `told[0]`), time.Since(shown).Seconds(); float64(first) > since+1 {
		t.Errorf("%d seconds are told %.1f s after a time of %v out of view", first, since, shown.Sub(hidden))
	}
	mu.Lock()
	defer mu.Unlock()
	if heard["poll:43"] != 0 {
		t.Errorf("%d seconds of a poll that the page does not follow", heard["poll:43"])
	}
}

// awaitSockets waits until so many pages are connected.
func (s *stage) awaitSockets(n int) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, _, sockets := s.h.Counts(); sockets == n {
			return
		}
	}
	s.t.Fatalf("there are not %d sockets", n)
}

// A page that is closed has no time to say so: what may be lost of a short visit is
// a third of what may be lost of a long one.
func TestPageTellsMoreOftenAtFirst(t *testing.T) {
	t.Parallel()
	s := setStage(t, hub.Options{}, tally)
	s.set(func() {
		s.config = `,"beat":6000`
		s.extra = `<p data-beat="poll:42">A poll</p>`
	})
	var mu sync.Mutex
	var heard []time.Time
	s.h.HandleBeats("poll", func(hub.Visitor, event.Topic, int) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, time.Now())
	})
	s.visit()
	for deadline := time.Now().Add(40 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		mu.Lock()
		times := heard
		mu.Unlock()
		if len(times) == 4 {
			early, late := times[2].Sub(times[0])/2, times[3].Sub(times[2])
			if early < time.Second || late < 5*time.Second || early > late*2/3 {
				t.Errorf("a beat every %v at first, then one after %v", early, late)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d beats", len(times))
		}
	}
}

func TestPageTellsOnceMoreWhenItIsLeft(t *testing.T) {
	t.Parallel()
	heard := make(chan int, 1)
	s := setStage(t, hub.Options{}, tally)
	s.h.HandleBeats("poll", func(_ hub.Visitor, _ event.Topic, seconds int) { heard <- seconds })
	s.set(func() {
		s.config = `,"beat":3600000`
		s.extra = `<p data-beat="poll:42">A poll</p>`
	})
	v := s.visit()
	v.await(`performance.now() > ` + eval[string](v, `String(performance.now() + 1500)`))
	v.run(chromedp.Evaluate(`window.front = window.open("about:blank"); undefined`, nil))
	select {
	case seconds := <-heard:
		if seconds < 1 {
			t.Errorf("%d seconds", seconds)
		}
	case <-time.After(20 * time.Second):
		t.Error("the page tells nothing when it goes out of view")
	}
}
