package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/riverqueue/river"

	"veche/db"
	"veche/db/dbtest"
	"veche/domain/access"
	"veche/domain/event"
)

// happened is an event of these tests.
type happened []event.Change

func (happened) Name() string              { return "test.happened" }
func (h happened) Changes() []event.Change { return h }

type jobArgs struct{}

func (jobArgs) Kind() string { return "test.job" }

// announced notes what was published.
type announced struct {
	mu      sync.Mutex
	batches [][]event.Change
	fail    error
	notify  chan struct{}
}

func newAnnounced() *announced { return &announced{notify: make(chan struct{}, 1000)} }

func (a *announced) Publish(_ context.Context, changes []event.Change) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail != nil {
		return a.fail
	}
	a.batches = append(a.batches, changes)
	a.notify <- struct{}{}
	return nil
}

func (a *announced) topics() []event.Topic {
	a.mu.Lock()
	defer a.mu.Unlock()
	var topics []event.Topic
	for _, batch := range a.batches {
		for _, c := range batch {
			topics = append(topics, c.Topic)
		}
	}
	return topics
}

func (a *announced) fails(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fail = err
}

func (a *announced) await(t *testing.T) {
	t.Helper()
	select {
	case <-a.notify:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was published")
	}
}

// publisher runs a publisher for the test.
func publisher(t *testing.T, d *db.DB, a *announced) {
	t.Helper()
	p := db.NewPublisher(d, a, nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func count(t *testing.T, d *db.DB, query string) int {
	t.Helper()
	var n int
	if err := d.Read(t.Context(), func(r *db.Snapshot) error { return r.Get(t.Context(), &n, query) }); err != nil {
		t.Fatal(err)
	}
	return n
}

func emit(t *testing.T, d *db.DB, changes ...event.Change) {
	t.Helper()
	if err := d.InTx(t.Context(), func(tx *db.Tx) error { return tx.Emit(t.Context(), happened(changes)) }); err != nil {
		t.Fatal(err)
	}
}

func TestChangeJobAuditAndOutboxCommitTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	d.React(func(event.Event) []river.InsertManyParams { return []river.InsertManyParams{{Args: jobArgs{}}} })
	all := func(tx *db.Tx) error {
		ctx := t.Context()
		if err := tx.Index(ctx, "test", 1, "Скамейка", ""); err != nil {
			return err
		}
		if err := tx.Audit(ctx, access.Guest(), "test.act", "thing:1", map[string]any{"why": "test"}); err != nil {
			return err
		}
		return tx.Emit(ctx, happened{{Topic: "thing:1"}})
	}
	everything := `SELECT (SELECT count(*) FROM search_entries) + (SELECT count(*) FROM audit_entries)
		+ (SELECT count(*) FROM outbox) + (SELECT count(*) FROM river_job)`

	broken := errors.New("changed my mind")
	err := d.InTx(t.Context(), func(tx *db.Tx) error { return errors.Join(all(tx), broken) })
	if !errors.Is(err, broken) {
		t.Fatalf("InTx answered %v", err)
	}
	if n := count(t, d, everything); n != 0 {
		t.Errorf("%d rows stayed after the rollback", n)
	}
	if err := d.InTx(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if n := count(t, d, everything); n != 4 {
		t.Errorf("%d rows committed, want one of each", n)
	}
}

func TestPanicRollsBackAndGivesTheConnectionBack(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Options{URL: dbtest.URL(t), MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	func() {
		defer func() { _ = recover() }()
		_ = d.InTx(t.Context(), func(tx *db.Tx) error {
			_ = tx.Emit(t.Context(), happened{{Topic: "thing:1"}})
			panic("on purpose")
		})
	}()
	if n := count(t, d, `SELECT count(*) FROM outbox`); n != 0 {
		t.Errorf("%d rows stayed after the panic", n)
	}
}

func TestCommittedIsPublishedFoldedAndForgotten(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	a := newAnnounced()
	publisher(t, d, a)
	emit(t, d, event.Change{Topic: "thing:1", IDs: []string{"a"}}, event.Change{Topic: "thing:1", IDs: []string{"b"}}, event.Change{Topic: "thing:2"})
	a.await(t)
	want := []event.Change{{Topic: "thing:1", IDs: []string{"a", "b"}}, {Topic: "thing:2"}}
	a.mu.Lock()
	if diff := cmp.Diff(want, a.batches[0], cmpopts.IgnoreFields(event.Change{}, "At")); diff != "" {
		t.Error(diff)
	}
	a.mu.Unlock()
	awaitEmptyOutbox(t, d)
}

func TestRollbackAnnouncesNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	a := newAnnounced()
	publisher(t, d, a)
	_ = d.InTx(t.Context(), func(tx *db.Tx) error {
		return errors.Join(tx.Emit(t.Context(), happened{{Topic: "thing:1"}}), errors.New("no"))
	})
	emit(t, d, event.Change{Topic: "thing:2"})
	a.await(t)
	if diff := cmp.Diff([]event.Topic{"thing:2"}, a.topics()); diff != "" {
		t.Error(diff)
	}
}

func TestRowsOfADeadProcessAreSwept(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	emit(t, d, event.Change{Topic: "thing:1"}) // nobody publishes in this "process"
	emit(t, d, event.Change{Topic: "session:x", Bye: event.ByeSession})
	a := newAnnounced()
	publisher(t, d, a)
	a.await(t)
	if diff := cmp.Diff([]event.Topic{"session:x", "thing:1"}, a.topics()); diff != "" {
		t.Errorf("what withdraws access goes first: %s", diff)
	}
	awaitEmptyOutbox(t, d)
}

func TestOutageOnlyDelays(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	a := newAnnounced()
	a.fails(errors.New("redis is away"))
	publisher(t, d, a)
	for i := range 20 {
		emit(t, d, event.Change{Topic: event.Topic(fmt.Sprintf("thing:%d", i%4))})
	}
	if n := count(t, d, `SELECT count(*) FROM outbox`); n != 20 {
		t.Fatalf("%d rows wait", n)
	}
	a.fails(nil)
	a.await(t)
	awaitEmptyOutbox(t, d)
	seen := map[event.Topic]bool{}
	for _, topic := range a.topics() {
		seen[topic] = true
	}
	if len(seen) != 4 {
		t.Errorf("announced %v", a.topics())
	}
}

func TestWhatIsLeftIsPublishedAtTheEnd(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	a := newAnnounced()
	p := db.NewPublisher(d, a, nil)
	emit(t, d, event.Change{Topic: "thing:1"})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Run(ended); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]event.Topic{"thing:1"}, a.topics()); diff != "" {
		t.Error(diff)
	}
}

func awaitEmptyOutbox(t *testing.T, d *db.DB) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for count(t, d, `SELECT count(*) FROM outbox`) > 0 {
		if time.Now().After(deadline) {
			t.Fatal("the outbox does not empty")
		}
	}
}

func TestAuditEntriesCannotBeChanged(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	act := func(do func(tx *db.Tx) error) error { return d.InTx(t.Context(), do) }
	if err := act(func(tx *db.Tx) error { return tx.Audit(t.Context(), access.Guest(), "test.act", "", nil) }); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`DELETE FROM audit_entries`, `UPDATE audit_entries SET action = 'nothing'`, `TRUNCATE audit_entries`} {
		if err := act(func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), statement); return err }); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
}
