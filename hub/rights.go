package hub

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
)

const (
	rightsAtOnce = 500 // sessions
	rightsWithin = 5 * time.Second
	// farewellKept is longer than an upgrade takes: whoever was let in before a
	// withdrawal and registers after it is asked for again.
	farewellKept = 15 * time.Second
)

// leaver is a socket whose access is withdrawn, and why.
type leaver struct {
	*socket
	bye event.Bye
}

// hearFarewell takes the sockets of "session:…" or "account:…" out of all rooms.
// The lock is held.
func (h *Hub) hearFarewell(key event.Topic, bye event.Bye) []leaver {
	if kind := key.Kind(); kind != "session" && kind != "account" {
		return nil
	}
	h.farewells[key] = time.Now()
	var leavers []leaver
	for s := range h.visitors[key] {
		h.dismiss(s)
		leavers = append(leavers, leaver{s, bye})
	}
	return leavers
}

// sayBye closes sockets whose access is withdrawn.
func (h *Hub) sayBye(leavers []leaver) {
	for _, l := range leavers {
		h.metrics.byes.Inc()
		l.queue.finish(byeMessage(l.bye), websocket.StatusPolicyViolation, "access withdrawn", closeByeWithin)
	}
}

// heardFarewell says whether access of the visitor was withdrawn a moment ago,
// perhaps after the request for the socket had been let in. The lock is held.
func (h *Hub) heardFarewell(v Visitor) bool {
	for _, key := range v.topics() {
		if at, heard := h.farewells[key]; heard && time.Since(at) < farewellKept {
			return true
		}
	}
	return false
}

func (h *Hub) forgetFarewells() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, at := range h.farewells {
		if time.Since(at) >= farewellKept {
			delete(h.farewells, key)
		}
	}
}

// recheck asks the gate about one socket, until there is an answer.
func (h *Hub) recheck(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.Gate == nil || h.stopped {
		return
	}
	h.work.Go(func() {
		for delay := retryFirst; h.ctx.Err() == nil; delay = min(2*delay, retryLast) {
			if h.checkSockets(h.ctx, []*socket{s}) == nil {
				return
			}
			select {
			case <-time.After(delay/2 + rand.N(delay/2)):
			case <-h.ctx.Done():
			}
		}
	})
}

// checkRights closes the sockets of sessions that ended or whose rights changed.
func (h *Hub) checkRights(ctx context.Context) error {
	if h.Gate == nil {
		return nil
	}
	h.mu.Lock()
	var signedIn []*socket
	for s := range h.sockets {
		if s.visitor.Session != "" && !s.leaving {
			signedIn = append(signedIn, s)
		}
	}
	h.mu.Unlock()
	for len(signedIn) > 0 {
		n := min(len(signedIn), rightsAtOnce)
		if err := h.checkSockets(ctx, signedIn[:n]); err != nil {
			return err
		}
		signedIn = signedIn[n:]
	}
	return nil
}

func (h *Hub) checkSockets(ctx context.Context, sockets []*socket) error {
	ctx, cancel := context.WithTimeout(ctx, rightsWithin)
	defer cancel()
	asked := make(map[string]bool, len(sockets))
	sessions := make([]string, 0, len(sockets))
	for _, s := range sockets {
		if !asked[s.visitor.Session] {
			asked[s.visitor.Session] = true
			sessions = append(sessions, s.visitor.Session)
		}
	}
	current, err := h.Gate.Rights(ctx, sessions)
	if err != nil {
		return fmt.Errorf("check the rights of %d sessions: %w", len(sessions), err)
	}
	var leavers []leaver
	h.mu.Lock()
	for _, s := range sockets {
		rights, alive := current[s.visitor.Session]
		switch {
		case s.leaving:
		case !alive:
			leavers = append(leavers, leaver{s, event.ByeSession})
		case rights != s.visitor.Rights:
			leavers = append(leavers, leaver{s, event.ByeRole})
		default:
			continue
		}
		h.dismiss(s)
	}
	h.mu.Unlock()
	h.sayBye(leavers)
	return nil
}
