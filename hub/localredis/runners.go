package localredis

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"

	"veche/internal/child"
)

// program is a Redis server beside this process.
type program struct {
	process *child.Child
	words   *tail
}

// startProgram hands the settings over the standard input: a password on the
// command line would be seen by everybody on the machine.
func startProgram(path string, port int, password string) (runner, error) {
	cmd := exec.Command(path, "-")
	cmd.Dir = "/"
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`
bind 127.0.0.1
port %d
requirepass %s
save ""
appendonly no
`, port, password))
	words := &tail{}
	cmd.Stdout, cmd.Stderr = words, words
	process, err := child.Start(cmd, syscall.SIGKILL)
	if err != nil {
		return nil, err
	}
	return program{process, words}, nil
}

// tail keeps the end of what a server says, for when it dies.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const keep = 2 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-keep):]
	return len(p), nil
}

func (t *tail) lastLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := bytes.TrimSpace(t.text)
	return string(text[bytes.LastIndexByte(text, '\n')+1:])
}

func (p program) done() <-chan struct{} { return p.process.Done() }
func (p program) lastWords() string     { return p.words.lastLine() }
func (p program) kill()                 { p.process.Kill() }

func (p program) stop() {
	// A server that had to be killed lost nothing: it keeps nothing.
	_ = p.process.Stop(syscall.SIGTERM, 5*time.Second)
}

// standIn is the Redis written in Go.
type standIn struct {
	server *miniredis.Miniredis
	ended  chan struct{}
	once   sync.Once
}

func startStandIn(port int, password string) (runner, error) {
	server := miniredis.NewMiniRedis()
	server.RequireAuth(password)
	if err := server.StartAddr(fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
		return nil, err
	}
	return &standIn{server: server, ended: make(chan struct{})}, nil
}

func (s *standIn) done() <-chan struct{} { return s.ended }
func (s *standIn) lastWords() string     { return "it was closed" }
func (s *standIn) stop()                 { s.kill() }

func (s *standIn) kill() {
	s.once.Do(func() {
		s.server.Close()
		close(s.ended)
	})
}
