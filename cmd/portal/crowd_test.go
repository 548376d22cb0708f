package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"veche/db/given"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/polls"
)

// voter is a person before the form of a poll.
type voter struct {
	actor access.Actor
	token accounts.Token
	poll  polls.Poll
	form  url.Values
	tries atomic.Int32 // requests that were needed until the vote was acknowledged
}

// crowd is n people who opened the page of a poll, spread over the processes, and
// made up their minds.
func (f *fleet) crowd(poll polls.Poll, n int, processes ...*process) []*voter {
	f.t.Helper()
	actors, tokens := given.Visitors(f.t, f.DB, n)
	voters := make([]*voter, n)
	err := atOnce(n, func(i int) error {
		v := &voter{actor: actors[i], token: tokens[i], poll: poll}
		voters[i] = v
		return v.fillForm(f.t.Context(), processes[i%len(processes)], i)
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return voters
}

func (v *voter) fillForm(ctx context.Context, from *process, choice int) error {
	status, document, err := load(ctx, from, v.token, pagePath(v.poll))
	if err != nil || status != http.StatusOK {
		return fmt.Errorf("load the form: %d (%w)", status, err)
	}
	v.form = url.Values{"option": {strconv.FormatInt(int64(v.poll.Options[choice%len(v.poll.Options)].ID), 10)}}
	for _, field := range []string{"csrf", "request"} {
		value, found := document.Find(`.poll-form input[name="` + field + `"]`).Attr("value")
		if !found {
			return fmt.Errorf("the form has no %s", field)
		}
		v.form.Set(field, value)
	}
	return nil
}

// errNoAnswer says that it is not known whether the vote counts.
var errNoAnswer = errors.New("the vote was not answered")

// send sends the form once. Only nil means that the person was told of a counted vote.
func (v *voter) send(ctx context.Context, to *process) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL+pagePath(v.poll)+"/ballots", strings.NewReader(v.form.Encode()))
	if err != nil {
		return err
	}
	request.Header = headerOf(v.token, to)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := visitors.Do(request)
	if err != nil {
		return errors.Join(errNoAnswer, err)
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, response.Body)
	switch {
	case err != nil, response.StatusCode == http.StatusServiceUnavailable:
		return errors.Join(errNoAnswer, err)
	case response.StatusCode != http.StatusSeeOther:
		return fmt.Errorf("the vote was answered with %d", response.StatusCode)
	}
	return nil
}

// vote sends the form, the very same one again to the next process while there is no
// answer, as a person does.
func (v *voter) vote(ctx context.Context, processes ...*process) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := v.send(ctx, processes[int(v.tries.Add(1)-1)%len(processes)])
		if !errors.Is(err, errNoAnswer) || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// atOnce does n things, a good many of them at the same time.
func atOnce(n int, do func(i int) error) error {
	const workers = 24
	errs := make([]error, n)
	todo := make(chan int)
	var working sync.WaitGroup
	for range min(workers, n) {
		working.Go(func() {
			for i := range todo {
				errs[i] = do(i)
			}
		})
	}
	for i := range n {
		todo <- i
	}
	close(todo)
	working.Wait()
	return errors.Join(errs...)
}

func actorsOf(voters []*voter) []access.Actor {
	actors := make([]access.Actor, len(voters))
	for i, v := range voters {
		actors[i] = v.actor
	}
	return actors
}

// castAll has everybody vote at a process and expects every vote to be taken.
func castAll(t *testing.T, voters []*voter, processes ...*process) {
	t.Helper()
	if err := atOnce(len(voters), func(i int) error { return voters[i].vote(t.Context(), processes...) }); err != nil {
		t.Fatal(err)
	}
}
