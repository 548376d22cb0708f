package hub_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
	"veche/hub"
)

func TestNewerFrameReplacesTheQueuedOlderOne(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		goOn := p.stopReading()
		for range 20 {
			s.change("poll:42")
			s.pass(100 * time.Millisecond)
		}
		goOn()
		// The first was being written when the page stopped reading.
		s.want(p, "poll:42/tally 1", "poll:42/tally 20")
	})
}

func TestWaitingFramesGoOutTogether(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		p.join(t, "post:7/comment/1", s.broker.Version("post:7"))
		s.pass(0)
		p.take()
		goOn := p.stopReading()
		s.change("poll:42")
		s.pass(time.Second)
		s.change("post:7")
		s.change("poll:42")
		goOn()
		s.pass(0)
		messages := p.take()
		if len(messages) != 2 || strings.Count(messages[1], "<hx-partial ") != 2 {
			t.Errorf("page was sent %q, want the first frame and then two together", messages)
		}
	})
}

func TestOneSlowReaderHurtsNobody(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		slow, quick := s.show(tally), s.show(tally)
		goOn := slow.stopReading()
		for i := range 50 {
			began := time.Now()
			s.change("poll:42")
			s.want(quick, fmt.Sprintf("poll:42/tally %d", i+1))
			if waited := time.Since(began); waited != 0 {
				t.Fatalf("the quick page waited %v", waited)
			}
			s.pass(100 * time.Millisecond)
		}
		goOn()
		s.want(slow, "poll:42/tally 1", "poll:42/tally 50")
	})
}

func TestStuckSocketIsClosedWith1013(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		goOn := p.stopReading()
		s.change("poll:42")
		s.pass(hub.StuckAfter + 2*time.Second)
		s.change("poll:42")
		goOn() // it reads again just in time to hear why
		s.want(p, "poll:42/tally 1")
		if code, closed := p.closeCode(); !closed || code != websocket.StatusTryAgainLater {
			t.Errorf("closed %v with %d, want 1013", closed, code)
		}
	})
}

func TestSocketThatStaysStuckIsCutOff(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		p.stopReading()
		s.change("poll:42")
		s.pass(hub.StuckAfter + 10*time.Second)
		if _, closed := p.closeCode(); !closed {
			t.Error("a page that never reads keeps its socket")
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.open(hub.Visitor{})
		goOn := p.stopReading()
		for i := range 70 { // each is answered by one control message
			region := event.Region(fmt.Sprintf("poll:%d/tally", i))
			p.join(t, region, s.broker.Version(region.Topic()))
			time.Sleep(90 * time.Millisecond)
		}
		goOn()
		s.pass(0)
		if code, closed := p.closeCode(); !closed || code != websocket.StatusTryAgainLater {
			t.Errorf("closed %v with %d, want 1013", closed, code)
		}
	})
}

func TestControlMessagesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		goOn := p.stopReading()
		s.broker.Break()
		s.pass(2 * time.Second)
		s.broker.Heal(false)
		s.change("poll:42")
		goOn()
		s.pass(time.Second)
		var feed []string
		for _, message := range p.take() {
			if strings.HasPrefix(message, `{"feed"`) {
				feed = append(feed, message)
			}
		}
		if got := strings.Join(feed, ""); got != `{"feed":"lost"}{"feed":"live"}` {
			t.Errorf("page heard %s", got)
		}
	})
}

// Much that is drawn at once is not what makes a reader slow.
func TestQuickReaderOfALargePageIsKept(t *testing.T) {
	t.Parallel()
	const regions = 150
	play(t, hub.Options{}, func(s *scene) {
		p := s.open(hub.Visitor{})
		for i := range regions {
			p.join(t, event.Region(fmt.Sprintf("post:7/comment/%d", i)), s.broker.Version("post:7"))
			time.Sleep(250 * time.Millisecond) // no flood
		}
		p.take()
		s.town.pad(20_000)
		s.change("post:7")
		s.pass(time.Second)
		if shown := strings.Count(strings.Join(p.take(), ""), "<hx-partial "); shown != regions {
			t.Errorf("%d of %d regions came", shown, regions)
		}
		if code, closed := p.closeCode(); closed {
			t.Errorf("closed with %d", code)
		}
	})
}
