package hub_test

import (
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/hub"
)

// What breaks the framing of RFC 6455 is answered by the WebSocket library, before
// the hub hears of it: with 1002 where it says goodbye, and by cutting the
// connection where it does not.
func TestBrokenFramesEndTheSocket(t *testing.T) {
	t.Parallel()
	const protocolError = int(websocket.StatusProtocolError)
	s := besiege(t, hub.Options{})
	for name, attack := range map[string]struct {
		bytes string
		want  int
	}{
		"not masked":                      {string([]byte{finBit | opText, 2}) + "{}", codeNone},
		"reserved bit 1":                  {frame(finBit|rsv1Bit|opText, "{}"), protocolError},
		"reserved bit 2":                  {frame(finBit|rsv2Bit|opText, "{}"), protocolError},
		"reserved bit 3":                  {frame(finBit|rsv3Bit|opText, "{}"), protocolError},
		"reserved bit of a ping":          {frame(finBit|rsv1Bit|opPing, ""), protocolError},
		"reserved data opcode":            {frame(finBit|0x3, "{}"), protocolError},
		"last reserved data opcode":       {frame(finBit|0x7, "{}"), protocolError},
		"reserved control opcode":         {frame(finBit|0xB, ""), protocolError},
		"last reserved control opcode":    {frame(finBit|0xF, ""), protocolError},
		"continuation of nothing":         {frame(finBit|opContinuation, "{}"), protocolError},
		"continuation after the end":      {frame(finBit|opText, leaveOne) + frame(finBit|opContinuation, "{}"), protocolError},
		"message within a message":        {frame(opText, `{"leave`) + frame(finBit|opText, leaveOne), protocolError},
		"reserved bit of a continuation":  {frame(opText, `{"leave`) + frame(finBit|rsv1Bit|opContinuation, `":[]}`), protocolError},
		"ping of 126 bytes":               {frame(finBit|opPing, strings.Repeat("p", 126)), protocolError},
		"pong of 64 KB":                   {header(finBit|opPong, 64<<10), protocolError},
		"ping in fragments":               {frame(opPing, "p"), protocolError},
		"close in fragments":              {frame(opClose, "\x03\xe8"), protocolError},
		"close of one byte":               {frame(finBit|opClose, "\x03"), protocolError},
		"close with a code of no meaning": {closeFrame(999, ""), protocolError},
		"close with the reserved code":    {closeFrame(1004, ""), protocolError},
		"close with the code of none":     {closeFrame(1005, ""), protocolError},
		"close with the code of a break":  {closeFrame(1006, ""), protocolError},
		"close with the code of TLS":      {closeFrame(1015, ""), protocolError},
		"close with a code not given out": {closeFrame(2999, ""), protocolError},
		"close with a code beyond all":    {closeFrame(65535, ""), protocolError},
		"close of 126 bytes":              {closeFrame(1000, strings.Repeat("r", 124)), protocolError},
		"length beyond all":               {header(finBit|opText, 1<<63), codeNone},
		"longest length of a ping":        {header(finBit|opPing, 1<<63), codeNone},
	} {
		a := s.attack(t, "", "")
		a.send(frame(finBit|opText, s.guestJoin(t, tally, "poll:43/tally")))
		a.awaitTexts("joined", "poll:42/tally 0<", "poll:43/tally 0<")
		a.try(attack.bytes)
		if code := a.awaitEnd(); code != attack.want {
			t.Errorf("%s: ended with %d, want %d", name, code, attack.want)
		}
		s.awaitCounts(t, 1, 1, 1)
	}
	s.repelled(t)
}

// leaveOne is the shortest lawful message there is.
const leaveOne = `{"leave":["p:1/t"]}`

func TestLawfulOddFramesAreUnderstood(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	join := s.guestJoin(t, tally)
	inPieces := frame(opText, "")
	for i, letter := range []byte(join) {
		inPieces += frame(opContinuation, string(letter)) + frame(opContinuation, "")
		if i%10 == 0 { // pongs count as messages, of which there may not be too many at once
			inPieces += frame(finBit|opPong, "")
		}
	}
	inPieces += frame(finBit|opContinuation, "")
	for name, bytes := range map[string]string{
		"one letter a frame, pongs between": inPieces,
		"length of 64 bits for few bytes":   string([]byte{finBit | opText, 0xFF, 0, 0, 0, 0, 0, 0, 0, byte(len(join)), 0, 0, 0, 0}) + join,
		"exactly as long as allowed":        frame(finBit|opText, join+strings.Repeat(" ", hub.MaxMessage-len(join))),
	} {
		a := s.attack(t, "", "")
		a.send(bytes)
		a.awaitText("joined")
		a.send(closeFrame(uint16(websocket.StatusNormalClosure), ""))
		if code := a.awaitEnd(); code != int(websocket.StatusNormalClosure) {
			t.Errorf("%s: closed with %d, want 1000", name, code)
		}
		s.awaitCounts(t, 1, 1, 1)
	}
	s.repelled(t)
}

// The bound holds for messages, however they are cut; no more than one byte beyond
// it is needed to hear the answer.
func TestMessageOverTheBoundIsClosedWith1008(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	over := strings.Repeat(" ", hub.MaxMessage+1)
	fragments := frame(opText, "")
	for i := range 40 {
		fragments += frame(opContinuation, strings.Repeat(" ", hub.MaxMessage/32+i))
	}
	for name, bytes := range map[string]string{
		"one frame":                     frame(finBit|opText, over),
		"two frames":                    frame(opText, over[1:]) + frame(finBit|opContinuation, " "),
		"many frames without an end":    fragments,
		"the longest frame there is":    header(finBit|opText, 1<<63-1) + over,
		"16 KB more than are announced": header(finBit|opText, 1<<20) + over,
		"binary":                        frame(finBit|0x2, leaveOne),
		"binary over the bound":         frame(0x2, over),
		"a megabyte":                    frame(finBit|opText, strings.Repeat(over, 64)),
		"a valid join and blanks beyond": frame(finBit|opText,
			s.guestJoin(t, tally)+over),
	} {
		a := s.attack(t, "", "")
		go a.try(bytes) // the hub may stop reading before it has all
		if code := a.awaitEnd(); code != int(websocket.StatusPolicyViolation) {
			t.Errorf("%s: closed with %d, want 1008", name, code)
		}
		s.awaitCounts(t, 1, 1, 1)
	}
	s.repelled(t)
}

// Frames without payload cost no memory and no place in the rate limit: they are
// read and forgotten, and hold nobody up.
func TestEndlessMessageOfEmptyFramesHurtsNobody(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{Interval: time.Millisecond})
	a := s.attack(t, "", frame(opText, ""))
	empty := strings.Repeat(frame(opContinuation, ""), 1000)
	for range 50 {
		a.send(empty)
		s.serves(t)
	}
	a.send(frame(finBit|opContinuation, s.guestJoin(t, "poll:43/tally")))
	a.awaitText("joined")
	if err := a.conn.Close(); err != nil {
		t.Fatal(err)
	}
	s.repelled(t)
}

// The library does not read the reason of a close: its code is answered and the
// socket ends.
func TestReasonOfACloseIsNotRead(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	for _, reason := range []string{"", "bye", "\xff\xfe", strings.Repeat("r", 123)} {
		a := s.attack(t, "", closeFrame(4999, reason))
		if code := a.awaitEnd(); code != 4999 {
			t.Errorf("%q: closed with %d, want 4999", reason, code)
		}
	}
	a := s.attack(t, "", frame(finBit|opClose, ""))
	if code := a.awaitEnd(); code != int(websocket.StatusNoStatusRcvd) {
		t.Errorf("no code: closed with %d, want 1005", code)
	}
	s.repelled(t)
}
