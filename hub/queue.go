package hub

import (
	"sync"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
)

// line is one page's connection as a queue needs it. It is the seam between the
// hub and how bytes are written.
type line interface {
	// Write sends one text message. It returns when the kernel took it all.
	Write(message []byte) error
	// Close says goodbye with a code (RFC 6455, section 7.4) and waits a while for
	// the answer.
	Close(code websocket.StatusCode, reason string)
	// Kill ends the connection at once; Write and Close return then.
	Kill()
	// Ping asks for a sign of life and waits for it. Without one the line is dead.
	Ping()
}

// Bounds of what waits for one page.
const (
	maxQueued   = 1 << 20          // bytes
	maxControls = 64               // control messages
	maxJoined   = 32 << 10         // bytes of waiting frames sent as one message
	stuckAfter  = 10 * time.Second // a write in progress
)

// Times within which what is left must be written before a line is killed.
const (
	closeSlowWithin  = 5 * time.Second
	closeDrainWithin = 5 * time.Second
	closeByeWithin   = time.Second
)

// queue holds what a page has not been sent yet. Nobody waits for it: whatever is
// put in is written by a goroutine that lives only while something waits. A newer
// frame of a region takes the place of the waiting older one; control messages
// keep their order.
type queue struct {
	line line
	m    *metrics

	mu       sync.Mutex
	waiting  []*queued
	frames   map[event.Region]*queued // of waiting
	bytes    int
	controls int
	writing  bool      // the goroutine lives
	since    time.Time // when the write in progress began, zero if none
	ending   *ending
	over     bool // the line takes nothing any more
}

type queued struct {
	region event.Region // "" for a control message
	bytes  []byte
}

type ending struct {
	code   websocket.StatusCode
	reason string
	timer  *time.Timer
}

// frame queues a drawing of a region.
func (q *queue) frame(region event.Region, frame []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ending != nil || q.over {
		return
	}
	if older := q.frames[region]; older != nil {
		q.bytes += len(frame) - len(older.bytes)
		older.bytes = frame
		q.m.replaced.Inc()
	} else {
		if q.frames == nil {
			q.frames = make(map[event.Region]*queued)
		}
		item := &queued{region: region, bytes: frame}
		q.frames[region] = item
		q.add(item)
	}
	q.checkBounds()
}

// control queues a control message.
func (q *queue) control(message []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ending != nil || q.over {
		return
	}
	q.controls++
	q.add(&queued{bytes: message})
	q.checkBounds()
}

func (q *queue) add(item *queued) {
	q.waiting = append(q.waiting, item)
	q.bytes += len(item.bytes)
	q.start()
}

func (q *queue) checkBounds() {
	if q.bytes > maxQueued || q.controls > maxControls {
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
func (q *queue) finish(last []byte, code websocket.StatusCode, reason string, within time.Duration) {
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

func (q *queue) end(last []byte, code websocket.StatusCode, reason string, within time.Duration) {
	q.waiting, q.frames, q.bytes, q.controls = nil, nil, 0, 0
	if last != nil {
		q.waiting = []*queued{{bytes: last}}
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

// write sends what waits, then lets go.
func (q *queue) write() {
	for {
		message, end := q.next()
		switch {
		case end != nil:
			end.timer.Stop()
			q.line.Close(end.code, end.reason)
			return
		case message == nil:
			return
		}
		if err := q.line.Write(message); err != nil {
			q.stop()
			q.line.Kill()
			return
		}
		q.m.bytes.Add(float64(len(message)))
	}
}

// next takes what is to be written: a control message, or the frames in front,
// joined, for one swap in the page costs less than many. Neither message nor
// ending means that the goroutine ends.
func (q *queue) next() (message []byte, end *ending) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.since = time.Time{}
	if len(q.waiting) == 0 || q.over {
		q.writing = false
		if q.ending != nil && !q.over {
			q.over = true
			return nil, q.ending
		}
		return nil, nil
	}
	taken := 0
	size := 0
	for _, item := range q.waiting {
		if taken > 0 && (item.region == "" || q.waiting[0].region == "" || size+len(item.bytes) > maxJoined) {
			break
		}
		taken++
		size += len(item.bytes)
	}
	message = q.waiting[0].bytes
	if taken > 1 {
		message = make([]byte, 0, size)
	}
	for _, item := range q.waiting[:taken] {
		if taken > 1 {
			message = append(message, item.bytes...)
		}
		if item.region == "" {
			q.controls--
		} else {
			delete(q.frames, item.region)
			q.m.frames.Inc()
		}
	}
	if q.waiting = q.waiting[taken:]; len(q.waiting) == 0 {
		q.waiting = nil
	}
	q.bytes -= size
	q.since = time.Now()
	return message, nil
}

// stop forgets what waits: the line is gone.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.over, q.writing = true, false
	q.waiting, q.frames, q.bytes = nil, nil, 0
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

// busy says how long the write in progress has lasted, 0 if there is none.
func (q *queue) busy() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.since.IsZero() {
		return 0
	}
	return time.Since(q.since)
}
