package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/db/given"
	pollsdb "veche/db/polls"
	"veche/domain/polls"
)

// lightSocket is the socket of a page that shows nothing, so that thousands fit into
// a test.
type lightSocket struct {
	conn   *websocket.Conn
	joined chan struct{}
	ended  chan struct{}
	saw    bool   // the vote that was under way when the process was asked to stop
	last   string // message
	ending
}

// lightClient opens connections with buffers as small as the messages.
var lightClient = &http.Client{Transport: &http.Transport{ReadBufferSize: 512, WriteBufferSize: 512}}

// openLight opens a socket that comes from an address of its own, as seen by a proxy,
// joins, and notes how it ends.
func openLight(ctx context.Context, to *process, number int, join []byte) (*lightSocket, error) {
	header := headerOf("", to)
	header.Set("X-Forwarded-For", fmt.Sprintf("10.1.%d.%d", number/250, number%250))
	conn, _, err := websocket.Dial(ctx, to.URL+"/live", &websocket.DialOptions{HTTPClient: lightClient, HTTPHeader: header})
	if err != nil {
		return nil, err
	}
	if err := conn.Write(ctx, websocket.MessageText, join); err != nil {
		return nil, err
	}
	s := &lightSocket{conn: conn, joined: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for {
			_, message, err := conn.Read(context.Background())
			if err != nil {
				s.ending = ending{websocket.CloseStatus(err), time.Now()}
				return
			}
			s.last = string(message)
			s.saw = s.saw || strings.Contains(s.last, "Проголосовал 1 человек")
			if strings.HasPrefix(s.last, `{"joined"`) {
				close(s.joined)
			}
		}
	}()
	return s, nil
}

// crowdOfSockets opens n sockets that follow the tally of a poll.
func (f *fleet) crowdOfSockets(n int, poll polls.Poll, to *process) []*lightSocket {
	f.t.Helper()
	_, document, err := load(f.t.Context(), to, "", pagePath(poll))
	if err != nil {
		f.t.Fatal(err)
	}
	tally := regionsOf(document.Selection)[tallyOf(poll)]
	join, err := json.Marshal(map[string]any{"join": map[string][]string{
		string(tallyOf(poll)): {tally.AttrOr("data-version", ""), tally.AttrOr("data-pass", "")},
	}})
	if err != nil {
		f.t.Fatal(err)
	}
	sockets := make([]*lightSocket, n)
	err = atOnce(n, func(i int) error {
		var err error
		if sockets[i], err = openLight(f.t.Context(), to, i, join); err == nil {
			f.t.Cleanup(func() { _ = sockets[i].conn.CloseNow() })
			<-sockets[i].joined
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return sockets
}

// holdPoll keeps everybody else from a poll until release is called.
func (f *fleet) holdPoll(id polls.ID) (release func()) {
	f.t.Helper()
	tx, err := f.DB.Pool().Begin(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	release = sync.OnceFunc(func() { _ = tx.Rollback(context.WithoutCancel(f.t.Context())) })
	f.t.Cleanup(release)
	if _, err := tx.Exec(f.t.Context(), `SELECT FROM polls WHERE id = $1 FOR UPDATE`, id); err != nil {
		f.t.Fatal(err)
	}
	return release
}

// awaitWaiters waits until so many transactions wait for a lock.
func (f *fleet) awaitWaiters(n int) {
	f.t.Helper()
	eventually(f.t, fmt.Sprintf("%d transactions that wait", n), func() bool {
		return n == f.count(`
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`)
	})
}

// A process that is asked to stop sends its pages away one after the other, finishes
// the request and the job it is at, and takes nothing new.
func TestSIGTERMSendsTwoThousandPagesAwayAndFinishesWhatItIsAt(t *testing.T) {
	const people, window = 2000, 3 * time.Second
	f := newFleet(t, "VECHE_DRAIN", window.String(), "VECHE_TRUST_PROXY", "true")
	p := f.start()
	poll, over := given.OpenPoll(t, f.DB), given.OpenPoll(t, f.DB)
	one := f.crowd(poll, 1, p)[0]
	given.TimeIsUp(t, f.DB, over.ID)
	sockets := f.crowdOfSockets(people, poll, p)

	letVote, letJob := f.holdPoll(poll.ID), f.holdPoll(over.ID)
	voted := make(chan error, 1)
	go func() { voted <- one.send(t.Context(), p) }()
	f.awaitWaiters(1)
	given.RunJobNow(t, f.DB, pollsdb.CloseArgs{Poll: over.ID})
	f.awaitWaiters(2)

	asked := time.Now()
	p.signal(t, syscall.SIGTERM)
	awaitOne(t, sockets)
	if late, err := openLight(t.Context(), p, people, nil); err == nil {
		_ = late.conn.CloseNow()
		t.Error("a new socket was let in")
	}
	letVote()
	if err := <-voted; err != nil {
		t.Errorf("the vote that was under way: %v", err)
	}
	expectSpread(t, sockets, asked, window)

	select {
	case <-p.Done():
		t.Error("the process ended in the middle of a job")
	case <-time.After(time.Second): // an impatient one would be gone
	}
	letJob()
	select {
	case <-p.Done():
	case <-time.After(patience):
		t.Fatal("the process does not end")
	}
	t.Logf("the process ended %s after it was asked to", time.Since(asked).Round(time.Millisecond))
	if err := p.Err(); err != nil { // also when stopping took longer than it may
		t.Errorf("the process ended with %v", err)
	}
	f.expectEveryVoteOnce(poll.ID, actorsOf([]*voter{one}))
	if n := f.count(`SELECT count(*) FROM river_job WHERE kind = $1 AND state = 'completed'`, pollsdb.CloseArgs{}.Kind()); n != 1 {
		t.Error("the job that was under way was not finished")
	}
	if n := f.count(`SELECT count(*) FROM outbox`); n != 0 {
		t.Errorf("%d announcements were left to other processes", n)
	}
}

// awaitOne waits until one of the sockets is closed.
func awaitOne(t *testing.T, sockets []*lightSocket) {
	t.Helper()
	eventually(t, "the first socket to be closed", func() bool {
		return slices.ContainsFunc(sockets, func(s *lightSocket) bool {
			select {
			case <-s.ended:
				return true
			default:
				return false
			}
		})
	})
}

// expectSpread waits until all sockets are closed and compares when with the window.
// A machine that is busy closes sockets late, but nothing excuses closing them before
// their turn, and whoever waits for it is still shown what changes.
func expectSpread(t *testing.T, sockets []*lightSocket, asked time.Time, window time.Duration) {
	t.Helper()
	closed := make([]time.Duration, len(sockets))
	deadline := time.After(window + stopTime)
	alive := 0
	for i, s := range sockets {
		select {
		case <-s.ended:
		case <-deadline:
			t.Fatalf("socket %d stays open", i)
		}
		if s.code != websocket.StatusServiceRestart || s.last != `{"bye":"drain"}` {
			t.Fatalf("socket %d was told %s and closed with %d", i, s.last, s.code)
		}
		closed[i] = s.at.Sub(asked)
		if s.saw {
			alive++
		}
	}
	if alive < len(sockets)/10 {
		t.Errorf("%d of %d pages were shown a change that came when the first was sent away", alive, len(sockets))
	}
	slices.Sort(closed)
	// share of the sockets that are closed at some part of the window.
	share := func(of float64) float64 {
		n, _ := slices.BinarySearch(closed, time.Duration(of*float64(window)))
		return float64(n) / float64(len(closed))
	}
	for tenth := range 10 {
		of := float64(tenth) / 10
		if got := share(of); got > of+0.1 {
			t.Errorf("at %.0f %% of the window %.0f %% of the sockets were closed", 100*of, 100*got)
		}
	}
	if share(0.5) < 0.05 {
		t.Errorf("half the window went by before %.0f %% of the sockets were closed", 100*share(0.5))
	}
	t.Logf("half of the sockets were closed after %s, the last after %s of %s, and %d were shown a change before",
		closed[len(closed)/2].Round(time.Millisecond), closed[len(closed)-1].Round(time.Millisecond), window, alive)
}
