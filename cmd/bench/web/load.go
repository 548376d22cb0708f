package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// errand is what one run of the load client does, in a process of its own: many
// workers ask one after the other, as long as there is time.
type errand struct {
	What      string // one of the kinds below
	Address   string // of the portal
	Database  string // for the bare inserts
	Secret    string
	Residents string // file with the voters
	Poll      int64
	Options   []int64
	Path      string // of the page asked for
	SignedIn  bool
	Workers   int
	Warm      int // questions of each worker before the clock starts
	For       time.Duration
	AtMost    int // measured questions; 0 for as many as there is time for
}

// Kinds of load.
const (
	htmxVotes  = "votes by htmx"
	formVotes  = "votes by plain form"
	bareWrites = "bare inserts"
	pageViews  = "pages"
)

// outcome is what a run of the load client measured.
type outcome struct {
	Asked    int
	Seconds  float64
	P50, P99 float64 // milliseconds
	Length   int     // of an answer's body as sent
	// CPU is the processor time of all programs of the town and of the client, in
	// milliseconds a question; 0 where the system does not tell.
	CPU float64
}

// asker asks the n-th question and answers the length of what came back.
type asker func(ctx context.Context, worker, n int) (length int, err error)

// ask does the errand.
func (e errand) ask(ctx context.Context) (outcome, error) {
	ask, most, finish, err := e.prepare(ctx)
	if err != nil {
		return outcome{}, err
	}
	measured, err := e.run(ctx, ask, most)
	if err := errors.Join(err, finish()); err != nil {
		return outcome{}, fmt.Errorf("%s: %w", e.What, err)
	}
	return measured, nil
}

// prepare makes what answers the questions, and says how many there are.
func (e errand) prepare(ctx context.Context) (ask asker, most int, finish func() error, err error) {
	var voters []person
	list, err := os.ReadFile(e.Residents)
	if err == nil {
		err = json.Unmarshal(list, &voters)
	}
	if err != nil {
		return nil, 0, nil, fmt.Errorf("read the residents: %w", err)
	}
	switch e.What {
	case bareWrites:
		f, err := newFloor(ctx, e, voters)
		if err != nil {
			return nil, 0, nil, err
		}
		return f.vote, len(voters), f.close, nil
	case htmxVotes, formVotes:
		requests := make([][]byte, len(voters))
		for i, voter := range voters {
			requests[i] = vote(e.Address, e.Secret, e.Poll, e.Options[i%len(e.Options)], voter, e.What == htmxVotes)
		}
		want := 200
		if e.What == formVotes {
			want = 303
		}
		ask, finish, err = e.browse(want, func(n int) []byte { return requests[n] })
		return ask, len(voters), finish, err
	case pageViews:
		requests := make([][]byte, len(voters))
		for i, voter := range voters {
			if !e.SignedIn {
				voter.Token = ""
			}
			requests[i] = get(e.Address, e.Path, voter.Token)
		}
		ask, finish, err = e.browse(200, func(n int) []byte { return requests[n%len(requests)] })
		return ask, 0, finish, err
	}
	return nil, 0, nil, fmt.Errorf("there is no load called %q", e.What)
}

// browse gives each worker a connection of its own.
func (e errand) browse(want int, request func(n int) []byte) (asker, func() error, error) {
	clients := make([]*client, e.Workers)
	for i := range clients {
		var err error
		if clients[i], err = dial(e.Address); err != nil {
			return nil, nil, err
		}
	}
	ask := func(_ context.Context, worker, n int) (int, error) {
		status, length, err := clients[worker].ask(request(n))
		if err == nil && status != want {
			err = fmt.Errorf("the portal answers %d, expected %d", status, want)
		}
		return length, err
	}
	finish := func() error {
		for _, c := range clients {
			c.close()
		}
		return nil
	}
	return ask, finish, nil
}

// run asks until the time is up or there is nothing left to ask; most bounds the
// questions, 0 does not.
func (e errand) run(ctx context.Context, ask asker, most int) (outcome, error) {
	var (
		next    atomic.Int64 // the question
		warming sync.WaitGroup
		working sync.WaitGroup
		start   = make(chan struct{})
		took    = make([][]time.Duration, e.Workers)
		lengths = make([]int, e.Workers)
		failed  = make([]error, e.Workers)
		until   time.Time
	)
	if e.AtMost > 0 {
		limit := e.AtMost + e.Warm*e.Workers
		if most == 0 || limit < most {
			most = limit
		}
	}
	take := func() (int, bool) {
		n := int(next.Add(1)) - 1
		return n, most == 0 || n < most
	}
	warming.Add(e.Workers)
	for worker := range e.Workers {
		working.Go(func() {
			for range e.Warm {
				n, ok := take()
				if !ok || failed[worker] != nil {
					break
				}
				_, failed[worker] = ask(ctx, worker, n)
			}
			warming.Done()
			<-start
			for failed[worker] == nil && time.Now().Before(until) {
				n, ok := take()
				if !ok {
					return
				}
				began := time.Now()
				lengths[worker], failed[worker] = ask(ctx, worker, n)
				took[worker] = append(took[worker], time.Since(began))
			}
		})
	}
	warming.Wait()
	began := time.Now()
	until = began.Add(e.For)
	close(start)
	working.Wait()
	all := slices.Concat(took...)
	if err := errors.Join(failed...); err != nil {
		return outcome{}, err
	}
	if len(all) == 0 {
		return outcome{}, errors.New("nothing was asked")
	}
	seconds := time.Since(began).Seconds()
	slices.Sort(all)
	at := func(part float64) float64 {
		return float64(all[min(int(part*float64(len(all))), len(all)-1)]) / float64(time.Millisecond)
	}
	return outcome{
		Asked:   len(all),
		Seconds: seconds,
		P50:     at(0.50),
		P99:     at(0.99),
		Length:  slices.Max(lengths),
	}, nil
}
