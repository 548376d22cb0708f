package hub_test

import (
	"io"
	"testing"
	"time"

	"veche/hub"
)

// beginnings are ways to stop within a frame.
func beginnings(join string) map[string]string {
	text := frame(finBit|opText, leaveOne)
	return map[string]string{
		"one byte of a header":               text[:1],
		"half of a length of 16 bits":        header(finBit|opText, 1000)[:3],
		"half of a length of 64 bits":        header(finBit|opText, 1<<40)[:5],
		"half of a mask":                     text[:4],
		"a header":                           header(finBit|opText, 1000),
		"a header of the longest frame":      header(finBit|opText, 1<<63-1),
		"half of a payload":                  text[:len(text)-5],
		"all but the last byte":              text[:len(text)-1],
		"half of a ping":                     frame(finBit|opPing, "ping")[:8],
		"half of a pong":                     frame(finBit|opPong, "pong")[:8],
		"half of a close":                    closeFrame(1000, "gone")[:9],
		"a whole message and half of a next": frame(finBit|opText, join) + text[:7],
		"half of a second fragment":          frame(opText, `{"leave`) + frame(finBit|opContinuation, `":["p:1/t"]}`)[:9],
	}
}

// A peer that stops within a frame cannot answer a ping, for its pong would be taken
// for the rest of the frame. It is cut off as any silent one is.
func TestPeerThatStallsWithinAFrameIsCutOff(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{Ping: time.Second, Pong: 2 * time.Second})
	ended := make(map[string]chan error)
	for name, begun := range beginnings(s.guestJoin(t, tally)) {
		a := s.attack(t, "", begun)
		end := make(chan error, 1)
		go func() { end <- a.answerPings() }()
		ended[name] = end
	}
	for name, end := range ended {
		if err := <-end; isTimeout(err) {
			t.Errorf("%s: socket stays open", name)
		}
	}
	s.repelled(t)
}

// answerPings answers pings until the socket ends.
func (a *attacker) answerPings() error {
	for {
		op, payload, err := a.next()
		if err != nil || op == opClose {
			return err
		}
		if op == opPing {
			a.try(frame(finBit|opPong, string(payload)))
		}
	}
}

// The same peers, and one that says nothing, reading nothing either: neither goodbye
// nor anything else reaches them.
func TestPeerThatNeitherReadsNorAnswersIsForgotten(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{Ping: time.Second, Pong: 2 * time.Second})
	s.attack(t, "", "")
	for _, begun := range beginnings(s.guestJoin(t, tally)) {
		s.attack(t, "", begun)
	}
	s.repelled(t)
}

// A frame that goes on for ever, a byte at a time, is no sign of life.
func TestPeerThatDripsAFrameIsCutOff(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{Ping: time.Second, Pong: 2 * time.Second})
	var peers []*attacker
	for _, begun := range []string{
		header(finBit|opText, hub.MaxMessage),
		header(finBit|opText, 1<<63-1),
		frame(opText, "{") + header(opContinuation, hub.MaxMessage-1),
	} {
		a := s.attack(t, "", begun)
		go a.drip(" ")
		peers = append(peers, a)
	}
	for _, a := range peers {
		a.awaitCut()
	}
	s.repelled(t)
}

// drip sends the same again and again until the connection ends.
func (a *attacker) drip(bytes string) {
	drip := time.NewTicker(10 * time.Millisecond)
	defer drip.Stop()
	for range drip.C {
		if _, err := io.WriteString(a.conn, bytes); err != nil {
			return
		}
	}
}

// awaitClose reads until the hub says goodbye, which is not answered.
func (a *attacker) awaitClose() {
	a.t.Helper()
	for {
		op, _, err := a.next()
		if err != nil {
			a.t.Fatalf("no close came: %v", err)
		}
		if op == opClose {
			return
		}
	}
}

// Who is told to go may not have a socket for long by not going, whatever is done
// instead.
func TestPeerThatDoesNotAnswerACloseIsCutOff(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{PerVisitor: 1, Ping: time.Hour})
	s.attack(t, "?session=s", "")
	s.awaitCounts(t, 1, 1, 2)
	peers := make(map[string]*attacker)
	for whom, c := range map[string]struct{ query, provoke string }{
		"expelled":        {"", frame(finBit|opText, "abuse")},
		"refused":         {"?refuse=1", ""},
		"one of too many": {"?session=s", ""},
	} {
		for how, then := range map[string]func(a *attacker){
			"says nothing":              func(*attacker) {},
			"stops within a frame":      func(a *attacker) { a.try("\x81") },
			"goes on sending messages":  func(a *attacker) { go a.drip(frame(finBit|opText, leaveOne)) },
			"goes on sending pings":     func(a *attacker) { go a.drip(frame(finBit|opPing, "")) },
			"goes on sending fragments": func(a *attacker) { go a.drip(frame(opText, "")) },
		} {
			a := s.attack(t, c.query, c.provoke)
			a.awaitClose()
			then(a)
			peers[whom+" "+how] = a
		}
	}
	for name, a := range peers {
		if _, err := io.Copy(io.Discard, a.in); isTimeout(err) {
			t.Errorf("peer that is %s keeps its socket", name)
		}
	}
	s.awaitCounts(t, 1, 1, 2)
	s.serves(t)
}
