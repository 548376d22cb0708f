package hub_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
	"veche/hub"
)

// gate lets sessions in.
type gate struct {
	mu     sync.Mutex
	rights map[string]int64
	away   bool
	slow   time.Duration
	asked  int
}

func (g *gate) Rights(_ context.Context, _ []string) (map[string]int64, error) {
	g.mu.Lock()
	slow := g.slow
	g.mu.Unlock()
	time.Sleep(slow)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	if g.away {
		return nil, errors.New("database is away")
	}
	return maps.Clone(g.rights), nil
}

func (g *gate) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

var (
	anna  = hub.Visitor{Session: "s-anna", Account: "a-anna", Rights: 1}
	anna2 = hub.Visitor{Session: "s-anna2", Account: "a-anna", Rights: 1}
	boris = hub.Visitor{Session: "s-boris", Account: "a-boris", Rights: 1}
)

func newGate() *gate {
	return &gate{rights: map[string]int64{"s-anna": 1, "s-anna2": 1, "s-boris": 1}}
}

// wantBye checks that a page was told goodbye, and closed with 1008.
func wantBye(t *testing.T, p *page, want event.Bye) {
	t.Helper()
	synctest.Wait()
	byes := controls[event.Bye](t, p, "bye")
	code, closed := p.closeCode()
	if len(byes) != 1 || byes[0] != want || !closed || code != websocket.StatusPolicyViolation {
		t.Errorf("page heard bye %q and was closed %v with %d, want %q and 1008", byes, closed, code, want)
	}
}

func wantStays(t *testing.T, p *page) {
	t.Helper()
	synctest.Wait()
	if code, closed := p.closeCode(); closed {
		t.Errorf("page was closed with %d", code)
	}
}

func TestRightsFollowThePerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change event.Change
		leave  []hub.Visitor
		stay   []hub.Visitor
	}{
		"sign-out ends one session": {
			event.Change{Topic: "session:s-anna", Bye: event.ByeSession},
			[]hub.Visitor{anna}, []hub.Visitor{anna2, boris, {}},
		},
		"role change reaches all sessions of the account": {
			event.Change{Topic: "account:a-anna", Bye: event.ByeRole},
			[]hub.Visitor{anna, anna2}, []hub.Visitor{boris, {}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, hub.Options{}, func(s *scene) {
				open := func(visitors []hub.Visitor) (pages []*page) {
					for _, v := range visitors {
						p := s.open(v)
						p.join(t, tally, s.broker.Version("poll:42"))
						synctest.Wait()
						p.take()
						pages = append(pages, p)
					}
					return pages
				}
				leave, stay := open(c.leave), open(c.stay)
				if err := s.broker.Publish(s.t.Context(), []event.Change{c.change}); err != nil {
					t.Fatal(err)
				}
				for _, p := range leave {
					wantBye(t, p, c.change.Bye)
				}
				s.town.change("poll:42")
				s.change("poll:42")
				for _, p := range leave {
					s.want(p)
				}
				for _, p := range stay {
					wantStays(t, p)
					s.want(p, "poll:42/tally 2")
				}
			})
		})
	}
}

func TestNothingIsDrawnForWhoHasLeft(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.open(anna)
		p.join(t, tally, s.broker.Version("poll:42"))
		synctest.Wait()
		if err := s.broker.Publish(s.t.Context(), []event.Change{{Topic: "session:s-anna", Bye: event.ByeSession}}); err != nil {
			t.Fatal(err)
		}
		s.change("poll:42")
		if calls := s.town.drawCalls(); calls != 0 {
			t.Errorf("drawn %d times", calls)
		}
	})
}

// The feed is lost again while rights are still being checked.
func TestGapIsNotOverWhileTheFeedIsLostAgain(t *testing.T) {
	t.Parallel()
	g := newGate()
	play(t, hub.Options{Gate: g}, func(s *scene) {
		p := s.open(anna)
		p.join(t, tally, s.broker.Version("poll:42"))
		synctest.Wait()
		s.broker.Break()
		g.set(func() { g.slow = 2 * time.Second })
		s.broker.Heal(false)
		s.pass(time.Second)
		s.broker.Mute()
		s.town.change("poll:42")
		s.broker.PublishUnheard(event.Change{Topic: "poll:42"})
		s.pass(5 * time.Second)
		if got := feedMessages(t, p); len(got) != 1 || got[0] != "lost" {
			t.Errorf("page heard %q, want lost and no more", got)
		}
		if calls := s.town.drawCalls(); calls != 0 {
			t.Errorf("drawn %d times while the feed was lost", calls)
		}
		s.broker.Heal(false)
		s.pass(5 * time.Second)
		s.want(p, "poll:42/tally 1")
	})
}

func TestStuckSocketIsCutOffWhenAccessIsWithdrawn(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.open(anna)
		p.join(t, tally, "?")
		synctest.Wait()
		p.stopReading()
		s.change("poll:42")
		if err := s.broker.Publish(s.t.Context(), []event.Change{{Topic: "session:s-anna", Bye: event.ByeSession}}); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Second + time.Millisecond)
		if _, closed := p.closeCode(); !closed {
			t.Error("socket is open a second after access was withdrawn")
		}
	})
}

func TestWithdrawnAccessWeighsMoreThanSlowness(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.open(anna)
		p.join(t, tally, s.broker.Version("poll:42"))
		synctest.Wait()
		p.take()
		goOn := p.stopReading()
		s.change("poll:42")
		s.pass(hub.StuckAfter + 2*time.Second) // it is being closed with 1013 by now
		if err := s.broker.Publish(s.t.Context(), []event.Change{{Topic: "session:s-anna", Bye: event.ByeSession}}); err != nil {
			t.Fatal(err)
		}
		goOn()
		wantBye(t, p, event.ByeSession)
	})
}

func TestRightsAreCheckedBeforeAnythingIsRedrawnAfterAGap(t *testing.T) {
	t.Parallel()
	g := newGate()
	play(t, hub.Options{Gate: g}, func(s *scene) {
		signedOut, changed, unchanged := s.open(anna), s.open(anna2), s.open(boris)
		for _, p := range []*page{signedOut, changed, unchanged} {
			p.join(t, tally, s.broker.Version("poll:42"))
			synctest.Wait()
			p.take()
		}
		s.broker.Break()
		g.set(func() { delete(g.rights, "s-anna"); g.rights["s-anna2"] = 2; g.away = true })
		s.town.change("poll:42")
		s.broker.PublishUnheard(event.Change{Topic: "poll:42"})
		s.pass(5 * time.Second)
		s.broker.Heal(false)
		s.pass(5 * time.Second)
		if calls := s.town.drawCalls(); calls != 0 {
			t.Errorf("drawn %d times before rights were known", calls)
		}
		g.set(func() { g.away = false })
		s.pass(10 * time.Second)
		for p, bye := range map[*page]event.Bye{signedOut: event.ByeSession, changed: event.ByeRole} {
			for _, message := range p.messages {
				if message[0] == '<' {
					t.Errorf("page without rights was sent %s", message)
				}
			}
			wantBye(t, p, bye)
		}
		s.want(unchanged, "poll:42/tally 1")
	})
}

func TestWithdrawalThatWasNotHeardIsFoundByTheRegularCheck(t *testing.T) {
	t.Parallel()
	g := newGate()
	play(t, hub.Options{Gate: g}, func(s *scene) {
		p, other := s.open(anna), s.open(boris)
		g.set(func() { delete(g.rights, "s-anna") })
		s.pass(31 * time.Second)
		wantBye(t, p, event.ByeSession)
		wantStays(t, other)
	})
}

func TestWithdrawalDuringTheUpgradeIsNotMissed(t *testing.T) {
	t.Parallel()
	g := newGate()
	play(t, hub.Options{Gate: g}, func(s *scene) {
		// The request was let in, then the session ended, then the socket registered.
		g.set(func() { delete(g.rights, "s-anna") })
		if err := s.broker.Publish(s.t.Context(), []event.Change{{Topic: "session:s-anna", Bye: event.ByeSession}}); err != nil {
			t.Fatal(err)
		}
		late := s.open(anna)
		wantBye(t, late, event.ByeSession)
	})
}

func TestPageThatComesBackAfterARoleChangeStays(t *testing.T) {
	t.Parallel()
	g := newGate()
	play(t, hub.Options{Gate: g}, func(s *scene) {
		old := s.open(anna)
		g.set(func() { g.rights["s-anna"] = 2 })
		if err := s.broker.Publish(s.t.Context(), []event.Change{{Topic: "account:a-anna", Bye: event.ByeRole}}); err != nil {
			t.Fatal(err)
		}
		wantBye(t, old, event.ByeRole)
		reloaded := anna
		reloaded.Rights = 2
		fresh := s.open(reloaded)
		s.pass(time.Minute)
		wantStays(t, fresh)
	})
}

func TestGuestsAreNotAskedAbout(t *testing.T) {
	t.Parallel()
	g := newGate()
	play(t, hub.Options{Gate: g}, func(s *scene) {
		s.open(hub.Visitor{})
		s.pass(5 * time.Minute)
		if g.asked != 0 {
			t.Errorf("gate was asked %d times", g.asked)
		}
	})
}

func TestDrainClosesEveryoneWithinTheWindow(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		pages := make([]*page, 20)
		for i := range pages {
			pages[i] = s.show(tally)
		}
		closedAfter := make(chan time.Duration, len(pages))
		began := time.Now()
		for _, p := range pages {
			go func() {
				for {
					time.Sleep(time.Millisecond)
					if _, closed := p.closeCode(); closed {
						closedAfter <- time.Since(began)
						s.h.Detach(p.socket) // as its reader does
						return
					}
				}
			}()
		}
		if err := s.h.Drain(s.t.Context(), 10*time.Second); err != nil {
			t.Fatal(err)
		}
		early := 0
		for range pages {
			after := <-closedAfter
			if after > 10*time.Second {
				t.Errorf("closed after %v", after)
			}
			if after < 5*time.Second {
				early++
			}
		}
		if early < 8 || early > 12 {
			t.Errorf("%d of %d were closed in the first half of the window", early, len(pages))
		}
		for _, p := range pages {
			if code, _ := p.closeCode(); code != websocket.StatusServiceRestart {
				t.Errorf("closed with %d, want 1012", code)
			}
		}
		if _, admitted := s.h.Attach(&page{dead: make(chan struct{})}, hub.Visitor{}, "192.0.2.1"); admitted {
			t.Error("a page was let in while draining")
		}
	})
}
