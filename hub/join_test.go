package hub_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
	"veche/hub"
)

// controls collects the control messages of a kind since the last call of take.
func controls[T any](t *testing.T, p *page, name string) []T {
	t.Helper()
	var found []T
	for _, message := range p.take() {
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(message), &fields) != nil || fields[name] == nil {
			continue
		}
		var value T
		if err := json.Unmarshal(fields[name], &value); err != nil {
			t.Fatalf("%s: %v", message, err)
		}
		found = append(found, value)
	}
	return found
}

func TestJoinOfWhatIsCurrentCostsNoDrawing(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.open(hub.Visitor{})
		version := s.broker.Version("poll:42")
		p.join(t, tally, version)
		s.pass(time.Second)
		if calls := s.town.drawCalls(); calls != 0 {
			t.Errorf("drawn %d times", calls)
		}
		joined := controls[map[event.Region]string](t, p, "joined")
		if len(joined) != 1 || joined[0][tally] != version {
			t.Errorf("joined is %v, want version %s", joined, version)
		}
	})
}

func TestJoinCatchesUpWhatChangedSinceTheRender(t *testing.T) {
	t.Parallel()
	for name, shown := range map[string]func(s *scene) string{
		"changed before the socket opened": func(s *scene) string {
			version := s.broker.Version("poll:42")
			s.change("poll:42")
			return version
		},
		"rendered while Redis was away": func(*scene) string { return event.UnknownVersion },
		"nonsense":                      func(*scene) string { return "nonsense" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, hub.Options{}, func(s *scene) {
				p := s.open(hub.Visitor{})
				p.join(t, tally, shown(s))
				s.pass(hub.GatherFor)
				if got := p.shown(); len(got) != 1 {
					t.Errorf("page was shown %q, want one frame", got)
				}
			})
		})
	}
}

func TestHerdThatMissedAChangeCostsOneDrawing(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		version := s.broker.Version("poll:42")
		s.change("poll:42")
		for range 50 {
			p := s.open(hub.Visitor{})
			p.join(t, tally, version)
			s.pass(hub.GatherFor)
			s.want(p, "poll:42/tally 1")
		}
		if calls := s.town.drawCalls(); calls != 1 {
			t.Errorf("drawn %d times for 50 pages", calls)
		}
	})
}

func TestFrameStaysOfUseWhileOtherItemsChange(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		s.show("post:7/comment/1")
		s.show("post:7/comment/2")
		version := s.broker.Version("post:7")
		s.change("post:7", "1")
		s.change("post:7", "2")
		calls := s.town.drawCalls()
		late := s.open(hub.Visitor{})
		late.join(t, "post:7/comment/1", version)
		s.want(late, "post:7/comment/1 1")
		if more := s.town.drawCalls() - calls; more != 0 {
			t.Errorf("drawn %d times more", more)
		}
	})
}

func TestChangeBetweenJoinAndComparisonIsNotLost(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		first := s.show(tally)
		s.town.slow = 50 * time.Millisecond
		late := s.open(hub.Visitor{})
		version := s.broker.Version("poll:42")
		s.change("poll:42") // a drawing begins
		late.join(t, tally, version)
		s.pass(time.Second)
		s.want(first, "poll:42/tally 1")
		s.want(late, "poll:42/tally 1")
	})
}

func TestDenied(t *testing.T) {
	t.Parallel()
	const known, unknown = tally, event.Region("poll:42/secrets")
	anna := hub.Visitor{Session: "s-anna", Account: "a-anna", Rights: 3}
	for name, join := range map[string]struct {
		region event.Region
		pass   func(p *hub.Passes) string
	}{
		"no pass":                {known, func(*hub.Passes) string { return "" }},
		"pass of a guest":        {known, func(p *hub.Passes) string { return p.Mint(known, "ru", hub.Visitor{}) }},
		"pass before the change": {known, func(p *hub.Passes) string { return p.Mint(known, "ru", hub.Visitor{Session: "s-anna", Rights: 2}) }},
		"pass of another region": {known, func(p *hub.Passes) string { return p.Mint(unknown, "ru", anna) }},
		"nobody draws it":        {unknown, func(p *hub.Passes) string { return p.Mint(unknown, "ru", anna) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, hub.Options{}, func(s *scene) {
				p := s.open(anna)
				p.h.Receive(p.socket, joinMessage(t, map[event.Region][]string{join.region: {"?", join.pass(s.passes)}}))
				s.change("poll:42")
				if topics, _, _ := s.h.Counts(); topics != 0 {
					t.Error("a denied join is listened to")
				}
				denied := controls[[]event.Region](t, p, "denied")
				if len(denied) != 1 || !slices.Equal(denied[0], []event.Region{join.region}) {
					t.Errorf("denied is %v", denied)
				}
			})
		})
	}
}

func TestAbuseIsClosedWith1008(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(t *testing.T, s *scene, p *page){
		"not JSON": func(_ *testing.T, s *scene, p *page) { s.h.Receive(p.socket, "hello") },
		"too long": func(_ *testing.T, s *scene, p *page) {
			s.h.Receive(p.socket, `{"leave":["`+strings.Repeat("a", hub.MaxMessage)+`"]}`)
		},
		"bad region":  func(_ *testing.T, s *scene, p *page) { s.h.Receive(p.socket, `{"leave":["<script>"]}`) },
		"bad beat":    func(_ *testing.T, s *scene, p *page) { s.h.Receive(p.socket, `{"beat":{"poll:1":61}}`) },
		"unknown key": func(_ *testing.T, s *scene, p *page) { s.h.Receive(p.socket, `{"shout":1}`) },
		"too often": func(_ *testing.T, s *scene, p *page) {
			for range 60 {
				s.h.Receive(p.socket, `{"leave":["poll:1/tally"]}`)
			}
		},
		"too many regions": func(t *testing.T, _ *scene, p *page) {
			for i := range hub.MaxRegions + 1 {
				time.Sleep(time.Second)
				p.join(t, event.Region(fmt.Sprintf("poll:%d/tally", i)), "?")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, hub.Options{}, func(s *scene) {
				p := s.show(tally)
				act(t, s, p)
				s.pass(0)
				if code, closed := p.closeCode(); !closed || code != websocket.StatusPolicyViolation {
					t.Errorf("closed %v with %d, want 1008", closed, code)
				}
				p.take()
				s.change("poll:42")
				s.want(p)
				if topics, _, _ := s.h.Counts(); topics != 0 {
					t.Error("an expelled page is still listened to")
				}
			})
		})
	}
}

func TestAsManyRegionsAsAllowed(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.open(hub.Visitor{})
		joins := make(map[event.Region][]string)
		for i := range hub.MaxRegions {
			region := event.Region(fmt.Sprintf("poll:%d/tally", i))
			joins[region] = []string{"?", s.passes.Mint(region, "ru", hub.Visitor{})}
		}
		// As a page does, in messages that fit.
		for region, pair := range joins {
			p.h.Receive(p.socket, joinMessage(t, map[event.Region][]string{region: pair}))
			time.Sleep(time.Second)
		}
		s.pass(time.Second)
		if _, closed := p.closeCode(); closed {
			t.Error("closed")
		}
		if topics, _, _ := s.h.Counts(); topics != hub.MaxRegions {
			t.Errorf("follows %d topics", topics)
		}
	})
}

func TestNothingIsRememberedOfWhoLeft(t *testing.T) {
	t.Parallel()
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		s.h.Detach(p.socket)
		s.h.Detach(p.socket)
		if topics, rooms, sockets := s.h.Counts(); topics+rooms+sockets != 0 {
			t.Errorf("%d topics, %d rooms, %d sockets are left", topics, rooms, sockets)
		}
	})
}

func TestSocketsOfOnePersonAndAddressAreBounded(t *testing.T) {
	t.Parallel()
	anna := hub.Visitor{Session: "s", Account: "a"}
	for name, c := range map[string]struct {
		options hub.Options
		visitor hub.Visitor
	}{
		"person":  {hub.Options{PerVisitor: 3}, anna},
		"address": {hub.Options{PerAddress: 3}, hub.Visitor{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, c.options, func(s *scene) {
				pages := []*page{s.open(c.visitor), s.open(c.visitor), s.open(c.visitor)}
				fourth := &page{dead: make(chan struct{})}
				if _, admitted := s.h.Attach(fourth, c.visitor, "192.0.2.1"); admitted {
					t.Error("a fourth page was let in")
				}
				s.pass(0)
				if code, _ := fourth.closeCode(); code != websocket.StatusPolicyViolation {
					t.Errorf("closed with %d", code)
				}
				s.h.Detach(pages[0].socket)
				s.open(c.visitor)
			})
		})
	}
}

func TestBeatsOfJoinedTopicsAreHeard(t *testing.T) {
	t.Parallel()
	var heard []string
	hear := func(v hub.Visitor, topic event.Topic, seconds int) {
		heard = append(heard, fmt.Sprintf("%s %s %d", v.Session, topic, seconds))
	}
	play(t, hub.Options{}, func(s *scene) {
		p := s.show(tally)
		p.join(t, "post:7/comment/991", event.UnknownVersion)
		p.v.Session = ""
		time.Sleep(10 * time.Second)
		s.h.Receive(p.socket, `{"beat":{"poll:42":5,"poll:43":5,"post:7":5}}`) // nobody hears of posts
		s.h.Receive(p.socket, `{"beat":{"poll:42":60}}`)                       // no longer than the time that went by
		s.h.Receive(p.socket, `{"beat":{"poll:42":60}}`)                       // and a second more once only
		time.Sleep(15 * time.Second)
		s.h.Receive(p.socket, `{"beat":{"poll:42":15}}`)
		want := []string{" poll:42 5", " poll:42 1", " poll:42 15"}
		if !slices.Equal(heard, want) {
			t.Errorf("heard %q, want %q", heard, want)
		}
	}, func(h *hub.Hub) { h.HandleBeats("poll", hear) })
}
