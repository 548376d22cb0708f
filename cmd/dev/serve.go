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
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"veche/db/localpg"
	"veche/hub/localredis"
	"veche/internal/filelock"
)

// dev is one run: its parts in the order of their start.
type dev struct {
	config
	log    *slog.Logger
	stderr io.Writer
	parts  []part
	broken chan error // why the run cannot go on
}

// part is something that runs until it is stopped.
type part struct {
	name string
	stop func() error
}

// serve runs everything until ctx ends or a part breaks.
func serve(ctx context.Context, c config, stdout, stderr io.Writer) (err error) {
	stderr = &lockedWriter{to: stderr}
	d := &dev{config: c, stderr: stderr, broken: make(chan error, 1)}
	d.log = slog.New(slog.NewTextHandler(newPrefixer(stderr, "dev"), &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	if err := os.MkdirAll(c.keep, 0o755); err != nil {
		return fmt.Errorf("make the folder for the portal's data: %w", err)
	}
	lock, err := filelock.Try(filepath.Join(c.keep, "lock"))
	var held *filelock.HeldError
	if errors.As(err, &held) {
		return fmt.Errorf("the portal already runs in this folder (process %d): end that one first", held.PID)
	}
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := check(ctx, c); err != nil {
		return unlessAsked(ctx, err)
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	began := time.Now()
	if err := d.start(ctx); err != nil {
		return unlessAsked(ctx, err)
	}
	d.log.Info("the portal is ready", "after", time.Since(began).Round(100*time.Millisecond))
	fmt.Fprintf(stdout, "ready %s\n", c.base())
	select {
	case <-ctx.Done():
		d.log.Info("stopping")
		return nil
	case err := <-d.broken:
		return err
	}
}

// unlessAsked forgets an error that comes of being asked to end.
func unlessAsked(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// start brings everything up. The programs are built while the servers start.
func (d *dev) start(ctx context.Context) error {
	group, starting := errgroup.WithContext(ctx)
	group.Go(func() error { return d.build(starting) })
	group.Go(func() error {
		if err := d.startPostgres(starting); err != nil {
			return err
		}
		return d.startRedis(starting)
	})
	if err := group.Wait(); err != nil {
		return err
	}
	env, err := d.environment()
	if err != nil {
		return err
	}
	if err := d.startProgram(env, "sim"); err != nil {
		return err
	}
	for _, step := range []string{"migrate", "seed"} {
		if err := d.runProgram(ctx, env, "portal", step); err != nil {
			return err
		}
	}
	if err := d.awaitPort(ctx, "sim", d.address(d.simPort)); err != nil {
		return err
	}
	if err := d.startProgram(env, "portal", "serve"); err != nil {
		return err
	}
	return d.awaitReady(ctx)
}

// stop ends the parts front to back, the last started first.
func (d *dev) stop() error {
	var failures []error
	for len(d.parts) > 0 {
		last := d.parts[len(d.parts)-1]
		d.parts = d.parts[:len(d.parts)-1]
		if err := last.stop(); err != nil {
			failures = append(failures, fmt.Errorf("stop %s: %w", last.name, err))
		}
	}
	return errors.Join(failures...)
}

// breakDown says why the run cannot go on; the first reason counts.
func (d *dev) breakDown(err error) {
	select {
	case d.broken <- err:
	default:
	}
}

func postgresOptions(c config) localpg.Options {
	return localpg.Options{Dir: filepath.Join(c.keep, "pg")}
}

func (d *dev) startPostgres(ctx context.Context) error {
	if d.databaseURL != "" {
		return nil
	}
	options := postgresOptions(d.config)
	options.Log = d.log
	server, err := localpg.Start(ctx, options)
	if err != nil {
		return err
	}
	stopping := make(chan struct{})
	d.parts = append(d.parts, part{"Postgres", func() error { close(stopping); return server.Stop() }})
	go func() {
		<-server.Done()
		select {
		case <-stopping:
		default:
			d.breakDown(fmt.Errorf("the Postgres server ended: %s", server.LastWords()))
		}
	}()
	d.databaseURL, err = server.Database(ctx, "veche")
	return err
}

// startRedis runs Redis and brings it back each time it dies.
func (d *dev) startRedis(ctx context.Context) error {
	if d.redisURL != "" {
		return nil
	}
	server, err := localredis.Start(ctx, localredis.Options{Log: d.log})
	if err != nil {
		return err
	}
	reviving, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	revived := make(chan struct{})
	d.parts = append(d.parts, part{"Redis", func() error {
		giveUp()
		<-revived
		server.Stop()
		return nil
	}})
	go func() {
		defer close(revived)
		d.revive(reviving, server)
	}()
	d.redisURL = server.URL()
	return nil
}

// revive starts Redis again whenever it ends, until ctx does.
func (d *dev) revive(ctx context.Context, server *localredis.Server) {
	const attempts = 5
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-server.Done():
		}
		d.log.Warn("Redis ended and is started again, empty, on the same port")
		switch err := server.Restart(ctx); {
		case err == nil:
			failures = 0
		case ctx.Err() != nil:
			return
		default:
			if failures++; failures == attempts {
				d.breakDown(err)
				return
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond): // a Redis that dies at once must not spin
		}
	}
}

// awaitPort waits until a program listens.
func (d *dev) awaitPort(ctx context.Context, name, address string) error {
	return d.await(ctx, name, func(ctx context.Context) error {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

// awaitReady waits until the portal says that it can be used.
func (d *dev) awaitReady(ctx context.Context) error {
	return d.await(ctx, "portal", func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base()+"/readyz", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			err = fmt.Errorf("/readyz answers %s", response.Status)
		}
		return errors.Join(err, response.Body.Close())
	})
}

const startPatience = time.Minute

func (d *dev) await(ctx context.Context, name string, try func(context.Context) error) error {
	deadline := time.Now().Add(startPatience)
	for {
		attempt, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := try(attempt)
		cancel()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready after %s: %w", name, startPatience, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-d.broken:
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}
