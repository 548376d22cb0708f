package moderation

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/moderation"
)

// newest is how many items the head of the queue names.
const newest = 30

// Desk is what a moderator's page shows, as of one state.
type Desk struct {
	State   string
	Items   []moderation.Item // a page of the queue, by deadline
	Next    string            // the place where the next page goes on; "" on the last
	Newest  []int64           // keys of those at the end of the queue, the last one first
	Waiting int               // moderation.CountTo + 1 for more than that
	Undo    []moderation.Item // decisions of the actor that can still be undone
	Item    moderation.Item   // the one that was asked for
	Record  moderation.Record // of its author
}

// queueRows are the questions about the queue, beside which others may stand.
type queueRows struct {
	page    []itemRow
	newest  []struct{ ID int64 }
	waiting []struct{ Count int }
	undo    []itemRow
}

func (q *queueRows) ask(account string, from moderation.Place) []db.Question {
	return []db.Question{
		askPage(&q.page, from),
		askNewest(&q.newest),
		askWaiting(&q.waiting),
		askUndo(&q.undo, []string{account}),
	}
}

func (q *queueRows) desk(state string) Desk {
	desk := Desk{State: state, Waiting: q.waiting[0].Count}
	rows := q.page
	if len(rows) > moderation.PageSize {
		rows = rows[:moderation.PageSize]
		desk.Next = rows[len(rows)-1].item().Place().String()
	}
	for _, row := range rows {
		desk.Items = append(desk.Items, row.item())
	}
	for _, row := range q.newest {
		desk.Newest = append(desk.Newest, row.ID)
	}
	for _, row := range q.undo {
		desk.Undo = append(desk.Undo, row.item())
	}
	return desk
}

// Desk reads a page of the queue for a moderator, known by the account's public id.
func (s *Store) Desk(ctx context.Context, account string, from moderation.Place) (Desk, error) {
	var queue queueRows
	state, err := s.db.Look(ctx, queue.ask(account, from)...)
	if err != nil {
		return Desk{}, fmt.Errorf("read the queue: %w", err)
	}
	return queue.desk(state), nil
}

// DeskWith reads one item, with its author's record and the beginning of the queue.
func (s *Store) DeskWith(ctx context.Context, account string, id moderation.ID) (Desk, error) {
	return deskWith(ctx, account, id, s.db.Look)
}

// Open is DeskWith for a moderator who is shown the text and its author: a look at
// another's personal data, which the audit tells of (AUD-01).
func (s *Store) Open(ctx context.Context, actor access.Actor, id moderation.ID) (Desk, error) {
	if err := access.Can(actor, access.Moderate, access.Object{}); err != nil {
		return Desk{}, err
	}
	return deskWith(ctx, actor.Public, id, func(ctx context.Context, questions ...db.Question) (string, error) {
		return s.db.LookSeen(ctx, db.Sight{
			By:      actor,
			Do:      access.Moderate,
			Object:  objectOf(id),
			Details: map[string]any{"did": "open"},
		}, questions...)
	})
}

func deskWith(
	ctx context.Context,
	account string,
	id moderation.ID,
	look func(context.Context, ...db.Question) (string, error),
) (Desk, error) {
	var queue queueRows
	var found []itemRow
	var record []moderation.Record
	state, err := look(ctx, append(queue.ask(account, moderation.Start()), askItems(&found, []moderation.ID{id}), db.Ask(&record, `
		SELECT
			count(*) FILTER (WHERE outcome = 'allow') AS allowed,
			count(*) FILTER (WHERE outcome = 'refuse') AS refused
		FROM moderation_items
		WHERE author_id = (SELECT author_id FROM moderation_items WHERE id = $1) AND state = 'settled'`, id))...)
	switch {
	case err != nil:
		return Desk{}, fmt.Errorf("read item %d: %w", id, err)
	case len(found) == 0:
		return Desk{}, moderation.ErrNoItem
	}
	desk := queue.desk(state)
	desk.Item, desk.Record = found[0].item(), record[0]
	return desk, nil
}

// Items reads items as of one state. A key that names none is missing from the
// answer.
func (s *Store) Items(ctx context.Context, ids []moderation.ID) (state string, found map[moderation.ID]moderation.Item, err error) {
	var rows []itemRow
	if state, err = s.db.Look(ctx, askItems(&rows, ids)); err != nil {
		return "", nil, fmt.Errorf("read items: %w", err)
	}
	found = make(map[moderation.ID]moderation.Item, len(rows))
	for _, row := range rows {
		found[row.ID] = row.item()
	}
	return state, found, nil
}

// Newest reads which items stand at the end of the queue, the last one first. By
// deadline, what comes new comes there.
func (s *Store) Newest(ctx context.Context) (state string, keys []int64, err error) {
	var rows []struct{ ID int64 }
	if state, err = s.db.Look(ctx, askNewest(&rows)); err != nil {
		return "", nil, fmt.Errorf("read the newest items: %w", err)
	}
	for _, row := range rows {
		keys = append(keys, row.ID)
	}
	return state, keys, nil
}

// Waiting counts what waits for a decision, up to moderation.CountTo and one more.
func (s *Store) Waiting(ctx context.Context) (state string, count int, err error) {
	var rows []struct{ Count int }
	if state, err = s.db.Look(ctx, askWaiting(&rows)); err != nil {
		return "", 0, fmt.Errorf("count what waits: %w", err)
	}
	return state, rows[0].Count, nil
}

// Undoable reads, for moderators by their public ids, the decisions that can still be
// undone.
func (s *Store) Undoable(ctx context.Context, moderators []string) (state string, found map[string][]moderation.Item, err error) {
	var rows []itemRow
	if state, err = s.db.Look(ctx, askUndo(&rows, moderators)); err != nil {
		return "", nil, fmt.Errorf("read what can be undone: %w", err)
	}
	found = make(map[string][]moderation.Item)
	for _, row := range rows {
		found[row.DeciderPublic] = append(found[row.DeciderPublic], row.item())
	}
	return state, found, nil
}

// What every page of the queue asks. A test holds that the indexes of the migration
// answer it.
const (
	selectPage = `
		SELECT` + columns + `
		FROM moderation_items i` + people + `
		WHERE i.state <> 'settled' AND (i.due_at, i.id) > ($1::timestamptz, $2::bigint)
		ORDER BY i.due_at, i.id
		LIMIT $3`
	selectNewest = `
		SELECT id
		FROM moderation_items
		WHERE state <> 'settled'
		ORDER BY due_at DESC, id DESC
		LIMIT $1`
	selectWaiting = `
		SELECT count(*)::int AS count
		FROM (
			SELECT FROM moderation_items
			WHERE state <> 'settled' AND state = 'waiting'
			LIMIT $1
		) waiting`
)

func askPage(into *[]itemRow, from moderation.Place) db.Question {
	return db.Ask(into, selectPage, from.At, from.ID, moderation.PageSize+1)
}

func askNewest(into *[]struct{ ID int64 }) db.Question {
	return db.Ask(into, selectNewest, newest)
}

func askWaiting(into *[]struct{ Count int }) db.Question {
	return db.Ask(into, selectWaiting, moderation.CountTo+1)
}

func askItems(into *[]itemRow, ids []moderation.ID) db.Question {
	return db.Ask(into, `
		SELECT`+columns+`
		FROM moderation_items i`+people+`
		WHERE i.id = ANY($1)`, ids)
}

func askUndo(into *[]itemRow, moderators []string) db.Question {
	return db.Ask(into, `
		SELECT`+columns+`
		FROM moderation_items i`+people+`
		WHERE i.state = 'decided' AND d.public_id = ANY($1)
		ORDER BY i.effective_at, i.id`, moderators)
}
