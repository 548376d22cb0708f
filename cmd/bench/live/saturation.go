package live

import (
	"context"
	"fmt"
	"io"
	"time"

	"veche/cmd/bench/rounds"
)

// Shapes of the saturation.
const (
	manyRegions = 50   // that a page shows
	fewerPages  = 1000 // with so many regions each
	noInterval  = time.Millisecond
)

// Saturation publishes more changes than can be written: once for a region that all
// pages show, and once for pages that show many regions, all of which change.
func Saturation(ctx context.Context, plan rounds.Plan, out io.Writer) error {
	return section(ctx, plan, out, func(b *bench) error {
		pages := plan.Most()
		fmt.Fprintf(out, "\n%d sockets, one region, a change every ms; the floor writes without a pause\n", pages)
		err := b.saturate(
			siteSpec{name: floorName, kind: floorName, sockets: pages},
			siteSpec{name: hubName, kind: hubName, sockets: pages},
			siteSpec{name: redisName, kind: redisName, sockets: pages},
			siteSpec{name: "hub, interval 1 ms", kind: hubName, sockets: pages, interval: noInterval},
		)
		if err != nil {
			return err
		}
		pages = min(pages, fewerPages)
		fmt.Fprintf(out, "\n%d sockets, %d regions each, all of which change every ms\n", pages, manyRegions)
		return b.saturate(
			siteSpec{name: floorName, kind: floorName, sockets: pages},
			siteSpec{name: hubName, kind: hubName, sockets: pages, regions: manyRegions},
		)
	})
}

func (b *bench) saturate(specs ...siteSpec) error {
	sites, err := b.bringUp(specs...)
	if err != nil {
		return err
	}
	defer b.close()
	lasting := 1500 * time.Millisecond
	if b.plan.Quick {
		lasting = 300 * time.Millisecond
	}
	var contenders []rounds.Contender
	for _, s := range sites {
		contenders = append(contenders, s.contend(func(s *site) (rounds.Sample, error) { return s.saturationRound(lasting) }))
	}
	results, err := rounds.Interleave(b.ctx, b.plan.Rounds, contenders...)
	if err != nil {
		return err
	}
	return results.Print(b.out,
		rounds.Column{Figure: "drawings/s", Over: floorName},
		rounds.Column{Figure: "CPU s/M", Decimals: 1, Over: floorName},
		rounds.Column{Figure: "a message"},
		rounds.Column{Figure: "changes"},
		rounds.Column{Figure: "merged %", Decimals: 1},
		rounds.Column{Figure: "replaced"},
		rounds.Column{Figure: "MB more"},
		rounds.Column{Figure: "converged ms"},
		rounds.Column{Figure: "lost", Worst: true},
		rounds.Column{Figure: "warnings", Worst: true})
}

// saturationRound writes as much as can be for a while, and waits until all pages show
// the newest.
func (s *site) saturationRound(lasting time.Duration) (rounds.Sample, error) {
	idle, err := s.server.Free()
	if err != nil {
		return nil, err
	}
	flood := Publish{Topics: s.regions, For: lasting, Every: time.Millisecond}
	if s.kind == floorName {
		flood.Every = 0
	}
	m, err := s.measure(func() (Published, error) { return s.publish(flood) })
	if err != nil {
		return nil, err
	}
	sample := rounds.Sample{
		"drawings/s":   float64(m.Drawings) / time.Duration(m.Heard-m.began).Seconds(),
		"CPU s/M":      m.cpu.Seconds() / float64(m.Drawings) * 1e6,
		"a message":    float64(m.Drawings) / float64(m.Messages),
		"changes":      float64(m.Changes * s.regions),
		"MB more":      float64(m.peak-idle.Resident) / (1 << 20),
		"converged ms": milliseconds(time.Duration(m.Heard - m.Last)),
		"lost":         float64(m.missing),
	}
	if s.kind != floorName {
		sample["merged %"] = 100 * (1 - float64(m.RegionsDrawn)/float64(m.Changes*s.regions))
		sample["replaced"] = float64(m.Replaced)
	}
	m.warn(sample)
	return sample, nil
}
