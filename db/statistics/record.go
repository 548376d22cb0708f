package statistics

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"veche/db"
	"veche/domain/publics"
	"veche/domain/statistics"
)

// shards is over how many rows a post's hour, and its whole life, is spread.
const shards = 4

// slack is how much later than the last one a sign has to be to be noted: readers
// give one every few seconds, and the window need not be known better.
const slack = time.Minute

// batch is what was seen of readers lately, by the clock of this process.
type batch struct {
	opened map[visit]time.Time // the first time
	signs  map[visit]time.Time // the last time
	time   map[span]int64      // seconds in view
}

// visit is a reader at a post.
type visit struct {
	post   publics.PostID
	reader statistics.Reader
}

// span is a stretch of time in which a post was in view, short against an hour.
type span struct {
	post publics.PostID
	at   time.Time
}

func newBatch() batch {
	return batch{opened: make(map[visit]time.Time), signs: make(map[visit]time.Time), time: make(map[span]int64)}
}

// size is how much of it there is to keep.
func (b batch) size() int { return len(b.opened) + len(b.signs) + len(b.time) }

// save counts a batch and tells whose statistics changed. It may be repeated when
// nobody knows whether it was committed: views are not counted twice, for the window
// is open by then, seconds may be.
//
// A moment reaches Postgres as an age, so that the windows of all processes go by one
// clock, however late a batch comes.
func (s *Store) save(ctx context.Context, b batch, now time.Time) error {
	var (
		openedPosts, signPosts, timePosts []int64
		openedBy, signsBy                 []string
		openedAges, signAges, timeAges    []float64
		seconds                           []int64
	)
	age := func(at time.Time) float64 { return now.Sub(at).Seconds() }
	for v, at := range b.opened {
		openedPosts, openedBy, openedAges = append(openedPosts, int64(v.post)), append(openedBy, string(v.reader)), append(openedAges, age(at))
	}
	for v, at := range b.signs {
		signPosts, signsBy, signAges = append(signPosts, int64(v.post)), append(signsBy, string(v.reader)), append(signAges, age(at))
	}
	for t, n := range b.time {
		timePosts, timeAges, seconds = append(timePosts, int64(t.post)), append(timeAges, age(t.at)), append(seconds, n)
	}
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		var changed []publics.PostID
		err := tx.Select(ctx, &changed, recordStatement,
			openedPosts, openedBy, openedAges,
			signPosts, signsBy, signAges,
			timePosts, timeAges, seconds,
			statistics.Window.Seconds(), slack.Seconds(), rand.IntN(shards),
			statistics.DayOf(now, s.zone).Begins)
		if err != nil {
			return err
		}
		for _, post := range changed {
			if err := tx.Emit(ctx, statistics.PostRead{Post: post}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save what was read: %w", err)
	}
	return nil
}

// recordStatement opens windows, prolongs those that are open, and counts.
//
// A window is opened by the insert, or by the update when the last one ended; who
// comes second finds it open, waits for the first if need be, and gets no row back.
// Rows are taken in one order, so that processes do not wait for each other in a
// circle, and a row that somebody else is prolonging right now need not be.
//
// Hours are counted from a midnight of the portal's zone: where it is half past an
// hour elsewhere, an hour of another zone would belong to two days.
const recordStatement = `
	WITH opened AS (
		SELECT o.post, o.reader, clock_timestamp() - make_interval(secs => o.age) AS at
		FROM unnest($1::bigint[], $2::text[], $3::float8[]) AS o (post, reader, age)
		JOIN posts p ON p.id = o.post
	), viewed AS (
		INSERT INTO post_readers AS r (post_id, reader, opened_at, seen_at)
		SELECT post, reader, at, at FROM opened
		ORDER BY post, reader
		ON CONFLICT (post_id, reader) DO UPDATE
		SET opened_at = excluded.opened_at, seen_at = excluded.seen_at
		WHERE r.seen_at < excluded.opened_at - make_interval(secs => $10)
		RETURNING r.post_id, r.reader, r.opened_at
	), signs AS (
		SELECT s.post, s.reader, max(s.at) AS at
		FROM (
			SELECT post, reader, at FROM opened
			UNION ALL
			SELECT post, reader, clock_timestamp() - make_interval(secs => age)
			FROM unnest($4::bigint[], $5::text[], $6::float8[]) AS s (post, reader, age)
		) s
		WHERE NOT EXISTS (SELECT FROM viewed v WHERE v.post_id = s.post AND v.reader = s.reader)
		GROUP BY s.post, s.reader
	), alive AS (
		SELECT r.post_id, r.reader, s.at
		FROM post_readers r
		JOIN signs s ON s.post = r.post_id AND s.reader = r.reader
		WHERE s.at > r.seen_at + make_interval(secs => $11) AND s.at <= r.seen_at + make_interval(secs => $10)
		FOR UPDATE OF r SKIP LOCKED
	), prolonged AS (
		UPDATE post_readers r
		SET seen_at = a.at
		FROM alive a
		WHERE r.post_id = a.post_id AND r.reader = a.reader
	), counted AS (
		SELECT post_id, date_bin('1 hour', opened_at, $13::timestamptz) AS hour, 1 AS views, 0::bigint AS seconds FROM viewed
		UNION ALL
		SELECT p.id, date_bin('1 hour', clock_timestamp() - make_interval(secs => t.age), $13::timestamptz), 0, t.seconds
		FROM unnest($7::bigint[], $8::float8[], $9::bigint[]) AS t (post, age, seconds)
		JOIN posts p ON p.id = t.post
	), hours AS (
		INSERT INTO post_hours (post_id, hour, shard, views, seconds)
		SELECT post_id, hour, $12::smallint, sum(views), sum(seconds) FROM counted
		GROUP BY post_id, hour
		ORDER BY post_id, hour
		ON CONFLICT (post_id, hour, shard) DO UPDATE
		SET views = post_hours.views + excluded.views, seconds = post_hours.seconds + excluded.seconds
	), reads AS (
		INSERT INTO post_reads (post_id, shard, views, seconds)
		SELECT post_id, $12::smallint, sum(views), sum(seconds) FROM counted
		GROUP BY post_id
		ORDER BY post_id
		ON CONFLICT (post_id, shard) DO UPDATE
		SET views = post_reads.views + excluded.views, seconds = post_reads.seconds + excluded.seconds
		RETURNING post_id
	)
	SELECT post_id FROM reads ORDER BY post_id`
