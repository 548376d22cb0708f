package hub

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"veche/domain/event"
)

// Bounds of drawing.
const (
	maxBatch   = 500 // regions in one call of a drawer
	retryFirst = 200 * time.Millisecond
	retryLast  = 2 * time.Second // so that pages follow soon after an outage
)

type deskKey struct {
	viewKey
	audience Audience
}

// desk draws all rooms of one view for one audience, batch after batch. Its
// goroutine lives only while rooms wait.
type desk struct {
	deskKey
	draw     Drawer
	due      map[*room]struct{} // rooms to draw, each at its time
	gathered time.Time          // when those who catch up at this moment are drawn together
	working  bool
	wake     chan struct{} // a room came while the desk waits
}

// desk finds or makes the desk of a view and audience. The lock is held.
func (h *Hub) desk(key deskKey, draw Drawer) *desk {
	d := h.desks[key]
	if d == nil {
		d = &desk{deskKey: key, draw: draw, due: make(map[*room]struct{}), wake: make(chan struct{}, 1)}
		h.desks[key] = d
	}
	return d
}

// mark has a room drawn as soon as its interval allows. The lock is held.
func (h *Hub) mark(r *room, c cause) {
	r.cause = r.cause.with(c)
	if r.dirty {
		h.metrics.coalesced.Inc()
		return
	}
	r.dirty = true
	r.desk.due[r] = struct{}{}
	h.start(r.desk)
}

// start sets a desk to work, unless drawing has to wait for the feed. The lock is
// held.
func (h *Hub) start(d *desk) {
	if h.feed != feedIsLive || h.stopped || len(d.due) == 0 {
		return
	}
	if d.working {
		select {
		case d.wake <- struct{}{}:
		default:
		}
		return
	}
	d.working = true
	h.work.Go(func() { h.serveDesk(d) })
}

// serveDesk draws what is due until nothing is left.
func (h *Hub) serveDesk(d *desk) {
	for {
		batch, wait := h.take(d)
		if len(batch) > 0 {
			h.drawBatch(d, batch)
			continue
		}
		if wait == 0 {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-d.wake:
		case <-h.ctx.Done():
		}
		timer.Stop()
	}
}

// drawn is a room that is being drawn, at a version of its topic.
type drawn struct {
	*room
	at string
}

// take chooses the rooms to draw now. Without any it says how long to wait for
// the next, 0 if none will be due by itself; the desk's goroutine then ends.
func (h *Hub) take(d *desk) (batch []drawn, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d.working = false
	if len(d.due) == 0 || h.feed != feedIsLive || h.ctx.Err() != nil {
		return nil, 0
	}
	now := time.Now()
	for r := range d.due {
		early := r.due.Sub(now)
		switch {
		case r.flying > 0:
			// Its turn comes when its last drawing has been delivered.
		case early > 0:
			if wait == 0 || early < wait {
				wait = early
			}
		case len(batch) == maxBatch:
			// Its turn comes with one of the next batches, at once.
		default:
			batch = append(batch, drawn{room: r, at: r.topic.version})
		}
	}
	for _, r := range batch {
		delete(d.due, r.room)
		r.dirty, r.drawing = false, true
		r.shown, r.cause = r.cause, cause{}
		r.due = now.Add(h.Interval)
	}
	d.working = len(batch) > 0 || wait > 0
	return batch, wait
}

// drawBatch draws rooms and has the frames delivered to those who are members
// then. A desk draws one batch after the other, so drawings of a room are posted
// in their order.
func (h *Hub) drawBatch(d *desk, batch []drawn) {
	wanted := make([]Wanted, len(batch))
	for i, r := range batch {
		wanted[i] = Wanted{Region: r.region, Version: r.at}
	}
	began := time.Now()
	drawings, err := h.callDrawer(d, wanted)
	h.metrics.drawSeconds.Observe(time.Since(began).Seconds())

	failed, sockets := 0, 0
	var shown cause
	h.mu.Lock()
	for _, r := range batch {
		drawing, found := drawings[r.region]
		if err != nil || !found {
			failed++
			h.drawAgain(r)
			continue
		}
		shown, sockets = shown.with(r.shown), sockets+r.size()
		h.finishDrawing(r, drawing)
	}
	h.mu.Unlock()

	h.metrics.redraws.Add(float64(len(batch) - failed))
	h.Log.Debug("drawn", "kind", d.kind, "view", d.view, "audience", d.audience,
		"regions", len(batch)-failed, "traces", shown.traces, "sockets", sockets)
	if failed > 0 && h.ctx.Err() == nil {
		h.metrics.drawErrors.Add(float64(failed))
		h.Log.Warn("regions could not be drawn and are tried again",
			"kind", d.kind, "view", d.view, "audience", d.audience, "count", failed, "error", err)
	}
}

// drawAgain marks a room whose drawing failed. Each waits for a time of its own, so
// that a region that makes a whole call fail does not go on dragging the others
// down. The lock is held.
func (h *Hub) drawAgain(r drawn) {
	r.drawing, r.cause = false, r.shown.with(r.cause)
	r.failures++
	if r.topic.rooms[r.roomKey] != r.room {
		return // everyone has left
	}
	delay := min(retryFirst<<min(r.failures-1, 10), retryLast)
	r.due = time.Now().Add(delay/2 + rand.N(delay/2))
	r.dirty = true
	r.desk.due[r.room] = struct{}{}
}

// finishDrawing has a drawing delivered and keeps it for those who come next. The
// lock is held.
func (h *Hub) finishDrawing(r drawn, d Drawing) {
	r.drawing, r.failures = false, 0
	frame := frameOf(r.region, d)
	if !d.Gone {
		r.frame, r.version = frame, r.at
		h.postAll(r.room, frame)
		return
	}
	for i := range r.members {
		leaving := slices.Clone(r.members[i])
		if len(leaving) > 0 {
			h.post(h.shards[i], delivery{message: frame, region: r.region, chosen: leaving})
		}
		for _, s := range leaving {
			h.leave(s, r.region)
		}
	}
}

// callDrawer draws within the time allowed. A panic of a view is an error like any
// other: it must not stop the portal.
func (h *Hub) callDrawer(d *desk, wanted []Wanted) (drawings map[event.Region]Drawing, err error) {
	ctx, cancel := context.WithTimeout(h.ctx, h.DrawTimeout)
	defer cancel()
	defer func() {
		if reason := recover(); reason != nil {
			h.Log.Error("drawer panicked", "kind", d.kind, "view", d.view, "reason", reason, "stack", string(debug.Stack()))
			drawings, err = nil, fmt.Errorf("drawer panicked: %v", reason)
		}
	}()
	return d.draw(ctx, d.audience, wanted)
}
