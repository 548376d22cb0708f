package accounts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

// hideable is what may be put out of sight: what is old, and not of an open session.
const hideable = `
	e.at < now() - $2 * interval '1 second'
	AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.public_id = e.session AND s.ended_at IS NULL)`

// Activity reads a page of the actor's journal, the newest lines first, and the key
// where the next page goes on, 0 on the last (SEC-11).
func (s *Store) Activity(ctx context.Context, actor access.Actor, f accounts.ActivityFilter) (lines []accounts.Activity, next int64, err error) {
	if err := access.Can(actor, access.ReadSecurity, access.Object{Owner: actor.Account}); err != nil {
		return nil, 0, err
	}
	statement, args := selectActivity(actor.Account, f)
	var rows []struct {
		ID       int64
		Kind     accounts.Note
		At       time.Time
		Device   string
		Address  string
		Means    []accounts.Means
		Reason   accounts.EndReason
		Hideable bool
	}
	if _, err := s.db.Look(ctx, db.Ask(&rows, statement, args...)); err != nil {
		return nil, 0, fmt.Errorf("read the journal of account %d: %w", actor.Account, err)
	}
	for _, row := range rows {
		lines = append(lines, accounts.Activity{
			Key: row.ID, Kind: row.Kind, At: row.At, Device: row.Device, Address: row.Address,
			Means: row.Means, Reason: row.Reason, Hideable: row.Hideable,
		})
	}
	if len(lines) > accounts.ActivityPage {
		lines = lines[:accounts.ActivityPage]
		next = lines[accounts.ActivityPage-1].Key
	}
	return lines, next, nil
}

// selectActivity is the question for a page. Only conditions that are asked for stand
// in it.
func selectActivity(of accounts.ID, f accounts.ActivityFilter) (string, []any) {
	args := []any{of, accounts.HideAfter.Seconds(), accounts.ActivityPage + 1}
	statement := `
		SELECT
			e.id,
			e.kind,
			e.at,
			e.device,
			e.address,
			ARRAY(SELECT jsonb_array_elements_text(
				CASE jsonb_typeof(e.facts -> 'means') WHEN 'array' THEN e.facts -> 'means' ELSE '[]' END)) AS means,
			coalesce(e.facts ->> 'reason', '') AS reason,
			` + hideable + ` AS hideable
		FROM account_events e
		WHERE e.account_id = $1 AND e.hidden_at IS NULL`
	when := func(condition string, value any) {
		args = append(args, value)
		statement += fmt.Sprintf(` AND `+condition, len(args))
	}
	switch {
	case f.Group == accounts.Changes:
		when(`e.kind <> ALL($%d)`, f.Group.Notes())
	case f.Group != accounts.AllActivity:
		when(`e.kind = ANY($%d)`, f.Group.Notes())
	}
	if !f.From.IsZero() {
		when(`e.at >= $%d`, f.From)
	}
	if !f.Until.IsZero() {
		when(`e.at < $%d`, f.Until.Add(time.Minute)) // the minute that was named, to its end
	}
	if f.Device != "" {
		when(`e.device ILIKE $%d`, "%"+likely.Replace(f.Device)+"%")
	}
	if f.Address != "" {
		when(`e.address ILIKE $%d`, likely.Replace(f.Address)+"%")
	}
	if f.Before != 0 {
		when(`e.id < $%d`, f.Before)
	}
	return statement + ` ORDER BY e.id DESC LIMIT $3`, args
}

// likely writes what is looked for so that none of it is a pattern.
var likely = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// HideActivity puts a line of the actor's journal out of sight, or with no key all that
// may be. The audit keeps what it has.
func (s *Store) HideActivity(ctx context.Context, actor access.Actor, line int64) error {
	if err := access.Can(actor, access.HideActivity, access.Object{Owner: actor.Account}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		hidden, err := tx.Exec(ctx, `
			UPDATE account_events e SET hidden_at = now()
			WHERE e.account_id = $1 AND e.hidden_at IS NULL AND ($3 = 0 OR e.id = $3) AND `+hideable,
			actor.Account, accounts.HideAfter.Seconds(), line)
		switch {
		case err != nil:
			return fmt.Errorf("hide lines of account %d: %w", actor.Account, err)
		case hidden == 0 && line != 0:
			return accounts.ErrNoActivity
		case hidden == 0:
			return nil
		}
		return tx.Audit(ctx, actor, access.HideActivity, objectOf(actor.Public), map[string]any{"lines": hidden})
	})
}
