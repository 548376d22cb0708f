package db_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"veche/db"
	"veche/db/dbtest"
	"veche/domain/event"
)

func finished(t *testing.T, state string) int64 {
	t.Helper()
	_, number, _ := strings.Cut(state, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		t.Fatalf("state %q: %v", state, err)
	}
	return n
}

// Two snapshots taken at the same time by different connections are ordered by
// their states as they are by what they see.
func TestStateOrdersSnapshots(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	type seen struct{ state, rows int64 }
	var (
		mu        sync.Mutex
		snapshots []seen
		writing   sync.WaitGroup
		reading   sync.WaitGroup
	)
	stop := make(chan struct{})
	for range 3 {
		writing.Go(func() {
			for range 60 {
				if err := d.InTx(t.Context(), func(tx *db.Tx) error {
					return tx.Emit(t.Context(), happened{{Topic: "thing:1"}})
				}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 3 {
		reading.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := d.Read(t.Context(), func(r *db.Snapshot) error {
					var rows int64
					if err := r.Get(t.Context(), &rows, `SELECT count(*) FROM outbox`); err != nil {
						return err
					}
					mu.Lock()
					snapshots = append(snapshots, seen{finished(t, r.State), rows})
					mu.Unlock()
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writing.Wait()
	close(stop)
	reading.Wait()
	most := map[int64]int64{} // the most rows seen at each state
	least := map[int64]int64{}
	for _, s := range snapshots {
		if had, ok := least[s.state]; !ok || s.rows < had {
			least[s.state] = s.rows
		}
		most[s.state] = max(most[s.state], s.rows)
	}
	for state, rows := range most {
		for later, fewest := range least {
			if later > state && fewest < rows {
				t.Fatalf("state %d saw %d rows, the later %d only %d", state, rows, later, fewest)
			}
		}
	}
	if len(most) < 10 {
		t.Fatalf("only %d states were seen", len(most))
	}
}

func TestSnapshotDoesNotMove(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	err := d.Read(t.Context(), func(r *db.Snapshot) error {
		emit(t, d, event.Change{Topic: "thing:1"})
		var n int
		if err := r.Get(t.Context(), &n, `SELECT count(*) FROM outbox`); err != nil {
			return err
		}
		if n != 0 {
			t.Errorf("the snapshot sees %d rows that came after it", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSnapshotCannotBeWrittenTo(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	err := d.Read(t.Context(), func(r *db.Snapshot) error {
		_, err := r.Exec(t.Context(), `DELETE FROM outbox`)
		return err
	})
	if err == nil {
		t.Error("a snapshot was written to")
	}
}

func TestReadyAsksForEveryMigration(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	d, err := db.Open(t.Context(), db.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if d.Ready(t.Context()) == nil {
		t.Error("an empty database counts as ready")
	}
	if err := db.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := d.Ready(t.Context()); err != nil {
		t.Errorf("a migrated database is not ready: %v", err)
	}
	for _, behind := range []string{
		`DELETE FROM river_migration WHERE version = (SELECT max(version) FROM river_migration)`,
		`DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`,
	} {
		if _, err := d.Pool().Exec(t.Context(), behind); err != nil {
			t.Fatal(err)
		}
		if d.Ready(t.Context()) == nil {
			t.Errorf("counts as ready after %s", behind)
		}
	}
}
