package hub_test

// Redis away: whatever happens to a real Redis while changes go on, before, during
// and after it, all pages of all processes converge once it is back, without the
// regular comparison; and rights withdrawn meanwhile count before anything is drawn.

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
	"veche/hub/localredis"
)

// processes are two portals at one Redis, with one database behind them: a town.
type processes struct {
	t      *testing.T
	server *localredis.Server
	town   *town
	all    []*portal

	commits   sync.WaitGroup // not published yet
	quiet     int            // changes of quiet topics so far
	continues func()         // lets a stopped server go on
}

// startProcesses runs them without the regular comparison, so that nothing else
// makes good for what a recovery missed.
func startProcesses(t *testing.T, g hub.Gate) *processes {
	t.Helper()
	ps := &processes{t: t, server: ownRedis(t), town: newTown()}
	for range 2 {
		o := hub.Options{Broker: brokerAt(t, ps.server), Gate: g, Compare: time.Hour, Interval: 5 * time.Millisecond}
		ps.all = append(ps.all, startPortal(t, o, func(p *portal) {
			p.town = ps.town
			p.h.Handle("poll", "tally", ps.town.draw)
			p.h.Handle("post", "comment", ps.town.draw)
		}))
	}
	return ps
}

// admin commands the Redis itself, over a connection of its own.
func (ps *processes) admin() redis.UniversalClient { return dialRedis(ps.t, ps.server.URL()) }

func (ps *processes) signal(pid int, s syscall.Signal) {
	ps.t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		ps.t.Fatal(err)
	}
}

func (ps *processes) pid() int {
	ps.t.Helper()
	info, err := ps.admin().Info(ps.t.Context(), "server").Result()
	if err != nil {
		ps.t.Fatal(err)
	}
	pid, err := strconv.Atoi(regexp.MustCompile(`process_id:(\d+)`).FindStringSubmatch(info)[1])
	if err != nil {
		ps.t.Fatal(err)
	}
	return pid
}

// kill cuts all connections of a kind, again and again for a while. Each time
// something changes at once.
func (ps *processes) kill(kind string, during time.Duration) {
	ps.t.Helper()
	admin := ps.admin()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		// Its own connection is spared.
		if err := admin.ClientKillByFilter(ps.t.Context(), "TYPE", kind, "SKIPME", "yes").Err(); err != nil {
			ps.t.Fatal(err)
		}
		ps.changeQuietly()
		if time.Since(began) > during {
			return
		}
	}
}

// Busy topics change all the time, quiet ones only when nobody may hear of it.
var (
	busyTopics  = []event.Topic{"poll:1", "poll:2", "post:7"}
	quietTopics = []event.Topic{"poll:11", "poll:12", "poll:13", "post:8"}
)

func outageTopics() []event.Topic { return slices.Concat(busyTopics, quietTopics) }

func regionOf(topic event.Topic) event.Region {
	if topic.Kind() == "post" {
		return event.NewItem(topic, "comment", "1")
	}
	return event.NewRegion(topic, "tally")
}

// keepChanging commits changes of the busy topics and publishes each until Redis
// took it, as a portal does, until stop is called.
func (ps *processes) keepChanging() (stop func()) {
	ended := make(chan struct{})
	for i, topic := range busyTopics {
		ps.commits.Go(func() {
			for turn := 0; ; turn++ {
				change := event.Change{Topic: topic}
				if topic.Kind() == "post" && turn%2 == 0 {
					change.IDs = []string{"1"}
				}
				ps.town.change(topic)
				ps.publish(ps.all[(i+turn)%2].broker, change)
				select {
				case <-ended:
					return
				case <-time.After(10 * time.Millisecond):
				}
			}
		})
	}
	return sync.OnceFunc(func() { close(ended) })
}

// changeQuietly commits one change of one quiet topic, the next each time.
func (ps *processes) changeQuietly() {
	topic := quietTopics[ps.quiet%len(quietTopics)]
	broker := ps.all[ps.quiet%len(ps.all)].broker
	ps.quiet++
	ps.town.change(topic)
	ps.commits.Go(func() { ps.publish(broker, event.Change{Topic: topic}) })
}

// publish tries until it succeeds or the test is over.
func (ps *processes) publish(b hub.Broker, change event.Change) {
	for ps.t.Context().Err() == nil {
		ctx, cancel := context.WithTimeout(ps.t.Context(), 2*time.Second)
		err := b.Publish(ctx, []event.Change{change})
		cancel()
		if err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// opened is a page of a process that shows regions as of a version.
type opened struct {
	*hubtest.Page
	who     string
	regions []event.Region
}

// openAt opens a page that follows all topics. What it shows was rendered at the
// given versions; without them it is as of now.
func (ps *processes) openAt(process int, who string, rendered map[event.Topic]string) opened {
	ps.t.Helper()
	p := ps.all[process]
	page := opened{Page: p.open(""), who: fmt.Sprintf("%s of process %d", who, process)}
	for _, topic := range outageTopics() {
		version, found := rendered[topic]
		if !found {
			version = p.h.Versions(ps.t.Context(), topic)[topic]
		}
		region := regionOf(topic)
		if _, ok := page.Join(region, version, p.passes.Mint(region, "ru", hub.Visitor{})); !ok {
			ps.t.Fatalf("join of %s was denied", region)
		}
		page.regions = append(page.regions, region)
	}
	return page
}

func TestPagesOfAllProcessesConvergeAfterAnyOutageOfRedis(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct {
		happens func(ps *processes)
		passes  func(ps *processes)
		noticed bool // pages are told that updates are away
	}{
		"killed, and back empty": {
			func(ps *processes) { ps.server.Kill() },
			func(ps *processes) {
				if err := ps.server.Restart(ps.t.Context()); err != nil {
					ps.t.Fatal(err)
				}
			}, true,
		},
		"killed and back at once": {
			func(ps *processes) {
				if err := ps.server.Restart(ps.t.Context()); err != nil {
					ps.t.Fatal(err)
				}
			},
			func(*processes) {}, false,
		},
		"emptied while it runs": {
			func(ps *processes) {
				if err := ps.admin().FlushAll(ps.t.Context()).Err(); err != nil {
					ps.t.Fatal(err)
				}
			},
			func(ps *processes) { ps.kill("pubsub", 0) }, false,
		},
		"stopped and continued": {
			func(ps *processes) {
				pid := ps.pid()
				ps.signal(pid, syscall.SIGSTOP)
				ps.t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
				ps.continues = func() { ps.signal(pid, syscall.SIGCONT) }
			},
			func(ps *processes) { ps.continues() }, true,
		},
		"paused": {
			func(ps *processes) {
				if err := ps.admin().Do(ps.t.Context(), "CLIENT", "PAUSE", "8000", "ALL").Err(); err != nil {
					ps.t.Fatal(err)
				}
			},
			func(*processes) {}, true,
		},
		"connections of the feed cut": {
			func(ps *processes) { ps.kill("pubsub", 0) },
			func(*processes) {}, false,
		},
		"connections of the feed cut again and again": {
			func(ps *processes) { ps.kill("pubsub", 3*time.Second) },
			func(*processes) {}, false,
		},
		"connections of commands cut again and again": {
			func(ps *processes) { ps.kill("normal", time.Second) },
			func(*processes) {}, false,
		},
		"all connections cut": {
			func(ps *processes) { ps.kill("normal", 0); ps.kill("pubsub", 0); ps.kill("normal", 0) },
			func(*processes) {}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ps := startProcesses(t, nil)
			rendered := ps.all[0].h.Versions(t.Context(), outageTopics()...)
			var pages []opened
			openOnAll := func(who string, rendered map[event.Topic]string) {
				for process := range ps.all {
					pages = append(pages, ps.openAt(process, who, rendered))
				}
			}
			openOnAll("page opened before", nil)
			openOnAll("another opened before", nil)
			stop := ps.keepChanging()
			t.Cleanup(func() { stop(); ps.commits.Wait() })
			for _, page := range pages { // everything works
				for _, topic := range busyTopics {
					awaitTrue(t, func() string { return page.who + " is not alive" }, func() bool {
						return lastCount(t, page.Messages(), regionOf(topic)) > 0
					})
				}
			}

			outage.happens(ps)
			for range quietTopics {
				ps.changeQuietly()
			}
			openOnAll("page opened during", rendered)
			if outage.noticed {
				for _, page := range pages {
					page.AwaitText(`{"feed":"lost"}`)
				}
			}
			outage.passes(ps)
			openOnAll("page opened during the recovery", rendered)
			if outage.noticed {
				for _, page := range pages[:4] {
					page.AwaitText(`{"feed":"live"}`)
				}
			}
			stop()
			ps.commits.Wait()
			openOnAll("page opened after", rendered)
			for _, page := range pages {
				for _, region := range page.regions {
					awaitShown(t, page.who, page.Page, region, ps.town.of(region))
				}
				make(order).hear(t, page.who, sentIn(t, page.Messages()))
			}
		})
	}
}

// Nobody hears of the withdrawal: its announcement is lost with the Redis.
func TestRightsWithdrawnWhileRedisIsAwayCountBeforeAnythingIsDrawn(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct{ begins, ends func(ps *processes) }{
		"killed, and back empty": {
			func(ps *processes) { ps.server.Kill() },
			func(ps *processes) {
				if err := ps.server.Restart(ps.t.Context()); err != nil {
					ps.t.Fatal(err)
				}
			},
		},
		"stopped and continued": {
			func(ps *processes) {
				pid := ps.pid()
				ps.signal(pid, syscall.SIGSTOP)
				ps.t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
				ps.continues = func() { ps.signal(pid, syscall.SIGCONT) }
			},
			func(ps *processes) { ps.continues() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate()
			ps := startProcesses(t, g)
			open := func(process int, v hub.Visitor) *hubtest.Page {
				p := ps.all[process]
				page := p.open(fmt.Sprintf("?session=%s&account=%s&rights=%d", v.Session, v.Account, v.Rights))
				version := p.h.Versions(t.Context(), tally.Topic())[tally.Topic()]
				if _, ok := page.Join(tally, version, p.passes.Mint(tally, "ru", v)); !ok {
					t.Fatal("join was denied")
				}
				return page
			}
			leave := make(map[*hubtest.Page]event.Bye)
			var stay []*hubtest.Page
			for process := range ps.all {
				leave[open(process, anna)] = event.ByeSession
				leave[open(process, anna2)] = event.ByeRole
				stay = append(stay, open(process, boris), open(process, hub.Visitor{}))
			}
			outage.begins(ps)
			for page := range leave {
				page.AwaitText(`{"feed":"lost"}`)
			}
			g.set(func() {
				delete(g.rights, "s-anna")
				g.rights["s-anna2"] = 2
				g.slow = 300 * time.Millisecond // whoever draws without waiting for it is seen
			})
			ps.town.change(tally.Topic())
			outage.ends(ps)
			ps.publish(ps.all[0].broker, event.Change{Topic: tally.Topic()})

			for page, bye := range leave {
				page.AwaitText(fmt.Sprintf(`{"bye":%q}`, bye))
				if code := page.AwaitEnd(); code != 1008 {
					t.Errorf("page without rights was closed with %d, want 1008", code)
				}
				if frames := framesOf(page); len(frames) > 0 {
					t.Errorf("page without rights was sent %s", strings.Join(frames, ""))
				}
			}
			for _, page := range stay {
				awaitShown(t, "page with rights", page, tally, 1)
			}
		})
	}
}
