package publics_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"veche/db/given"
	publicsdb "veche/db/publics"
	"veche/domain/publics"
)

// A hundred thousand comments, one in ten of them under one post and one in a thousand
// by its most talkative reader: every list is answered through an index, and nothing
// is sorted or read through.
func TestLongTalkIsReadThroughIndexes(t *testing.T) {
	t.Parallel()
	q := newSquare(t)
	anna := given.Residents(t, q.db, 1)[0]
	for range 9 {
		given.Post(t, q.db)
	}
	q.change(`
		INSERT INTO comments (post_id, author_id, body, state, parent_id)
		SELECT
			(SELECT min(id) FROM posts) + n % 10,
			CASE WHEN n % 1000 = 0 THEN $1 ELSE (SELECT min(author_id) FROM posts) END,
			'Слова',
			CASE WHEN n % 3 = 0 THEN 'pending' ELSE 'published' END,
			NULL
		FROM generate_series(1, 100000) n`, anna.Account)
	if _, err := q.db.Pool().Exec(t.Context(), `ANALYZE comments`); err != nil {
		t.Fatal(err)
	}
	key := publicsdb.OwnKey{Account: anna.Public, Post: q.post}
	for _, c := range []struct {
		name, index string
		statement   string
		args        []any
	}{
		{"threads by turn", "comments_by_turn", publicsdb.SelectThreads, []any{q.post, int64(90_000), publics.PageSize + 1}},
		{"heads", "comments_by_turn", publicsdb.SelectHeads, []any{[]int64{int64(q.post)}, publics.PageSize}},
		{"own comments", "comments_own", publicsdb.SelectOwn, []any{[]string{key.Account}, []int64{int64(key.Post)}, publics.OwnShown}},
		{"own comments of a page", "comments_own", publicsdb.SelectOwnOf, []any{anna.Account, q.post, publics.OwnShown}},
	} {
		plan := q.explain(c.statement, c.args...)
		if !strings.Contains(plan, c.index) || strings.Contains(plan, "Seq Scan on comments") {
			t.Errorf("%s do not come through %s:\n%s", c.name, c.index, plan)
		}
	}
	if sheet := q.sheet(anna); len(sheet.Threads) != publics.PageSize || sheet.Next == 0 || len(sheet.Own) != publics.OwnShown {
		t.Errorf("%d comments, next %d, %d own", len(sheet.Threads), sheet.Next, len(sheet.Own))
	}
}

// explain is how Postgres would answer a statement.
func (q *square) explain(statement string, args ...any) string {
	q.t.Helper()
	rows, err := q.db.Pool().Query(q.t.Context(), "EXPLAIN "+statement, args...)
	if err != nil {
		q.t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		q.t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
