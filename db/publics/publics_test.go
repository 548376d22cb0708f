package publics_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"veche/db"
	"veche/db/dbtest"
	publicsdb "veche/db/publics"
	"veche/domain/access"
	"veche/domain/publics"
)

// noon is when the test's town posts.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// town is a database with one author, to which tests add.
type town struct {
	*publicsdb.Store
	t  *testing.T
	db *db.DB
}

func newTown(t *testing.T) town {
	t.Helper()
	d := dbtest.New(t)
	w := town{Store: publicsdb.New(d), t: t, db: d}
	w.copy("accounts", []string{"id", "public_id", "name", "email"}, []any{1, "a", "Анна Сергеевна Лебедева", "a@test.test"})
	return w
}

func (w town) copy(table string, columns []string, rows ...[]any) {
	w.t.Helper()
	ctx := w.t.Context()
	if err := w.db.InTx(ctx, func(tx *db.Tx) error { return tx.Copy(ctx, table, columns, rows) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w town) publics(slugs ...string) {
	w.t.Helper()
	var rows [][]any
	for i, slug := range slugs {
		rows = append(rows, []any{i + 1, slug, "Паблик " + slug, 0})
	}
	w.copy("publics", []string{"id", "slug", "name", "posts"}, rows...)
}

// post is a row: its key, its public, its kind, its state, its time.
func (w town) posts(rows ...[]any) {
	w.t.Helper()
	for i, row := range rows {
		rows[i] = append(row, 1, fmt.Sprintf("Запись %v", row[0]), "Начало.\n\nПродолжение.")
	}
	w.copy("posts", []string{"id", "public_id", "kind", "state", "published_at", "author_id", "title", "body"}, rows...)
}

// comment is a row: its key, its post, its parent or nil, its state, whether it is
// official.
func (w town) comments(rows ...[]any) {
	w.t.Helper()
	for i, row := range rows {
		rows[i] = append(row, 1, fmt.Sprintf("Слова %v", row[0]))
	}
	w.copy("comments", []string{"id", "post_id", "parent_id", "state", "official", "author_id", "body"}, rows...)
}

func TestDirectoryLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	var slugs []string
	for i := range 2*publics.PageSize + 5 {
		slugs = append(slugs, fmt.Sprintf("p%02d", i))
	}
	w.publics(slugs...)
	w.copy("publics", []string{"id", "slug", "name"}, []any{1000, "same-name", "Паблик p00"})

	var found []string
	after, pages := "", 0
	for pages = 0; pages == 0 || after != ""; pages++ {
		page, err := w.Directory(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Publics {
			found = append(found, p.Slug)
		}
		after = page.Next
	}
	want := slices.Insert(slices.Clone(slugs), 1, "same-name")
	if pages != 3 || !slices.Equal(found, want) {
		t.Errorf("%d pages: %q", pages, found)
	}
	first, err := w.Directory(t.Context(), "No Such Slug")
	if err != nil || len(first.Publics) != publics.PageSize {
		t.Errorf("nonsense leads to %d publics, %v", len(first.Publics), err)
	}
}

// wall reads all pages of a public's posts.
func (w town) wall(slug string, kind publics.Kind) (ids []publics.PostID, pages int) {
	w.t.Helper()
	from := ""
	for pages = 0; pages == 0 || from != ""; pages++ {
		page, err := w.Wall(w.t.Context(), slug, kind, publics.ParsePlace(from))
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range page.Posts {
			ids = append(ids, p.ID)
		}
		from = page.Next
	}
	return ids, pages
}

func TestWallLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.publics("dvor", "park")
	var want, news []publics.PostID
	for i := 1; i <= 90; i++ {
		kind, at := publics.Kinds[i%3], noon
		if i > 45 {
			at = noon.Add(-time.Duration(i) * time.Microsecond) // the first 45 share one moment
		}
		w.posts([]any{i, 1, string(kind), "published", at})
	}
	for i, hidden := range []string{"draft", "scheduled", "withdrawn"} {
		w.posts([]any{1000 + i, 1, "news", hidden, noon})
	}
	w.posts([]any{2000, 2, "news", "published", noon})
	for i := 45; i >= 1; i-- {
		want = append(want, publics.PostID(i))
	}
	for i := 46; i <= 90; i++ {
		want = append(want, publics.PostID(i))
	}
	for _, id := range want {
		if publics.Kinds[id%3] == publics.News {
			news = append(news, id)
		}
	}
	if got, pages := w.wall("dvor", ""); pages != 5 || !slices.Equal(got, want) {
		t.Errorf("%d pages of all: %d", pages, got)
	}
	if got, pages := w.wall("dvor", publics.News); pages != 2 || !slices.Equal(got, news) {
		t.Errorf("%d pages of news: %d", pages, got)
	}
}

func TestWallOfNobody(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.publics("dvor")
	for _, slug := range []string{"park", "", "\xff", "Двор"} {
		if _, err := w.Wall(t.Context(), slug, "", publics.Start()); !errors.Is(err, publics.ErrNoPublic) {
			t.Errorf("%q: %v", slug, err)
		}
	}
	if wall, err := w.Wall(t.Context(), "dvor", publics.Article, publics.Start()); err != nil || len(wall.Posts) != 0 || wall.Next != "" {
		t.Errorf("an empty public: %+v, %v", wall, err)
	}
}

func TestCountsAreSummedOverShards(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.publics("dvor")
	w.posts([]any{1, 1, "news", "published", noon}, []any{2, 1, "notice", "published", noon.Add(-time.Hour)})
	w.copy("post_counts", []string{"post_id", "shard", "likes", "comments"},
		[]any{1, 0, 3, 1}, []any{1, 5, 4, 0}, []any{1, 9, 0, 2})

	wall, err := w.Wall(t.Context(), "dvor", "", publics.Start())
	if err != nil {
		t.Fatal(err)
	}
	if p := wall.Posts[0]; p.Likes != 7 || p.Comments != 3 || p.Opening != "Начало." || p.Kind != publics.News {
		t.Errorf("%+v", p)
	}
	if p := wall.Posts[1]; p.Likes != 0 || p.Comments != 0 {
		t.Errorf("a post nobody noticed: %+v", p)
	}
	latest, err := w.Latest(t.Context(), 1)
	if err != nil || len(latest) != 1 {
		t.Fatalf("%v, %v", latest, err)
	}
	if p := latest[0]; p.ID != 1 || p.Slug != "dvor" || p.Name != "Паблик dvor" || p.Likes != 7 {
		t.Errorf("%+v", p)
	}
}

func TestSheetOfAHiddenPost(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.publics("dvor", "park")
	w.posts([]any{1, 1, "news", "published", noon}, []any{2, 1, "news", "draft", nil}, []any{3, 1, "news", "withdrawn", noon})
	for _, c := range []struct {
		slug string
		id   publics.PostID
		want error
	}{
		{"dvor", 1, nil},
		{"park", 1, publics.ErrNoPost}, // it stands under its own public only
		{"dvor", 2, publics.ErrNoPost},
		{"dvor", 3, publics.ErrNoPost},
		{"dvor", 4, publics.ErrNoPost},
		{"rynok", 1, publics.ErrNoPublic},
	} {
		if _, err := w.Sheet(t.Context(), access.Guest(), c.slug, c.id, 0); !errors.Is(err, c.want) {
			t.Errorf("%s/%d: %v, want %v", c.slug, c.id, err, c.want)
		}
	}
}

func TestCommentsLoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.publics("dvor")
	w.posts([]any{1, 1, "news", "published", noon}, []any{2, 1, "news", "published", noon})
	var want []publics.CommentID
	for i := 1; i <= 45; i++ {
		w.comments([]any{i, 1, nil, "published", i == 45})
		want = append(want, publics.CommentID(46-i))
	}
	w.comments(
		[]any{101, 1, nil, "pending", false},
		[]any{102, 1, nil, "removed", false},
		[]any{103, 2, nil, "published", false},
		[]any{104, 1, 45, "published", false},
		[]any{105, 1, 45, "rejected", false},
	)
	var got []publics.CommentID
	next, pages := int64(0), 0
	for pages = 0; pages == 0 || next != 0; pages++ {
		sheet, err := w.Sheet(t.Context(), access.Guest(), "dvor", 1, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, thread := range sheet.Threads {
			got = append(got, thread.ID)
			if replies := len(thread.Replies); (thread.ID == 45) != (replies == 1) || thread.More {
				t.Errorf("comment %d has %d replies", thread.ID, replies)
			}
			if thread.Official != (thread.Author == "Паблик dvor") {
				t.Errorf("official %v: %s", thread.Official, thread.Author)
			}
		}
		next = sheet.Next
	}
	if pages != 3 || !slices.Equal(got, want) {
		t.Errorf("%d pages: %d", pages, got)
	}
}

func TestRepliesGoOnOnAPageOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.publics("dvor")
	w.posts([]any{1, 1, "news", "published", noon})
	w.comments([]any{1, 1, nil, "published", false}, []any{2, 1, nil, "published", false}, []any{3, 1, nil, "pending", false})
	for i := range 45 {
		w.comments([]any{10 + i, 1, 1, "published", false})
	}
	w.comments([]any{100, 1, 2, "published", false}, []any{101, 1, 1, "pending", false})

	sheet, err := w.Sheet(t.Context(), access.Guest(), "dvor", 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	few, many := sheet.Threads[0], sheet.Threads[1]
	if few.More || len(few.Replies) != 1 || !many.More || len(many.Replies) != publics.RepliesShown || many.Replies[0].ID != 10 {
		t.Errorf("%d replies, more %v; %d replies, more %v", len(few.Replies), few.More, len(many.Replies), many.More)
	}
	seen := 0
	next, pages := publics.CommentID(0), 0
	for pages = 0; pages == 0 || next != 0; pages++ {
		talk, err := w.Talk(t.Context(), "dvor", 1, 1, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, reply := range talk.Replies {
			if reply.ID != publics.CommentID(10+seen) {
				t.Errorf("reply %d comes at place %d", reply.ID, seen)
			}
			seen++
		}
		next = talk.Next
	}
	if seen != 45 || pages != 3 {
		t.Errorf("%d replies on %d pages", seen, pages)
	}
	for _, none := range []publics.CommentID{3, 10, 999} { // pending, a reply, missing
		if _, err := w.Talk(t.Context(), "dvor", 1, none, 0); !errors.Is(err, publics.ErrNoComment) {
			t.Errorf("comment %d: %v", none, err)
		}
	}
}
