package hub

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

const (
	writeWithin = 20 * time.Second // the longest a single write may take
	closeWithin = 10 * time.Second // goodbye and its answer
)

// conn is the connection under a WebSocket. It is made before fasthttp lets go of
// the real one, which take hands over. Until then nothing is read or written.
//
// The library reads from it, and what the library writes, which is control frames
// only, goes through the socket's queue.
type conn struct {
	net.Conn
	raw   syscall.RawConn // nil where there is none, as under TLS
	early []byte          // what the page sent before the upgrade was answered
	queue *queue          // of the socket, nil for one that is refused
}

// take makes c the owner of a hijacked connection. fasthttp may already have read
// a frame the page sent early; a read whose deadline has passed returns what is
// buffered and nothing else.
func (c *conn) take(hijacked net.Conn) error {
	c.Conn = hijacked
	if wrapped, ok := hijacked.(interface{ UnsafeConn() net.Conn }); ok {
		c.Conn = wrapped.UnsafeConn()
	}
	if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return err
	}
	var buffer [512]byte
	for {
		n, err := hijacked.Read(buffer[:])
		c.early = append(c.early, buffer[:n]...)
		if err != nil {
			break // the deadline; a broken connection shows again at the next read
		}
	}
	if plain, ok := c.Conn.(syscall.Conn); ok {
		c.raw, _ = plain.SyscallConn() // without it writes are ordinary ones
	}
	return c.SetDeadline(time.Time{})
}

func (c *conn) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		if c.early = c.early[n:]; len(c.early) == 0 {
			c.early = nil
		}
		return n, nil
	}
	return c.Conn.Read(p)
}

// Write sends a control frame of the library.
func (c *conn) Write(p []byte) (int, error) {
	send := c.write
	if c.queue != nil {
		send = c.queue.protocol
	}
	if err := send(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// write sends all of p before the deadline of a single write.
func (c *conn) write(p []byte) error {
	if err := c.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	if _, err := c.Conn.Write(p); err != nil {
		return err
	}
	return c.SetWriteDeadline(time.Time{}) // one that passed would forbid raw writes
}

// Close may come before the connection was taken over, when the answer to the
// upgrade could not be written.
func (c *conn) Close() error {
	if c.Conn == nil {
		return nil
	}
	return c.Conn.Close()
}

// webLine is a line over a WebSocket.
type webLine struct {
	ws       *websocket.Conn
	conn     *conn
	answered atomic.Int64 // when the last ping was, in Unix nanoseconds
	heeds    func() bool  // counts a ping or a pong; nil for one that is refused
}

// TryWrite implements [line].
func (l *webLine) TryWrite(p []byte) (int, error) {
	if l.conn.raw == nil {
		return 0, nil
	}
	return tryWrite(l.conn.raw, p)
}

// Write implements [line].
func (l *webLine) Write(p []byte) error { return l.conn.write(p) }

// Close implements [line]. The library waits for the answer without a bound while
// the page is within a frame, so the bound is ours.
func (l *webLine) Close(code websocket.StatusCode, reason string) {
	cut := time.AfterFunc(closeWithin, l.Kill)
	defer cut.Stop()
	_ = l.ws.Close(code, reason) // gone already is closed too
}

// Kill implements [line].
func (l *webLine) Kill() { _ = l.conn.Close() }

// Answered implements [line].
func (l *webLine) Answered() time.Time {
	if at := l.answered.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// hearPing says whether a ping of the page is answered.
func (l *webLine) hearPing(context.Context, []byte) bool { return l.heeds != nil && l.heeds() }

// hearPong notes an answer to one of our pings.
func (l *webLine) hearPong(_ context.Context, payload []byte) {
	if l.heeds != nil && l.heeds() && string(payload) == pingPayload {
		l.answered.Store(time.Now().UnixNano())
	}
}

// read hands over one message after the other until the connection ends. A message
// that is too long, or not text, is handed over as nil.
//
// What take does runs in a goroutine of its own, for the stack it needs would
// otherwise stay with the idle socket: 4 KB for each page.
func (l *webLine) read(take func(message []byte)) {
	l.ws.SetReadLimit(-1) // the bound is ours, for its close code is 1008
	for {
		kind, reader, err := l.ws.Reader(context.Background())
		if err != nil {
			return
		}
		message, err := io.ReadAll(io.LimitReader(reader, maxMessage+1))
		if err != nil {
			return
		}
		if len(message) > maxMessage || kind != websocket.MessageText {
			message = nil
		}
		taken := make(chan struct{})
		go func() {
			defer close(taken)
			take(message)
		}()
		<-taken
		if _, err := io.Copy(io.Discard, reader); err != nil { // the close frame comes after what is too long
			return
		}
	}
}
