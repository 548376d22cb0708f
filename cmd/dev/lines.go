package main

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// lockedWriter lets several programs write to one place, a line at a time.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// prefixer writes whole lines, each behind the name of the program it comes from.
type prefixer struct {
	to     io.Writer
	prefix string

	mu   sync.Mutex
	rest []byte // a line not ended yet
}

// longestLine bounds what a program that never ends its line can make us keep.
const longestLine = 64 << 10

func newPrefixer(to io.Writer, name string) *prefixer {
	return &prefixer{to: to, prefix: fmt.Sprintf("%-6s │ ", name)}
}

func (p *prefixer) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, text...)
	for {
		end := bytes.IndexByte(p.rest, '\n')
		if end < 0 && len(p.rest) < longestLine {
			return len(text), nil
		}
		if end < 0 {
			end = len(p.rest)
		}
		if err := p.line(p.rest[:end]); err != nil {
			return 0, err
		}
		p.rest = p.rest[min(end+1, len(p.rest)):]
	}
}

func (p *prefixer) line(text []byte) error {
	_, err := fmt.Fprintf(p.to, "%s%s\n", p.prefix, text)
	return err
}

// flush writes a last line that was left without an end.
func (p *prefixer) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.rest) > 0 {
		_ = p.line(p.rest)
		p.rest = nil
	}
}
