// Command dev is the whole portal on one machine with nothing set up by hand: what
// `make run` starts.
//
// It finds or brings up Postgres and Redis, builds portal and sim, applies the
// migrations, seeds the demonstration data and serves, with everything it keeps in
// the folder .veche. When the portal can be used it prints one line,
// "ready http://127.0.0.1:PORT", to its standard output; all else goes to the
// standard error output. A Redis that dies is started again; any other part that
// dies ends the rest. Ctrl-C or SIGTERM stops front to back: portal, sim, Redis,
// Postgres. A second Ctrl-C does not wait.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"veche/internal/child"
)

const usage = `dev          runs the whole portal with a private Postgres and Redis (make run)
dev schema   writes db/schema.sql from the migrations (make schema)

PORT                the portal's port (8080)
SIM_PORT            the port of the simulated outside world (8090)
VECHE_DATABASE_URL  a Postgres to use instead of a private one
VECHE_REDIS_URL     a Redis to use instead of a private one

Every other VECHE_ variable reaches the portal as it is: see portal help.
`

func main() {
	// A make that is killed cannot pass its end on.
	if os.Getenv("MAKELEVEL") != "" {
		child.FollowParent()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // the next signal ends us at once
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "dev: %v\n", err)
		os.Exit(1)
	}
}

// run is the program without its process: it returns nil when ctx ended it.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	c, err := readConfig(environ)
	if err != nil {
		return err
	}
	switch strings.Join(args, " ") {
	case "":
		return serve(ctx, c, stdout, stderr)
	case "schema":
		return writeSchema(ctx, c, slog.New(slog.NewTextHandler(stderr, nil)))
	case "help", "-h", "-help", "--help":
		_, err := io.WriteString(stdout, usage)
		return err
	default:
		return fmt.Errorf("unknown argument %q: dev help tells what there is", args[0])
	}
}
