package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"veche/db"
	"veche/db/dbtest"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/polls"
	"veche/hub"
	"veche/hub/localredis"
	"veche/internal/child"
)

// TestMain lets the test program be the portal itself, for tests of whole processes:
// of signals, of sudden deaths, of several on one database.
const asPortal = "PORTAL_TEST_IS_PORTAL"

func TestMain(m *testing.M) {
	if os.Getenv(asPortal) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// fleet is portal processes on one database and one Redis.
type fleet struct {
	t   *testing.T
	env map[string]string
	DB  *db.DB
}

// newFleet makes a fresh database for processes to come.
func newFleet(t *testing.T, more ...string) *fleet {
	t.Helper()
	redisURL, prefix := localredis.ForTest(t)
	return fleetOn(t, environmentOf(dbtest.URL(t), redisURL, prefix, more...))
}

// fleetOn is for processes that come up in an environment.
func fleetOn(t *testing.T, env map[string]string) *fleet {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{URL: env["VECHE_DATABASE_URL"], MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return &fleet{t: t, env: env, DB: d}
}

// process is the portal as a program of its own.
type process struct {
	*child.Child
	URL string
}

// start runs one more process and waits until it listens.
func (f *fleet) start() *process {
	f.t.Helper()
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Env = append(os.Environ(), asPortal+"=1")
	for name, value := range f.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, written := io.Pipe()
	cmd.Stdout, cmd.Stderr = written, f.t.Output()
	c, err := child.Start(cmd, syscall.SIGKILL)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.Kill)
	go func() {
		<-c.Done()
		_ = written.Close()
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		f.t.Fatalf("the process ended before it listened: %v", c.Err())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return &process{Child: c, URL: strings.TrimPrefix(lines.Text(), "listening on ")}
}

// signal sends the process a signal.
func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(p.PID(), s); err != nil {
		t.Fatal(err)
	}
}

// broker announces as a process of the fleet does.
func (f *fleet) broker() *hub.RedisBroker {
	f.t.Helper()
	options, err := hub.RedisOptions(f.env["VECHE_REDIS_URL"])
	if err != nil {
		f.t.Fatal(err)
	}
	client := redis.NewUniversalClient(options)
	f.t.Cleanup(func() { _ = client.Close() })
	return hub.NewRedisBroker(client, f.env["VECHE_REDIS_PREFIX"], slog.New(slog.DiscardHandler))
}

// count asks the database for a number.
func (f *fleet) count(query string, args ...any) int {
	f.t.Helper()
	var n int
	if err := f.DB.Pool().QueryRow(context.WithoutCancel(f.t.Context()), query, args...).Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// expectEveryVoteOnce compares the ballots of a poll with the votes that were
// acknowledged, and all that is derived from ballots with the ballots.
func (f *fleet) expectEveryVoteOnce(poll polls.ID, acknowledged []access.Actor) {
	f.t.Helper()
	rows, err := f.DB.Pool().Query(f.t.Context(), `SELECT account_id FROM ballots WHERE poll_id = $1`, poll)
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	ballots := map[accounts.ID]int{}
	for rows.Next() {
		var voter accounts.ID
		if err := rows.Scan(&voter); err != nil {
			f.t.Fatal(err)
		}
		ballots[voter]++
	}
	if err := rows.Err(); err != nil {
		f.t.Fatal(err)
	}
	for _, voter := range acknowledged {
		if ballots[voter.Account] != 1 {
			f.t.Errorf("the vote of account %d was acknowledged and is there %d times", voter.Account, ballots[voter.Account])
		}
		delete(ballots, voter.Account)
	}
	if len(ballots) > 0 {
		f.t.Errorf("%d ballots of people who were never told so", len(ballots))
	}
	for name, query := range map[string]string{
		"tally": `
			SELECT count(*)
			FROM (SELECT option_id, count(*) AS votes FROM ballots WHERE poll_id = $1 GROUP BY 1) b
			FULL JOIN (SELECT option_id, sum(votes) AS votes FROM poll_tallies WHERE poll_id = $1 GROUP BY 1) t
				USING (option_id)
			WHERE b.votes IS DISTINCT FROM t.votes`,
		"turnout": `
			SELECT abs((SELECT count(*) FROM ballots WHERE poll_id = $1)
				- (SELECT coalesce(sum(votes), 0) FROM poll_turnouts WHERE poll_id = $1))`,
	} {
		if n := f.count(query, poll); n != 0 {
			f.t.Errorf("the %s differs from the ballots: %d", name, n)
		}
	}
}
