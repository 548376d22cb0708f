package moderation_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/db/dbtest"
	"veche/db/given"
	moderationdb "veche/db/moderation"
	"veche/domain/access"
	"veche/domain/event"
	"veche/domain/moderation"
)

var (
	allow  = moderation.Verdict{Outcome: moderation.Allow}
	refuse = moderation.Verdict{Outcome: moderation.Refuse, Ground: moderation.Insult, Note: "грубо"}
)

// number asks for one number.
func number(t *testing.T, d *db.DB, statement string, args ...any) int {
	t.Helper()
	var n int
	err := d.Read(t.Context(), func(r *db.Snapshot) error { return r.Get(t.Context(), &n, statement, args...) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// announced counts outbox rows of an event, which nobody publishes here.
func announced(t *testing.T, d *db.DB, name string, topic event.Topic) int {
	t.Helper()
	return number(t, d, `SELECT count(*) FROM outbox WHERE event = $1 AND topic = $2`, name, topic)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTextIsQueuedOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	author := given.Residents(t, d, 1)[0]
	comment := given.HeldComment(t, d, author, "Звоните +7 912 345-67-89")
	for range 2 { // a job may run twice
		must(t, desk.Queue(t.Context(), moderation.Comments, int64(comment), []moderation.Suspicion{moderation.Contacts}))
	}
	page, err := desk.Desk(t.Context(), "", moderation.Start())
	must(t, err)
	if len(page.Items) != 1 || page.Waiting != 1 {
		t.Fatalf("%d items, %d wait", len(page.Items), page.Waiting)
	}
	item := page.Items[0]
	if item.Author != author.Account || item.Object != int64(comment) || item.Text != "Звоните +7 912 345-67-89" ||
		item.Title != "Новая скамейка" || !strings.HasPrefix(item.Path, "/publics/p0/posts/") ||
		len(item.Suspicions) != 1 || item.Suspicions[0] != moderation.Contacts {
		t.Errorf("queued as %+v", item)
	}
	if item.DueAt.Sub(item.CreatedAt) != moderation.DecideWithin {
		t.Errorf("due %s after it was written", item.DueAt.Sub(item.CreatedAt))
	}
	if n := announced(t, d, "moderation.queued", moderation.TopicQueue); n != 1 {
		t.Errorf("announced %d times", n)
	}
	must(t, desk.Queue(t.Context(), moderation.Comments, 999999, nil))
	if n := number(t, d, `SELECT count(*) FROM moderation_items`); n != 1 {
		t.Errorf("a comment that does not wait made %d items", n)
	}
}

func TestOneOfManyTakersGetsTheItem(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	staff := given.Moderators(t, d, 20)
	for range 10 {
		item := given.Queued(t, d)
		var wait sync.WaitGroup
		var won, told atomic.Int32
		begin := make(chan struct{})
		for _, who := range staff {
			wait.Go(func() {
				<-begin
				switch err := desk.Take(t.Context(), who, item.ID); {
				case err == nil:
					won.Add(1)
				case errors.Is(err, moderation.ErrHeld):
					told.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		close(begin)
		wait.Wait()
		after := given.Item(t, d, item.ID)
		if won.Load() != 1 || told.Load() != 19 || after.Lease.Token != 1 {
			t.Errorf("%d won, %d were told who has it, token %d", won.Load(), told.Load(), after.Lease.Token)
		}
		if n := number(t, d, `SELECT count(*) FROM audit_entries WHERE object = $1`, "moderation:"+item.ID.String()); n != 1 {
			t.Errorf("%d audit entries", n)
		}
	}
}

func TestModeratorsWhoAskForTheNextGetOneEach(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	staff := given.Moderators(t, d, 3)
	given.QueuedBy(t, d, staff[0], "КТО УБРАЛ СКАМЕЙКУ У ПОДЪЕЗДА") // the most urgent
	items := []moderation.Item{given.Queued(t, d), given.Queued(t, d)}
	must(t, desk.Take(t.Context(), staff[2], items[0].ID))
	given.DeskTimePasses(t, d, items[0].ID, moderation.LeaseFor)
	for i, want := range []moderation.ID{items[0].ID, items[1].ID, 0} {
		next, err := desk.TakeNext(t.Context(), staff[0])
		must(t, err)
		if next != want {
			t.Errorf("%d: was given %d, want %d", i, next, want)
		}
	}
	for _, item := range items {
		must(t, desk.Release(t.Context(), staff[0], item.ID))
	}
	var wait sync.WaitGroup
	got := make([]moderation.ID, 2)
	for i := range got {
		wait.Go(func() {
			var err error
			if got[i], err = desk.TakeNext(t.Context(), staff[i]); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got[0] == got[1] || got[0] == 0 || got[1] == 0 {
		t.Errorf("were given %d", got)
	}
}

func TestLeaseThatRanOutPassesOn(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	item := given.Queued(t, d)
	staff := given.Moderators(t, d, 2)
	gleb, dina := staff[0], staff[1]
	must(t, desk.Take(t.Context(), gleb, item.ID))
	if err := desk.Take(t.Context(), dina, item.ID); !errors.Is(err, moderation.ErrHeld) {
		t.Fatalf("a running lease: %v", err)
	}
	given.DeskTimePasses(t, d, item.ID, moderation.LeaseFor)
	must(t, desk.Take(t.Context(), dina, item.ID))
	after := given.Item(t, d, item.ID).Lease
	if after.Holder.Account != dina.Account || after.Before.Account != gleb.Account || after.Token != 2 {
		t.Errorf("the lease is %+v", after)
	}
	for _, topic := range []event.Topic{moderation.TopicDesk(gleb.Public), moderation.TopicDesk(dina.Public)} {
		if announced(t, d, "moderation.taken", topic) == 0 {
			t.Errorf("%s was not told", topic)
		}
	}
	// What Gleb saw has another token; the one of today's lease does not help him.
	for token := range int64(3) {
		if err := desk.Decide(t.Context(), gleb, item.ID, token, allow); !errors.Is(err, moderation.ErrHeld) {
			t.Errorf("decided with token %d: %v", token, err)
		}
	}
	must(t, desk.Decide(t.Context(), dina, item.ID, 2, refuse))
}

func TestOldTokenDecidesNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	item := given.Queued(t, d)
	gleb := given.Moderators(t, d, 1)[0]
	must(t, desk.Take(t.Context(), gleb, item.ID))
	must(t, desk.Release(t.Context(), gleb, item.ID))
	if err := desk.Decide(t.Context(), gleb, item.ID, 1, allow); !errors.Is(err, moderation.ErrLapsed) {
		t.Errorf("decided after giving back: %v", err)
	}
	must(t, desk.Take(t.Context(), gleb, item.ID))
	if err := desk.Decide(t.Context(), gleb, item.ID, 1, allow); !errors.Is(err, moderation.ErrStaleForm) {
		t.Errorf("decided with the token of the first time: %v", err)
	}
	given.DeskTimePasses(t, d, item.ID, moderation.LeaseFor)
	if err := desk.Decide(t.Context(), gleb, item.ID, 2, allow); !errors.Is(err, moderation.ErrLapsed) {
		t.Errorf("decided after the time ran out: %v", err)
	}
	must(t, desk.Take(t.Context(), gleb, item.ID)) // still under the same token: nobody had it
	must(t, desk.Decide(t.Context(), gleb, item.ID, 2, allow))
	if got := given.Item(t, d, item.ID); got.State != moderation.StateDecided || got.Lease.Holder.Account != 0 {
		t.Errorf("decided as %+v", got)
	}
}

func TestLeaseEndsByItsJob(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	item := given.Queued(t, d)
	gleb := given.Moderators(t, d, 1)[0]
	must(t, desk.Take(t.Context(), gleb, item.ID))
	var early moderation.EarlyError
	if err := desk.Lapse(t.Context(), item.ID, 1); !errors.As(err, &early) || early.By <= 0 || early.By > moderation.LeaseFor {
		t.Errorf("a running lease: %v", err)
	}
	given.DeskTimePasses(t, d, item.ID, moderation.LeaseFor)
	must(t, desk.Lapse(t.Context(), item.ID, 7)) // of another lease
	if given.Item(t, d, item.ID).Lease.Holder.Account != gleb.Account {
		t.Error("the job of another lease ended this one")
	}
	for range 2 {
		must(t, desk.Lapse(t.Context(), item.ID, 1))
	}
	after := given.Item(t, d, item.ID).Lease
	if after.Holder.Account != 0 || after.Before.Account != gleb.Account || after.Token != 1 {
		t.Errorf("the lease is %+v", after)
	}
	if n := announced(t, d, "moderation.freed", moderation.TopicDesk(gleb.Public)); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestDecisionIsUndoneUntilItTakesEffect(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	item := given.Queued(t, d)
	staff := given.Moderators(t, d, 2)
	gleb, dina := staff[0], staff[1]
	if err := desk.Undo(t.Context(), gleb, item.ID); !errors.Is(err, moderation.ErrNothingToUndo) {
		t.Errorf("undid nothing: %v", err)
	}
	must(t, desk.Take(t.Context(), gleb, item.ID))
	must(t, desk.Decide(t.Context(), gleb, item.ID, 1, refuse))
	if err := desk.Take(t.Context(), dina, item.ID); !errors.Is(err, moderation.ErrDecided) {
		t.Errorf("took what is decided: %v", err)
	}
	if err := desk.Undo(t.Context(), dina, item.ID); !errors.Is(err, moderation.ErrNotYours) {
		t.Errorf("undid a colleague's decision: %v", err)
	}
	must(t, desk.Undo(t.Context(), gleb, item.ID))
	after := given.Item(t, d, item.ID)
	if after.State != moderation.StateWaiting || after.Lease.Holder.Account != gleb.Account || after.Decision != (moderation.Decision{Verdict: moderation.Verdict{Ground: refuse.Ground, Note: refuse.Note}}) {
		t.Errorf("undone to %+v", after)
	}
	// The first decision's job comes all the same, after its time.
	must(t, desk.Decide(t.Context(), gleb, item.ID, after.Lease.Token, allow))
	given.DeskTimePasses(t, d, item.ID, moderation.UndoFor)
	must(t, desk.Settle(t.Context(), item.ID, 1))
	if got := given.Item(t, d, item.ID).State; got != moderation.StateDecided {
		t.Errorf("the job of the undone decision made it %s", got)
	}
	if err := desk.Undo(t.Context(), gleb, item.ID); !errors.Is(err, moderation.ErrTooLate) {
		t.Errorf("undid after the window, before the job: %v", err)
	}
}

func TestDecisionTakesEffectOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	item := given.Queued(t, d)
	gleb := given.Moderators(t, d, 1)[0]
	must(t, desk.Take(t.Context(), gleb, item.ID))
	must(t, desk.Decide(t.Context(), gleb, item.ID, 1, refuse))
	var early moderation.EarlyError
	if err := desk.Settle(t.Context(), item.ID, 1); !errors.As(err, &early) || early.By > moderation.UndoFor {
		t.Errorf("settled within the window: %v", err)
	}
	given.DeskTimePasses(t, d, item.ID, moderation.UndoFor)
	var wait sync.WaitGroup
	for range 5 { // a job may run twice, and at once
		wait.Go(func() {
			if err := desk.Settle(t.Context(), item.ID, 1); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := announced(t, d, "moderation.settled", moderation.TopicQueue); n != 1 {
		t.Errorf("took effect %d times", n)
	}
	page, err := desk.DeskWith(t.Context(), gleb.Public, item.ID)
	must(t, err)
	if len(page.Items) != 0 || page.Waiting != 0 || len(page.Newest) != 0 || len(page.Undo) != 0 {
		t.Errorf("the queue still shows it: %+v", page)
	}
	if got := page.Item.Decision; got.Verdict != refuse || got.By.Account != gleb.Account || page.Record != (moderation.Record{Refused: 1}) {
		t.Errorf("settled as %+v, record %+v", got, page.Record)
	}
}

func TestNobodyDecidesAboutTheirOwnText(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	gleb := given.Moderators(t, d, 1)[0]
	item := given.QueuedBy(t, d, gleb, "КТО УБРАЛ СКАМЕЙКУ У ПОДЪЕЗДА")
	if err := desk.Take(t.Context(), gleb, item.ID); !errors.Is(err, moderation.ErrOwnSubmission) {
		t.Errorf("took: %v", err)
	}
	if err := desk.Decide(t.Context(), gleb, item.ID, 0, allow); !errors.Is(err, moderation.ErrOwnSubmission) {
		t.Errorf("decided: %v", err)
	}
}

func TestOnlyModeratorsWorkTheQueue(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	item := given.Queued(t, d)
	anna := given.Residents(t, d, 1)[0]
	for name, err := range map[string]error{
		"open":    openItem(t, desk, anna, item.ID),
		"next":    nextItem(t, desk, anna),
		"take":    desk.Take(t.Context(), anna, item.ID),
		"release": desk.Release(t.Context(), anna, item.ID),
		"decide":  desk.Decide(t.Context(), anna, item.ID, 0, allow),
		"undo":    desk.Undo(t.Context(), anna, item.ID),
	} {
		if !errors.Is(err, access.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	gleb := given.Moderators(t, d, 1)[0]
	if err := desk.Take(t.Context(), gleb, 999999); !errors.Is(err, moderation.ErrNoItem) {
		t.Errorf("took what is not there: %v", err)
	}
}

func nextItem(t *testing.T, desk *moderationdb.Store, who access.Actor) error {
	_, err := desk.TakeNext(t.Context(), who)
	return err
}

func openItem(t *testing.T, desk *moderationdb.Store, who access.Actor, id moderation.ID) error {
	_, err := desk.Open(t.Context(), who, id)
	return err
}

func TestLookAtAnothersTextIsAudited(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	desk := given.Desk(d)
	item := given.Queued(t, d)
	gleb := given.Moderators(t, d, 1)[0]
	looks := func() int {
		return number(t, d, `
			SELECT count(*) FROM audit_entries
			WHERE account_id = $1 AND action = $2 AND object = $3 AND details = '{"did": "open"}'`,
			gleb.Account, string(access.Moderate), "moderation:"+item.ID.String())
	}
	page, err := desk.Open(t.Context(), gleb, item.ID)
	must(t, err)
	if page.Item.Text != item.Text || looks() != 1 {
		t.Errorf("%q was read, and %d looks were written down", page.Item.Text, looks())
	}
	// Frames and answers to presses show nothing that was not opened before.
	_, err = desk.DeskWith(t.Context(), gleb.Public, item.ID)
	must(t, err)
	if _, _, err := desk.Items(t.Context(), []moderation.ID{item.ID}); err != nil || looks() != 1 {
		t.Errorf("%d looks after a frame, %v", looks(), err)
	}
	// What cannot be written down is not read.
	_, err = d.Pool().Exec(t.Context(), `ALTER TABLE audit_entries ADD CONSTRAINT closed CHECK (false) NOT VALID`)
	must(t, err)
	if page, err := desk.Open(t.Context(), gleb, item.ID); err == nil || page.Item.Text != "" {
		t.Errorf("read without an entry: %q, %v", page.Item.Text, err)
	}
}

// A hundred thousand wait, and as many were settled before: every page opens through
// the index of its order, and reads no more rows than it shows.
func TestLongQueueOpensThroughItsIndex(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	author := given.Residents(t, d, 1)[0]
	gleb := given.Moderators(t, d, 1)[0]
	must(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO moderation_items (kind, object_id, author_id, path, text, created_at, due_at, state, decided_by, outcome, decided_at, effective_at)
			SELECT
				'comment', n, $1, '/', 'Текст', now(), now() + n * interval '1 millisecond',
				CASE WHEN n % 2 = 0 THEN 'waiting' ELSE 'settled' END,
				CASE WHEN n % 2 = 1 THEN $2::bigint END,
				CASE WHEN n % 2 = 1 THEN 'allow' ELSE '' END,
				CASE WHEN n % 2 = 1 THEN now() END,
				CASE WHEN n % 2 = 1 THEN now() END
			FROM generate_series(1, 200000) n`, author.Account, gleb.Account)
		return err
	}))
	_, err := d.Pool().Exec(t.Context(), `ANALYZE moderation_items`)
	must(t, err)

	desk := given.Desk(d)
	seen := map[moderation.ID]bool{}
	from := moderation.Start()
	for range 3 {
		page, err := desk.Desk(t.Context(), gleb.Public, from)
		must(t, err)
		if len(page.Items) != moderation.PageSize || page.Next == "" || page.Waiting != moderation.CountTo+1 {
			t.Fatalf("%d items, next %q, %d wait", len(page.Items), page.Next, page.Waiting)
		}
		for _, i := range page.Items {
			if seen[i.ID] {
				t.Errorf("item %d stands twice", i.ID)
			}
			seen[i.ID] = true
		}
		from = moderation.ParsePlace(page.Next)
	}
	for _, c := range []struct {
		statement, index string
		args             []any
	}{
		{moderationdb.SelectPage, "moderation_items_open", []any{from.At, from.ID, moderation.PageSize + 1}},
		{moderationdb.SelectNewest, "moderation_items_open", []any{30}},
		{moderationdb.SelectFree, "moderation_items_open", []any{gleb.Account}},
	} {
		plan := explain(t, d, c.statement, c.args...)
		if !strings.Contains(plan, c.index) || strings.Contains(plan, "Seq Scan on moderation_items") || strings.Contains(plan, "Sort") {
			t.Errorf("%s does not lead through %s:\n%s", c.statement, c.index, plan)
		}
	}
}

// explain is how Postgres would answer a statement.
func explain(t *testing.T, d *db.DB, statement string, args ...any) string {
	t.Helper()
	rows, err := d.Pool().Query(t.Context(), "EXPLAIN "+statement, args...)
	must(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return strings.Join(lines, "\n")
}

func TestQueueRunsByDeadline(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	first, second := given.Queued(t, d), given.Queued(t, d)
	must(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE moderation_items SET due_at = due_at - $2 * interval '1 second' WHERE id = $1`,
			second.ID, time.Hour.Seconds())
		return err
	}))
	page, err := given.Desk(d).Desk(t.Context(), "", moderation.Start())
	must(t, err)
	if got := fmt.Sprint(page.Items[0].ID, page.Items[1].ID, page.Newest); got != fmt.Sprint(second.ID, first.ID, []moderation.ID{first.ID, second.ID}) {
		t.Errorf("in the order %s", got)
	}
}
