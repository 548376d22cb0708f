package hub_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
	"veche/hub"
)

func TestPageIsRedrawnThroughARealSocket(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{})
	page := p.show(tally)
	p.change(event.Change{Topic: "poll:42"})
	got := page.AwaitText("<hx-partial")
	if !strings.HasPrefix(got, `<hx-partial hx-target="#poll-42-tally" hx-swap="outerMorph"><p id="poll-42-tally"`) || !strings.HasSuffix(got, "poll:42/tally 1</p></hx-partial>") {
		t.Errorf("page was sent %s", got)
	}
}

// The server's read and write timeouts are 300 ms here.
func TestSocketOutlivesTheTimeoutsOfTheServer(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{Ping: 200 * time.Millisecond})
	page := p.show(tally)
	time.Sleep(time.Second)
	p.change(event.Change{Topic: "poll:42"})
	page.AwaitText("poll:42/tally 1")
}

func TestForeignOriginGets403(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{Origins: []string{"portal.example"}})
	for origin, want := range map[string]int{
		"http://" + p.addr:              http.StatusSwitchingProtocols,
		"https://portal.example":        http.StatusSwitchingProtocols,
		"https://evil.example":          http.StatusForbidden,
		"https://portal.example.evil":   http.StatusForbidden,
		"null":                          http.StatusForbidden,
		"http://" + p.addr + ".evil":    http.StatusForbidden,
		"http://" + p.addr + "@evil.ru": http.StatusForbidden,
	} {
		conn, response, err := websocket.Dial(t.Context(), "ws://"+p.addr+"/live", dialFrom(origin))
		if response == nil {
			t.Fatalf("%s: %v", origin, err)
		}
		if response.StatusCode != want {
			t.Errorf("%s: status %d, want %d", origin, response.StatusCode, want)
		}
		if conn != nil {
			_ = conn.CloseNow()
		}
	}
}

func TestOtherThanAnUpgradeIsAnswered(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{})
	response, err := http.Get("http://" + p.addr + "/live")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("status %d, want 426", response.StatusCode)
	}
}

func TestWhoIsRefusedIsAcceptedAndClosedWith1008(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{})
	if code := p.open("?refuse=1").AwaitEnd(); code != websocket.StatusPolicyViolation {
		t.Errorf("closed with %d, want 1008", code)
	}
}

func TestWhatIsNotTextOrTooLongIsClosedWith1008(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{})
	for name, message := range map[string]struct {
		kind websocket.MessageType
		size int
	}{
		"binary":   {websocket.MessageBinary, 10},
		"too long": {websocket.MessageText, hub.MaxMessage + 1},
		"huge":     {websocket.MessageText, 1 << 20},
	} {
		page := p.open("")
		// The socket may be closed while it is still being written to.
		_ = page.Conn.Write(t.Context(), message.kind, []byte(strings.Repeat(" ", message.size)))
		if code := page.AwaitEnd(); code != websocket.StatusPolicyViolation {
			t.Errorf("%s: closed with %d, want 1008", name, code)
		}
	}
}

const upgradeRequest = "GET /live HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// textFrame is a masked text frame (RFC 6455, section 5.2) with a mask of zeros.
func textFrame(text string) string {
	frame := []byte{0x81, 0xFE}
	frame = binary.BigEndian.AppendUint16(frame, uint16(len(text)))
	return string(append(frame, 0, 0, 0, 0)) + text
}

func dialRaw(t *testing.T, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

func TestFrameSentWithTheUpgradeRequestIsRead(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{})
	join := joinMessage(t, map[event.Region][]string{tally: {"?", p.passes.Mint(tally, "ru", hub.Visitor{})}})
	for name, plain := range map[string]string{
		"first request of a connection": "",
		"after another request":         "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		conn, reader := dialRaw(t, p.addr)
		if _, err := fmt.Fprint(conn, plain, fmt.Sprintf(upgradeRequest, p.addr), textFrame(join)); err != nil {
			t.Fatal(err)
		}
		if plain != "" {
			response, err := http.ReadResponse(reader, nil)
			if err != nil || response.StatusCode != http.StatusOK {
				t.Fatalf("%s: %v %v", name, response, err)
			}
			if _, err := reader.Discard(len("plain")); err != nil {
				t.Fatal(err)
			}
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("%s: %v %v", name, response, err)
		}
		if got := response.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
			t.Errorf("%s: accept header %q", name, got)
		}
		var heard strings.Builder
		for !strings.Contains(heard.String(), "joined") {
			b, err := reader.ReadByte()
			if err != nil {
				t.Fatalf("%s: %v after %q", name, err, heard.String())
			}
			heard.WriteByte(b)
		}
	}
}

func TestPingsComeAndASilentPeerIsNotKept(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{Ping: 100 * time.Millisecond, Pong: time.Second})
	pings := make(chan struct{}, 100)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws://"+p.addr+"/live", &websocket.DialOptions{
		OnPingReceived: func(context.Context, []byte) bool {
			pings <- struct{}{}
			return false // says nothing
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for err == nil {
		_, _, err = conn.Read(ctx)
	}
	if ctx.Err() != nil {
		t.Fatalf("socket of a silent peer stays open: %v", err)
	}
	if len(pings) == 0 {
		t.Error("no ping came")
	}
}

func TestDrainTellsPagesToComeBack(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{})
	page := p.show(tally)
	if err := p.h.Drain(t.Context(), 10*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	page.AwaitText(`{"bye":"drain"}`)
	if code := page.AwaitEnd(); code != websocket.StatusServiceRestart {
		t.Errorf("closed with %d, want 1012", code)
	}
	response, err := http.Get("http://" + p.addr + "/plain")
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("requests are not served while sockets are closed: %v %v", response, err)
	}
	if _, response, err := websocket.Dial(t.Context(), "ws://"+p.addr+"/live", nil); response == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("new socket was answered %v %v, want 503", response, err)
	}
}

// Never-reading peers fill their kernel buffers and then their queues.
func TestPeersThatNeverReadHurtNobody(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{Interval: time.Millisecond})
	join := joinMessage(t, map[event.Region][]string{tally: {"?", p.passes.Mint(tally, "ru", hub.Visitor{})}})
	for range 20 {
		conn, reader := dialRaw(t, p.addr)
		if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(conn, upgradeRequest+"%s", p.addr, textFrame(join)); err != nil {
			t.Fatal(err)
		}
		if _, err := http.ReadResponse(reader, nil); err != nil {
			t.Fatal(err)
		}
	}
	page := p.show(tally)
	p.town.pad(200_000)
	var worst time.Duration
	for i := range 50 {
		began := time.Now()
		p.change(event.Change{Topic: "poll:42"})
		page.AwaitText(fmt.Sprintf("poll:42/tally %d", i+1))
		worst = max(worst, time.Since(began))
	}
	if worst > 5*time.Second {
		t.Errorf("a reading page waited %v", worst)
	}
}

func TestNothingIsLeftWhenPagesGo(t *testing.T) {
	t.Parallel()
	p := startPortal(t, hub.Options{})
	for range 20 {
		page := p.show(tally)
		if err := page.Conn.CloseNow(); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		topics, rooms, sockets := p.h.Counts()
		if topics+rooms+sockets == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d topics, %d rooms, %d sockets are left", topics, rooms, sockets)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
