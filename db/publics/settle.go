package publics

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"veche/db"
	"veche/domain/moderation"
	"veche/domain/publics"
)

// SettleArgs is the job that does with a comment what a moderator decided.
type SettleArgs struct {
	Comment publics.CommentID  `json:"comment"`
	Outcome moderation.Outcome `json:"outcome"`
	Ground  moderation.Ground  `json:"ground,omitempty"`
}

// Kind names the job.
func (SettleArgs) Kind() string { return "publics.settle" }

// NoticeArgs is the job that stops telling an author of a comment's publication.
type NoticeArgs struct {
	Comment publics.CommentID `json:"comment"`
}

// Kind names the job.
func (NoticeArgs) Kind() string { return "publics.notice" }

// AddWorkers adds the area's jobs to those this process can do.
func (s *Store) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[SettleArgs]) error {
		return s.Settle(ctx, job.Args.Comment, job.Args.Outcome, job.Args.Ground)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[NoticeArgs]) error {
		return s.EndNotice(ctx, job.Args.Comment)
	}))
}

// Settle publishes or refuses a comment that waited. One that does not wait stays as
// it is: the job may run twice.
func (s *Store) Settle(ctx context.Context, id publics.CommentID, outcome moderation.Outcome, ground moderation.Ground) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var c struct {
			PostID   publics.PostID
			State    publics.State
			PublicID string // of the author
			Now      time.Time
		}
		err := tx.Get(ctx, &c, `
			SELECT c.post_id, c.state, a.public_id, clock_timestamp() AS now
			FROM comments c
			JOIN posts p ON p.id = c.post_id
			JOIN accounts a ON a.id = c.author_id
			WHERE c.id = $1
			FOR UPDATE OF c
			FOR NO KEY UPDATE OF p`, id)
		switch {
		case db.NoRows(err):
			return nil
		case err != nil:
			return fmt.Errorf("load comment %d: %w", id, err)
		case c.State != publics.Pending:
			return nil
		}
		switch outcome {
		case moderation.Allow:
			return allow(ctx, tx, publics.CommentPublished{
				Post:        c.PostID,
				Comment:     id,
				Account:     c.PublicID,
				Reviewed:    true,
				NoticeUntil: c.Now.Add(publics.NoticeFor),
			})
		case moderation.Refuse:
			return refuse(ctx, tx, publics.CommentRefused{Post: c.PostID, Comment: id, Account: c.PublicID, Ground: ground})
		}
		return fmt.Errorf("settle comment %d: no such outcome: %q", id, outcome)
	})
}

// allow publishes a comment. Its turn comes from this statement, under the post's
// lock.
func allow(ctx context.Context, tx *db.Tx, e publics.CommentPublished) error {
	_, err := tx.Exec(ctx, `
		UPDATE comments
		SET state = 'published', turn = nextval('comment_turns'), told = false, decided_at = clock_timestamp()
		WHERE id = $1`, e.Comment)
	if err != nil {
		return fmt.Errorf("publish comment %d: %w", e.Comment, err)
	}
	return published(ctx, tx, e)
}

func refuse(ctx context.Context, tx *db.Tx, e publics.CommentRefused) error {
	_, err := tx.Exec(ctx, `
		UPDATE comments
		SET state = 'rejected', ground = $2, decided_at = clock_timestamp()
		WHERE id = $1`, e.Comment, e.Ground)
	if err != nil {
		return fmt.Errorf("refuse comment %d: %w", e.Comment, err)
	}
	return tx.Emit(ctx, e)
}

// EndNotice stops telling the author of a comment that it was published.
func (s *Store) EndNotice(ctx context.Context, id publics.CommentID) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var c struct {
			PostID   publics.PostID
			PublicID string
		}
		err := tx.Get(ctx, &c, `
			UPDATE comments c
			SET told = true
			FROM accounts a
			WHERE c.id = $1 AND NOT c.told AND a.id = c.author_id
			RETURNING c.post_id, a.public_id`, id)
		switch {
		case db.NoRows(err):
			return nil
		case err != nil:
			return fmt.Errorf("end the notice of comment %d: %w", id, err)
		}
		return tx.Emit(ctx, publics.NoticeEnded{Post: c.PostID, Account: c.PublicID})
	})
}
