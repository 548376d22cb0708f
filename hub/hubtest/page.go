package hubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
)

// Page is a page as the hub sees it: a client of the wire contract.
type Page struct {
	t    testing.TB
	Conn *websocket.Conn

	mu       sync.Mutex
	messages []string
	ended    error
	changed  chan struct{}
}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// OpenPage opens a socket at a ws:// or http:// address. The socket is closed with
// the test.
func OpenPage(t testing.TB, url string, o *websocket.DialOptions) *Page {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, url, o)
	if err != nil {
		t.Fatalf("open a socket: %v", err)
	}
	conn.SetReadLimit(-1)
	p := &Page{t: t, Conn: conn, changed: make(chan struct{}, 1)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		p.read()
	}()
	t.Cleanup(func() {
		_ = conn.CloseNow()
		<-read
	})
	return p
}

func (p *Page) read() {
	for {
		_, message, err := p.Conn.Read(context.Background())
		p.mu.Lock()
		if err != nil {
			p.ended = err
		} else {
			p.messages = append(p.messages, string(message))
		}
		p.mu.Unlock()
		select {
		case p.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// Send sends a message as it is.
func (p *Page) Send(message string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.Conn.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
		p.t.Fatalf("send: %v", err)
	}
}

// Join joins a region of which the page shows a version, and waits for the answer:
// the version the hub knows, and whether the join was not denied.
func (p *Page) Join(region event.Region, version, pass string) (current string, ok bool) {
	p.t.Helper()
	message, err := json.Marshal(map[string]any{"join": map[event.Region][]string{region: {version, pass}}})
	if err != nil {
		p.t.Fatal(err)
	}
	p.Send(string(message))
	p.Await("answer to the join of "+string(region), func(message string) bool {
		var answer struct {
			Joined map[event.Region]string
			Denied []event.Region
		}
		if json.Unmarshal([]byte(message), &answer) != nil {
			return false
		}
		for _, denied := range answer.Denied {
			if denied == region {
				return true
			}
		}
		current, ok = answer.Joined[region]
		return ok
	})
	return current, ok
}

// Await waits for a message that fits and answers it.
func (p *Page) Await(what string, fits func(message string) bool) string {
	p.t.Helper()
	deadline := time.After(patience)
	for seen := 0; ; {
		p.mu.Lock()
		messages, ended := p.messages, p.ended
		p.mu.Unlock()
		for ; seen < len(messages); seen++ {
			if fits(messages[seen]) {
				return messages[seen]
			}
		}
		if ended != nil {
			p.t.Fatalf("%s did not come: %v; page was sent %q", what, ended, messages)
		}
		select {
		case <-p.changed:
		case <-deadline:
			p.t.Fatalf("%s did not come; page was sent %q", what, messages)
		}
	}
}

// AwaitText waits for a message that contains a text.
func (p *Page) AwaitText(text string) string {
	p.t.Helper()
	return p.Await(fmt.Sprintf("%q", text), func(message string) bool { return strings.Contains(message, text) })
}

// AwaitEnd waits until the socket is closed and answers the code, -1 if it broke
// off.
func (p *Page) AwaitEnd() websocket.StatusCode {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		ended := p.ended
		p.mu.Unlock()
		if ended != nil {
			return websocket.CloseStatus(ended)
		}
		select {
		case <-p.changed:
		case <-deadline:
			p.t.Fatal("socket stays open")
		}
	}
}

// Messages are all messages so far.
func (p *Page) Messages() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.messages...)
}
