package live

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"veche/cmd/bench/load"
	"veche/cmd/bench/part"
	"veche/cmd/bench/rounds"
	"veche/cmd/bench/stamp"
	"veche/hub/localredis"
)

// Names of the contenders.
const (
	floorName = "floor"
	hubName   = "hub"
	redisName = "hub, Redis"
)

// hubInterval is that of a hub that is told none.
const hubInterval = 100 * time.Millisecond

const (
	converges = 20 * time.Second // the longest a crowd may take for anything
	settles   = 2 * time.Second  // and for what is the same as what it shows
)

// bench is one section under way: what it starts is gone when it ends.
type bench struct {
	ctx    context.Context
	plan   rounds.Plan
	out    io.Writer
	folder string
	redis  *localredis.Server
	sites  []*site
	next   int // number of a site
}

// section runs a section with a folder and a Redis of its own.
func section(ctx context.Context, plan rounds.Plan, out io.Writer, run func(b *bench) error) error {
	// Each process has a socket for every page, and a few files more.
	if err := part.RoomForFiles(plan.Most() + 64); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "veche-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(folder)
	redis, err := localredis.Start(ctx, localredis.Options{Real: true})
	if err != nil {
		return err
	}
	defer redis.Stop()
	b := &bench{ctx: ctx, plan: plan, out: out, folder: folder, redis: redis}
	defer b.close()
	return run(b)
}

// close ends all sites that are left.
func (b *bench) close() {
	for _, s := range b.sites {
		s.close()
	}
	b.sites = nil
}

// siteSpec says what to measure.
type siteSpec struct {
	name     string
	kind     string // floorName, hubName or redisName
	sockets  int
	regions  int // 0: 1
	personal bool
	greet    bool          // the floor answers upgrades and joins
	interval time.Duration // 0: hubInterval
}

// site is one contender: a server and its crowd, each in its own process.
type site struct {
	siteSpec
	board   *stamp.Board
	server  *part.Part
	crowd   *part.Part
	open    load.Open
	publish func(Publish) (Published, error)
	memory  rounds.Sample // told once
}

// start brings a site up, without pages.
func (b *bench) start(spec siteSpec) (*site, error) {
	s := &site{siteSpec: spec, memory: rounds.Sample{}}
	s.regions = max(1, s.regions)
	if s.interval == 0 {
		s.interval = hubInterval
	}
	b.next++
	id := strconv.Itoa(b.next)
	path := filepath.Join(b.folder, "board-"+id)
	topics := s.regions
	if s.personal {
		topics *= s.sockets
	}
	var err error
	if s.board, err = stamp.Create(path, topics); err != nil {
		return nil, err
	}
	b.sites = append(b.sites, s)
	for i := range topics {
		s.board.Change(i)
	}
	secret := rand.Text()
	args := []string{"-board", path}
	name := HubPart
	if s.kind == floorName {
		name = FloorPart
		args = append(args, "-greet="+strconv.FormatBool(s.greet))
	} else {
		args = append(args, "-secret", secret, "-interval", s.interval.String(), "-personal="+strconv.FormatBool(s.personal))
	}
	prefix := "bench-" + id + ":"
	if s.kind == redisName {
		args = append(args, "-redis", b.redis.URL(), "-prefix", prefix)
	}
	if s.server, err = part.Start(b.ctx, name, args...); err != nil {
		return nil, err
	}
	if s.crowd, err = part.Start(b.ctx, load.Part, path); err != nil {
		return nil, err
	}
	s.publish = s.publishInServer
	if s.kind == redisName {
		if s.publish, err = b.publishHere(s.board, prefix); err != nil {
			return nil, err
		}
	}
	s.open = load.Open{
		Sockets:  s.sockets,
		Regions:  s.regions,
		Personal: s.personal,
		Bare:     s.kind == floorName && !s.greet,
		Secret:   []byte(secret),
	}
	return s, s.server.Call("address", nil, &s.open.Address)
}

func (s *site) publishInServer(p Publish) (done Published, err error) {
	return done, s.server.Call("publish", p, &done)
}

// publishHere publishes through Redis from this process, as another process of an
// installation would.
func (b *bench) publishHere(board *stamp.Board, prefix string) (func(Publish) (Published, error), error) {
	broker, err := redisBroker(b.redis.URL(), prefix, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	announce := through(broker)
	return func(p Publish) (Published, error) { return p.run(board, announce) }, nil
}

func (s *site) close() {
	for _, p := range []*part.Part{s.crowd, s.server} {
		if p != nil {
			p.Stop()
		}
	}
	_ = s.board.Close()
}

// populate opens all pages, joins their regions, and weighs what a socket costs.
func (s *site) populate() error {
	empty, err := s.server.Free()
	if err != nil {
		return err
	}
	if err := s.crowd.Call("open", s.open, nil); err != nil {
		return err
	}
	if _, err := s.await(load.Wait{}); err != nil {
		return err
	}
	if err := s.awaitSockets(s.sockets); err != nil {
		return err
	}
	open, err := s.server.Free()
	if err != nil {
		return err
	}
	s.memory["KB/socket"] = s.weigh(empty, open)
	if s.open.Bare || s.greet {
		return nil
	}
	if err := s.crowd.Call("join", nil, nil); err != nil {
		return err
	}
	if _, err := s.await(load.Wait{Joined: true, Newest: true}); err != nil {
		return err
	}
	joined, err := s.server.Free()
	if err != nil {
		return err
	}
	s.memory["KB joined"] = s.weigh(empty, joined)
	return nil
}

// weigh is what the server grew by, in KB for each page.
func (s *site) weigh(before, after part.Usage) float64 {
	return float64(after.Resident-before.Resident) / 1024 / float64(s.sockets)
}

// weight is the memory figures, the first time it is asked for them.
func (s *site) weight() rounds.Sample {
	told := s.memory
	s.memory = rounds.Sample{}
	return told
}

// await waits for the crowd. Pages that are left behind are an error: they lost
// something.
func (s *site) await(w load.Wait) (load.Report, error) {
	w.Within = converges
	var report load.Report
	err := s.crowd.Call("await", w, &report)
	if err == nil && report.Behind > 0 {
		err = fmt.Errorf("%d of %d pages do not show the newest after %s", report.Behind, s.sockets, converges)
	}
	if err == nil && report.Back > 0 {
		err = fmt.Errorf("%d drawings came after newer ones", report.Back)
	}
	return report, err
}

// awaitSockets waits until the server has so many sockets.
func (s *site) awaitSockets(wanted int) error {
	for deadline := time.Now().Add(converges); ; time.Sleep(10 * time.Millisecond) {
		counts, err := s.counts()
		if err != nil {
			return err
		}
		if counts.Sockets == wanted {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("server has %d sockets and not %d", counts.Sockets, wanted)
		}
	}
}

func (s *site) counts() (counts Counts, err error) {
	return counts, s.server.Call("counts", nil, &counts)
}

// measured is a window: what the server did and used, and what the crowd saw.
type measured struct {
	load.Report
	Published
	Counts
	cpu     time.Duration
	peak    int64 // bytes of memory the server grew to
	began   int64 // Unix nanoseconds
	missing int   // drawings that were made for a page and neither came nor were replaced
}

// warn tells of warnings in the server's log, where there are any: such a round is
// worth a second look.
func (m measured) warn(sample rounds.Sample) {
	if m.Warnings > 0 {
		sample["warnings"] = float64(m.Warnings)
	}
}

// measure does something and waits until all pages show the newest.
func (s *site) measure(act func() (Published, error)) (m measured, err error) {
	if err = s.crowd.Call("watch", nil, nil); err != nil {
		return m, err
	}
	before, err := s.counts()
	if err != nil {
		return m, err
	}
	used, err := s.server.Usage()
	if err != nil {
		return m, err
	}
	m.began = time.Now().UnixNano()
	if m.Published, err = act(); err != nil {
		return m, err
	}
	if err = s.settle(&m, before); err != nil {
		return m, err
	}
	now, err := s.server.Usage()
	m.cpu, m.peak = now.CPU-used.CPU, now.Peak
	return m, err
}

// settle waits until all pages show the newest and nothing is on its way any more: a
// drawing that was begun before the last change may already show it, and is followed
// by another that shows the same, an interval later.
func (s *site) settle(m *measured, before Counts) error {
	quiet := time.Now()
	for deadline := time.Now().Add(settles); ; time.Sleep(5 * time.Millisecond) {
		drawn := m.RegionsDrawn
		counts, err := s.counts()
		if err != nil {
			return err
		}
		if m.Report, err = s.await(load.Wait{Joined: !s.open.Bare, Newest: !s.greet}); err != nil {
			return err
		}
		m.Counts = counts.since(before)
		made := m.Changes * s.sockets
		if s.kind != floorName {
			made = int(m.RegionsDrawn) * s.sockets
			if s.personal {
				made = int(m.RegionsDrawn)
			}
		}
		m.missing = made - m.Drawings - m.Replaced
		if m.missing != 0 || m.RegionsDrawn != drawn {
			quiet = time.Now()
		}
		if s.kind == floorName && m.missing == 0 || time.Since(quiet) > 2*s.interval || time.Now().After(deadline) {
			return nil
		}
	}
}

// since is what happened between two counts.
func (c Counts) since(before Counts) Counts {
	c.DrawerCalls -= before.DrawerCalls
	c.RegionsDrawn -= before.RegionsDrawn
	c.GateQueries -= before.GateQueries
	c.VersionReads -= before.VersionReads
	c.Coalesced -= before.Coalesced
	c.Replaced -= before.Replaced
	c.Warnings -= before.Warnings
	return c
}

// contend makes a contender of a site.
func (s *site) contend(round func(s *site) (rounds.Sample, error)) rounds.Contender {
	return rounds.Contender{Name: s.name, Round: func(context.Context) (rounds.Sample, error) { return round(s) }}
}

// bringUp starts sites and fills them.
func (b *bench) bringUp(specs ...siteSpec) ([]*site, error) {
	var sites []*site
	for _, spec := range specs {
		s, err := b.start(spec)
		if err == nil {
			err = s.populate()
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("bring up %s with %d sockets: %w", spec.name, spec.sockets, err), b.ctx.Err())
		}
		sites = append(sites, s)
	}
	return sites, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
