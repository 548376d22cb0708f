package hub_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"veche/domain/event"
	"veche/hub"
)

const tally = event.Region("poll:42/tally")

func TestFirstChangeIsDrawnAtOnce(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		began := time.Now()
		s.change("poll:42")
		s.want(p, "poll:42/tally 1")
		if waited := time.Since(began); waited != 0 {
			t.Errorf("first change was drawn after %v", waited)
		}
	})
}

func TestBurstsCostLittleAndTheLastIsDrawn(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		const changes = 950
		for range changes {
			s.change("poll:42")
			s.pass(time.Millisecond)
		}
		s.pass(time.Second)
		shown := p.shown()
		if last := shown[len(shown)-1]; last != "poll:42/tally 950" {
			t.Errorf("page shows %q in the end", last)
		}
		// At 0 ms and then every 100 ms until the one after the last change.
		if len(shown) != 11 {
			t.Errorf("%d changes in 950 ms were drawn %d times, want 11: %q", changes, len(shown), shown)
		}
		for i := 1; i < len(s.town.times); i++ {
			if apart := s.town.times[i].Sub(s.town.times[i-1]); apart < 100*time.Millisecond {
				t.Errorf("drawings %d and %d are %v apart", i-1, i, apart)
			}
		}
	})
}

func TestRegionsDueTogetherAreDrawnInOneCall(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{PerAddress: -1}, func(s *scene) {
		const polls = 1200
		for i := range polls {
			s.show(event.Region(fmt.Sprintf("poll:%d/tally", i)))
		}
		changes := make([]event.Change, polls)
		for i := range changes {
			changes[i].Topic = event.NewTopic("poll", fmt.Sprint(i))
		}
		if err := s.broker.Publish(s.t.Context(), changes); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		sizes := make([]int, 0, len(s.town.calls))
		for _, call := range s.town.calls {
			sizes = append(sizes, len(call))
		}
		if want := []int{500, 500, 200}; !slices.Equal(sizes, want) {
			t.Errorf("drawn in calls of %v, want %v", sizes, want)
		}
	})
}

func TestAudiencesAreDrawnApart(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		v := s.broker.Version("poll:42")
		pages := map[hub.Audience]*page{"ru": s.open(hub.Visitor{}), "en": s.open(hub.Visitor{})}
		for audience, p := range pages {
			p.h.Receive(p.socket, joinMessage(t, map[event.Region][]string{
				tally: {v, s.passes.Mint(tally, audience, p.v)},
			}))
		}
		s.change("poll:42")
		for audience, p := range pages {
			frames := strings.Join(p.take(), "")
			if !strings.Contains(frames, fmt.Sprintf("lang=%q", audience)) || strings.Count(frames, "lang=") != 1 {
				t.Errorf("page of %q got %s", audience, frames)
			}
		}
	})
}

func TestChangeOfItemsRedrawsThoseOnly(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		first, second := s.show("post:7/comment/1"), s.show("post:7/comment/2")
		s.change("post:7", "2")
		s.want(first)
		s.want(second, "post:7/comment/2 1")
	})
}

func TestChangeOfItemsAfterAMissedOneRedrawsAll(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		first, second := s.show("post:7/comment/1"), s.show("post:7/comment/2")
		s.town.change("post:7")
		s.broker.PublishUnheard(event.Change{Topic: "post:7", IDs: []string{"1"}})
		s.change("post:7", "2")
		s.want(first, "post:7/comment/1 2")
		s.want(second, "post:7/comment/2 2")
	})
}

func TestFailedDrawingIsNeverLost(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		s.town.fail = errors.New("database is away")
		s.change("poll:42")
		s.pass(time.Minute)
		if calls := s.town.drawCalls(); calls < 5 || calls > 60 {
			t.Errorf("drawing was tried %d times in a minute", calls)
		}
		s.want(p)
		s.town.mu.Lock()
		s.town.fail = nil
		s.town.mu.Unlock()
		s.pass(3 * time.Second) // pages follow soon after an outage
		s.want(p, "poll:42/tally 1")
	})
}

func TestRegionLeftOutByADrawerIsTriedAgain(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		left, other := s.show("post:7/comment/1"), s.show("post:7/comment/2")
		s.town.omit = "post:7/comment/1"
		s.change("post:7")
		s.want(left)
		s.want(other, "post:7/comment/2 1")
		s.town.mu.Lock()
		s.town.omit = ""
		s.town.mu.Unlock()
		s.pass(time.Second)
		s.want(left, "post:7/comment/1 1")
		s.want(other)
	})
}

func TestPanicOfOneViewKeepsNoOtherFromBeingDrawn(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		s.show("post:7/comment/1")
		other := s.show("post:7/comment/2")
		s.town.panics = "post:7/comment/1"
		s.change("post:7")
		s.pass(2 * time.Second)
		s.want(other, "post:7/comment/2 1")
	})
}

func TestDrawerThatHangsIsCutOffAndTriedAgain(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{DrawTimeout: time.Second}, func(s *scene) {
		p := s.show(tally)
		s.town.slow = time.Hour
		s.change("poll:42")
		s.pass(500 * time.Millisecond)
		s.town.mu.Lock()
		s.town.slow = 0
		s.town.mu.Unlock()
		s.pass(time.Second)
		s.want(p, "poll:42/tally 1")
	})
}

func TestGoneRegionIsDeletedAndItsJoinPruned(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		s.town.gone[tally] = true
		s.change("poll:42")
		want := `<hx-partial hx-target="#poll-42-tally" hx-swap="delete"></hx-partial>`
		if got := strings.Join(p.take(), ""); got != want {
			t.Errorf("page was sent %s, want %s", got, want)
		}
		if topics, rooms, _ := s.h.Counts(); topics != 0 || rooms != 0 {
			t.Errorf("%d topics and %d rooms are left", topics, rooms)
		}
		s.pass(time.Second)
		s.change("poll:42")
		s.want(p)
	})
}

func TestChangeDuringADrawingIsDrawnToo(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		s.town.slow = 300 * time.Millisecond // state is read first, the answer takes its time
		s.change("poll:42")
		s.pass(100 * time.Millisecond)
		s.change("poll:42")
		s.pass(time.Second)
		s.want(p, "poll:42/tally 1", "poll:42/tally 2")
	})
}

func TestNobodyLookingMeansNoDrawing(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		p.h.Receive(p.socket, `{"leave":["poll:42/tally"]}`)
		s.change("poll:42")
		if calls := s.town.drawCalls(); calls != 0 {
			t.Errorf("region nobody shows was drawn %d times", calls)
		}
		if topics, _, _ := s.h.Counts(); topics != 0 {
			t.Error("topic without listeners is remembered")
		}
	})
}

// The clock of a change starts anew with each drawing, also when the next change
// came while the last was being drawn.
func TestTimeToShowIsMeasuredFromTheChange(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	play(t, hub.Options{Registerer: registry}, func(s *scene) {
		p := s.show(tally)
		s.town.slow = 50 * time.Millisecond
		s.change("poll:42")
		s.pass(20 * time.Millisecond)
		s.change("poll:42") // at 20 ms, drawn from 100 to 150 ms
		s.pass(time.Second)
		s.want(p, "poll:42/tally 1", "poll:42/tally 2")
	})
	count, sum := observed(t, registry, "veche_live_shown_seconds")
	if want := 0.05 + 0.13; count != 2 || math.Abs(sum-want) > 0.001 {
		t.Errorf("%d drawings were shown after %v s together, want 2 after %v s", count, sum, want)
	}
}

func observed(t *testing.T, registry *prometheus.Registry, name string) (count uint64, sum float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			h := family.GetMetric()[0].GetHistogram()
			return h.GetSampleCount(), h.GetSampleSum()
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0, 0
}
