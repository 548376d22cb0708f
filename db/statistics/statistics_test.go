package statistics_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"veche/db"
	"veche/db/dbtest"
	"veche/db/given"
	statisticsdb "veche/db/statistics"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/problem"
	"veche/domain/publics"
	"veche/domain/statistics"
)

var moscow = time.FixedZone("MSK", 3*60*60)

// addPost makes a public with one published post.
func addPost(t *testing.T, d *db.DB, slug string) publics.PostID {
	t.Helper()
	author := given.Residents(t, d, 1)[0]
	var id publics.PostID
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		return tx.Get(t.Context(), &id, `
			WITH public AS (
				INSERT INTO publics (slug, name) VALUES ($1, 'Двор') RETURNING id
			)
			INSERT INTO posts (public_id, author_id, kind, title, body, state, published_at)
			SELECT id, $2, 'news', 'Новая скамейка', 'Стоит.', 'published', now() FROM public
			RETURNING id`, slug, author.Account)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func exec(t *testing.T, d *db.DB, statement string, args ...any) {
	t.Helper()
	if _, err := d.Pool().Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func figuresOf(t *testing.T, s *statisticsdb.Store, post publics.PostID) statistics.Figures {
	t.Helper()
	_, found, err := s.Figures(t.Context(), []publics.PostID{post})
	if err != nil {
		t.Fatal(err)
	}
	return found[post]
}

// record runs recorders, each as a process of its own would, and saves what is noted.
func record(t *testing.T, s *statisticsdb.Store, processes int, note func(r []*statisticsdb.Recorder)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	recorders := make([]*statisticsdb.Recorder, processes)
	var running sync.WaitGroup
	for i := range recorders {
		recorders[i] = statisticsdb.NewRecorder(s, slog.New(slog.NewTextHandler(t.Output(), nil)), nil)
		running.Go(func() { _ = recorders[i].Run(ctx) })
	}
	note(recorders)
	stop()
	running.Wait()
}

// hoursOf adds up the hours of a post.
func hoursOf(t *testing.T, d *db.DB, post publics.PostID) (views, seconds int64) {
	t.Helper()
	err := d.Pool().QueryRow(t.Context(), `SELECT sum(views), sum(seconds) FROM post_hours WHERE post_id = $1`, post).Scan(&views, &seconds)
	if err != nil {
		t.Fatal(err)
	}
	return views, seconds
}

func TestViewsAndSecondsAreExactUnderConcurrentReaders(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := statisticsdb.New(d, moscow)
	post := addPost(t, d, "dvor")
	const readers, opens, beat = 100, 300, 7
	record(t, s, 2, func(r []*statisticsdb.Recorder) {
		var all sync.WaitGroup
		for i := range opens {
			all.Go(func() {
				// The pauses let some opens of a reader fall into one batch, some into
				// two batches of a process, and some into those of two processes.
				time.Sleep(time.Duration(i%40) * 40 * time.Millisecond)
				reader := statistics.Reader(fmt.Sprint(i % readers))
				r[i/readers%2].Opened(post, reader)
				r[i%2].Read(post, reader, beat)
			})
		}
		all.Wait()
	})
	f := figuresOf(t, s, post)
	if f.Views != readers || f.Seconds != opens*beat {
		t.Errorf("%d views and %d seconds, want %d and %d", f.Views, f.Seconds, readers, opens*beat)
	}
	if views, seconds := hoursOf(t, d, post); views != f.Views || seconds != f.Seconds {
		t.Errorf("the hours have %d views and %d seconds", views, seconds)
	}
	if f.Today() > readers || f.Average() != 21*time.Second {
		t.Errorf("%d today, %v on average", f.Today(), f.Average())
	}
}

func TestReaderWhoComesBackAfterTheWindowIsAnotherView(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := statisticsdb.New(d, moscow)
	post := addPost(t, d, "dvor")
	open := func() {
		t.Helper()
		record(t, s, 1, func(r []*statisticsdb.Recorder) { r[0].Opened(post, "anna") })
	}
	seen := func(ago string) {
		t.Helper()
		exec(t, d, `UPDATE post_readers SET seen_at = clock_timestamp() - $1::interval`, ago)
	}
	want := func(views int64, when string) {
		t.Helper()
		if f := figuresOf(t, s, post); f.Views != views {
			t.Errorf("%s: %d views, want %d", when, f.Views, views)
		}
	}
	open()
	want(1, "opened")
	open()
	want(1, "opened again")
	seen("29 minutes")
	open()
	want(1, "within the window")
	seen("31 minutes")
	open()
	want(2, "after the window")

	// The page that stays open is a sign, so the window slides.
	seen("29 minutes")
	record(t, s, 1, func(r []*statisticsdb.Recorder) { r[0].Read(post, "anna", 15) })
	exec(t, d, `UPDATE post_readers SET seen_at = seen_at - interval '10 minutes'`)
	open()
	want(2, "39 minutes after opening, ten after a sign")

	// A sign after the end does not open the window again.
	seen("31 minutes")
	record(t, s, 1, func(r []*statisticsdb.Recorder) { r[0].Read(post, "anna", 15) })
	open()
	want(3, "after a sign that came too late")
	if f := figuresOf(t, s, post); f.Seconds != 30 {
		t.Errorf("%d seconds", f.Seconds)
	}
}

func TestWhatIsReadAnnouncesItsPostOnly(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := statisticsdb.New(d, moscow)
	one, other := addPost(t, d, "dvor"), addPost(t, d, "park")
	record(t, s, 1, func(r []*statisticsdb.Recorder) {
		r[0].Opened(one, "anna")
		r[0].Read(999, "anna", 5) // there is no such post
	})
	var topics []string
	if err := d.Read(t.Context(), func(r *db.Snapshot) error {
		return r.Select(t.Context(), &topics, `SELECT topic FROM outbox ORDER BY topic`)
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{string(statistics.TopicOf(one))}; fmt.Sprint(topics) != fmt.Sprint(want) {
		t.Errorf("announced were %v, want %v", topics, want)
	}
	if f := figuresOf(t, s, other); f.Views != 0 {
		t.Errorf("%d views of another post", f.Views)
	}
}

func TestWhatPostgresDoesNotTakeIsKeptAndThenDropped(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := statisticsdb.New(d, moscow)
	post := addPost(t, d, "dvor")
	exec(t, d, `ALTER TABLE post_hours RENAME TO post_hours_away`)
	metrics := prometheus.NewRegistry()
	r := statisticsdb.NewRecorder(s, slog.New(slog.DiscardHandler), metrics)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = r.Run(ctx) }()
	r.Opened(post, "anna")
	r.Read(post, "anna", 15)
	dropped := func() float64 {
		families, err := metrics.Gather()
		if err != nil || len(families) != 1 {
			t.Fatalf("%d metrics (%v)", len(families), err)
		}
		return families[0].GetMetric()[0].GetCounter().GetValue()
	}
	if dropped() != 0 {
		t.Errorf("%v are dropped while there is room", dropped())
	}
	exec(t, d, `ALTER TABLE post_hours_away RENAME TO post_hours`)
	for deadline := time.Now().Add(20 * time.Second); figuresOf(t, s, post).Views == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what was kept is not saved")
		}
	}
	if f := figuresOf(t, s, post); f.Views != 1 || f.Seconds != 15 {
		t.Errorf("%d views and %d seconds were kept", f.Views, f.Seconds)
	}
	stop()
	<-ended
	const many = 60_000
	for i := range many {
		r.Opened(post, statistics.Reader(fmt.Sprint(i)))
	}
	if n := dropped(); n == 0 || n >= many {
		t.Errorf("%v of %d are dropped without Postgres", n, many)
	}
}

func TestStatisticsAreReadByTheEditorsOfThePublicAlone(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := statisticsdb.New(d, moscow)
	post := addPost(t, d, "dvor")
	addPost(t, d, "park")
	exec(t, d, `INSERT INTO post_counts (post_id, shard, likes, comments) VALUES ($1, 0, 5, 2), ($1, 1, 3, 1)`, post)
	editor := func(scope string) access.Actor {
		return access.Actor{Account: 1, Grants: []accounts.Grant{{Role: accounts.RoleEditor, Scope: scope}}}
	}
	sheet, err := s.Sheet(t.Context(), editor("public:dvor"), "dvor", post)
	if err != nil || sheet.Title != "Новая скамейка" || sheet.Reactions != (statistics.Reactions{Likes: 8, Comments: 3}) {
		t.Errorf("the editor reads %+v (%v)", sheet, err)
	}
	for name, c := range map[string]struct {
		who  access.Actor
		slug string
		post publics.PostID
		want *problem.Error
	}{
		"a guest":                   {access.Guest(), "dvor", post, access.ErrUnauthenticated},
		"a citizen":                 {access.Actor{Account: 1}, "dvor", post, access.ErrForbidden},
		"another public's editor":   {editor("public:park"), "dvor", post, access.ErrForbidden},
		"a post of another public":  {editor("public:park"), "park", post, publics.ErrNoPost},
		"a post that is not there":  {editor(""), "dvor", 999, publics.ErrNoPost},
		"a public that is not such": {editor(""), "nowhere", post, publics.ErrNoPost},
	} {
		if _, err := s.Sheet(t.Context(), c.who, c.slug, c.post); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestDayOfThePortalEndsAtItsOwnMidnight(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	// It is noon where the portal is.
	now := time.Now().UTC()
	zone := time.FixedZone("here", int((12*time.Hour - now.Sub(now.Truncate(24*time.Hour))).Round(time.Hour).Seconds()))
	s := statisticsdb.New(d, zone)
	post := addPost(t, d, "dvor")
	day := statistics.DayOf(now, zone)
	for at, views := range map[time.Time]int{day.Begins.Add(-time.Hour): 5, day.Begins: 2, day.Begins.Add(3 * time.Hour): 4} {
		for shard := range 2 {
			exec(t, d, `INSERT INTO post_hours (post_id, hour, shard, views, seconds) VALUES ($1, $2, $3, $4, $5)`,
				post, at, shard, views, 60*views)
			exec(t, d, `
				INSERT INTO post_reads AS r (post_id, shard, views, seconds) VALUES ($1, $2, $3, $4)
				ON CONFLICT (post_id, shard) DO UPDATE
				SET views = r.views + excluded.views, seconds = r.seconds + excluded.seconds`, post, shard, views, 60*views)
		}
	}
	f := figuresOf(t, s, post)
	if f.Views != 22 || f.Today() != 12 || f.Average() != time.Minute {
		t.Errorf("%d views, %d today, %v on average", f.Views, f.Today(), f.Average())
	}
	var curve []int64
	for _, h := range f.Curve() {
		curve = append(curve, h.Views)
	}
	if fmt.Sprint(curve) != "[4 0 0 8]" {
		t.Errorf("the day's curve is %v", curve)
	}

	if err := s.BeginDay(t.Context(), day.Ends); err == nil {
		t.Error("the next day begins before its time")
	}
	if err := s.BeginDay(t.Context(), day.Begins); err != nil {
		t.Fatal(err)
	}
	var topics int
	if err := d.Pool().QueryRow(t.Context(), `SELECT count(*) FROM outbox WHERE topic = $1`, statistics.TopicOf(post)).Scan(&topics); err != nil || topics != 1 {
		t.Errorf("the day that began is announced %d times (%v)", topics, err)
	}
}

// Midnight is half past an hour of UTC in some zones; what is read right after it
// belongs to the new day all the same.
func TestDayBeginsWithinAnHourOfOtherZones(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	// Midnight was half a minute ago.
	now := time.Now().UTC().Truncate(time.Second)
	zone := time.FixedZone("here", int((24*time.Hour - now.Sub(now.Truncate(24*time.Hour)) + 30*time.Second).Seconds()))
	s := statisticsdb.New(d, zone)
	post := addPost(t, d, "dvor")
	record(t, s, 1, func(r []*statisticsdb.Recorder) {
		r[0].Opened(post, "anna")
		r[0].Read(post, "anna", 15)
	})
	f := figuresOf(t, s, post)
	if f.Views != 1 || f.Today() != 1 || len(f.Hours) != 1 {
		t.Fatalf("of %d views %d are today's, in %d hours", f.Views, f.Today(), len(f.Hours))
	}
	if hour := f.Hours[0]; !hour.Hour.Equal(f.Day.Begins) || hour.Seconds != 15 || len(f.Curve()) != 1 {
		t.Errorf("the day begins at %v with the hour %+v", f.Day.Begins, hour)
	}
}

func TestWhoReadWhatIsForgotten(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := statisticsdb.New(d, moscow)
	post := addPost(t, d, "dvor")
	record(t, s, 1, func(r []*statisticsdb.Recorder) {
		r[0].Opened(post, "anna")
		r[0].Opened(post, "boris")
	})
	exec(t, d, `UPDATE post_readers SET seen_at = seen_at - interval '2 hours' WHERE reader = 'anna'`)
	// A row that somebody is writing is not waited for.
	writing, err := d.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writing.Exec(t.Context(), `SELECT FROM post_readers WHERE reader = 'anna' FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Forget(t.Context()); n != 0 || err != nil {
		t.Errorf("%d are forgotten (%v) who just come back", n, err)
	}
	if err := writing.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Forget(t.Context()); n != 1 || err != nil {
		t.Errorf("%d are forgotten (%v)", n, err)
	}
	if f := figuresOf(t, s, post); f.Views != 2 {
		t.Errorf("%d views are left", f.Views)
	}
}

// Both ends of a visit that Postgres did not see are kept, or it would seem to have
// ended earlier.
func TestVisitOverAnOutageKeepsBothItsEnds(t *testing.T) {
	t.Parallel()
	r := statisticsdb.NewRecorder(statisticsdb.New(dbtest.New(t), moscow), slog.New(slog.DiscardHandler), nil)
	first := time.Now()
	again := first.Add(20 * time.Minute)
	opened, sign := r.OpenedTwice(1, "anna", first, again)
	if !opened.Equal(first) || !sign.Equal(again) {
		t.Errorf("opened at %v, last seen at %v", opened, sign)
	}
}
