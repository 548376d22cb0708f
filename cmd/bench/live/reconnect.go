package live

import (
	"context"
	"fmt"
	"io"
	"time"

	"veche/cmd/bench/rounds"
)

// Reconnect has everybody come back at once: first having missed nothing, and then
// with one change each that happened while they were away. Every page follows the bell
// of an account of its own, so that nothing is shared.
func Reconnect(ctx context.Context, plan rounds.Plan, out io.Writer) error {
	return section(ctx, plan, out, func(b *bench) error { return b.reconnect(plan.Most()) })
}

func (b *bench) reconnect(pages int) error {
	fmt.Fprintf(b.out, "\n%d pages with a personal region each; all show the newest when they are back\n", pages)
	sites, err := b.bringUp(
		siteSpec{name: floorName, kind: floorName, sockets: pages, personal: true, greet: true},
		siteSpec{name: hubName, kind: hubName, sockets: pages, personal: true},
		siteSpec{name: redisName, kind: redisName, sockets: pages, personal: true},
	)
	if err != nil {
		return err
	}
	var contenders []rounds.Contender
	for _, s := range sites {
		contenders = append(contenders, s.contend(func(s *site) (rounds.Sample, error) { return s.reconnectRound(false) }))
	}
	for _, s := range sites[1:] {
		missed := s.contend(func(s *site) (rounds.Sample, error) { return s.reconnectRound(true) })
		missed.Name += ", one missed"
		contenders = append(contenders, missed)
	}
	results, err := rounds.Interleave(b.ctx, b.plan.Rounds, contenders...)
	if err != nil {
		return err
	}
	return results.Print(b.out,
		rounds.Column{Figure: "s until all are back", Decimals: 2, Over: floorName},
		rounds.Column{Figure: "CPU ms/page", Decimals: 3, Over: floorName},
		rounds.Column{Figure: "regions drawn"},
		rounds.Column{Figure: "drawer calls"},
		rounds.Column{Figure: "version reads"},
		rounds.Column{Figure: "gate queries"},
		rounds.Column{Figure: "warnings", Worst: true})
}

// reconnectRound drops all sockets, changes every bell if some are to be missed, and
// opens the sockets again.
func (s *site) reconnectRound(miss bool) (rounds.Sample, error) {
	if err := s.crowd.Call("drop", nil, nil); err != nil {
		return nil, err
	}
	if err := s.awaitSockets(0); err != nil {
		return nil, err
	}
	if miss {
		if _, err := s.publish(Publish{Topics: s.sockets, Personal: true, Changes: 1}); err != nil {
			return nil, err
		}
	}
	back := s.open
	back.Join = true
	var began time.Time
	m, err := s.measure(func() (Published, error) {
		began = time.Now()
		return Published{}, s.crowd.Call("open", back, nil)
	})
	if err != nil {
		return nil, err
	}
	sample := rounds.Sample{
		"s until all are back": time.Unix(0, m.Heard).Sub(began).Seconds(),
		"CPU ms/page":          milliseconds(m.cpu) / float64(s.sockets),
	}
	if s.kind != floorName {
		sample["regions drawn"] = float64(m.RegionsDrawn)
		sample["drawer calls"] = float64(m.DrawerCalls)
		sample["version reads"] = float64(m.VersionReads)
		sample["gate queries"] = float64(m.GateQueries)
	}
	m.warn(sample)
	return sample, nil
}
