package hub_test

// Bursts cost little: a thousand changes of one topic within a second are drawn at
// most once in each interval, by each process, and the last of them is shown. Held
// in fake time for every way in which they may come, and once through real sockets
// and a real Redis.

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
	"veche/hub/localredis"
)

const burst = 1000 // changes

func TestThousandChangesWithinASecondAreDrawnOnceAnInterval(t *testing.T) {
	t.Parallel()
	const interval = 100 * time.Millisecond
	for name, publish := range map[string]func(s *scene){
		"one after the other": func(s *scene) {
			for range burst {
				s.change("poll:42")
				s.pass(time.Second / burst)
			}
		},
		"at random moments": func(s *scene) {
			dice := rand.New(rand.NewPCG(1, 2))
			moments := make([]time.Duration, burst)
			for i := range moments {
				moments[i] = time.Duration(dice.Int64N(int64(time.Second)))
			}
			slices.Sort(moments)
			began := time.Now()
			for _, at := range moments {
				s.pass(time.Until(began.Add(at)))
				s.change("poll:42")
			}
		},
		"in one moment": func(s *scene) {
			for range burst {
				s.change("poll:42")
			}
		},
		"in one publication": func(s *scene) {
			changes := make([]event.Change, burst)
			for i := range changes {
				changes[i].Topic = "poll:42"
				s.town.change("poll:42")
			}
			if err := s.broker.Publish(s.t.Context(), changes); err != nil {
				s.t.Fatal(err)
			}
		},
	} {
		for _, drawing := range []time.Duration{0, 30 * time.Millisecond, 250 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s, drawn in %v", name, drawing), func(t *testing.T) {
				t.Parallel()
				play(t, hub.Options{Interval: interval}, func(s *scene) {
					pages := []*page{s.show(tally), s.show(tally), s.show(tally)}
					s.town.slow = drawing
					began := time.Now()
					publish(s)
					burstFor := time.Since(began)
					s.pass(drawing + interval + drawing)
					for i, p := range pages {
						if shown := p.shown(); len(shown) == 0 || shown[len(shown)-1] != "poll:42/tally 1000" {
							t.Errorf("page %d was shown %q, want poll:42/tally 1000 in the end", i, shown)
						}
					}
					// One at once, one in each interval begun since, and the last.
					bound := 2 + int(burstFor/max(interval, drawing))
					if calls := s.town.drawCalls(); calls > bound {
						t.Errorf("drawn %d times, want at most %d", calls, bound)
					}
					for i := 1; i < len(s.town.times); i++ {
						if apart := s.town.times[i].Sub(s.town.times[i-1]); apart < interval {
							t.Errorf("drawings %d and %d are %v apart", i-1, i, apart)
						}
					}
					calls := s.town.drawCalls()
					s.pass(10 * time.Second)
					if more := s.town.drawCalls() - calls; more != 0 {
						t.Errorf("drawn %d times more, after the last change was shown", more)
					}
				})
			})
		}
	}
}

// Each region and audience of the topic has an interval of its own: a burst costs
// the same whether one region follows the topic or many.
func TestBurstIsDrawnOnceAnIntervalForEachAudience(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		pages := make(map[hub.Audience]*page)
		for _, audience := range []hub.Audience{"ru", "en", "ru+moderator"} {
			p := s.open(hub.Visitor{})
			p.h.Receive(p.socket, joinMessage(t, map[event.Region][]string{
				tally: {s.broker.Version("poll:42"), s.passes.Mint(tally, audience, p.v)},
			}))
			pages[audience] = p
		}
		synctest.Wait()
		for range burst {
			s.change("poll:42")
			s.pass(time.Second / burst)
		}
		s.pass(time.Second)
		for audience, p := range pages {
			shown := p.shown()
			if len(shown) < 10 || len(shown) > 12 || shown[len(shown)-1] != "poll:42/tally 1000" {
				t.Errorf("page of %q was shown %q, want some 11 frames and the last change", audience, shown)
			}
		}
		if calls := s.town.drawCalls(); calls > 12*len(pages) {
			t.Errorf("drawn %d times for %d audiences", calls, len(pages))
		}
	})
}

func TestBurstThroughRedisIsBoundedOnEveryProcess(t *testing.T) {
	t.Parallel()
	const interval = 100 * time.Millisecond
	url, prefix := localredis.ForTest(t)
	shared := newTown()
	type process struct {
		*portal
		drawn *drawnTimes
		pages []*hubtest.Page
	}
	processes := make([]*process, 2)
	for i := range processes {
		drawn := &drawnTimes{}
		broker := hub.NewRedisBroker(dialRedis(t, url), prefix, slog.New(slog.DiscardHandler))
		processes[i] = &process{drawn: drawn, portal: startPortal(t, hub.Options{Broker: broker, Interval: interval}, func(p *portal) {
			p.town = shared
			p.h.Handle("poll", "tally", drawn.noting(shared.draw))
		})}
		for range 5 {
			processes[i].pages = append(processes[i].pages, processes[i].show(tally))
		}
	}

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	began := time.Now()
	for i := range burst {
		shared.change("poll:42")
		if err := processes[i%2].broker.Publish(ctx, []event.Change{{Topic: "poll:42"}}); err != nil {
			t.Fatal(err)
		}
		if early := time.Until(began.Add(time.Duration(i+1) * time.Second / burst)); early > 0 {
			time.Sleep(early)
		}
	}
	for _, p := range processes {
		for _, page := range p.pages {
			page.AwaitText("poll:42/tally 1000")
		}
	}
	bound := 2 + int(time.Since(began)/interval)
	for i, p := range processes {
		times := p.drawn.all()
		if len(times) > bound {
			t.Errorf("process %d drew %d times in %v, want at most %d", i, len(times), time.Since(began), bound)
		}
		if len(times) < 3 {
			t.Errorf("process %d drew only %d times while changes came: the first is to be drawn at once, and the last is not the only one", i, len(times))
		}
		for j, page := range p.pages {
			if frames := framesOf(page); len(frames) > len(times) {
				t.Errorf("page %d of process %d was sent %d frames of %d drawings", j, i, len(frames), len(times))
			}
		}
	}
}
