package hub_test

import (
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/hub"
)

// Whoever is not let in is told so, and may take a while to answer. Who has many wait
// for such answers is not waited for any more, and takes nobody's place.
func TestRefusedSocketsOfOneAddressAreBounded(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{"refused": "?refuse=1", "one of too many": "?session=s"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := besiege(t, hub.Options{PerVisitor: 1, Ping: time.Hour})
			s.attack(t, "?session=s", "")
			s.awaitCounts(t, 1, 1, 2)
			var told []*attacker
			for { // far sooner than the hub gives up the first of them
				a := s.attack(t, query, "")
				if op, _, err := a.next(); err != nil {
					break
				} else if op != opClose {
					t.Fatalf("opcode %d for one who is not let in", op)
				}
				told = append(told, a)
				if len(told) > 10*hub.MaxRefused {
					t.Fatalf("%d sockets are waited for", len(told))
				}
			}
			if len(told) < hub.MaxRefused {
				t.Errorf("%d were told, then one was cut off", len(told))
			}
			s.serves(t)
			s.show("poll:43/tally") // from the same address

			for _, a := range told {
				a.try(closeFrame(uint16(websocket.StatusPolicyViolation), ""))
			}
			s.awaitRefused(t, 0)
			if code := s.attack(t, query, "").awaitEnd(); code != int(websocket.StatusPolicyViolation) {
				t.Errorf("later one is closed with %d, want 1008", code)
			}
		})
	}
}

// awaitRefused waits until so many sockets are waited for that were not let in.
func (s *siege) awaitRefused(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(attackWithin); s.h.Refused() != want; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d sockets are waited for, want %d", s.h.Refused(), want)
		}
	}
}
