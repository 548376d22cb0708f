// Package part runs parts of the bench in processes of their own, so that what a
// server costs is told apart from what its clients cost.
//
// A part is this same program, started again under a name. It reads calls from its
// standard input and writes answers to its standard output, one JSON object a line,
// one call at a time, and ends when its input does: it cannot outlive the bench.
package part

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"veche/internal/child"
)

// word is the argument by which a program knows that it is started as a part.
const word = "part"

type call struct {
	Do   string          `json:"do"`
	With json.RawMessage `json:"with,omitempty"`
}

type answer struct {
	Is    json.RawMessage `json:"is,omitempty"`
	Error string          `json:"error,omitempty"`
}

// Asked says whether the arguments of this program ask it to be a part, which, and
// with what arguments.
func Asked(args []string) (name string, rest []string, asked bool) {
	if len(args) < 2 || args[0] != word {
		return "", nil, false
	}
	return args[1], args[2:], true
}

// Part is a process that answers calls.
type Part struct {
	Name    string
	process *child.Child
	in      io.WriteCloser
	out     *bufio.Reader
	mu      sync.Mutex
	stop    func() bool
}

// Start starts the part and answers at once. It is killed when ctx ends.
func Start(ctx context.Context, name string, args ...string) (*Part, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(program, append([]string{word, name}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start part %s: %w", name, err)
	}
	out, theirs, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start part %s: %w", name, err)
	}
	cmd.Stdout = theirs
	process, err := child.Start(cmd, syscall.SIGKILL)
	_ = theirs.Close()
	if err != nil {
		_ = out.Close()
		return nil, fmt.Errorf("start part %s: %w", name, err)
	}
	p := &Part{Name: name, process: process, in: in, out: bufio.NewReader(out)}
	go func() {
		<-process.Done()
		_ = out.Close()
	}()
	p.stop = context.AfterFunc(ctx, process.Kill)
	return p, nil
}

// Call has the part do something and reads its answer into reply, which may be nil.
// Calls made at the same time wait for each other.
func (p *Part) Call(do string, with, reply any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call(do, with, reply); err != nil {
		return fmt.Errorf("%s, %s: %w", p.Name, do, err)
	}
	return nil
}

func (p *Part) call(do string, with, reply any) error {
	c := call{Do: do}
	if with != nil {
		var err error
		if c.With, err = json.Marshal(with); err != nil {
			return err
		}
	}
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	line, err = p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("part has ended: %w", err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return fmt.Errorf("read the answer %q: %w", line, err)
	}
	if a.Error != "" {
		return errors.New(a.Error)
	}
	if reply == nil {
		return nil
	}
	return json.Unmarshal(a.Is, reply)
}

// Stop ends the part and waits for its end.
func (p *Part) Stop() {
	p.stop()
	_ = p.in.Close()
	select {
	case <-p.process.Done():
	case <-time.After(10 * time.Second):
		p.process.Kill()
	}
}

// Handler answers one kind of call.
type Handler func(with json.RawMessage) (any, error)

// Handle makes a handler of a function of typed values.
func Handle[With, Is any](f func(With) (Is, error)) Handler {
	return func(raw json.RawMessage) (any, error) {
		var with With
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &with); err != nil {
				return nil, err
			}
		}
		return f(with)
	}
}

// Serve answers calls until in ends. Every part also answers "usage" and "free", see
// [Usage].
func Serve(in io.Reader, out io.Writer, handlers map[string]Handler) error {
	standard := map[string]Handler{
		"usage": Handle(func(struct{}) (Usage, error) { return usage() }),
		"free":  Handle(func(struct{}) (Usage, error) { return free() }),
	}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var c call
		if err := json.Unmarshal(line, &c); err != nil {
			return fmt.Errorf("read a call: %w", err)
		}
		handler := handlers[c.Do]
		if handler == nil {
			handler = standard[c.Do]
		}
		if err := json.NewEncoder(out).Encode(answerTo(c, handler)); err != nil {
			return err
		}
	}
}

func answerTo(c call, handler Handler) answer {
	if handler == nil {
		return answer{Error: "nothing here does " + c.Do}
	}
	is, err := handler(c.With)
	if err != nil {
		return answer{Error: err.Error()}
	}
	body, err := json.Marshal(is)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Is: body}
}
