package hub_test

// Order never misleads, within one process: whatever pages, drawers and the network
// do, a socket is never sent an older drawing of a region after a newer one. Held in
// fake time with random moves, and on real sockets.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
)

// walker is a page that leaves regions and comes back to them.
type walker struct {
	*page
	name  string
	heard order
	goOn  func() // reads again; nil while it reads
}

func TestSocketIsNeverSentAnOlderDrawing(t *testing.T) {
	t.Parallel()
	regions := []event.Region{"poll:1/tally", "poll:2/tally", "post:7/comment/1", "post:7/comment/2"}
	for seed := range uint64(30) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 10))
			play(t, hub.Options{Interval: 20 * time.Millisecond, PerAddress: -1}, func(s *scene) {
				walkers := make([]*walker, 10)
				for i := range walkers {
					walkers[i] = &walker{page: s.open(hub.Visitor{}), name: fmt.Sprintf("socket %d", i), heard: make(order)}
				}
				old := map[event.Region]string{}
				for range 600 {
					w, region := walkers[dice.IntN(len(walkers))], regions[dice.IntN(len(regions))]
					switch dice.IntN(8) {
					case 0, 1: // leaves and is back at once, showing something old or new
						version := s.broker.Version(region.Topic())
						if dice.IntN(2) == 0 {
							version = old[region]
						}
						s.h.Receive(w.socket, fmt.Sprintf(`{"leave":[%q]}`, region))
						w.join(t, region, version)
					case 2:
						if w.goOn == nil {
							w.goOn = w.stopReading()
						} else {
							w.goOn()
							w.goOn = nil
						}
					case 3:
						s.town.mu.Lock()
						s.town.slow = time.Duration(dice.IntN(150)) * time.Millisecond
						s.town.mu.Unlock()
					case 4:
						s.broker.Break()
						s.pass(time.Duration(dice.IntN(50)) * time.Millisecond)
						s.broker.Heal(dice.IntN(4) == 0)
					default:
						old[region] = s.broker.Version(region.Topic())
						s.town.change(region.Topic())
						if err := s.broker.Publish(t.Context(), []event.Change{{Topic: region.Topic()}}); err != nil {
							t.Fatal(err)
						}
					}
					if dice.IntN(3) > 0 { // else the next comes while this is on its way
						s.pass(time.Duration(dice.IntN(60)) * time.Millisecond)
					}
					w.heard.hear(t, w.name, sentIn(t, w.take()))
					if code, closed := w.closeCode(); closed && code != websocket.StatusTryAgainLater {
						t.Fatalf("%s was closed with %d", w.name, code)
					} else if closed {
						s.h.Detach(w.socket)
						w.page, w.heard, w.goOn = s.open(hub.Visitor{}), make(order), nil
					}
				}
				heard := 0
				for _, w := range walkers {
					if w.goOn != nil {
						w.goOn()
					}
					synctest.Wait()
					w.heard.hear(t, w.name, sentIn(t, w.take()))
					heard += len(w.heard)
				}
				if heard < 20 {
					t.Errorf("sockets heard of only %d regions together: nothing was tested", heard)
				}
			})
		})
	}
}

// Pages come back to what they left while drawings, catch-ups and writes to those
// who read slowly are under way, with threads and a network that are real.
func TestRealSocketIsNeverSentAnOlderDrawing(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{Interval: time.Millisecond, PerAddress: -1})
	hesitant := func(draw hub.Drawer) hub.Drawer { // state first, then a delay
		return func(ctx context.Context, audience hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
			drawings, err := draw(ctx, audience, wanted)
			time.Sleep(time.Duration(rand.IntN(6)) * time.Millisecond)
			return drawings, err
		}
	}
	p.h.Handle("poll", "tally", hesitant(p.town.draw))
	p.h.Handle("post", "comment", hesitant(p.town.draw))
	p.town.pad(16 << 10)
	regions := []event.Region{"poll:42/tally", "post:7/comment/1"}

	var hurry atomic.Bool
	slow := func(page int) bool { return page%4 == 0 }
	pages := make([]*hubtest.Page, 12)
	for i := range pages {
		pages[i] = p.open("")
		if slow(i) {
			pages[i] = hubtest.OpenPage(t, "ws://"+p.addr+"/live", slowly(&hurry))
		}
	}
	stop := make(chan struct{})
	halt := sync.OnceFunc(func() { close(stop) })
	var moving sync.WaitGroup
	defer moving.Wait()
	defer halt()
	for i, page := range pages {
		moving.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(i), 11))
			for turn := 0; ; turn++ {
				region := regions[turn%len(regions)]
				version := event.UnknownVersion
				if dice.IntN(2) == 0 {
					version = p.h.Versions(context.Background(), region.Topic())[region.Topic()]
				}
				join := joinMessage(t, map[event.Region][]string{region: {version, p.passes.Mint(region, "ru", hub.Visitor{})}})
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				err := page.Conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"leave":[%q],%s`, region, join[1:]))
				cancel()
				if err != nil {
					return // closed, for it read too slowly
				}
				select {
				case <-stop:
					return
				case <-time.After(time.Duration(200+dice.IntN(60)) * time.Millisecond): // five messages a second are allowed
				}
			}
		})
	}
	for began := time.Now(); time.Since(began) < 4*time.Second; time.Sleep(2 * time.Millisecond) {
		p.change(event.Change{Topic: "poll:42"}, event.Change{Topic: "post:7"})
	}
	halt()
	moving.Wait()
	hurry.Store(true)

	drawings := 0
	for i, page := range pages {
		for _, region := range regions {
			if !slow(i) {
				awaitShown(t, fmt.Sprintf("page %d", i), page, region, p.town.of(region))
			}
		}
		all := sentIn(t, page.Messages())
		make(order).hear(t, fmt.Sprintf("page %d", i), all)
		drawings += len(all)
	}
	if drawings < 20*len(pages) {
		t.Errorf("%d pages were sent only %d drawings: nothing was tested", len(pages), drawings)
	}
}

// slowly dials as a page on a bad line: little of what was sent arrives at a time,
// until it is in a hurry.
func slowly(hurry *atomic.Bool) *websocket.DialOptions {
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return slowConn{conn, hurry}, conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	}
	return &websocket.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{DialContext: dial}}}
}

type slowConn struct {
	net.Conn
	hurry *atomic.Bool
}

func (c slowConn) Read(b []byte) (int, error) {
	if !c.hurry.Load() {
		time.Sleep(5 * time.Millisecond)
		b = b[:min(len(b), 2048)]
	}
	return c.Conn.Read(b)
}
