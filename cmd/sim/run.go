package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"
	_ "time/tzdata" // zones on machines that have none installed

	"golang.org/x/sync/errgroup"

	"veche/cmd/sim/site"
)

// run is the program: it serves until ctx is done.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	switch {
	case len(args) == 0:
	case len(args) == 1 && (args[0] == "help" || args[0] == "-help" || args[0] == "--help" || args[0] == "-h"):
		return writeHelp(stdout)
	default:
		return fmt.Errorf("%q is not a command; see sim help", args)
	}
	config, err := readConfig()
	if err != nil {
		return err
	}
	return serve(ctx, config, stdout, slog.New(slog.NewTextHandler(os.Stderr, nil)))
}

func serve(ctx context.Context, config Config, stdout io.Writer, log *slog.Logger) error {
	web, err := listen(net.JoinHostPort("127.0.0.1", strconv.Itoa(config.Port)), "SIM_PORT")
	if err != nil {
		return err
	}
	defer web.Close()
	smtp, err := listen(config.SMTPAddr, "VECHE_SMTP_ADDR")
	if err != nil {
		return err
	}
	defer smtp.Close()
	papers, err := listen(config.RegistersAddr, "VECHE_REGISTERS_ADDR")
	if err != nil {
		return err
	}
	defer papers.Close()

	address := "http://" + web.Addr().String()
	cards, err := parts(config, address, smtp, papers, log)
	if err != nil {
		return err
	}
	frame, err := site.New(config.Zone, log, cards...)
	if err != nil {
		return err
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serveWeb(ctx, web, frame, log) })
	for _, card := range cards {
		if card.Run == nil {
			continue
		}
		group.Go(func() error {
			if err := card.Run(ctx); err != nil {
				return fmt.Errorf("%s: %w", card.Key, err)
			}
			return nil
		})
	}
	fmt.Fprintf(stdout, "sim: pages on %s, mail on %s\n", address, smtp.Addr())
	return group.Wait()
}

// listen opens an address, or says in one sentence why it could not and which
// variable to change.
func listen(address, variable string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is already in use: stop the program that uses it, or set %s to another one", address, variable)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s may be used by the administrator only: set %s to a port above 1023", address, variable)
	}
	return nil, fmt.Errorf("%s cannot be listened on, see %s: %w", address, variable, err)
}

// grace is how long requests may take to finish at the end. Connections that
// browsers open in advance and leave unused count as requests for five seconds,
// so without a limit they would hold the program that long.
const grace = time.Second

// serveWeb answers until ctx is done. Requests carry ctx, so that open event
// streams end with it, and the rest has a moment to finish.
func serveWeb(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		err := server.Shutdown(limit)
		if err != nil {
			err = server.Close()
		}
		stopped <- err
	})
	err := server.Serve(listener)
	if stop() || !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve pages: %w", err)
	}
	return <-stopped
}
