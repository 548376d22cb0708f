package hub_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"veche/domain/event"
	"veche/hub"
)

// reader is a page of which the test knows what it shows, and at which versions.
type reader struct {
	*page
	shows    map[event.Region]string
	versions map[event.Region]string
	goOn     func()
}

var drawnRegion = regexp.MustCompile(`data-live="([^"]+)" data-version="([^"]+)" [^>]*>([^<]*)</p>`)

// catchUp reads what was sent.
func (r *reader) catchUp() {
	for _, message := range r.page.take() {
		for _, drawn := range drawnRegion.FindAllStringSubmatch(message, -1) {
			region := event.Region(drawn[1])
			if _, joined := r.shows[region]; joined {
				r.versions[region], r.shows[region] = drawn[2], drawn[3]
			}
		}
	}
}

// reconnect opens a new socket and joins with what the page shows.
func (w *world) reconnect(r *reader) {
	if r.goOn != nil {
		r.goOn()
		r.goOn = nil
		synctest.Wait()
	}
	r.catchUp()
	w.h.Detach(r.socket)
	r.page = w.scene.open(hub.Visitor{})
	for region, version := range r.versions {
		r.join(w.t, region, version)
	}
}

// Whatever happens to feed, pages and drawers, once it stops every page shows what
// a fresh load would.
func TestConvergence(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			play(t, hub.Options{PerAddress: -1}, func(s *scene) {
				dice := rand.New(rand.NewPCG(seed, 1))
				regions := []event.Region{"poll:1/tally", "poll:2/tally", "post:7/comment/1", "post:7/comment/2", "post:8/comment/1"}
				w := &world{scene: s, dice: dice, regions: regions}
				for range 400 {
					w.step()
					s.pass(time.Duration(dice.IntN(200)) * time.Millisecond)
				}
				w.settle()
				for i, r := range w.readers {
					r.catchUp()
					for region, shown := range r.shows {
						if fresh := w.fresh(region); shown != fresh {
							t.Errorf("page %d shows %q, a fresh load %q", i, shown, fresh)
						}
					}
				}
			})
		})
	}
}

type world struct {
	*scene
	dice    *rand.Rand
	regions []event.Region
	readers []*reader
	away    bool
}

// fresh is what a page that is loaded now shows of a region. A comment's text
// changes only with changes that name it, or everything.
func (w *world) fresh(region event.Region) string {
	return fmt.Sprintf("%s %d", region, w.town.of(region))
}

func (w *world) step() {
	region := w.regions[w.dice.IntN(len(w.regions))]
	switch w.dice.IntN(18) {
	case 0, 1:
		w.open()
	case 2, 3:
		w.join(region)
	case 4:
		if r := w.someone(); r != nil {
			r.catchUp()
			delete(r.shows, region)
			delete(r.versions, region)
			w.h.Receive(r.socket, fmt.Sprintf(`{"leave":[%q]}`, region))
		}
	case 5:
		if r := w.someone(); r != nil && r.goOn == nil {
			r.goOn = r.stopReading()
		}
	case 6, 7:
		if r := w.someone(); r != nil && r.goOn != nil {
			r.goOn()
			r.goOn = nil
		}
	case 8:
		w.breakOrHeal()
	case 11:
		if r := w.someone(); r != nil {
			w.reconnect(r)
		}
	case 9:
		w.town.mu.Lock()
		w.town.slow = time.Duration(w.dice.IntN(300)) * time.Millisecond
		w.town.mu.Unlock()
	case 10:
		w.commit(region, func(c event.Change) { w.broker.PublishUnheard(c) })
	default:
		w.commit(region, func(c event.Change) {
			if w.broker.Publish(w.t.Context(), []event.Change{c}) != nil {
				w.broker.PublishUnheard(c) // the outbox publishes it later, when nobody listens
			}
		})
	}
}

// commit changes one item, or the whole topic.
func (w *world) commit(region event.Region, publish func(event.Change)) {
	change := event.Change{Topic: region.Topic()}
	if item := region.Item(); item != "" && w.dice.IntN(2) == 0 {
		change.IDs = []string{item}
		w.town.changeItem(region)
	} else {
		w.town.change(region.Topic())
	}
	publish(change)
}

func (w *world) someone() *reader {
	if len(w.readers) == 0 {
		return nil
	}
	return w.readers[w.dice.IntN(len(w.readers))]
}

func (w *world) open() {
	if len(w.readers) >= 8 {
		i := w.dice.IntN(len(w.readers))
		if goOn := w.readers[i].goOn; goOn != nil {
			goOn()
		}
		w.h.Detach(w.readers[i].socket)
		w.readers[i] = w.readers[len(w.readers)-1]
		w.readers = w.readers[:len(w.readers)-1]
	}
	w.readers = append(w.readers, &reader{
		page:     w.scene.open(hub.Visitor{}),
		shows:    make(map[event.Region]string),
		versions: make(map[event.Region]string),
	})
}

// join is a page that is rendered, version first, and joins a while later.
func (w *world) join(region event.Region) {
	r := w.someone()
	if r == nil || r.shows[region] != "" {
		return
	}
	rendered := w.h.Versions(w.t.Context(), region.Topic())[region.Topic()]
	r.catchUp()
	r.shows[region], r.versions[region] = w.fresh(region), rendered
	if w.dice.IntN(2) == 0 {
		w.commit(region, func(c event.Change) { w.broker.PublishUnheard(c) })
	}
	r.join(w.t, region, rendered)
}

func (w *world) breakOrHeal() {
	if w.away {
		w.broker.Heal(w.dice.IntN(2) == 0)
	} else {
		w.broker.Break()
	}
	w.away = !w.away
}

// settle lets everything come to rest. Reading pages are up to date within a
// second of the last change heard; one that was not is found by the comparison.
func (w *world) settle() {
	if w.away {
		w.breakOrHeal()
	}
	for _, r := range w.readers {
		if r.goOn != nil {
			r.goOn()
			r.goOn = nil
		}
		synctest.Wait()
		if _, closed := r.closeCode(); closed { // it was stuck for too long
			w.reconnect(r)
		}
	}
	w.town.mu.Lock()
	w.town.slow = 0
	w.town.mu.Unlock()
	w.pass(31 * time.Second)
	synctest.Wait()
}
