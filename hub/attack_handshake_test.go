package hub_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/hub"
)

// The server of these tests gives a request 300 ms to arrive. A peer that is slower
// never gets a socket, however it goes about it.
func TestSlowHandshakeIsEndedByTheServer(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	whole := upgradeTo("/live", s.addr)
	peers := make(map[string]*attacker)
	for name, c := range map[string]struct{ atOnce, byAndBy string }{
		"nothing":                        {"", ""},
		"one byte":                       {"G", ""},
		"half of it":                     {whole[:len(whole)/2], ""},
		"all but the last byte":          {whole[:len(whole)-1], ""},
		"byte by byte":                   {"", whole},
		"header lines without end":       {whole[:len(whole)-2], strings.Repeat("X-More: of it\r\n", 200)},
		"a header line without end":      {whole[:len(whole)-2] + "X-Long: ", strings.Repeat("x", 3000)},
		"a body that does not come":      {upgradeTo("/live", s.addr, "Content-Length: 100"), ""},
		"a body byte by byte":            {upgradeTo("/live", s.addr, "Content-Length: 3000"), strings.Repeat("x", 3000)},
		"chunks without end":             {upgradeTo("/live", s.addr, "Transfer-Encoding: chunked"), strings.Repeat("1\r\nx\r\n", 600)},
		"half of it after a served page": {"GET /plain HTTP/1.1\r\nHost: x\r\n\r\n" + whole[:len(whole)/2], ""},
	} {
		a := s.connect(t)
		a.send(c.atOnce)
		go func() {
			for _, b := range []byte(c.byAndBy) { // takes far longer than allowed
				if _, err := a.conn.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}()
		peers[name] = a
	}
	for name, a := range peers {
		answer, err := io.ReadAll(a.in)
		if isTimeout(err) {
			t.Errorf("%s: connection stays open", name)
		}
		if strings.Contains(string(answer), " 101 ") {
			t.Errorf("%s: was let in: %s", name, answer)
		}
	}
	s.repelled(t)
}

func TestRequestsThatAskForNoSocketGetNone(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	whole := upgradeTo("/live", s.addr)
	without := func(header string) string {
		lines := strings.SplitAfter(whole, "\r\n")
		kept := lines[:0]
		for _, line := range lines {
			if !strings.HasPrefix(line, header) {
				kept = append(kept, line)
			}
		}
		return strings.Join(kept, "")
	}
	const key = "dGhlIHNhbXBsZSBub25jZQ=="
	for name, c := range map[string]struct {
		request string
		want    int
	}{
		"POST":                      {strings.Replace(whole, "GET", "POST", 1), http.StatusMethodNotAllowed},
		"HEAD":                      {strings.Replace(whole, "GET", "HEAD", 1), http.StatusMethodNotAllowed},
		"OPTIONS":                   {strings.Replace(whole, "GET", "OPTIONS", 1), http.StatusMethodNotAllowed},
		"HTTP/1.0":                  {strings.Replace(whole, "HTTP/1.1", "HTTP/1.0", 1), http.StatusUpgradeRequired},
		"no key":                    {without("Sec-WebSocket-Key"), http.StatusBadRequest},
		"an empty key":              {strings.Replace(whole, key, "", 1), http.StatusBadRequest},
		"a key of 15 bytes":         {strings.Replace(whole, key, "dGhlIHNhbXBsZSBub25j", 1), http.StatusBadRequest},
		"a key that is not base64":  {strings.Replace(whole, key, strings.Repeat("!", 24), 1), http.StatusBadRequest},
		"two keys":                  {upgradeTo("/live", s.addr, "Sec-WebSocket-Key: "+key), http.StatusBadRequest},
		"no version":                {without("Sec-WebSocket-Version"), http.StatusBadRequest},
		"an older version":          {strings.Replace(whole, "Version: 13", "Version: 8", 1), http.StatusBadRequest},
		"a version to come":         {strings.Replace(whole, "Version: 13", "Version: 14", 1), http.StatusBadRequest},
		"no upgrade":                {without("Upgrade"), http.StatusUpgradeRequired},
		"an upgrade to another":     {strings.Replace(whole, "Upgrade: websocket", "Upgrade: h2c", 1), http.StatusUpgradeRequired},
		"a connection that is kept": {strings.Replace(whole, "Connection: Upgrade", "Connection: keep-alive", 1), http.StatusUpgradeRequired},
		"an upgrade beside closing": {strings.Replace(whole, "Connection: Upgrade", "Connection: close", 1), http.StatusUpgradeRequired},
		"a header over 4 KB":        {upgradeTo("/live", s.addr, "X-Long: "+strings.Repeat("x", 8<<10)), http.StatusRequestHeaderFieldsTooLarge},
		"a foreign page":            {upgradeTo("/live", s.addr, "Origin: https://evil.example"), http.StatusForbidden},
		"a foreign page and no key": {strings.Replace(without("Sec-WebSocket-Key"), "Host:", "Origin: https://evil.example\r\nHost:", 1), http.StatusBadRequest},
		"another path":              {upgradeTo("/live/..%2flive", s.addr), http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.connect(t)
			// What follows is not to be taken for frames of a socket.
			go a.try(c.request + frame(finBit|opText, s.guestJoin(t, tally)))
			response, err := http.ReadResponse(a.in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != c.want {
				t.Errorf("status %d, want %d", response.StatusCode, c.want)
			}
			if response.StatusCode == http.StatusBadRequest && strings.Contains(name, "version") && response.Header.Get("Sec-WebSocket-Version") != "13" {
				t.Error("the version that is spoken is not named")
			}
			_ = a.conn.Close()
			s.awaitCounts(t, 1, 1, 1)
		})
	}
	s.repelled(t)
}

func TestWhatIsAskedForBesideTheSocketIsDeclined(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	for _, header := range []string{
		"Sec-WebSocket-Extensions: permessage-deflate",
		"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; server_no_context_takeover",
		"Sec-WebSocket-Extensions: x-webkit-deflate-frame, permessage-deflate, foo",
		"Sec-WebSocket-Protocol: chat, superchat",
	} {
		a := s.connect(t)
		a.send(upgradeTo("/live", s.addr, header))
		response := a.wantStatus(http.StatusSwitchingProtocols)
		name, _, _ := strings.Cut(header, ":")
		if got := response.Header.Values(name); len(got) != 0 {
			t.Errorf("%s was answered with %q", header, got)
		}
		// A deflated frame is one with a reserved bit then.
		a.send(frame(finBit|rsv1Bit|opText, leaveOne))
		if code := a.awaitEnd(); code != int(websocket.StatusProtocolError) {
			t.Errorf("%s: a deflated frame was closed with %d, want 1002", header, code)
		}
	}
	s.repelled(t)
}

// What arrives with the request is the beginning of the socket, garbage too.
func TestGarbageBehindTheRequestEndsTheSocket(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	for name, c := range map[string]struct {
		early string
		want  int
	}{
		"another upgrade":          {upgradeTo("/live", s.addr), int(websocket.StatusProtocolError)},
		"another request":          {"GET /plain HTTP/1.1\r\nHost: x\r\n\r\n", int(websocket.StatusProtocolError)},
		"zeros":                    {strings.Repeat("\x00", 3000), codeNone},
		"ones":                     {strings.Repeat("\xff", 3000), codeNone},
		"a join and garbage":       {frame(finBit|opText, s.guestJoin(t, "poll:43/tally")) + "GET", int(websocket.StatusProtocolError)},
		"a bad message":            {frame(finBit|opText, "abuse"), int(websocket.StatusPolicyViolation)},
		"more messages than a few": {strings.Repeat(frame(finBit|opText, leaveOne), 100), int(websocket.StatusPolicyViolation)},
		"a close":                  {closeFrame(1001, "gone"), int(websocket.StatusGoingAway)},
	} {
		a := s.attack(t, "", c.early)
		if code := a.awaitEnd(); code != c.want {
			t.Errorf("%s: ended with %d, want %d", name, code, c.want)
		}
		s.awaitCounts(t, 1, 1, 1)
	}
	s.repelled(t)
}

// A refused request does not use up the connection: the socket it gets at last is
// one, and no request is read from it any more.
func TestOneConnectionBecomesOneSocket(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	a := s.connect(t)
	for range 5 {
		a.send(upgradeTo("/live", s.addr, "Origin: https://evil.example"))
		a.wantStatus(http.StatusForbidden)
	}
	s.awaitCounts(t, 1, 1, 1)
	a.send(upgradeTo("/live", s.addr, "Content-Length: 5") + "hello" + frame(finBit|opText, s.guestJoin(t, tally)))
	a.wantStatus(http.StatusSwitchingProtocols)
	a.awaitText("joined")
	s.awaitCounts(t, 1, 1, 2)
	a.send(upgradeTo("/live", s.addr))
	if code := a.awaitEnd(); code != int(websocket.StatusProtocolError) {
		t.Errorf("a second upgrade was closed with %d, want 1002", code)
	}
	s.repelled(t)
}
