package web

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// wire stands between a program and Postgres and counts what Postgres is told: how
// many statements are executed, and how often the program waits for an answer. It
// reads the frontend's messages (PostgreSQL documentation, "Frontend/Backend
// Protocol"), so it counts the same on every server and whatever the program keeps
// in its caches.
type wire struct {
	listener   net.Listener
	server     string // host:port
	working    sync.WaitGroup
	statements atomic.Int64
	trips      atomic.Int64
}

// tap listens before the database at address and answers the address that leads
// through it.
func tap(address string) (*wire, string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	w := &wire{listener: listener, server: u.Host}
	u.Host = listener.Addr().String()
	w.working.Go(w.accept)
	return w, u.String(), nil
}

func (w *wire) accept() {
	for {
		program, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.working.Go(func() { w.join(program) })
	}
}

// join carries one connection both ways until either side ends it.
func (w *wire) join(program net.Conn) {
	defer func() { _ = program.Close() }()
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	w.working.Go(func() {
		_, _ = io.Copy(program, server)
		_ = program.Close()
	})
	_ = w.listen(program, server)
}

// Message types of the frontend that matter here.
const (
	simpleQuery = 'Q' // a statement, and a wait for its answer
	execute     = 'E' // a statement
	syncUp      = 'S' // a wait for the answers to all before
)

// listen passes the program's messages on and counts them. The first has no type.
func (w *wire) listen(from io.Reader, to io.Writer) error {
	head := make([]byte, 5)
	for first := true; ; first = false {
		head := head
		if first {
			head = head[1:]
		}
		if _, err := io.ReadFull(from, head); err != nil {
			return err
		}
		if !first {
			switch head[0] {
			case simpleQuery:
				w.statements.Add(1)
				w.trips.Add(1)
			case execute:
				w.statements.Add(1)
			case syncUp:
				w.trips.Add(1)
			}
		}
		length := binary.BigEndian.Uint32(head[len(head)-4:])
		if length < 4 {
			return errors.New("no message of the Postgres protocol")
		}
		if _, err := to.Write(head); err != nil {
			return err
		}
		if _, err := io.CopyN(to, from, int64(length)-4); err != nil {
			return err
		}
	}
}

// counts are per vote.
type counts struct{ statements, trips float64 }

func (w *wire) close() {
	_ = w.listener.Close()
	w.working.Wait()
}

// countedVotes is how many votes the counts are averaged over.
const countedVotes = 1000

// count runs the errand once more, with the wire between. What the program says to
// Postgres while nobody votes is part of no vote: it starts before and ends after.
func (t *town) count(ctx context.Context, what string) (counts, error) {
	w, through, err := tap(t.url)
	if err != nil {
		return counts{}, err
	}
	defer w.close()
	poll, err := t.openPoll(ctx, "Сколько вопросов в одном голосе?")
	if err != nil {
		return counts{}, err
	}
	e := t.errand(what, poll, time.Minute)
	e.AtMost = countedVotes
	votes := float64(countedVotes + workers*warm)
	if what == bareWrites {
		e.Database = through
	} else {
		p, err := t.serve(through)
		if err != nil {
			return counts{}, err
		}
		e.Address = p.address
		defer func() { _ = p.stop() }()
	}
	if err := t.seen(ctx); err != nil {
		return counts{}, err
	}
	statements, trips := w.statements.Load(), w.trips.Load()
	if _, err := run(ctx, e); err != nil {
		return counts{}, err
	}
	return counts{
		statements: float64(w.statements.Load()-statements) / votes,
		trips:      float64(w.trips.Load()-trips) / votes,
	}, nil
}
