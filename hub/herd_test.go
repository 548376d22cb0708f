package hub_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"veche/domain/event"
	"veche/hub"
)

// A herd is many people who come back at once, each with topics of their own.
func herd(s *scene, pages int, shown func(topic event.Topic) string) []*page {
	all := make([]*page, pages)
	var joining sync.WaitGroup
	for i := range all {
		region := event.Region(fmt.Sprintf("poll:%d/tally", i))
		p := s.open(hub.Visitor{})
		version := shown(region.Topic())
		all[i] = p
		joining.Go(func() { p.join(s.t, region, version) })
	}
	joining.Wait()
	synctest.Wait()
	return all
}

func TestHerdThatMissedNothingSharesItsQuestionsAndIsNotDrawn(t *testing.T) {
	t.Parallel()
	const pages = 1000
	play(t, hub.Options{PerAddress: -1}, func(s *scene) {
		s.broker.SlowReads(20 * time.Millisecond) // meanwhile the others come
		before := s.broker.Reads()
		herd(s, pages, s.broker.Version)
		s.pass(time.Second)
		if reads := s.broker.Reads() - before; reads > 3 {
			t.Errorf("versions were read %d times for %d pages", reads, pages)
		}
		if calls := s.town.drawCalls(); calls != 0 {
			t.Errorf("drawn %d times although nobody missed anything", calls)
		}
	})
}

func TestHerdThatMissedOneChangeEachIsDrawnInBatches(t *testing.T) {
	t.Parallel()
	const pages = 1000
	play(t, hub.Options{PerAddress: -1}, func(s *scene) {
		s.broker.SlowReads(20 * time.Millisecond)
		all := herd(s, pages, func(topic event.Topic) string {
			version := s.broker.Version(topic)
			s.change(topic)
			return version
		})
		s.pass(time.Second)
		for i, p := range all {
			s.want(p, fmt.Sprintf("poll:%d/tally 1", i))
		}
		if calls := s.town.drawCalls(); calls > 5 {
			t.Errorf("%d regions were drawn in %d calls", pages, calls)
		}
	})
}

// Whoever joins while Redis does not answer waits a bounded time, and catches up.
func TestJoinsDoNotWaitForRedisForEver(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{PerAddress: -1}, func(s *scene) {
		s.broker.FailReads(true)
		all := herd(s, 50, func(topic event.Topic) string {
			version := s.broker.Version(topic)
			s.town.change(topic)
			return version
		})
		s.pass(5 * time.Second)
		for _, p := range all {
			if joined := controls[map[event.Region]string](t, p, "joined"); len(joined) != 1 {
				t.Fatalf("a join was answered %d times", len(joined))
			}
		}
		s.broker.FailReads(false)
		s.pass(5 * time.Second)
		for i, p := range all {
			s.want(p, fmt.Sprintf("poll:%d/tally 1", i))
		}
	})
}

func TestLookupThatHangsHoldsNoOtherJoinUpForLong(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		first, second := s.open(hub.Visitor{}), s.open(hub.Visitor{})
		var joining sync.WaitGroup
		s.broker.SlowReads(time.Minute)
		joining.Go(func() { first.join(t, "poll:1/tally", s.broker.Version("poll:1")) })
		synctest.Wait()
		s.broker.SlowReads(0)
		joining.Go(func() { second.join(t, "poll:2/tally", s.broker.Version("poll:2")) })
		s.pass(time.Second)
		if joined := controls[map[event.Region]string](t, second, "joined"); len(joined) != 1 {
			t.Errorf("after a second the join was answered %d times", len(joined))
		}
		joining.Wait()
	})
}

// What was read before a page joined says nothing about what it missed since.
func TestTopicJoinedAnewIsNotTakenForWhatWasReadBefore(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		version := s.broker.Version("poll:42")
		early, late := s.open(hub.Visitor{}), s.open(hub.Visitor{})
		var joining sync.WaitGroup
		s.broker.SlowReads(20 * time.Millisecond)
		joining.Go(func() { early.join(t, tally, version) })
		synctest.Wait() // the version is on its way
		s.h.Detach(early.socket)
		s.change("poll:42") // nobody here follows it
		joining.Go(func() { late.join(t, tally, version) })
		s.pass(time.Second)
		s.want(late, "poll:42/tally 1")
		joining.Wait()
	})
}
