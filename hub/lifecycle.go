package hub

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/coder/websocket"
)

// sweep looks after idle sockets: it pings them, cuts off those that do not answer,
// and gives up those whose write does not end.
func (h *Hub) sweep(ctx context.Context) {
	tick := time.NewTicker(min(time.Second, h.Ping, h.Pong))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			h.sweepOnce(now)
		}
	}
}

func (h *Hub) sweepOnce(now time.Time) {
	var stuck, dead, quiet []*socket
	h.mu.Lock()
	for s := range h.sockets {
		if !s.pinged.IsZero() && !s.queue.line.Answered().Before(s.pinged) {
			s.pinged = time.Time{}
		}
		busy := s.queue.busy()
		switch {
		case busy > stuckAfter:
			stuck = append(stuck, s)
		case busy > 0 || s.leaving:
			// What it is sent, or the goodbye, has a time of its own.
		case !s.pinged.IsZero() && now.Sub(s.pinged) > h.Pong:
			dead = append(dead, s)
		case s.pinged.IsZero() && !now.Before(s.nextPing):
			s.nextPing, s.pinged = now.Add(h.Ping), now
			quiet = append(quiet, s)
		}
	}
	h.postEach(quiet, h.pingMessage())
	h.mu.Unlock()
	for _, s := range stuck {
		s.queue.giveUp()
	}
	for _, s := range dead {
		s.queue.line.Kill()
	}
}

// Drain closes all sockets, spread over the window so that the other processes are
// not asked by everyone at once, and turns new ones away. It returns when the last
// is closed; at the end of ctx it cuts off those that are left.
func (h *Hub) Drain(ctx context.Context, window time.Duration) error {
	h.mu.Lock()
	h.draining = true
	open := h.snapshot()
	h.mu.Unlock()
	rand.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })

	began := time.Now()
	for i, s := range open {
		turn := time.Until(began.Add(window * time.Duration(i) / time.Duration(len(open))))
		if turn > 0 && !sleep(ctx, turn) {
			break
		}
		s.queue.finish(byeDrain, websocket.StatusServiceRestart, "restarting", closeDrainWithin)
	}
	for sleep(ctx, 10*time.Millisecond) {
		h.mu.Lock()
		left := len(h.sockets)
		h.mu.Unlock()
		if left == 0 {
			return nil
		}
	}
	h.mu.Lock()
	left := h.snapshot()
	h.mu.Unlock()
	for _, s := range left {
		s.queue.line.Kill()
	}
	return ctx.Err()
}

// sleep waits and says false when ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
