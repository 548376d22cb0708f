// Package statistics counts in Postgres how posts are read, and reads it for their
// editors.
//
// What is recorded comes from requests and sockets that must not wait for it: the
// [Recorder] gathers it in memory and saves it in batches, each one transaction.
// Views are exact whatever processes do at once, for a window is opened by one
// statement that only one of them wins.
package statistics

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/publics"
	"veche/domain/statistics"
	"veche/internal/together"
)

// Store reads and counts statistics. What several regions are drawn from at the same
// time is read for all of them at once.
type Store struct {
	db   *db.DB
	zone *time.Location // of days
	read *together.Rounds[publics.PostID, figured]
}

// readTime bounds a read that several wait for.
const readTime = 10 * time.Second

// New makes the store of a portal whose days begin at midnight in zone.
func New(d *db.DB, zone *time.Location) *Store {
	s := &Store{db: d, zone: zone}
	s.read = together.New(readTime, s.readFigures)
	return s
}

// Sheet is what the editor of a post sees of it, as of one state.
type Sheet struct {
	State     string
	Public    string // name of the public
	Post      publics.PostID
	Title     string
	Figures   statistics.Figures
	Reactions statistics.Reactions
}

// Sheet reads the statistics of a post of a public that the actor edits (STA-02).
func (s *Store) Sheet(ctx context.Context, actor access.Actor, slug string, id publics.PostID) (Sheet, error) {
	if err := access.Can(actor, access.ReadStatistics, access.Object{Scope: publics.Scope(slug)}); err != nil {
		return Sheet{}, err
	}
	sheet := Sheet{Post: id}
	err := s.db.Read(ctx, func(r *db.Snapshot) error {
		sheet.State = r.State
		var found struct{ Name, Title string }
		err := r.Get(ctx, &found, `
			SELECT o.name, p.title
			FROM posts p
			JOIN publics o ON o.id = p.public_id
			WHERE p.id = $1 AND o.slug = $2 AND p.state = 'published'`, id, slug)
		if db.NoRows(err) {
			return publics.ErrNoPost
		}
		if err != nil {
			return fmt.Errorf("read the post: %w", err)
		}
		sheet.Public, sheet.Title = found.Name, found.Title
		figures, err := s.figures(ctx, r, []publics.PostID{id})
		if err != nil {
			return err
		}
		reactions, err := reactions(ctx, r, []publics.PostID{id})
		if err != nil {
			return err
		}
		sheet.Figures, sheet.Reactions = figures[id], reactions[id]
		return nil
	})
	if err != nil {
		return Sheet{}, fmt.Errorf("statistics of post %d: %w", id, err)
	}
	return sheet, nil
}

// figured are figures with the state that they are of.
type figured struct {
	state   string
	figures statistics.Figures
}

// Figures reads how posts are read. Posts that are not there are not in the answer.
func (s *Store) Figures(ctx context.Context, ids []publics.PostID) (state string, found map[publics.PostID]statistics.Figures, err error) {
	all, err := s.read.AskAll(ctx, ids...)
	if err != nil {
		return "", nil, fmt.Errorf("read how posts are read: %w", err)
	}
	found = make(map[publics.PostID]statistics.Figures, len(ids))
	for _, id := range ids {
		if f, ok := all[id]; ok {
			state, found[id] = f.state, f.figures
		}
	}
	return state, found, nil
}

func (s *Store) readFigures(ctx context.Context, ids []publics.PostID) (map[publics.PostID]figured, error) {
	all := make(map[publics.PostID]figured, len(ids))
	err := s.db.Read(ctx, func(r *db.Snapshot) error {
		found, err := s.figures(ctx, r, ids)
		for id, f := range found {
			all[id] = figured{r.State, f}
		}
		return err
	})
	return all, err
}

func (s *Store) figures(ctx context.Context, r *db.Snapshot, ids []publics.PostID) (map[publics.PostID]statistics.Figures, error) {
	var now time.Time
	if err := r.Get(ctx, &now, `SELECT now()`); err != nil {
		return nil, fmt.Errorf("ask for the time: %w", err)
	}
	var totals []struct {
		ID      publics.PostID
		Views   int64
		Seconds int64
	}
	err := r.Select(ctx, &totals, `
		SELECT
			p.id,
			coalesce(sum(r.views), 0)::bigint AS views,
			coalesce(sum(r.seconds), 0)::bigint AS seconds
		FROM posts p
		LEFT JOIN post_reads r ON r.post_id = p.id
		WHERE p.id = ANY($1) AND p.state = 'published'
		GROUP BY p.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read totals: %w", err)
	}
	day := statistics.DayOf(now, s.zone)
	found := make(map[publics.PostID]statistics.Figures, len(totals))
	for _, t := range totals {
		found[t.ID] = statistics.Figures{Post: t.ID, Views: t.Views, Seconds: t.Seconds, Day: day}
	}
	var hours []struct {
		PostID publics.PostID
		statistics.Hour
	}
	err = r.Select(ctx, &hours, `
		SELECT
			post_id,
			hour,
			sum(views)::bigint AS views,
			sum(seconds)::bigint AS seconds
		FROM post_hours
		WHERE post_id = ANY($1) AND hour >= $2 AND hour < $3
		GROUP BY post_id, hour
		ORDER BY post_id, hour`, ids, day.Begins, day.Ends)
	if err != nil {
		return nil, fmt.Errorf("read the hours of the day: %w", err)
	}
	for _, h := range hours {
		if f, published := found[h.PostID]; published {
			f.Hours = append(f.Hours, h.Hour)
			found[h.PostID] = f
		}
	}
	return found, nil
}

// Reactions reads what readers did about posts. Posts that are not there are not in
// the answer.
func (s *Store) Reactions(ctx context.Context, ids []publics.PostID) (state string, found map[publics.PostID]statistics.Reactions, err error) {
	err = s.db.Read(ctx, func(r *db.Snapshot) (err error) {
		state = r.State
		found, err = reactions(ctx, r, ids)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("read what readers did: %w", err)
	}
	return state, found, nil
}

func reactions(ctx context.Context, r *db.Snapshot, ids []publics.PostID) (map[publics.PostID]statistics.Reactions, error) {
	var counts []struct {
		ID publics.PostID
		statistics.Reactions
	}
	err := r.Select(ctx, &counts, `
		SELECT
			p.id,
			coalesce(sum(c.likes), 0)::bigint AS likes,
			coalesce(sum(c.comments), 0)::bigint AS comments
		FROM posts p
		LEFT JOIN post_counts c ON c.post_id = p.id
		WHERE p.id = ANY($1) AND p.state = 'published'
		GROUP BY p.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read the counts of posts: %w", err)
	}
	found := make(map[publics.PostID]statistics.Reactions, len(counts))
	for _, c := range counts {
		found[c.ID] = c.Reactions
	}
	return found, nil
}
