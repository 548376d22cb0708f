package hub_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
)

// Kinds of frames (RFC 6455, section 11.8).
const (
	opContinuation byte = 0x0
	opText         byte = 0x1
	opClose        byte = 0x8
	opPing         byte = 0x9
	opPong         byte = 0xA
)

// Bits of the first byte of a frame (RFC 6455, section 5.2).
const (
	finBit  byte = 0x80
	rsv1Bit byte = 0x40
	rsv2Bit byte = 0x20
	rsv3Bit byte = 0x10
)

// codeNone stands for a connection that ended without a close frame.
const codeNone = -1

var attackMask = [4]byte{0x37, 0xFA, 0x21, 0x3D}

// frame is a masked frame as a page sends it. first is the opcode with the bits set
// that the frame is to carry.
func frame(first byte, payload string) string {
	masked := []byte(payload)
	for i := range masked {
		masked[i] ^= attackMask[i%4]
	}
	return header(first, uint64(len(payload))) + string(masked)
}

// header announces a masked payload of a size, in as few bytes as the size allows.
func header(first byte, size uint64) string {
	var head []byte
	switch {
	case size < 126:
		head = []byte{first, 0x80 | byte(size)}
	case size < 1<<16:
		head = binary.BigEndian.AppendUint16([]byte{first, 0x80 | 126}, uint16(size))
	default:
		head = binary.BigEndian.AppendUint64([]byte{first, 0x80 | 127}, size)
	}
	return string(append(head, attackMask[:]...))
}

// closeFrame is the close frame a page sends with a code.
func closeFrame(code uint16, reason string) string {
	return frame(finBit|opClose, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// attacker is a peer that speaks bytes, not the protocol.
type attacker struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// attack opens a socket by hand. early is sent together with the request.
func (p *portal) attack(t *testing.T, query, early string) *attacker {
	t.Helper()
	a := p.connect(t)
	a.send(upgradeTo("/live"+query, p.addr) + early)
	a.wantStatus(http.StatusSwitchingProtocols)
	return a
}

// attackWithin is how long an attacker waits to be repelled. The longest the hub
// itself waits is some ten seconds.
const attackWithin = time.Minute

// connect opens a connection on which nothing was said yet.
func (p *portal) connect(t *testing.T) *attacker {
	t.Helper()
	conn, in := dialRaw(t, p.addr)
	if err := conn.SetDeadline(time.Now().Add(attackWithin)); err != nil {
		t.Fatal(err)
	}
	return &attacker{t: t, conn: conn, in: in}
}

// upgradeTo is the request for a socket, with further headers if so wished.
func upgradeTo(path, host string, headers ...string) string {
	request := "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for _, h := range headers {
		request += h + "\r\n"
	}
	return request + "\r\n"
}

// wantStatus reads the answer to a request.
func (a *attacker) wantStatus(want int) *http.Response {
	a.t.Helper()
	response, err := http.ReadResponse(a.in, nil)
	if err != nil {
		a.t.Fatalf("no answer to the request: %v", err)
	}
	if want != http.StatusSwitchingProtocols {
		_, _ = io.Copy(io.Discard, response.Body)
	}
	if response.StatusCode != want {
		a.t.Fatalf("status %d, want %d", response.StatusCode, want)
	}
	return response
}

func (a *attacker) send(bytes string) {
	a.t.Helper()
	if _, err := io.WriteString(a.conn, bytes); err != nil {
		a.t.Fatalf("send: %v", err)
	}
}

// try sends what the hub may cut off before it has arrived.
func (a *attacker) try(bytes string) { _, _ = io.WriteString(a.conn, bytes) }

// next reads one frame of the hub.
func (a *attacker) next() (op byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(a.in, head[:]); err != nil {
		return 0, nil, err
	}
	size := uint64(head[1] & 0x7F)
	if wide := map[uint64]int{126: 2, 127: 8}[size]; wide > 0 {
		var length [8]byte
		if _, err := io.ReadFull(a.in, length[8-wide:]); err != nil {
			return 0, nil, err
		}
		size = binary.BigEndian.Uint64(length[:])
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(a.in, payload)
	return head[0] & 0x0F, payload, err
}

// awaitText reads until a message contains a text, and answers that message.
func (a *attacker) awaitText(text string) (message string) {
	a.t.Helper()
	a.await(text, func(m string) bool {
		message = m
		return strings.Contains(m, text)
	})
	return message
}

// awaitTexts reads until each text stood in a message.
func (a *attacker) awaitTexts(texts ...string) {
	a.t.Helper()
	missing := slices.Clone(texts)
	a.await(strings.Join(texts, ", "), func(m string) bool {
		missing = slices.DeleteFunc(missing, func(text string) bool { return strings.Contains(m, text) })
		return len(missing) == 0
	})
}

func (a *attacker) await(what string, enough func(message string) bool) {
	a.t.Helper()
	for {
		op, payload, err := a.next()
		if err != nil {
			a.t.Fatalf("%q did not come: %v", what, err)
		}
		if op == opClose {
			a.t.Fatalf("%q did not come: closed with %q", what, payload)
		}
		if op == opText && enough(string(payload)) {
			return
		}
	}
}

// awaitEnd reads until the hub closes the socket and answers the code, codeNone if
// it was cut off. The close is answered as a page does; then the peer is gone.
func (a *attacker) awaitEnd() int {
	a.t.Helper()
	defer a.conn.Close()
	for {
		op, payload, err := a.next()
		if isTimeout(err) {
			a.t.Fatal("socket stays open")
		}
		if err != nil {
			return codeNone
		}
		if op == opClose {
			a.try(frame(finBit|opClose, string(payload)))
			if len(payload) < 2 {
				return 1005 // no code (RFC 6455, section 7.1.5)
			}
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}

// awaitCut waits until the hub has let go of the connection by itself, and fails
// after a time.
func (a *attacker) awaitCut() {
	a.t.Helper()
	if _, err := io.Copy(io.Discard, a.in); isTimeout(err) {
		a.t.Fatal("socket stays open")
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// siege is a portal under attack and a page of someone else on it, who must notice
// nothing.
type siege struct {
	*portal
	bystander *hubtest.Page
	changes   int
}

func besiege(t *testing.T, o hub.Options, mount ...func(p *portal)) *siege {
	t.Helper()
	s := &siege{portal: startPortal(t, o, mount...)}
	s.bystander = s.show(tally)
	return s
}

// serves says whether the bystander is shown a change.
func (s *siege) serves(t *testing.T) {
	t.Helper()
	s.changes++
	s.change(event.Change{Topic: "poll:42"})
	s.bystander.AwaitText(fmt.Sprintf("poll:42/tally %d<", s.changes))
}

// repelled fails unless nothing of the attack is left and the bystander is served.
func (s *siege) repelled(t *testing.T) {
	t.Helper()
	s.awaitCounts(t, 1, 1, 1)
	s.serves(t)
}

// awaitCounts waits until the hub remembers so many topics, rooms and sockets.
func (p *portal) awaitCounts(t *testing.T, topics, rooms, sockets int) {
	t.Helper()
	deadline := time.Now().Add(attackWithin)
	for {
		gotTopics, gotRooms, gotSockets := p.h.Counts()
		if gotTopics == topics && gotRooms == rooms && gotSockets == sockets {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("hub remembers %d topics, %d rooms, %d sockets, want %d, %d, %d", gotTopics, gotRooms, gotSockets, topics, rooms, sockets)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// guestJoin is a join of regions by a guest who shows nothing of them yet.
func (p *portal) guestJoin(t testing.TB, regions ...event.Region) string {
	t.Helper()
	joins := make(map[event.Region][]string, len(regions))
	for _, region := range regions {
		joins[region] = []string{"?", p.passes.Mint(region, "ru", hub.Visitor{})}
	}
	return joinMessage(t, joins)
}
