package hub_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"veche/hub"
)

// A peer that is told goodbye within a frame it never ends, and goes on with that
// frame, is cut off as soon as any other that does not answer.
func TestPeerThatGoesOnWithItsFrameAfterTheCloseIsCutOff(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{PerVisitor: 1, Ping: time.Hour})
	s.attack(t, "?session=s", "")
	s.awaitCounts(t, 1, 1, 2)
	endless := header(finBit|opText, 1<<62)
	peers := make(map[string]*attacker)
	for whom, c := range map[string]struct{ query, provoke string }{
		"expelled":        {"", endless + strings.Repeat(" ", hub.MaxMessage+1)},
		"refused":         {"?refuse=1", endless},
		"one of too many": {"?session=s", endless},
	} {
		a := s.attack(t, c.query, c.provoke)
		a.awaitClose()
		a.try(strings.Repeat(" ", 64<<10))
		go a.drip(" ")
		peers[whom] = a
	}
	for whom, a := range peers {
		if _, err := io.Copy(io.Discard, a.in); isTimeout(err) {
			t.Errorf("peer that is %s keeps its socket", whom)
		}
	}
	s.awaitCounts(t, 1, 1, 2)
	s.serves(t)
}
