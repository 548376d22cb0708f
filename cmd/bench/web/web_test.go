package web_test

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"veche/cmd/bench/part"
	"veche/cmd/bench/rounds"
	"veche/cmd/bench/web"
	"veche/db/dbtest"
)

// TestMain is also the load client of a bench under test.
func TestMain(m *testing.M) {
	if name, args, asked := part.Asked(os.Args[1:]); asked && name == web.LoadPart {
		if err := web.ServeLoad(args, os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestVotesAreMeasuredBesideBareInserts(t *testing.T) {
	t.Parallel()
	out := measured(t, func(w io.Writer) error {
		return web.Votes(t.Context(), rounds.Plan{Rounds: 1, Quick: true}, w)
	})
	for _, contender := range []string{"vote, htmx", "vote, plain form"} {
		if !regexp.MustCompile(`(?m)^  ` + contender + ` +[0-9]`).MatchString(out) {
			t.Errorf("%q has no line", contender)
		}
	}
	// Begin, the ballot, the outbox, commit; the outbox is emptied in batches.
	if !regexp.MustCompile(`(?m)^  bare inserts .* 4\.[0-3] +4\.[0-3]$`).MatchString(out) {
		t.Error("bare inserts are not four statements in four round trips")
	}
}

func TestPagesAreMeasuredBesideAnAsset(t *testing.T) {
	t.Parallel()
	out := measured(t, func(w io.Writer) error {
		return web.Pages(t.Context(), rounds.Plan{Rounds: 1, Quick: true}, w)
	})
	for _, contender := range []string{"static asset", "poll, guest", "poll, signed in", "list, guest", "list, signed in"} {
		if !regexp.MustCompile(`(?m)^  ` + contender + ` +[0-9]`).MatchString(out) {
			t.Errorf("%q has no line", contender)
		}
	}
}

func measured(t *testing.T, run func(io.Writer) error) string {
	t.Helper()
	var out strings.Builder
	err := run(&out)
	t.Log(out.String())
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWireCountsStatementsAndRoundTrips(t *testing.T) {
	t.Parallel()
	w, through, err := web.Tap(dbtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	conn, err := pgx.Connect(t.Context(), through)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, c := range []struct {
		name              string
		do                func() error
		statements, trips int64
	}{
		{"a plain statement", func() error { _, err := conn.Exec(t.Context(), `BEGIN`); return err }, 1, 1},
		{"one that is prepared first", func() error { _, err := conn.Exec(t.Context(), `SELECT $1::int`, 1); return err }, 1, 2},
		{"the same again", func() error { _, err := conn.Exec(t.Context(), `SELECT $1::int`, 2); return err }, 1, 1},
		{"three at once", func() error {
			var batch pgx.Batch
			for n := range 3 {
				batch.Queue(`SELECT $1::int`, n)
			}
			return conn.SendBatch(t.Context(), &batch).Close()
		}, 3, 1},
	} {
		statements, trips := w.Counted()
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		after, afterTrips := w.Counted()
		if after-statements != c.statements || afterTrips-trips != c.trips {
			t.Errorf("%s counts as %d statements in %d round trips, want %d in %d",
				c.name, after-statements, afterTrips-trips, c.statements, c.trips)
		}
	}
}
