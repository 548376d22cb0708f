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
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"veche/cmd/bench/rounds"
	"veche/internal/child"
)

// LoadCommand is the argument under which the program that holds this package calls
// [Load] when it is started by it again.
const LoadCommand = "web-load"

const (
	workers  = 32 // people who ask at the same time
	warm     = 20 // questions of each before the clock starts
	duration = 3 * time.Second
	quick    = 500 * time.Millisecond
)

func window(p rounds.Plan) time.Duration {
	if p.Quick {
		return quick
	}
	return duration
}

// run has a process of its own do the errand.
func run(ctx context.Context, e errand) (outcome, error) {
	e.Workers, e.Warm = workers, warm
	self, err := os.Executable()
	if err != nil {
		return outcome{}, err
	}
	question, err := json.Marshal(e)
	if err != nil {
		return outcome{}, err
	}
	var answer bytes.Buffer
	cmd := exec.Command(self, LoadCommand)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(question), &answer, os.Stderr
	before, known := spent()
	process, err := child.Start(cmd, syscall.SIGKILL)
	if err != nil {
		return outcome{}, err
	}
	select {
	case <-process.Done():
	case <-ctx.Done():
		process.Kill()
		return outcome{}, ctx.Err()
	}
	var o outcome
	if err := errors.Join(process.Err(), json.Unmarshal(answer.Bytes(), &o)); err != nil {
		return o, fmt.Errorf("the load client: %w", err)
	}
	if after, ok := spent(); ok && known {
		// The warming questions cost too.
		o.CPU = (after - before).Seconds() * 1000 / float64(o.Asked+workers*warm)
	}
	return o, nil
}
