// Package live measures the hub: what a message to many sockets costs, what happens
// when more changes than can be written, and what it costs when everybody comes back.
package live

import (
	"context"
	"fmt"
	"io"
	"time"

	"veche/cmd/bench/region"
	"veche/cmd/bench/rounds"
)

// deliveriesPerSecond is the pace of the fanout, from 500 sockets on: half of what one
// core writes, so that nobody is late for want of a machine.
const deliveriesPerSecond = 50_000

// Fanout writes one message to many sockets, at a steady pace.
func Fanout(ctx context.Context, plan rounds.Plan, out io.Writer) error {
	return section(ctx, plan, out, func(b *bench) error {
		for _, sockets := range plan.Sockets {
			if err := b.fanout(sockets); err != nil {
				return err
			}
			b.close()
		}
		return nil
	})
}

func (b *bench) fanout(sockets int) error {
	window := 2 * time.Second
	if b.plan.Quick {
		window = 500 * time.Millisecond
	}
	every := max(10*time.Millisecond, time.Second*time.Duration(sockets)/deliveriesPerSecond)
	changes := int(max(4, window/every))
	// The hub would take changes together that come within its interval.
	interval := min(hubInterval, every/2)
	fmt.Fprintf(b.out, "\n%d sockets, a message of %d bytes every %s, %d times a round\n", sockets, region.MessageBytes, every, changes)

	sites, err := b.bringUp(
		siteSpec{name: floorName, kind: floorName, sockets: sockets},
		siteSpec{name: hubName, kind: hubName, sockets: sockets, interval: interval},
		siteSpec{name: redisName, kind: redisName, sockets: sockets, interval: interval},
	)
	if err != nil {
		return err
	}
	steady := Publish{Topics: 1, Changes: changes, Every: every}
	var contenders []rounds.Contender
	for _, s := range sites {
		if _, err := s.measure(func() (Published, error) { return s.publish(Publish{Topics: 1, Changes: 2, Every: every}) }); err != nil {
			return fmt.Errorf("warm up %s: %w", s.name, err)
		}
		contenders = append(contenders, s.contend(func(s *site) (rounds.Sample, error) { return s.fanoutRound(steady) }))
	}
	profiled := b.plan.CPUProfile != "" && sockets == b.plan.Most()
	if profiled {
		if err := sites[1].server.Call("profile", b.plan.CPUProfile, nil); err != nil {
			return err
		}
	}
	results, err := rounds.Interleave(b.ctx, b.plan.Rounds, contenders...)
	if err != nil {
		return err
	}
	if profiled {
		if err := sites[1].server.Call("profiled", nil, nil); err != nil {
			return err
		}
	}
	return results.Print(b.out,
		rounds.Column{Figure: "CPU s/M", Decimals: 1, Over: floorName},
		rounds.Column{Figure: "p50 ms", Decimals: 1},
		rounds.Column{Figure: "p99 ms", Decimals: 1},
		rounds.Column{Figure: "last p50 ms", Decimals: 1},
		rounds.Column{Figure: "last p99 ms", Decimals: 1},
		rounds.Column{Figure: "KB/socket", Decimals: 1},
		rounds.Column{Figure: "KB joined", Decimals: 1},
		rounds.Column{Figure: "merged"},
		rounds.Column{Figure: "lost", Worst: true},
		rounds.Column{Figure: "warnings", Worst: true})
}

func (s *site) fanoutRound(p Publish) (rounds.Sample, error) {
	m, err := s.measure(func() (Published, error) { return s.publish(p) })
	if err != nil {
		return nil, err
	}
	sample := s.weight()
	sample["CPU s/M"] = m.cpu.Seconds() / float64(m.Drawings) * 1e6
	sample["p50 ms"] = milliseconds(m.P50)
	sample["p99 ms"] = milliseconds(m.P99)
	sample["last p50 ms"] = milliseconds(m.LastP50)
	sample["last p99 ms"] = milliseconds(m.LastP99)
	if s.kind != floorName {
		sample["merged"] = float64(m.Changes - int(m.RegionsDrawn))
	}
	sample["lost"] = float64(m.missing)
	m.warn(sample)
	return sample, nil
}
