// Command bench measures what the portal's spine costs, beside the least that the same
// work can cost on the same machine in the same minutes: what `make bench` runs.
//
// Servers and their clients run in processes of their own, contenders take turns, and
// what is printed is the median over the rounds with the least and the most in
// brackets. A ratio is the median of the ratios within each round. Absolute numbers
// tell about the machine; only the ratios tell about the program.
//
// The figures: "CPU s/M" is the server's processor seconds, user and system, for a
// million deliveries; p50 and p99 are from a change to its arrival at a page, "last" to
// its arrival at the last page; "KB/socket" is the memory by which the server grew for
// an idle socket, and "KB joined" for one that follows a region; "merged" are changes
// that were drawn together with a later one, as the hub may; "lost" are drawings that
// were made and did not arrive; "warnings" are lines of the server's log, and the column
// is there only when there are any. A page that does not end on the newest state ends the
// bench with an error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"veche/cmd/bench/live"
	"veche/cmd/bench/load"
	"veche/cmd/bench/part"
	"veche/cmd/bench/rounds"
	"veche/cmd/bench/web"
)

// sections are what can be measured, in their order.
var sections = []struct {
	name, title string
	run         func(ctx context.Context, plan rounds.Plan, out io.Writer) error
}{
	{"fanout", "one change to many sockets", live.Fanout},
	{"saturation", "more changes than can be written", live.Saturation},
	{"reconnect", "everybody comes back at once", live.Reconnect},
	{"votes", "votes beside bare inserts", web.Votes},
	{"pages", "pages beside constant bytes", web.Pages},
}

// parts are the processes this program starts of itself.
var parts = map[string]func(args []string, in io.Reader, out io.Writer) error{
	live.FloorPart: live.ServeFloor,
	live.HubPart:   live.ServeHub,
	load.Part:      load.Serve,
	web.LoadPart:   web.ServeLoad,
}

func main() {
	if name, args, asked := part.Asked(os.Args[1:]); asked {
		if err := servePart(name, args); err != nil {
			fmt.Fprintf(os.Stderr, "bench, part %s: %v\n", name, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the next signal ends us at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func servePart(name string, args []string) error {
	serve := parts[name]
	if serve == nil {
		return fmt.Errorf("there is no such part; there are: %s", strings.Join(names(), ", "))
	}
	return serve(args, os.Stdin, os.Stdout)
}

// run is the program without its process.
func run(ctx context.Context, args []string, out io.Writer) error {
	plan, only, err := readPlan(args, out)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, machine())
	for _, s := range sections {
		if len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		fmt.Fprintf(out, "\n== %s: %s\n", s.name, s.title)
		if err := s.run(ctx, plan, out); err != nil {
			if ctx.Err() != nil {
				return ctx.Err() // what was cut off fails in many ways
			}
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// readPlan reads the command line. Numbers that are not given are those of a full run,
// or of a quick one.
func readPlan(args []string, out io.Writer) (plan rounds.Plan, only []string, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.IntVar(&plan.Rounds, "rounds", 0, "rounds of each comparison (5, quick 1)")
	flags.BoolVar(&plan.Quick, "quick", false, "see in less than a minute whether everything works: small numbers, of which nothing follows")
	flags.StringVar(&plan.CPUProfile, "cpuprofile", "", "write a CPU profile of the hub's server at the most sockets to this file (fanout)")
	sockets := flags.String("sockets", "", "how many, of one size or several (1000,5000,10000; quick 200)")
	chosen := flags.String("only", "", "sections to run, of: "+strings.Join(names(), ", "))
	if err := flags.Parse(args); err != nil {
		return plan, nil, err
	}
	if flags.NArg() > 0 {
		return plan, nil, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	if plan.Rounds == 0 {
		plan.Rounds = 5
		if plan.Quick {
			plan.Rounds = 1
		}
	}
	if *sockets == "" {
		*sockets = "1000,5000,10000"
		if plan.Quick {
			*sockets = "200"
		}
	}
	if plan.Rounds < 0 {
		return plan, nil, errors.New("-rounds is less than one")
	}
	for field := range strings.SplitSeq(*sockets, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return plan, nil, fmt.Errorf("-sockets: %q is no number of sockets", field)
		}
		plan.Sockets = append(plan.Sockets, n)
	}
	slices.Sort(plan.Sockets)
	if *chosen != "" {
		only = strings.Split(*chosen, ",")
	}
	for _, name := range only {
		if !slices.Contains(names(), name) {
			return plan, nil, fmt.Errorf("-only: there is no section %q; there are: %s", name, strings.Join(names(), ", "))
		}
	}
	return plan, only, nil
}

func names() []string {
	var all []string
	for _, s := range sections {
		all = append(all, s.name)
	}
	return all
}
