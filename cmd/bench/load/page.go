package load

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"syscall"
	"time"

	"veche/cmd/bench/region"
	"veche/domain/event"
	"veche/hub"
)

// phase is how far a page's socket is.
type phase uint8

const (
	closed phase = iota
	upgrading
	open
)

// page is an open page: one socket and what it shows. It survives its socket, as a
// page does.
type page struct {
	number int
	first  int // topic; the others follow it

	fd    int
	phase phase
	rest  []byte // of a message that is not all there

	joined   int      // regions, by this socket
	shown    []int64  // newest stamp of each topic
	versions []string // of each topic, as a page would join with
}

// Visitor is who the bench's page with a number belongs to: a guest, or an account of
// its own.
func Visitor(personal bool, number int) hub.Visitor {
	if !personal {
		return hub.Visitor{}
	}
	id := strconv.Itoa(number)
	return hub.Visitor{Session: "s" + id, Account: id, Rights: 1}
}

// joinMessage joins all regions of a page with the versions it shows.
func (p *page) joinMessage(passes *hub.Passes, personal bool) ([]byte, error) {
	join := make(map[event.Region][2]string, len(p.versions))
	for i, version := range p.versions {
		r := region.Of(region.Topic(personal, p.first+i))
		join[r] = [2]string{version, passes.Mint(r, "ru", Visitor(personal, p.number))}
	}
	message, err := json.Marshal(map[string]any{"join": join})
	if err != nil {
		return nil, err
	}
	return appendFrame(nil, opText, message), nil
}

// behind says whether the page does not show the newest of all its topics yet.
func (p *page) behind(newest func(topic int) int64) bool {
	if p.phase != open {
		return true
	}
	for i, shown := range p.shown {
		if shown != newest(p.first+i) {
			return true
		}
	}
	return false
}

// window counts what came between two calls.
type window struct {
	messages, drawings, bytes int
	back                      int // drawings older than what was shown
	delays                    delays
	lastAt                    map[int64]int64 // when the last page got the drawing of a stamp
	heard                     int64           // when anything new came last
	trouble                   error           // the first
}

func newWindow() *window { return &window{lastAt: make(map[int64]int64)} }

func (w *window) fail(err error) {
	if w.trouble == nil {
		w.trouble = err
	}
}

// take reads all whole messages of data and keeps what is left.
func (p *page) take(data []byte, w *window, keepVersions bool) error {
	at := time.Now().UnixNano()
	for {
		f, rest, whole, err := nextFrame(data)
		if err != nil {
			return err
		}
		if !whole {
			p.rest = append(p.rest[:0], rest...)
			if len(rest) == 0 {
				p.rest = nil
			}
			return nil
		}
		data = rest
		switch f.opcode {
		case opText:
			if err := p.hear(f.payload, at, w, keepVersions); err != nil {
				return err
			}
		case opPing:
			if err := send(p.fd, appendFrame(nil, opPong, f.payload)); err != nil {
				return err
			}
		case opClose:
			return fmt.Errorf("server closes: %q", f.payload)
		default:
			return fmt.Errorf("%w: opcode %d", errWire, f.opcode)
		}
	}
}

func (p *page) hear(message []byte, at int64, w *window, keepVersions bool) error {
	w.messages++
	w.bytes += len(message)
	if len(message) > 0 && message[0] == '{' {
		return p.hearControl(message, at, w)
	}
	for {
		s, rest, found := region.Next(message)
		if !found {
			return nil
		}
		message = rest
		i := s.Number - p.first
		if i < 0 || i >= len(p.shown) {
			return fmt.Errorf("page %d was sent topic %d", p.number, s.Number)
		}
		w.drawings++
		if keepVersions {
			p.versions[i] = string(s.Version)
		}
		switch {
		case s.Stamp < p.shown[i]:
			w.back++
		case s.Stamp > p.shown[i]:
			p.shown[i] = s.Stamp
			w.heard = at
			w.delays.add(time.Duration(at - s.Stamp))
			w.lastAt[s.Stamp] = at
		}
	}
}

func (p *page) hearControl(message []byte, at int64, w *window) error {
	var control struct {
		Joined map[event.Region]string
		Denied []event.Region
		Bye    string
	}
	if err := json.Unmarshal(message, &control); err != nil {
		return fmt.Errorf("read %q: %w", message, err)
	}
	if len(control.Denied) > 0 || control.Bye != "" {
		return fmt.Errorf("page %d was sent %s", p.number, message)
	}
	p.joined += len(control.Joined)
	w.heard = at
	return nil
}

// send writes a small message to a socket. What the kernel does not take at once is
// an error: a page of the bench has nothing else on its way.
func send(fd int, message []byte) error {
	n, err := syscall.Write(fd, message)
	if err != nil {
		return fmt.Errorf("write to the server: %w", err)
	}
	if n < len(message) {
		return fmt.Errorf("write to the server: %d of %d bytes were taken", n, len(message))
	}
	return nil
}

// unknown are the versions of a page that knows none.
func unknown(n int) []string { return slices.Repeat([]string{event.UnknownVersion}, n) }
