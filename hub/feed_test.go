package hub_test

import (
	"slices"
	"testing"
	"time"

	"veche/domain/event"
	"veche/hub"
)

func feedMessages(t *testing.T, p *page) []string {
	t.Helper()
	return controls[string](t, p, "feed")
}

func TestEverythingConvergesWhenRedisIsBack(t *testing.T) {
	t.Parallel()
	for name, empty := range map[string]bool{"with its versions": false, "empty": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, hub.Options{}, func(s *scene) {
				p := s.show(tally)
				s.broker.PublishUnheard(event.Change{Topic: "poll:42"})
				s.town.change("poll:42")
				s.broker.Break()
				s.pass(10 * time.Second)
				s.want(p)
				s.broker.Heal(empty)
				s.want(p, "poll:42/tally 1")
			})
		})
	}
}

func TestPageThatJoinsWhileRedisIsAwayCatchesUp(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]time.Duration{"at once": 0, "after pages were told": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, hub.Options{}, func(s *scene) {
				version := s.broker.Version("poll:42")
				s.broker.Break()
				s.pass(wait)
				p := s.open(hub.Visitor{})
				p.join(t, tally, version)
				s.pass(0)
				joined := controls[map[event.Region]string](t, p, "joined")
				if len(joined) != 1 || joined[0][tally] != event.UnknownVersion {
					t.Errorf("joined is %v, want %q", joined, event.UnknownVersion)
				}
				s.town.change("poll:42")
				s.broker.PublishUnheard(event.Change{Topic: "poll:42"})
				s.broker.Heal(false)
				s.want(p, "poll:42/tally 1")
			})
		})
	}
}

func TestPagesAreToldThatTheFeedIsLost(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		before := s.show(tally)
		s.broker.Break()
		s.pass(5 * time.Second)
		if got := feedMessages(t, before); !slices.Equal(got, []string{"lost"}) {
			t.Errorf("open page heard %q", got)
		}
		during := s.open(hub.Visitor{})
		s.broker.Heal(false)
		s.pass(0)
		if got := feedMessages(t, before); !slices.Equal(got, []string{"live"}) {
			t.Errorf("open page heard %q", got)
		}
		if got := feedMessages(t, during); !slices.Equal(got, []string{"lost", "live"}) {
			t.Errorf("page that came meanwhile heard %q", got)
		}
	})
}

func TestPagesAreNotToldOfABlink(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		s.broker.Break()
		s.pass(200 * time.Millisecond)
		s.broker.Heal(false)
		s.pass(5 * time.Second)
		if got := feedMessages(t, p); len(got) != 0 {
			t.Errorf("page heard %q", got)
		}
	})
}

func TestFeedThatFluttersIsLost(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		s.broker.Break()
		s.pass(500 * time.Millisecond)
		s.broker.Break() // lost again before it was live
		s.pass(600 * time.Millisecond)
		if got := feedMessages(t, p); !slices.Equal(got, []string{"lost"}) {
			t.Errorf("page heard %q", got)
		}
	})
}

func TestLostAnnouncementIsFoundByComparison(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		s.town.change("poll:42")
		s.broker.PublishUnheard(event.Change{Topic: "poll:42"})
		s.pass(31 * time.Second)
		s.want(p, "poll:42/tally 1")
	})
}

func TestComparisonOfWhatIsTheSameDrawsNothing(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		s.show(tally)
		s.pass(10 * time.Minute)
		if calls := s.town.drawCalls(); calls != 0 {
			t.Errorf("drawn %d times", calls)
		}
	})
}

func TestVersionsForAPageNeverFail(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		current := s.broker.Version("poll:42")
		if got := s.h.Versions(s.t.Context(), "poll:42")["poll:42"]; got != current {
			t.Errorf("version is %q, want %q", got, current)
		}
		s.broker.Break()
		for range 2 { // before and after it is known that the feed is lost
			if got := s.h.Versions(s.t.Context(), "poll:42")["poll:42"]; got != event.UnknownVersion {
				t.Errorf("version is %q while Redis is away", got)
			}
			s.pass(5 * time.Second)
		}
	})
}

func TestPageThatCouldNotBeComparedIsRedrawnSoon(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]func(s *scene){
		"by itself":            func(*scene) {},
		"though others joined": func(s *scene) { s.show(tally) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, hub.Options{}, func(s *scene) {
				version := s.broker.Version("poll:42")
				s.change("poll:42")
				s.broker.FailReads(true)
				p := s.open(hub.Visitor{})
				p.join(t, tally, version)
				s.pass(0)
				s.want(p)
				s.broker.FailReads(false)
				later(s)
				s.pass(time.Second)
				s.want(p, "poll:42/tally 1")
			})
		})
	}
}

func TestPageThatJoinsAtTheEndOfAGapIsComparedToo(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		s.show("post:7/comment/1")
		version := s.broker.Version("poll:42")
		s.broker.Break()
		s.pass(5 * time.Second)
		s.town.change("poll:42")
		s.broker.PublishUnheard(event.Change{Topic: "poll:42"})
		s.broker.SlowReads(time.Second)
		s.broker.Heal(false)
		s.pass(500 * time.Millisecond) // versions of what was followed before are being read
		p := s.open(hub.Visitor{})
		p.join(t, tally, version)
		s.pass(3 * time.Second)
		s.want(p, "poll:42/tally 1")
	})
}
