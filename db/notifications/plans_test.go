package notifications_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"veche/db/given"
	notificationsdb "veche/db/notifications"
	"veche/domain/accounts"
	"veche/domain/notifications"
)

// A feed that has grown for years opens as fast as a new one.
func TestLongFeedIsReadThroughItsIndexes(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	s := found(t, &notice, notificationsdb.Options{})
	people := given.Residents(t, s.db, 20)
	anna := people[0]
	_, err := s.db.Pool().Exec(t.Context(), `
		INSERT INTO notifications (account_id, kind, section, path, cause, created_at, read_at)
		SELECT
			CASE WHEN n % 2 = 0 THEN $1 ELSE a.id END,
			'poll_opened',
			CASE WHEN n % 1000 = 0 THEN 'comments' ELSE 'polls' END,
			'/',
			'cause:' || n,
			now() - n * interval '1 minute',
			CASE WHEN n % 500 <> 0 THEN now() END
		FROM generate_series(1, 100000) n
		JOIN (SELECT id, row_number() OVER (ORDER BY id) AS at FROM accounts) a ON a.at = 1 + n % 20`, anna.Account)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Pool().Exec(t.Context(), `VACUUM ANALYZE notifications`); err != nil {
		t.Fatal(err)
	}

	page := func(f notifications.Filter) (string, []any) {
		return notificationsdb.SelectPage(anna.Account, f, notifications.PageSize+1)
	}
	plan := func(statement string, args []any) string {
		rows, err := s.db.Pool().Query(t.Context(), "EXPLAIN "+statement, args...)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
	through := func(what, index, plan string) {
		t.Helper()
		if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan on notifications") {
			t.Errorf("%s does not lead through %s:\n%s", what, index, plan)
		}
	}
	for what, c := range map[string]struct {
		filter notifications.Filter
		index  string
	}{
		"the feed":           {notifications.Filter{}, "notifications_feed"},
		"its second page":    {notifications.Filter{Before: 1700000000000000}, "notifications_feed"},
		"what is unread":     {notifications.Filter{Unread: true}, "notifications_unread"},
		"a section":          {notifications.Filter{Section: notifications.Comments}, "notifications_by_section"},
		"a section, further": {notifications.Filter{Section: notifications.Polls, Before: 1700000000000000}, "notifications_by_section"},
	} {
		statement, args := page(c.filter)
		found := plan(statement, args)
		through(what, c.index, found)
		if strings.Contains(found, "Sort") {
			t.Errorf("%s is sorted:\n%s", what, found)
		}
	}
	bell := plan(notificationsdb.SelectUnread, []any{[]string{anna.Public}, notifications.MostUnread})
	through("the bell", "notifications_unread", bell)
	through("the head", "notifications_feed", plan(notificationsdb.SelectNewest, []any{[]string{anna.Public}, []string{""}, 30}))
}

// A bell is one region of each person, and a town is told at once.
func TestBellsOfATownAreCountedByOneQuestion(t *testing.T) {
	t.Parallel()
	var notice notifications.Notice
	s := found(t, &notice, notificationsdb.Options{})
	const many = 2000
	residents := given.Residents(t, s.db, many)
	notice = notifications.Notice{Everyone: true, Path: "/polls/1"}
	for after := accounts.ID(0); ; {
		told := s.tell(t, notifications.PollOpened, 42, after)
		if told.Next == 0 {
			break
		}
		after = accounts.ID(told.Next)
	}
	people := make([]string, many)
	for i, r := range residents {
		people[i] = r.Public
	}
	taken := func() int64 { return s.db.Pool().Stat().AcquireCount() } // once for each question
	before := taken()
	_, unread, err := s.Unread(t.Context(), people...)
	if err != nil || len(unread) != many {
		t.Fatalf("%d bells (%v)", len(unread), err)
	}
	for account, n := range unread {
		if n != 1 {
			t.Fatalf("%s has %d unread", account, n)
		}
	}
	if n := taken() - before; n != 1 {
		t.Errorf("%d connections were taken for the bells of a town, want 1", n)
	}
}
