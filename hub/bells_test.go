package hub_test

// Bursts cost little, for many topics at once: what ten thousand people are told in
// one announcement is drawn in batches, and everybody is sent what is theirs.

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"veche/domain/event"
	"veche/hub"
)

const people = 10_000

func bellOf(person int) event.Region {
	return event.NewRegion(event.NewTopic("bell", fmt.Sprint(person)), "badge")
}

// ringer draws bells, and notes how many in each call.
type ringer struct {
	mu    sync.Mutex
	sizes []int
	takes time.Duration // for one call
}

func (r *ringer) draw(_ context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	r.mu.Lock()
	r.sizes = append(r.sizes, len(wanted))
	r.mu.Unlock()
	time.Sleep(r.takes)
	drawings := make(map[event.Region]hub.Drawing, len(wanted))
	for _, want := range wanted {
		drawings[want.Region] = hub.Drawing{HTML: fmt.Appendf(nil, `<p id=%q>for %s</p>`, want.Region.ElementID(), want.Region)}
	}
	return drawings, nil
}

func TestAnnouncementToTenThousandPeopleIsDrawnInBatches(t *testing.T) {
	t.Parallel()
	const batch = 500 // regions in one call at most
	bells := &ringer{takes: 10 * time.Millisecond}
	play(t, hub.Options{PerAddress: -1}, func(s *scene) {
		s.h.Handle("bell", "badge", bells.draw)
		pages := make([]*page, people)
		changes := make([]event.Change, people)
		for i := range pages {
			pages[i] = s.open(hub.Visitor{Session: fmt.Sprintf("s-%d", i), Account: fmt.Sprintf("a-%d", i)})
			bell := bellOf(i)
			pages[i].join(t, bell, s.broker.Version(bell.Topic()))
			changes[i].Topic = bell.Topic()
		}
		synctest.Wait()
		for _, p := range pages {
			p.take()
		}

		if err := s.broker.Publish(s.t.Context(), changes); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Second)

		drawn := 0
		for _, size := range bells.sizes {
			drawn += size
			if size > batch {
				t.Errorf("%d bells were drawn in one call, want at most %d", size, batch)
			}
		}
		// A desk may begin before it has heard of all.
		if calls, most := len(bells.sizes), people/batch+2; calls > most {
			t.Errorf("%d bells were drawn in %d calls, want at most %d", people, calls, most)
		}
		if drawn != people {
			t.Errorf("%d bells were drawn for %d people", drawn, people)
		}
		failures := 0
		for i, p := range pages {
			got := strings.Join(p.take(), "|")
			bell := bellOf(i)
			want := fmt.Sprintf(`<hx-partial hx-target="#%s" hx-swap="outerMorph"><p id=%[1]q>for %s</p></hx-partial>`, bell.ElementID(), bell)
			if got == want {
				continue
			}
			t.Errorf("person %d was sent %s, want %s", i, got, want)
			if failures++; failures == 5 {
				t.Fatal("and so on")
			}
		}
	})
}
