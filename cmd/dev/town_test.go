package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// town is a copy of testdata/town with a configuration of its own: a portal small
// enough to be built in a moment.
func town(t *testing.T, environ ...string) config {
	t.Helper()
	root := t.TempDir()
	// Root's Postgres runs as another user, who must reach the folder.
	if err := os.Chmod(filepath.Dir(root), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(root, os.DirFS("testdata/town")); err != nil {
		t.Fatal(err)
	}
	c := config{root: root, keep: filepath.Join(root, ".veche"), port: freePort(t), simPort: freePort(t)}
	c.environ = append(plainEnviron(), environ...)
	c.databaseURL = c.get("VECHE_DATABASE_URL")
	c.redisURL = c.get("VECHE_REDIS_URL")
	return c
}

// plainEnviron is the environment without what the person who runs the tests has
// set for a portal of their own.
func plainEnviron() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "VECHE_") })
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// session is one run of dev.
type session struct {
	config
	t       *testing.T
	stop    context.CancelFunc
	ended   chan error
	out     output
	printed output
}

func start(t *testing.T, c config) *session {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &session{config: c, t: t, stop: stop, ended: make(chan error, 1)}
	finished := make(chan struct{})
	go func() {
		s.ended <- serve(ctx, c, &s.out, &s.printed)
		close(finished)
	}()
	t.Cleanup(func() {
		stop()
		<-finished
		if t.Failed() {
			t.Logf("the run printed:\n%s", s.printed.String())
		}
	})
	return s
}

// untilReady waits for the line that says so.
func (s *session) untilReady() *session {
	s.t.Helper()
	eventually(s.t, "the ready line", func() bool {
		select {
		case err := <-s.ended:
			s.t.Fatalf("the run ended: %v", err)
		default:
		}
		return strings.Contains(s.out.String(), "\n")
	})
	return s
}

// end waits for the run to end and answers why it did.
func (s *session) end() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(30 * time.Second):
		s.t.Fatal("the run does not end")
		return nil
	}
}

func (s *session) get(path string) string {
	s.t.Helper()
	response, err := http.Get(s.base() + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(body)
}

func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for begin := time.Now(); !happened(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// listening reports whether anybody answers on a loopback port.
func listening(port int) bool {
	conn, err := net.Dial("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// output is written by one goroutine and read by another.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
