package load

import (
	"fmt"
	"io"
	"time"

	"veche/cmd/bench/part"
	"veche/cmd/bench/stamp"
)

// Report is what a crowd saw since it began to watch.
type Report struct {
	Messages, Drawings, Bytes int
	// Behind are pages that do not show the newest of all their topics, or did not get
	// in. Back are drawings that came after newer ones.
	Behind, Back int
	// Heard is when anything new came last, in Unix nanoseconds.
	Heard int64
	// From a change to its drawing at a page, and at the last page that got it.
	P50, P99, LastP50, LastP99 time.Duration
}

// Wait says what Await waits for.
type Wait struct {
	Joined bool // the server answered all joins
	Newest bool // pages show the newest of their topics
	Within time.Duration
}

// Watch begins to count anew.
func (c *Crowd) Watch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.window = newWindow()
}

// Await waits until every socket is open and what is asked for holds of all pages, or
// until the time is over: Behind says then how many are left. A page that is cut off
// is an error.
func (c *Crowd) Await(w Wait) (Report, error) { return c.await(c.pages, w) }

func (c *Crowd) await(pages []*page, w Wait) (Report, error) {
	deadline := time.Now().Add(w.Within)
	for {
		c.mu.Lock()
		behind := 0
		for _, p := range pages {
			if p.phase != open || w.Joined && p.joined < len(p.shown) || w.Newest && p.behind(c.board.Newest) {
				behind++
			}
		}
		over := behind == 0 || time.Now().After(deadline) || c.window.trouble != nil
		if over {
			report, err := c.window.report(behind), c.window.trouble
			c.mu.Unlock()
			return report, err
		}
		c.mu.Unlock()
		time.Sleep(5 * time.Millisecond) // when things came is written down as they come
	}
}

func (w *window) report(behind int) Report {
	var last []time.Duration
	for stamped, at := range w.lastAt {
		last = append(last, time.Duration(at-stamped))
	}
	return Report{
		Messages: w.messages,
		Drawings: w.drawings,
		Bytes:    w.bytes,
		Behind:   behind,
		Back:     w.back,
		Heard:    w.heard,
		P50:      w.delays.quantile(0.50),
		P99:      w.delays.quantile(0.99),
		LastP50:  quantileOf(last, 0.50),
		LastP99:  quantileOf(last, 0.99),
	}
}

// Part is the name of the process that is a crowd. Its argument is the board's file.
const Part = "crowd"

type none struct{}

// Serve is that process.
func Serve(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("a crowd is told the board, and not %q", args)
	}
	board, err := stamp.Open(args[0])
	if err != nil {
		return err
	}
	c, err := NewCrowd(board)
	if err != nil {
		return err
	}
	return part.Serve(in, out, map[string]part.Handler{
		"open":  part.Handle(func(o Open) (none, error) { return none{}, c.Open(o) }),
		"join":  part.Handle(func(none) (none, error) { return none{}, c.Join() }),
		"drop":  part.Handle(func(none) (none, error) { c.Drop(); return none{}, nil }),
		"watch": part.Handle(func(none) (none, error) { c.Watch(); return none{}, nil }),
		"await": part.Handle(c.Await),
	})
}
