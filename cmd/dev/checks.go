package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"veche/db/localpg"
)

// check finds what would make the start fail, before anything long begins.
func check(ctx context.Context, c config) error {
	if err := portFree("PORT", c.address(c.port), c.port); err != nil {
		return err
	}
	if err := portFree("SIM_PORT", c.address(c.simPort), c.simPort); err != nil {
		return err
	}
	if _, err := exec.LookPath("go"); err != nil {
		return errors.New("the program go is not on PATH: install Go")
	}
	if built, err := fs.Glob(os.DirFS(c.root), "static/dist/*"); err != nil || len(built) == 0 {
		return errors.New("scripts and styles have not been built: run `make setup`")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := checkPostgres(ctx, c); err != nil {
		return err
	}
	return checkRedis(ctx, c)
}

func portFree(variable, address string, port int) error {
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %d is in use by another program: end it or choose another port, for example %s=%d",
			port, variable, port+1000)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("port %d may not be used by this user: choose one above 1023 in %s", port, variable)
	case err != nil:
		return fmt.Errorf("port %d cannot be used: %w", port, err)
	}
	return listener.Close()
}

func checkPostgres(ctx context.Context, c config) error {
	if c.databaseURL == "" {
		return localpg.CanStart(postgresOptions(c))
	}
	conn, err := pgx.Connect(ctx, c.databaseURL)
	if err != nil {
		return fmt.Errorf("the database of VECHE_DATABASE_URL cannot be used: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var number int
	var encoding string
	err = conn.QueryRow(ctx, `
		SELECT current_setting('server_version_num')::int, current_setting('server_encoding')`).Scan(&number, &encoding)
	if err != nil {
		return fmt.Errorf("the database of VECHE_DATABASE_URL cannot be used: %w", err)
	}
	if number < 150000 || encoding != "UTF8" {
		return fmt.Errorf("the database of VECHE_DATABASE_URL is Postgres %d with %s, but must be 15 or newer with UTF8",
			number/10000, encoding)
	}
	return nil
}

func checkRedis(ctx context.Context, c config) error {
	if c.redisURL == "" {
		return nil // a stand-in inside this process is always to be had
	}
	options, err := redis.ParseURL(c.redisURL)
	if err != nil {
		return fmt.Errorf("VECHE_REDIS_URL is not an address of Redis: %w", err)
	}
	options.MaxRetries = -1
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	if err := client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("the Redis of VECHE_REDIS_URL does not answer: %w", err)
	}
	return nil
}
