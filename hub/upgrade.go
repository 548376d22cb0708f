package hub

import (
	"bufio"
	"errors"
	"net"
	"net/http"

	"github.com/coder/websocket"
	"github.com/gofiber/fiber/v2"
)

// Buffers of a socket, in bytes. They live as long as it does.
const (
	readBuffer  = 512
	writeBuffer = 256 // the library writes control frames only
)

// PrepareFiber has the server of app leave upgraded connections to the hub.
func PrepareFiber(app *fiber.App) { app.Server().KeepHijackedConns = true }

// Upgrade answers GET /live for a visitor: it turns the request into a socket that
// lives on after the handler returned.
func (h *Hub) Upgrade(c *fiber.Ctx, v Visitor) error {
	address := string([]byte(c.IP())) // may point into the request, which ends
	return h.upgrade(c, func(l *webLine) {
		s := h.newSocket(l, v, address)
		l.conn.queue = &s.queue
		if !h.attach(s) {
			h.seeOut(address, func() { l.read(func([]byte) {}) }) // until the page answered the close
			return
		}
		l.heeds = func() bool { return h.heeds(s) }
		defer h.detach(s)
		l.read(func(message []byte) { h.receive(s, message) })
	})
}

// Refuse answers GET /live for who may not have a socket. The upgrade is accepted
// and then closed with 1008: only that tells a page not to try again.
func (h *Hub) Refuse(c *fiber.Ctx) error {
	address := string([]byte(c.IP()))
	return h.upgrade(c, func(l *webLine) {
		h.seeOut(address, func() { l.Close(websocket.StatusPolicyViolation, "refused") })
	})
}

// maxRefused is how many sockets of one address are waited for at a time until they
// have answered their refusal.
const maxRefused = 64

// seeOut says goodbye to who is not let in, and waits for the answer. When too many of
// an address are being waited for it does neither: the line is cut, and the page may
// come back for its refusal later.
func (h *Hub) seeOut(address string, goodbye func()) {
	h.mu.Lock()
	if h.refused[address] >= maxRefused && h.PerAddress > 0 {
		h.mu.Unlock()
		return
	}
	h.refused[address]++
	h.mu.Unlock()
	goodbye()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refused[address]--; h.refused[address] == 0 {
		delete(h.refused, address)
	}
}

// upgrade joins Fiber and the WebSocket library. The library answers into memory;
// what it says goes out through Fiber, and once fasthttp has sent it and let go of
// the connection, serve runs in a goroutine of its own and the request's memory
// goes back to its pools.
func (h *Hub) upgrade(c *fiber.Ctx, serve func(*webLine)) error {
	h.mu.Lock()
	closing := h.draining || h.stopped
	h.mu.Unlock()
	if closing {
		return c.SendStatus(fiber.StatusServiceUnavailable)
	}
	request := httpRequest(c)
	if len(request.Header.Values("Origin")) > 1 {
		return c.SendStatus(fiber.StatusForbidden) // the library would believe the first
	}
	l := &webLine{conn: &conn{}}
	answer := &handshake{header: make(http.Header), conn: l.conn}
	ws, err := websocket.Accept(answer, request, &websocket.AcceptOptions{
		OriginPatterns:  h.Origins,
		CompressionMode: websocket.CompressionDisabled,
		OnPingReceived:  l.hearPing,
		OnPongReceived:  l.hearPong,
	})
	for name, values := range answer.header {
		for _, value := range values {
			c.Response().Header.Add(name, value)
		}
	}
	c.Status(answer.status)
	if err != nil {
		return c.Send(answer.body)
	}
	l.ws = ws
	// Nothing of the request or the answer may be held on to from here: it would live
	// as long as the socket does.
	c.Context().Hijack(func(hijacked net.Conn) {
		if err := l.conn.take(hijacked); err != nil {
			_ = hijacked.Close()
			return
		}
		go func() {
			defer l.Kill()
			serve(l)
		}()
	})
	return nil
}

// httpRequest is what the WebSocket library reads of a request.
func httpRequest(c *fiber.Ctx) *http.Request {
	r := &http.Request{
		Method:     string([]byte(c.Method())),
		Host:       string([]byte(c.Hostname())),
		Header:     make(http.Header),
		Proto:      "HTTP/1.0",
		ProtoMajor: 1,
	}
	if c.Request().Header.IsHTTP11() {
		r.Proto, r.ProtoMinor = "HTTP/1.1", 1
	}
	for name, value := range c.Request().Header.All() {
		r.Header.Add(string(name), string(value))
	}
	return r
}

// handshake is a response writer that keeps the answer and gives away a connection
// that does not exist yet.
type handshake struct {
	header http.Header
	status int
	body   []byte
	conn   *conn
}

func (a *handshake) Header() http.Header { return a.header }

func (a *handshake) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *handshake) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, p...)
	return len(p), nil
}

// Hijack implements [http.Hijacker].
func (a *handshake) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if a.status != http.StatusSwitchingProtocols {
		return nil, nil, errors.New("hijacked before the upgrade was accepted")
	}
	return a.conn, bufio.NewReadWriter(bufio.NewReaderSize(a.conn, readBuffer), bufio.NewWriterSize(a.conn, writeBuffer)), nil
}
