package moderation

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/moderation"
	"veche/domain/problem"
)

// Queue puts a text before the moderators. The same one is put there once; one that
// does not wait any more is not.
func (s *Store) Queue(ctx context.Context, kind moderation.Kind, object int64, why []moderation.Suspicion) error {
	source, known := s.sources[kind]
	if !known {
		return fmt.Errorf("queue %s %d: nobody knows such texts", kind, object)
	}
	text, err := source.Submission(ctx, object)
	if found, is := problem.As(err); is && found.Kind == problem.NotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("queue %s %d: %w", kind, object, err)
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		id, added, err := add(ctx, tx, kind, object, text, why)
		if err != nil || !added {
			return err
		}
		return tx.Emit(ctx, moderation.Queued{Item: id})
	})
}

func add(ctx context.Context, tx *db.Tx, kind moderation.Kind, object int64, s moderation.Submission, why []moderation.Suspicion) (moderation.ID, bool, error) {
	suspicions := make([]string, len(why))
	for i, w := range why {
		suspicions[i] = string(w)
	}
	var id moderation.ID
	err := tx.Get(ctx, &id, `
		INSERT INTO moderation_items (kind, object_id, author_id, title, path, text, suspicions, created_at, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8::timestamptz + $9 * interval '1 second')
		ON CONFLICT (kind, object_id) DO NOTHING
		RETURNING id`,
		kind, object, s.Author, s.Title, s.Path, s.Text, suspicions, s.CreatedAt, moderation.DecideWithin.Seconds())
	switch {
	case db.NoRows(err):
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("queue %s %d: %w", kind, object, err)
	}
	return id, true, nil
}
