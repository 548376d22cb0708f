// Package web measures what people ask of the portal over HTTP: votes, beside the
// bare inserts that a vote consists of, and pages, beside constant bytes from the
// same server.
//
// The portal is a real portal serve with the defaults of its configuration, on a
// Postgres and a Redis of its own; Postgres keeps what it commits. The load comes
// from processes of their own, over kept-alive connections, with the headers a
// browser sends. People and sessions are put into the database beforehand, and every
// vote of a round is another person's.
package web

import (
	"context"
	"io"
	"time"

	"veche/cmd/bench/part"
	"veche/cmd/bench/rounds"
)

// LoadPart is the part of the bench that asks and measures, see [ServeLoad].
const LoadPart = "web-load"

// ServeLoad is the load client.
func ServeLoad(_ []string, in io.Reader, out io.Writer) error {
	return part.Serve(in, out, map[string]part.Handler{
		"ask": part.Handle(func(e errand) (outcome, error) { return e.ask(context.Background()) }),
	})
}

const (
	workers = 64 // people who ask at the same time
	warm    = 10 // questions of each before the clock starts
)

// window is for how long is measured: usual, less where only a look was asked for.
func window(p rounds.Plan, usual time.Duration) time.Duration {
	if p.Quick {
		return usual / 4
	}
	return usual
}

// run has a process of its own do the errand.
func run(ctx context.Context, e errand) (o outcome, err error) {
	e.Workers, e.Warm = workers, warm
	before, known := spent()
	load, err := part.Start(ctx, LoadPart)
	if err != nil {
		return o, err
	}
	err = load.Call("ask", e, &o)
	load.Stop()
	if err != nil {
		return o, err
	}
	if after, ok := spent(); ok && known {
		// The warming questions cost too.
		o.CPU = (after - before).Seconds() * 1000 / float64(o.Asked+workers*warm)
	}
	return o, nil
}
