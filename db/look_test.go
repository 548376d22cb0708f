package db_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/db/dbtest"
	"veche/domain/event"
)

type counted struct{ Rows int64 }

func outboxRows(t *testing.T, d *db.DB) int64 {
	t.Helper()
	var rows []counted
	if _, err := d.Look(t.Context(), db.Ask(&rows, `SELECT count(*) AS rows FROM outbox`)); err != nil {
		t.Fatal(err)
	}
	return rows[0].Rows
}

// All questions of a look see one state, whatever is committed between them: the
// second waits until the test has written.
func TestLookSeesOneState(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	emit(t, d, event.Change{Topic: "thing:1"})
	holder, err := d.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Release()
	if _, err := holder.Exec(t.Context(), `SELECT pg_advisory_lock(7)`); err != nil {
		t.Fatal(err)
	}
	var before, after []counted
	var state string
	looked := make(chan error, 1)
	go func() {
		var err error
		state, err = d.Look(t.Context(),
			db.Ask(&before, `SELECT count(*) AS rows FROM outbox`),
			db.Ask(&[]struct{ Held string }{}, `SELECT pg_advisory_xact_lock_shared(7)::text AS held`),
			db.Ask(&after, `SELECT count(*) AS rows FROM outbox`))
		looked <- err
	}()
	for waiting := false; !waiting; {
		err := holder.QueryRow(t.Context(), `
			SELECT EXISTS (
				SELECT FROM pg_locks
				WHERE locktype = 'advisory' AND NOT granted
					AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
	emit(t, d, event.Change{Topic: "thing:1"})
	if _, err := holder.Exec(t.Context(), `SELECT pg_advisory_unlock(7)`); err != nil {
		t.Fatal(err)
	}
	if err := <-looked; err != nil {
		t.Fatal(err)
	}
	if before[0].Rows != 1 || after[0].Rows != 1 {
		t.Errorf("the questions of one look see %d and %d rows", before[0].Rows, after[0].Rows)
	}
	later, err := d.Look(t.Context())
	if err != nil || finished(t, later) <= finished(t, state) {
		t.Errorf("after a change the state went from %s to %s, %v", state, later, err)
	}
}

func TestLookCannotWrite(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	emit(t, d, event.Change{Topic: "thing:1"})
	if _, err := d.Look(t.Context(), db.Ask(&[]counted{}, `DELETE FROM outbox RETURNING id AS rows`)); err == nil {
		t.Error("a look wrote")
	}
	if n := outboxRows(t, d); n != 1 {
		t.Errorf("%d rows are left", n)
	}
}

// What was left for later commits with the rest or not at all, and its refusal is
// told.
func TestRefusalOfALaterStatementUndoesEverything(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		tx.Later(`INSERT INTO poll_options (poll_id, position, text) VALUES (1, 1, 'of no poll')`)
		return tx.Emit(t.Context(), happened{{Topic: "thing:1"}})
	})
	if !db.Violates(err, "poll_options_poll_id_fkey") {
		t.Errorf("answered %v", err)
	}
	if n := outboxRows(t, d); n != 0 {
		t.Errorf("%d announcements of what did not happen", n)
	}
}

// A use case that overlooks a failed statement does not take its transaction for
// committed.
func TestOverlookedFailureIsNoCommit(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, _ = tx.Exec(t.Context(), `SELECT 1/0`)
		return nil
	})
	if !errors.Is(err, pgx.ErrTxCommitRollback) {
		t.Errorf("answered %v", err)
	}
}

func TestLaterStatementsRunInOrderAfterTheOthers(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		tx.Later(`UPDATE search_entries SET title = title || ' b' WHERE kind = 'thing'`)
		tx.Later(`UPDATE search_entries SET title = title || ' c' WHERE kind = 'thing'`)
		return tx.Index(t.Context(), "thing", 1, "a", "")
	})
	if err != nil {
		t.Fatal(err)
	}
	var titles []struct{ Title string }
	if _, err := d.Look(t.Context(), db.Ask(&titles, `SELECT title FROM search_entries`)); err != nil || len(titles) != 1 || titles[0].Title != "a b c" {
		t.Errorf("kept %v, %v", titles, err)
	}
}
