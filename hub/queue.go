package hub

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// line is one page's connection as a queue needs it. It is the seam between the
// hub and how bytes are written.
type line interface {
	// TryWrite writes of p what the kernel takes at once, and never waits. Fewer
	// bytes than p has, or none, are no error: the rest has to wait.
	TryWrite(p []byte) (int, error)
	// Write writes all of p. It may wait.
	Write(p []byte) error
	// Close says goodbye with a code (RFC 6455, section 7.4) and waits a while for
	// the answer.
	Close(code websocket.StatusCode, reason string)
	// Kill ends the connection at once; Write and Close return then.
	Kill()
	// Answered says when the page last answered a ping, zero if it never did.
	Answered() time.Time
}

// Bounds of what waits for one page.
const (
	maxQueued   = 1 << 20          // bytes
	maxControls = 64               // control messages
	maxJoined   = 32 << 10         // bytes of waiting items written at once
	stuckAfter  = 10 * time.Second // a write in progress
)

// Times within which what is left must be written before a line is killed.
const (
	closeSlowWithin  = 5 * time.Second
	closeDrainWithin = 5 * time.Second
	closeByeWithin   = time.Second
)

// queue is what a page is sent. Nobody waits for it: bytes go to the kernel at
// once, and what the kernel does not take waits here, for a goroutine that lives
// only while something waits. A newer frame of a region takes the place of the
// waiting older one; control messages keep their order.
//
// Its lock is held while bytes are offered to the kernel, which takes or refuses
// them at once. Nobody who holds the hub's lock takes it.
type queue struct {
	line line
	m    *metrics

	mu       sync.Mutex
	rest     []byte // of what the kernel took in part; goes out before anything else
	waiting  []item
	bytes    int  // of waiting
	controls int  // of waiting
	writing  bool // the goroutine lives
	ending   *ending
	over     bool // takes nothing any more

	since atomic.Int64 // when the write in progress began, in Unix nanoseconds; 0 if none
}

type ending struct {
	code   websocket.StatusCode
	reason string
	timer  *time.Timer
}

// control sends a control message of the wire contract.
func (q *queue) control(m *message) { q.put(item{message: m}) }

// put sends an item.
func (q *queue) put(i item) {
	if q.stage(i) {
		q.flush(nil)
	}
}

// stage puts an item by, to go out with others at the next flush. It says whether
// it is the first: the caller then owes that flush.
func (q *queue) stage(i item) (first bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ending != nil || q.over {
		return false
	}
	first = !q.writing && len(q.waiting) == 0
	q.add(i)
	return first && q.ending == nil
}

// flush sends what was staged, in one write if the kernel takes it. The buffer is
// the caller's, to be used again.
func (q *queue) flush(buffer []byte) []byte {
	q.mu.Lock()
	for !q.writing && len(q.waiting) > 0 {
		batch := q.takeBatch()
		wire, shared := batch[0].wire, true
		if len(batch) > 1 {
			buffer = appendItems(buffer[:0], batch)
			wire, shared = buffer, false
		}
		if !q.offer(wire, shared) {
			q.shut()
			q.mu.Unlock()
			q.line.Kill()
			return buffer
		}
		q.drop(len(batch))
	}
	q.mu.Unlock()
	return buffer
}

// offer hands bytes to the kernel and has wait what it does not take, copied
// unless the bytes are shared and there to stay. False means that the line is dead.
func (q *queue) offer(wire []byte, shared bool) (alive bool) {
	n, err := q.line.TryWrite(wire)
	if err != nil {
		return false
	}
	q.m.bytes.Add(float64(len(wire)))
	if n < len(wire) {
		if q.rest = wire[n:]; !shared {
			q.rest = slices.Clone(q.rest)
		}
		q.start()
	}
	return true
}

// add has an item wait, in the place of an older frame of its region if there is
// one.
func (q *queue) add(i item) {
	if i.isFrame() {
		for at := range q.waiting {
			if older := &q.waiting[at]; older.region == i.region {
				q.bytes += len(i.wire) - len(older.wire)
				older.message = i.message
				q.m.replaced.Inc()
				q.checkBounds()
				return
			}
		}
	} else {
		q.controls++
	}
	q.waiting = append(q.waiting, i)
	q.bytes += len(i.wire)
	q.checkBounds()
}

// checkBounds gives up a page for which too much waits. What is staged for a flush
// does not count: the kernel has not been asked yet.
func (q *queue) checkBounds() {
	if q.writing && (q.bytes > maxQueued || q.controls > maxControls) {
		q.endSlow()
	}
}

// giveUp closes the line of a page that does not read.
func (q *queue) giveUp() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ending == nil && !q.over {
		q.endSlow()
	}
}

func (q *queue) endSlow() {
	q.m.slow.Inc()
	q.end(nil, websocket.StatusTryAgainLater, "too slow", closeSlowWithin)
}

// finish sends a last message, if any, and closes the line. Waiting frames are
// dropped, for the page is not going to show them. What has not gone out within
// the given time is cut off.
func (q *queue) finish(last *message, code websocket.StatusCode, reason string, within time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	if q.ending != nil {
		if code != websocket.StatusPolicyViolation || q.ending.code == code {
			return
		}
		q.ending.timer.Stop() // withdrawn access weighs more than any other reason
	}
	q.end(last, code, reason, within)
}

func (q *queue) end(last *message, code websocket.StatusCode, reason string, within time.Duration) {
	q.waiting, q.bytes, q.controls = nil, 0, 0
	if last != nil {
		q.waiting = []item{{message: last}}
	}
	q.ending = &ending{code: code, reason: reason, timer: time.AfterFunc(within, q.line.Kill)}
	q.start()
}

func (q *queue) start() {
	if !q.writing {
		q.writing = true
		go q.write()
	}
}

// write sends what waits, then lets go. It is the only one that waits for the
// kernel.
func (q *queue) write() {
	for {
		wire, end := q.next()
		switch {
		case end != nil:
			end.timer.Stop()
			q.line.Close(end.code, end.reason)
			return
		case wire == nil:
			return
		}
		if err := q.line.Write(wire); err != nil {
			q.stop()
			q.line.Kill()
			return
		}
	}
}

// next takes what is to be written: the rest of what was begun, or the items in
// front together. Neither bytes nor ending mean that the goroutine ends.
func (q *queue) next() (wire []byte, end *ending) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.since.Store(0)
	switch {
	case q.over:
		q.writing = false
		return nil, nil
	case q.rest != nil:
		wire, q.rest = q.rest, nil
	case len(q.waiting) > 0:
		batch := q.takeBatch()
		if wire = batch[0].wire; len(batch) > 1 {
			wire = appendItems(nil, batch)
		}
		q.m.bytes.Add(float64(len(wire)))
		q.drop(len(batch))
	case q.ending != nil:
		q.over = true
		return nil, q.ending
	default:
		q.writing = false
		return nil, nil
	}
	q.since.Store(time.Now().UnixNano())
	return wire, nil
}

// takeBatch chooses the waiting items that are written at once.
func (q *queue) takeBatch() []item {
	taken, size := 1, len(q.waiting[0].wire)
	for taken < len(q.waiting) && size+len(q.waiting[taken].wire) <= maxJoined {
		size += len(q.waiting[taken].wire)
		taken++
	}
	return q.waiting[:taken]
}

// keptItems is how much room for waiting items a page keeps when none wait.
const keptItems = 16

// drop forgets the items in front, which were written.
func (q *queue) drop(taken int) {
	for _, i := range q.waiting[:taken] {
		q.bytes -= len(i.wire)
		if i.isFrame() {
			q.m.frames.Inc()
		} else {
			q.controls--
		}
	}
	q.waiting = slices.Delete(q.waiting, 0, taken)
	if len(q.waiting) == 0 && cap(q.waiting) > keptItems {
		q.waiting = nil
	}
}

// protocol sends a control frame of the WebSocket protocol on behalf of the
// library: between messages, never into one that was begun. It is also how the
// library says goodbye, when everything else has gone out.
func (q *queue) protocol(frame []byte) error {
	q.mu.Lock()
	over := q.over
	q.mu.Unlock()
	if over {
		return q.line.Write(frame)
	}
	q.put(item{message: &message{wire: slices.Clone(frame)}})
	return nil
}

// stop forgets what waits: the line is gone.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shut()
}

func (q *queue) shut() {
	q.over = true
	q.rest, q.waiting, q.bytes, q.controls = nil, nil, 0, 0
	q.since.Store(0)
	if q.ending != nil {
		q.ending.timer.Stop()
	}
}

// closing says whether the line is being closed.
func (q *queue) closing() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ending != nil || q.over
}

// busy says how long the write in progress has lasted, 0 if there is none. It
// takes no lock.
func (q *queue) busy() time.Duration {
	since := q.since.Load()
	if since == 0 {
		return 0
	}
	return time.Since(time.Unix(0, since))
}
