// Command portal is the server of «Вече»: pages, the live layer and the jobs
// behind them, in one binary. "portal help" says how it is run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones are known on machines without any
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, environment())
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "portal:", err)
		os.Exit(1)
	}
}

// run is the whole program; tests start it too.
func run(ctx context.Context, args []string, out io.Writer, env map[string]string) error {
	command := "help"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch command {
	case "help", "-h", "-help", "--help":
		return help(out)
	case "migrate", "seed", "serve":
	default:
		return fmt.Errorf("there is no command %q; portal help lists them", command)
	}
	config, err := readConfig(env)
	if err != nil {
		return err
	}
	switch command {
	case "migrate":
		return migrate(ctx, config, out)
	case "seed":
		return seed(ctx, config, out)
	default:
		return serve(ctx, config, args, out)
	}
}

func help(out io.Writer) error {
	_, err := fmt.Fprintf(out, `Вече — an open civic portal that is alive.

Usage:
  portal serve [-only web|jobs]   run the server; -only runs a part of it
  portal migrate                  bring the database to the newest migration
  portal seed                     fill an empty database with a made-up town
  portal help                     this text

Environment:
%s`, describeConfig())
	return err
}
