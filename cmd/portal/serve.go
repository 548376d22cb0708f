package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"golang.org/x/sync/errgroup"

	"veche/db"
	codesdb "veche/db/codes"
	notificationsdb "veche/db/notifications"
)

// stopTime bounds the whole of stopping, beyond the time pages are sent away in.
const stopTime = 10 * time.Second

// How many jobs a process does at a time, letters and codes apart.
const (
	jobWorkers  = 8
	mailWorkers = 4
	codeWorkers = 8
)

// serve runs the server until ctx ends, then stops it front to back.
func serve(ctx context.Context, c config, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	only := flags.String("only", "", "run only a part: web or jobs")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *only != "" && *only != "web" && *only != "jobs" {
		return fmt.Errorf("-only takes web or jobs, not %q", *only)
	}
	if err := c.checkServe(); err != nil {
		return err
	}
	var listener net.Listener
	if *only != "jobs" {
		var err error
		if listener, err = listen(c); err != nil {
			return err
		}
		defer func() { _ = listener.Close() }()
	}
	starting, cancel := context.WithTimeout(ctx, startTime)
	p, err := newPortal(starting, c, os.Stderr)
	cancel()
	if err != nil {
		return err
	}
	defer p.close()
	return p.serve(ctx, listener, *only != "web", out)
}

func listen(c config) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(c.Host, c.Port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %s is in use by another program; set PORT to a free one", c.Port)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s:%s: %w", c.Host, c.Port, err)
	}
	return listener, nil
}

// serve runs the parts: the publisher always, pages and sockets with a listener,
// jobs when asked.
func (p *portal) serve(ctx context.Context, listener net.Listener, withJobs bool, out io.Writer) error {
	// The publisher, the hub and the jobs outlive ctx: they stop in their turn.
	living, end := context.WithCancel(context.WithoutCancel(ctx))
	var behind, recording sync.WaitGroup
	defer behind.Wait()
	defer end()
	recorded, endRecording := context.WithCancel(living)
	defer recording.Wait()
	defer endRecording()

	parts, ctx := errgroup.WithContext(ctx)
	behind.Go(func() { _ = p.publisher.Run(living) })
	for _, record := range p.recorders {
		recording.Go(func() { _ = record(recorded) })
	}
	var jobs *river.Client[pgxTx]
	if withJobs {
		var err error
		if jobs, err = p.startJobs(living); err != nil {
			return err
		}
	}
	if listener != nil {
		parts.Go(func() error { return p.hub.Run(living) })
		parts.Go(func() error { return p.server.App().Listener(listener) })
		fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	}
	parts.Go(func() error {
		<-ctx.Done()
		p.log.Info("stopping")
		return p.stop(context.WithoutCancel(ctx), listener != nil, jobs, func() {
			endRecording() // what they save last is published as well
			recording.Wait()
			end()
		})
	})
	return parts.Wait()
}

// stop goes front to back: stop accepting and send the pages away, finish
// requests, finish jobs; then end has what was noted saved and lets the publisher send
// what is left.
func (p *portal) stop(ctx context.Context, web bool, jobs *river.Client[pgxTx], end func()) error {
	defer end()
	ctx, cancel := context.WithTimeout(ctx, p.config.drain+stopTime)
	defer cancel()
	var failed error
	if web {
		front, ctx := errgroup.WithContext(ctx)
		front.Go(func() error { return p.hub.Drain(ctx, p.config.drain) })
		front.Go(func() error {
			err := p.server.Shutdown(ctx)
			if errors.Is(err, context.DeadlineExceeded) {
				// A browser may open a connection ahead and ask nothing on it.
				p.log.Warn("connections are cut off that did not end by themselves")
				return nil
			}
			return err
		})
		failed = front.Wait()
	}
	if jobs != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		failed = errors.Join(failed, jobs.Stop(ctx))
	}
	return failed
}

func (p *portal) startJobs(ctx context.Context) (*river.Client[pgxTx], error) {
	client, err := river.NewClient(riverpgxv5.New(p.db.Pool()), &river.Config{
		Logger: slog.New(quiet{p.log.With("part", "jobs").Handler()}),
		Queues: map[string]river.QueueConfig{
			river.QueueDefault:        {MaxWorkers: jobWorkers},
			notificationsdb.MailQueue: {MaxWorkers: mailWorkers},
			codesdb.Queue:             {MaxWorkers: codeWorkers},
		},
		// What takes longer, such as a letter to a server that hangs, is given up and
		// done again by another process.
		SoftStopTimeout: stopTime / 2,
		Workers:         p.workers,
		PeriodicJobs:    p.periodic,
		Middleware:      []rivertype.Middleware{db.TraceJobs(), observeJobs(p.log, p.metrics)},
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the jobs: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the jobs: %w", err)
	}
	return client, nil
}

// quiet lets only warnings and errors through: the queue reports its counts every
// few seconds.
type quiet struct{ slog.Handler }

// Enabled says no to everything below a warning.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}
