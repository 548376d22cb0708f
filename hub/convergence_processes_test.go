package hub_test

// Convergence and order together, for two processes: pages with the guard of the
// page's script move between them with what they show, while feed, reads of
// versions, drawers and readers fail in every way, at random, from printed seeds.
// Regular comparisons are switched off, so that each recovery has to make good for
// all that it interrupted.

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
	"veche/hub"
)

// twoProcesses runs two hubs at one broker, with one town behind them.
func twoProcesses(t *testing.T, o hub.Options, act func(processes [2]*scene)) {
	t.Helper()
	play(t, o, func(first *scene) {
		second := *first
		o.Broker, o.Passes = first.broker, first.passes
		second.h = hub.New(o)
		second.h.Handle("poll", "tally", first.town.draw)
		second.h.Handle("post", "comment", first.town.draw)
		ctx, stop := context.WithCancel(first.t.Context())
		ended := make(chan error)
		go func() { ended <- second.h.Run(ctx) }()
		synctest.Wait()
		act([2]*scene{first, &second})
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// traveller is a page that holds what it shows against what it is sent, as the
// guard does.
type traveller struct {
	*page
	name     string
	process  *scene
	shows    map[event.Region]int
	versions map[event.Region]string
	heard    order // by this socket
	goOn     func()
}

// catchUp reads what was sent and shows what is newer.
func (r *traveller) catchUp(w *wideWorld) {
	drawings := sentIn(w.t, r.take())
	r.heard.hear(w.t, r.name, drawings)
	for _, d := range drawings {
		shown, follows := r.shows[d.region]
		if !follows {
			continue
		}
		r.versions[d.region] = d.version
		if d.count < shown {
			w.older++
			continue
		}
		r.shows[d.region] = d.count
	}
}

type wideWorld struct {
	*scene
	processes [2]*scene
	dice      *rand.Rand
	regions   []event.Region
	pages     []*traveller
	unsent    []event.Change // committed while the broker was away
	away      bool
	muted     bool
	wild      bool // drawers fail, and reads of versions
	older     int  // drawings that the guard dropped
	moves     int
}

func TestPagesOfTwoProcessesConverge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		wild     bool
		patience time.Duration
	}{
		{"drawers work", false, time.Second},
		// Tries are up to two seconds apart.
		{"drawers fail, too", true, 5 * time.Second},
	} {
		for seed := range uint64(20) {
			t.Run(fmt.Sprintf("%s, seed %d", c.name, seed), func(t *testing.T) {
				t.Parallel()
				twoProcesses(t, hub.Options{PerAddress: -1, Compare: 1000 * time.Hour}, func(processes [2]*scene) {
					w := &wideWorld{
						scene:     processes[0],
						processes: processes,
						dice:      rand.New(rand.NewPCG(seed, 9)),
						regions: []event.Region{
							"poll:1/tally", "poll:2/tally", "poll:3/tally", "poll:4/tally", "poll:5/tally",
							"post:7/comment/1", "post:7/comment/2", "post:8/comment/1",
						},
						wild: c.wild,
					}
					for range 12 { // times of trouble, each with an end
						for range 30 {
							w.step()
							w.pass(time.Duration(w.dice.IntN(150)) * time.Millisecond)
						}
						w.settle()
						w.pass(c.patience)
						w.wantFresh("after everything was mended")
					}
					for _, region := range w.regions {
						w.commit(region)
					}
					w.pass(time.Second)
					w.wantFresh("after the last changes")
					if w.moves < 10 {
						t.Errorf("pages moved %d times only", w.moves)
					}
					t.Logf("pages moved %d times and dropped %d drawings older than what they showed", w.moves, w.older)
				})
			})
		}
	}
}

func (w *wideWorld) wantFresh(when string) {
	w.t.Helper()
	for _, r := range w.pages {
		r.catchUp(w)
		if code, closed := r.closeCode(); closed {
			w.t.Errorf("%s %s is closed with %d", when, r.name, code)
		}
		for region, shown := range r.shows {
			if fresh := w.town.of(region); shown != fresh {
				w.t.Errorf("%s %s shows %s %d, a fresh load %d", when, r.name, region, shown, fresh)
			}
		}
	}
}

func (w *wideWorld) step() {
	region := w.regions[w.dice.IntN(len(w.regions))]
	switch w.dice.IntN(22) {
	case 0, 1:
		w.openOne()
	case 2, 3:
		w.follow(region)
	case 4, 20, 21:
		if r := w.anyone(); r != nil {
			r.catchUp(w)
			delete(r.shows, region)
			delete(r.versions, region)
			r.h.Receive(r.socket, fmt.Sprintf(`{"leave":[%q]}`, region))
		}
	case 5:
		if r := w.anyone(); r != nil && r.goOn == nil {
			r.goOn = r.stopReading()
		}
	case 6, 7:
		if r := w.anyone(); r != nil {
			w.readAgain(r)
		}
	case 8, 9:
		if r := w.anyone(); r != nil {
			w.moveOn(r)
		}
	case 10:
		w.breakOrHeal()
	case 11:
		w.muteOrHeal()
	case 12:
		w.disturb(region)
	default:
		w.commit(region)
	}
	for _, r := range w.pages {
		if code, closed := r.closeCode(); closed {
			if code == websocket.StatusPolicyViolation {
				w.t.Fatalf("%s was closed with %d", r.name, code)
			}
			w.moveOn(r)
		}
	}
}

// disturb changes how drawers and reads of versions fare.
func (w *wideWorld) disturb(region event.Region) {
	w.town.mu.Lock()
	w.town.slow = time.Duration(w.dice.IntN(300)) * time.Millisecond
	if w.wild {
		w.town.fail, w.town.omit, w.town.panics = nil, "", ""
		switch w.dice.IntN(6) {
		case 0:
			w.town.fail = errors.New("database is away")
		case 1:
			w.town.omit = region
		case 2:
			w.town.panics = region
		}
	}
	w.town.mu.Unlock()
	if w.wild {
		w.broker.FailReads(w.dice.IntN(2) == 0)
		w.broker.SlowReads(time.Duration(w.dice.IntN(3)) * 100 * time.Millisecond)
	}
}

func (w *wideWorld) anyone() *traveller {
	if len(w.pages) == 0 {
		return nil
	}
	return w.pages[w.dice.IntN(len(w.pages))]
}

func (w *wideWorld) openOne() {
	if len(w.pages) >= 10 {
		i := w.dice.IntN(len(w.pages))
		w.readAgain(w.pages[i])
		w.pages[i].h.Detach(w.pages[i].socket)
		w.pages[i] = w.pages[len(w.pages)-1]
		w.pages = w.pages[:len(w.pages)-1]
	}
	process := w.processes[w.dice.IntN(2)]
	w.pages = append(w.pages, &traveller{
		page:     process.open(hub.Visitor{}),
		name:     fmt.Sprintf("page %d", len(w.pages)),
		process:  process,
		shows:    make(map[event.Region]int),
		versions: make(map[event.Region]string),
		heard:    make(order),
	})
}

// follow renders a region into a page, version first and by either process, which
// joins a while later; the region may have changed meanwhile.
func (w *wideWorld) follow(region event.Region) {
	r := w.anyone()
	if r == nil {
		return
	}
	if _, follows := r.shows[region]; follows {
		return
	}
	version := w.processes[w.dice.IntN(2)].h.Versions(w.t.Context(), region.Topic())[region.Topic()]
	r.catchUp(w)
	r.shows[region], r.versions[region] = w.town.of(region), version
	for range w.dice.IntN(3) {
		w.commit(region)
	}
	r.join(w.t, region, version)
}

func (w *wideWorld) readAgain(r *traveller) {
	if r.goOn != nil {
		r.goOn()
		r.goOn = nil
		synctest.Wait()
	}
}

// moveOn has a page come back at either process with what it shows. What it had not
// read yet may be lost.
func (w *wideWorld) moveOn(r *traveller) {
	w.moves++
	if w.dice.IntN(2) == 0 {
		w.readAgain(r)
		r.catchUp(w)
	}
	goOn := r.goOn
	r.h.Detach(r.socket)
	if goOn != nil {
		goOn()
	}
	r.process = w.processes[w.dice.IntN(2)]
	r.page, r.heard, r.goOn = r.process.open(hub.Visitor{}), make(order), nil
	for region, version := range r.versions {
		r.join(w.t, region, version)
	}
}

// commit changes an item or a topic, and announces it, or leaves that for later when
// the broker is away, as an outbox does.
func (w *wideWorld) commit(region event.Region) {
	change := event.Change{Topic: region.Topic()}
	if item := region.Item(); item != "" && w.dice.IntN(2) == 0 {
		change.IDs = []string{item}
		w.town.changeItem(region)
	} else {
		w.town.change(region.Topic())
	}
	if w.muted && w.dice.IntN(2) == 0 {
		w.broker.PublishUnheard(change)
		return
	}
	if w.broker.Publish(w.t.Context(), []event.Change{change}) != nil {
		w.unsent = append(w.unsent, change)
	}
}

func (w *wideWorld) breakOrHeal() {
	if !w.away {
		w.broker.Break()
		w.away = true
		return
	}
	w.away, w.muted = false, false
	w.broker.Heal(w.dice.IntN(3) == 0)
	for _, change := range w.unsent {
		if w.dice.IntN(2) == 0 {
			synctest.Wait()
		}
		if err := w.broker.Publish(w.t.Context(), []event.Change{change}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.unsent = nil
}

// muteOrHeal loses the feed only.
func (w *wideWorld) muteOrHeal() {
	switch {
	case w.away:
	case w.muted:
		w.muted = false
		w.broker.Heal(false)
	default:
		w.muted = true
		w.broker.Mute()
	}
}

// settle mends everything and has everybody read and be connected.
func (w *wideWorld) settle() {
	w.town.mu.Lock()
	w.town.slow, w.town.fail, w.town.omit, w.town.panics = 0, nil, "", ""
	w.town.mu.Unlock()
	w.broker.FailReads(false)
	w.broker.SlowReads(0)
	if w.away {
		w.breakOrHeal()
	}
	if w.muted {
		w.muteOrHeal()
	}
	for _, r := range w.pages {
		w.readAgain(r)
		if _, closed := r.closeCode(); closed { // it had been stuck for too long
			w.moveOn(r)
		}
	}
}
