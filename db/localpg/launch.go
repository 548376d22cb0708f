package localpg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"veche/internal/child"
)

// stopFast and stopAtOnce are Postgres's own signals: cut connections and write
// everything down, or leave at once and recover at the next start.
const (
	stopFast   = syscall.SIGINT
	stopAtOnce = syscall.SIGQUIT
)

const launchTries = 20

// launch runs the server. Two things may stand in the way for a moment: another
// program takes the port we found free, or the processes of a killed server have
// not noticed its death yet.
func (s *Server) launch(ctx context.Context, programs Installation) error {
	var err error
	for range launchTries {
		if s.port, err = s.home.choosePort(); err != nil {
			return err
		}
		if err = s.tryLaunch(ctx, programs); err == nil {
			return s.home.rememberPort(s.port)
		}
		switch {
		case ctx.Err() != nil:
			return err
		case s.home.logHas("could not bind"):
			_ = os.Remove(s.home.portFile())
		case s.home.logHas("pre-existing shared memory block"):
			time.Sleep(500 * time.Millisecond)
		default:
			return err
		}
	}
	return err
}

func (s *Server) tryLaunch(ctx context.Context, programs Installation) error {
	log, err := os.Create(s.home.logFile())
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the server has its own copy
	cmd := s.home.command(filepath.Join(programs.Bin, "postgres"), s.settings()...)
	cmd.Stdout, cmd.Stderr = log, log
	death := stopFast
	if s.scratch {
		death = stopAtOnce
	}
	if s.process, err = child.Start(cmd, death); err != nil {
		return err
	}
	if err := s.awaitAnswer(ctx); err != nil {
		_ = s.process.Stop(stopFast, 10*time.Second)
		return err
	}
	return nil
}

// settings are the server's command line.
func (s *Server) settings() []string {
	settings := map[string]string{
		"listen_addresses":        "127.0.0.1",
		"unix_socket_directories": "",
		"port":                    strconv.Itoa(s.port),
		"max_connections":         "200",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"lc_messages":             "C", // launch reads the log
	}
	if s.scratch {
		settings["fsync"] = "off"
		settings["synchronous_commit"] = "off"
		settings["full_page_writes"] = "off"
		settings["autovacuum"] = "off"
	}
	args := []string{"-D", s.home.data()}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

// awaitAnswer connects until the server takes the connection: after a crash it
// recovers first.
func (s *Server) awaitAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		var answer *pgconn.PgError
		if errors.As(err, &answer) && answer.Code != "57P03" { // 57P03: not yet, still starting
			return fmt.Errorf("the Postgres server does not let us in: %w", err)
		}
		select {
		case <-s.process.Done():
			return fmt.Errorf("the Postgres server did not start: %w: %s", s.process.Err(), s.home.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("the Postgres server does not answer: %w: %s", ctx.Err(), s.home.lastWords())
		case <-time.After(30 * time.Millisecond):
		}
	}
}

func (h home) portFile() string { return filepath.Join(h.dir, "port") }

// choosePort answers the port of the last start while it is free, so that an
// address noted down stays good, or else any free one.
func (h home) choosePort() (int, error) {
	if text, err := os.ReadFile(h.portFile()); err == nil {
		last, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err == nil && tryPort(&last) == nil {
			return last, nil
		}
	}
	free := 0
	err := tryPort(&free)
	return free, err
}

func (h home) rememberPort(port int) error {
	return os.WriteFile(h.portFile(), []byte(strconv.Itoa(port)+"\n"), 0o644)
}

// tryPort listens on the port for a moment; for 0 it sets a free one.
func tryPort(port *int) error {
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(*port)))
	if err != nil {
		return err
	}
	*port = listener.Addr().(*net.TCPAddr).Port
	return listener.Close()
}
