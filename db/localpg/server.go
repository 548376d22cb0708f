// Package localpg runs a real Postgres of one's own: for the development portal,
// which keeps its data between starts, and for tests, which want it quick and gone.
//
// It finds server programs on the machine or among the npm packages, makes the
// database cluster where there is none, and runs it on a free loopback port behind
// a password that never leaves the data directory. A server left by a killed run is
// stopped before its data are opened again. Postgres refuses to run as root; root
// therefore runs it as an unprivileged user. Production does not use this package.
package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"veche/internal/child"
	"veche/internal/filelock"
)

// Options say where a server lives and how careful it is.
type Options struct {
	// Dir keeps the cluster. Where the unprivileged user that stands in for root
	// cannot reach it, a folder under /var/lib is used and the log says so.
	Dir string
	// Scratch trades durability for speed and starts from an empty cluster each
	// time; Stop removes it.
	Scratch bool
	// Installations are the server programs to choose from; nil means [Installed].
	Installations []Installation
	Log           *slog.Logger
}

// Server is a running Postgres.
type Server struct {
	process  *child.Child
	lock     *filelock.Lock
	home     home
	scratch  bool
	port     int
	password string
}

// superuser owns the cluster and everything in it.
const superuser = "veche"

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Installations == nil {
		o.Installations = Installed()
	}
	return o
}

// CanStart says at once, without starting anything, what [Start] would miss: the
// server's programs, their release, or a user to run them.
func CanStart(o Options) error {
	o = o.withDefaults()
	h, err := newHome(o.Dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	major := 0
	if !o.Scratch {
		if major, err = h.dataMajor(); err != nil {
			return err
		}
	}
	_, err = choose(o.Installations, major)
	return err
}

// Start runs Postgres on o.Dir and returns once it answers.
func Start(ctx context.Context, o Options) (*Server, error) {
	o = o.withDefaults()
	h, err := newHome(o.Dir, o.Log)
	if err != nil {
		return nil, err
	}
	lock, err := filelock.Try(filepath.Join(h.dir, "lock"))
	var held *filelock.HeldError
	if errors.As(err, &held) {
		return nil, fmt.Errorf("process %d already runs Postgres on %s", held.PID, h.dir)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the database folder: %w", err)
	}
	s := &Server{lock: lock, home: h, scratch: o.Scratch}
	if err := s.start(ctx, o); err != nil {
		lock.Release()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, o Options) error {
	if err := s.home.stopLeftover(ctx, o.Log); err != nil {
		return err
	}
	if s.scratch {
		if err := os.RemoveAll(s.home.data()); err != nil {
			return fmt.Errorf("empty the scratch database: %w", err)
		}
	}
	major, err := s.home.dataMajor()
	if err != nil {
		return err
	}
	programs, err := choose(o.Installations, major)
	if err != nil {
		return err
	}
	if programs, err = programs.usableBy(s.home); err != nil {
		return err
	}
	if major == 0 {
		o.Log.Info("making a database cluster", "postgres", programs.Version, "folder", s.home.data())
		if err := s.home.initdb(ctx, programs, s.scratch); err != nil {
			return err
		}
	}
	if err := s.home.own(s.home.data()); err != nil {
		return err
	}
	if s.password, err = s.home.password(); err != nil {
		return err
	}
	return s.launch(ctx, programs)
}

// URL is where the named database answers.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, s.password),
		Host:     fmt.Sprintf("127.0.0.1:%d", s.port),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Database makes the named database unless it is there, and answers its URL.
func (s *Server) Database(ctx context.Context, name string) (string, error) {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return "", fmt.Errorf("reach Postgres: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists)
	if err == nil && !exists {
		_, err = conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{name}.Sanitize())
	}
	if err != nil {
		return "", fmt.Errorf("make the database %s: %w", name, err)
	}
	return s.URL(name), nil
}

// Dir is the folder that really keeps the cluster.
func (s *Server) Dir() string { return s.home.dir }

// Done is closed when the server has ended, asked or not.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }

// LastWords is the reason that the server's log gives for its end, and where the log is.
func (s *Server) LastWords() string { return s.home.lastWords() }

// Stop ends the server: a durable one finishes its transactions' writes first, a
// scratch one is dropped with its data. Connections are cut.
func (s *Server) Stop() error {
	defer s.lock.Release()
	if !s.scratch {
		return s.process.Stop(syscall.SIGINT, 30*time.Second) // "fast shutdown"
	}
	err := s.process.Stop(syscall.SIGQUIT, 10*time.Second) // "immediate shutdown"
	return errors.Join(err, os.RemoveAll(s.home.data()))
}
