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

func leaveMessage(t testing.TB, regions ...event.Region) string {
	t.Helper()
	message, err := json.Marshal(map[string]any{"leave": regions})
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

// atOnce is how many messages a page may send without a pause.
const atOnce = 40

func TestJoiningAndLeavingAllDayLeavesNothing(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	regions := polls(hub.MaxRegions)
	join, leave := s.guestJoin(t, regions...), leaveMessage(t, regions...)
	page := s.open("")
	for round := range atOnce / 2 {
		page.Send(join)
		s.awaitAnswers(t, page.Messages, round+1)
		s.awaitCounts(t, 1+hub.MaxRegions, 1+hub.MaxRegions, 2)
		page.Send(leave)
		s.awaitCounts(t, 1, 1, 2)
	}
	s.repelledBut(t, 1)
	if err := page.Conn.CloseNow(); err != nil {
		t.Fatal(err)
	}
	s.repelled(t)
}

// awaitAnswers waits until so many joins were answered.
func (s *siege) awaitAnswers(t *testing.T, messages func() []string, n int) {
	t.Helper()
	deadline := time.Now().Add(attackWithin)
	for countOf(messages(), `{"joined"`) < n {
		if time.Now().After(deadline) {
			t.Fatalf("%d joins were answered, want %d", countOf(messages(), `{"joined"`), n)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// repelledBut is repelled while some sockets of the attack that follow nothing stay.
func (s *siege) repelledBut(t *testing.T, sockets int) {
	t.Helper()
	s.awaitCounts(t, 1, 1, 1+sockets)
	s.serves(t)
}

func TestJoinsAboveTheRateAreClosedWith1008(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	for name, message := range map[string]string{
		"joins":        s.guestJoin(t, polls(100)...),
		"rejoins":      s.guestJoin(t, tally),
		"denied joins": joinMessage(t, map[event.Region][]string{tally: {"?", "ru.forged"}}),
		"leaves":       leaveMessage(t, polls(100)...),
		"beats":        `{"beat":{"poll:42":1}}`,
	} {
		a := s.attack(t, "", "")
		flood := strings.Repeat(frame(finBit|opText, message), 2*atOnce)
		go a.try(flood) // read no further than the bound
		if code := a.awaitEnd(); code != int(websocket.StatusPolicyViolation) {
			t.Errorf("%s: closed with %d, want 1008", name, code)
		}
		s.awaitCounts(t, 1, 1, 1)
	}
	s.repelled(t)
}

// What a page follows is counted over all its messages, and who asks for more
// follows nothing any more.
func TestRegionsAreCountedOverAllMessages(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	regions := polls(hub.MaxRegions + 1)
	page := s.open("")
	for part := range slices.Chunk(regions[:hub.MaxRegions], 50) {
		page.Send(s.guestJoin(t, part...))
	}
	page.Send(s.guestJoin(t, regions[:hub.MaxRegions]...)) // again, which is no more
	s.awaitAnswers(t, page.Messages, 5)
	s.awaitCounts(t, 1+hub.MaxRegions, 1+hub.MaxRegions, 2)
	page.Send(s.guestJoin(t, regions[hub.MaxRegions]))
	if code := page.AwaitEnd(); code != websocket.StatusPolicyViolation {
		t.Errorf("closed with %d, want 1008", code)
	}
	s.repelled(t)
}

// A page is in one audience of a region, the last it proved.
func TestChangingAudiencesDoNotMultiplyRooms(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{Interval: time.Millisecond})
	page := s.open("")
	for i := range atOnce - 1 {
		audience := []hub.Audience{"en", "en+moderator", "ru+moderator"}[i%3]
		page.Send(joinMessage(t, map[event.Region][]string{tally: {"?", s.passes.Mint(tally, audience, hub.Visitor{})}}))
		s.awaitAnswers(t, page.Messages, i+1)
		s.awaitCounts(t, 1, 2, 2)
	}
	for range 3 {
		s.serves(t)
		shown := fmt.Sprintf("poll:42/tally %d<", s.changes)
		page.AwaitText(shown)
		for _, message := range page.Messages() {
			if strings.Contains(message, shown) && !strings.Contains(message, `lang="ru+moderator"`) {
				t.Errorf("page was shown what is for another audience: %s", message)
			}
		}
	}
	page.Send(leaveMessage(t, tally))
	s.repelledBut(t, 1)
}

// Many sockets that join and break off at any moment.
func TestSocketsThatBreakOffWhileJoiningLeaveNothing(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{Interval: time.Millisecond})
	join := frame(finBit|opText, s.guestJoin(t, append(polls(100), tally)...))
	for i := range 100 {
		a := s.attack(t, "", join[:len(join)*i/100]+join)
		if i%3 == 0 {
			s.serves(t)
		}
		if err := a.conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s.repelled(t)
}

func TestSlotsOfSocketsAreFreedAgain(t *testing.T) {
	t.Parallel()
	const most = 5
	for name, c := range map[string]struct {
		options hub.Options
		query   string
	}{
		"session": {hub.Options{PerVisitor: most}, "?session=s"},
		"account": {hub.Options{PerVisitor: most}, "?account=a"},
		"address": {hub.Options{PerAddress: most}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startPortal(t, c.options)
			for round := range 3 {
				query := c.query
				if name == "account" {
					query += fmt.Sprintf("&session=s%d", round) // another session of the same person
				}
				var open []*attacker
				for range most {
					open = append(open, p.attack(t, query, ""))
				}
				p.awaitCounts(t, 0, 0, most)
				for range 2 * most {
					if code := p.attack(t, query, "").awaitEnd(); code != int(websocket.StatusPolicyViolation) {
						t.Fatalf("a socket too many was closed with %d, want 1008", code)
					}
				}
				for i, a := range open {
					switch i % 3 {
					case 0: // politely
						a.send(closeFrame(1000, ""))
						a.awaitEnd()
					case 1: // by abuse
						a.send(frame(finBit|opText, "abuse"))
						a.awaitEnd()
					case 2: // broken off in the middle of a frame
						a.send("\x81")
						_ = a.conn.Close()
					}
				}
				p.awaitCounts(t, 0, 0, 0)
			}
		})
	}
}
