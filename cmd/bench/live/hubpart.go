package live

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"veche/cmd/bench/load"
	"veche/cmd/bench/part"
	"veche/cmd/bench/region"
	"veche/cmd/bench/stamp"
	"veche/domain/event"
	"veche/hub"
)

// HubPart is the name of the process that is a portal with nothing but a hub.
const HubPart = "hub"

// Counts are what a server did since it began. The floor counts sockets alone.
type Counts struct {
	Sockets                   int
	DrawerCalls, RegionsDrawn int64
	GateQueries, VersionReads int64 // calls, of whatever number of sessions or topics
	Coalesced, Replaced       int   // as the hub's metrics tell
	Warnings                  int64 // that the hub wrote into its log
}

// server is the hub and what it is asked for.
type server struct {
	board    *stamp.Board
	broker   hub.Broker
	h        *hub.Hub
	app      *fiber.App
	registry *prometheus.Registry
	personal bool
	profile  *os.File
	warnings *warnings

	drawerCalls, regionsDrawn, gateQueries, versionReads atomic.Int64
}

// ServeHub is that process.
func ServeHub(args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet(HubPart, flag.ContinueOnError)
	path := flags.String("board", "", "the board's file")
	url := flags.String("redis", "", "Redis, none: a broker in memory")
	prefix := flags.String("prefix", "", "of keys and channels in Redis")
	secret := flags.String("secret", "", "of passes")
	interval := flags.Duration("interval", 0, "between drawings of a region, 0 for the hub's own")
	personal := flags.Bool("personal", false, "each page belongs to an account")
	if err := flags.Parse(args); err != nil {
		return err
	}
	board, err := stamp.Open(*path)
	if err != nil {
		return err
	}
	s := &server{board: board, personal: *personal, registry: prometheus.NewRegistry(), broker: newMemory()}
	s.warnings = newWarnings(os.Stderr)
	log := slog.New(s.warnings)
	if *url != "" {
		if s.broker, err = redisBroker(*url, *prefix, log); err != nil {
			return err
		}
	}
	s.h = hub.New(hub.Options{
		Broker:     counted{s.broker, &s.versionReads},
		Passes:     hub.NewPasses([]byte(*secret)),
		Gate:       s,
		Log:        log,
		Registerer: s.registry,
		Interval:   *interval,
		PerVisitor: -1,
		PerAddress: -1,
	})
	s.h.Handle(region.Poll, region.Tally, s.draw)
	s.h.Handle(region.Account, region.Bell, s.draw)
	return s.serve(in, out)
}

func redisBroker(url, prefix string, log *slog.Logger) (hub.Broker, error) {
	options, err := hub.RedisOptions(url)
	if err != nil {
		return nil, err
	}
	return hub.NewRedisBroker(redis.NewUniversalClient(options), prefix, log), nil
}

// serve runs the portal until in ends.
func (s *server) serve(in io.Reader, out io.Writer) error {
	// As the portal's own server has them.
	s.app = fiber.New(fiber.Config{
		DisableStartupMessage: true,
		Immutable:             true,
		ReadTimeout:           15 * time.Second,
		WriteTimeout:          30 * time.Second,
		IdleTimeout:           75 * time.Second,
	})
	hub.PrepareFiber(s.app)
	s.app.Get("/live", func(c *fiber.Ctx) error {
		number, err := strconv.Atoi(c.Query("page"))
		if err != nil {
			return fiber.ErrBadRequest
		}
		return s.h.Upgrade(c, load.Visitor(s.personal, number))
	})
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- s.app.Listener(listener) }()
	go func() { ended <- s.h.Run(ctx) }()
	err = part.Serve(in, out, map[string]part.Handler{
		"address": part.Handle(func(none) (string, error) { return listener.Addr().String(), nil }),
		"counts":  part.Handle(func(none) (Counts, error) { return s.counts() }),
		"publish": part.Handle(func(p Publish) (Published, error) { return p.run(s.board, through(s.broker)) }),
		"profile": part.Handle(s.startProfile),
		"profiled": part.Handle(func(none) (none, error) {
			pprof.StopCPUProfile()
			return none{}, s.profile.Close()
		}),
	})
	stop()
	return errors.Join(err, s.app.ShutdownWithTimeout(time.Second), <-ended, <-ended)
}

// draw draws what the board says is newest.
func (s *server) draw(_ context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	s.drawerCalls.Add(1)
	s.regionsDrawn.Add(int64(len(wanted)))
	drawings := make(map[event.Region]hub.Drawing, len(wanted))
	for _, w := range wanted {
		number, err := region.Number(w.Region)
		if err != nil {
			return nil, err
		}
		drawings[w.Region] = hub.Drawing{HTML: region.Draw(w.Region, w.Version, s.board.Newest(number))}
	}
	return drawings, nil
}

// Rights implements [hub.Gate]: everybody is still who they were.
func (s *server) Rights(_ context.Context, sessions []string) (map[string]int64, error) {
	s.gateQueries.Add(1)
	rights := make(map[string]int64, len(sessions))
	for _, session := range sessions {
		rights[session] = load.Visitor(true, 0).Rights
	}
	return rights, nil
}

// counted counts how often versions are read.
type counted struct {
	hub.Broker
	reads *atomic.Int64
}

func (c counted) Versions(ctx context.Context, topics []event.Topic) (map[event.Topic]string, error) {
	c.reads.Add(1)
	return c.Broker.Versions(ctx, topics)
}

func (s *server) counts() (Counts, error) {
	counts := Counts{
		DrawerCalls:  s.drawerCalls.Load(),
		RegionsDrawn: s.regionsDrawn.Load(),
		GateQueries:  s.gateQueries.Load(),
		VersionReads: s.versionReads.Load(),
		Warnings:     s.warnings.count.Load(),
	}
	families, err := s.registry.Gather()
	if err != nil {
		return counts, fmt.Errorf("gather the hub's metrics: %w", err)
	}
	wanted := map[string]*int{
		"veche_live_sockets":         &counts.Sockets,
		"veche_live_coalesced_total": &counts.Coalesced,
		"veche_live_replaced_total":  &counts.Replaced,
	}
	for _, family := range families {
		into := wanted[family.GetName()]
		if into == nil {
			continue
		}
		delete(wanted, family.GetName())
		for _, metric := range family.GetMetric() {
			*into += int(metric.GetGauge().GetValue() + metric.GetCounter().GetValue())
		}
	}
	for name := range wanted {
		return counts, fmt.Errorf("hub has no metric %s", name)
	}
	return counts, nil
}

func (s *server) startProfile(path string) (none, error) {
	var err error
	if s.profile, err = os.Create(path); err != nil {
		return none{}, fmt.Errorf("write a CPU profile: %w", err)
	}
	return none{}, pprof.StartCPUProfile(s.profile)
}
