// Package localredis runs a Redis of one's own: for the development portal and for
// tests, which also kill it and bring it back empty on the same port.
//
// It keeps nothing on disk. Where the machine has neither redis-server nor
// valkey-server, a Redis written in Go runs inside the process instead; it lacks
// what only a separate server shows, and Name says so. Production does not use
// this package.
package localredis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrNoServer says that the machine has no Redis program.
var ErrNoServer = errors.New("neither redis-server nor valkey-server was found: install one of them (on Debian: apt-get install redis-server)")

// Options say what kind of Redis is wanted.
type Options struct {
	Port int // 0 takes a free one
	// Real refuses the stand-in inside the process with [ErrNoServer].
	Real bool
	// StandIn asks for it although a server may be there.
	StandIn bool
	Log     *slog.Logger
}

// Server is a Redis that can be killed and started again.
type Server struct {
	name     string
	port     int
	password string
	begin    func() (runner, error)

	mu      sync.Mutex
	current runner
}

// runner is one life of a server.
type runner interface {
	done() <-chan struct{}
	lastWords() string // why it ended
	stop()
	kill()
}

// Start runs a Redis on a loopback port and returns once it answers.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{port: o.Port, password: rand.Text()}
	program := ""
	if !o.StandIn {
		program = Program()
	}
	switch {
	case program != "":
		s.name = program
		s.begin = func() (runner, error) { return startProgram(program, s.port, s.password) }
	case o.Real:
		return nil, ErrNoServer
	default:
		s.name = "a stand-in inside this process"
		s.begin = func() (runner, error) { return startStandIn(s.port, s.password) }
		o.Log.Info("Redis runs inside this process: no redis-server or valkey-server was found")
	}
	if s.port == 0 {
		var err error
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
	}
	return s, s.Restart(ctx)
}

// Program is the path of the machine's Redis server, "" when it has none.
func Program() string {
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Name tells a person what runs.
func (s *Server) Name() string { return s.name }

// URL is where the server answers. It stays the same over Kill and Restart.
func (s *Server) URL() string {
	u := url.URL{
		Scheme: "redis",
		User:   url.UserPassword("", s.password),
		Host:   net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)),
		Path:   "/0",
	}
	return u.String()
}

// Done is closed when the life of the server that runs now has ended, asked or not.
func (s *Server) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.done()
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.kill()
}

// Stop ends the server in good order.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.stop()
}

// Restart brings an ended server back on the same port, empty.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		s.current.kill()
	}
	next, err := s.begin()
	if err != nil {
		return fmt.Errorf("start Redis: %w", err)
	}
	s.current = next
	if err := s.awaitAnswer(ctx, next); err != nil {
		next.kill()
		return fmt.Errorf("start Redis on port %d: %w", s.port, err)
	}
	return nil
}

func (s *Server) awaitAnswer(ctx context.Context, life runner) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		err := s.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-life.done():
			return fmt.Errorf("it ended at once: %s", life.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (s *Server) ping(ctx context.Context) error {
	options, err := redis.ParseURL(s.URL())
	if err != nil {
		return err
	}
	// The client complains aloud of a port that does not listen yet.
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", options.Addr)
	if err != nil {
		return err
	}
	_ = conn.Close()
	options.MaxRetries = -1
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	return client.Ping(ctx).Err()
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}
