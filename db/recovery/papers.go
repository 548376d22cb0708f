package recovery

import (
	"context"
	"errors"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/recovery"
)

// shown is an attempt whose paper waits for a decision.
type shown struct {
	ID       int64
	PublicID string
	Account  accounts.ID
	Paper    []byte
	State    recovery.State
	Lang     string
	Name     string
	Waited   float64 // seconds
}

// errNotYet says that the register is still looking.
var errNotYet = errors.New("the register has not decided yet")

// CheckPaper asks the register about a paper and does what follows from the answer
// (REC-05). It answers errNotYet while there is none. What the register cannot be asked,
// or does not answer in time, goes to people (C-28).
func (s *Store) CheckPaper(ctx context.Context, key int64) error {
	found, check, err := s.paper(ctx, key)
	if err != nil || found.State != recovery.Checking {
		return err
	}
	if s.joints.Register == nil || check.Paper.Kind != recovery.Passport {
		return s.toDesk(ctx, found)
	}
	finding, err := s.joints.Register.Ask(ctx, check)
	late := found.Waited > recovery.DecideWithin.Seconds()
	switch {
	case late && (err != nil || !finding.Final), errors.Is(err, recovery.ErrNotTaken):
		return s.toDesk(ctx, found)
	case err != nil:
		return fmt.Errorf("%w: %w", errNotYet, err)
	case !finding.Final:
		return errNotYet
	}
	return s.decidePaper(ctx, found, finding)
}

// paper reads what is asked about. The copy itself stays where it is.
func (s *Store) paper(ctx context.Context, key int64) (shown, recovery.PaperCheck, error) {
	var rows []shown
	_, err := s.db.Look(ctx, db.Ask(&rows, `
		SELECT
			r.id,
			r.public_id,
			r.account_id AS account,
			r.paper,
			r.state,
			r.lang,
			a.name,
			extract(epoch FROM now() - coalesce(r.asked_at, now()))::float8 AS waited
		FROM recoveries r
		JOIN accounts a ON a.id = r.account_id
		WHERE r.id = $1`, key))
	if err != nil || len(rows) == 0 || rows[0].State != recovery.Checking {
		return shown{}, recovery.PaperCheck{}, err
	}
	check := recovery.PaperCheck{ID: rows[0].PublicID, Name: rows[0].Name}
	if check.Paper, err = s.openPaper(rows[0].PublicID, rows[0].Paper); err != nil {
		return shown{}, check, err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		kept, err := s.Evidence(ctx, tx, rows[0].PublicID)
		if err == nil && len(kept) > 0 {
			check.Copy = kept[len(kept)-1].SHA256
		}
		return err
	})
	return rows[0], check, err
}

// decidePaper lifts the lock, or refuses to, as the register found.
func (s *Store) decidePaper(ctx context.Context, of shown, finding recovery.Finding) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		state, reason := recovery.Refused, finding.Reason
		if finding.Match {
			state, reason = recovery.Approved, ""
		}
		moved, err := s.settle(ctx, tx, of.ID, of.PublicID, recovery.Checking, state, reason)
		if err != nil || !moved {
			return err
		}
		if finding.Match {
			if _, err := s.joints.Accounts.LiftSuspicion(ctx, tx, access.Guest(), of.Account); err != nil {
				return err
			}
			return nil
		}
		_, err = s.ask(ctx, tx, plea{recovery: of.ID, account: of.Account, key: of.PublicID, lang: of.Lang})
		return err
	})
}

// settle moves a decision; a final one erases the copy and what was typed of the paper.
// A refusal by the register leaves them to the people who look next.
func (s *Store) settle(ctx context.Context, tx *db.Tx, key int64, public string, was, will recovery.State, reason string) (moved bool, err error) {
	changed, err := tx.Exec(ctx, `
		UPDATE recoveries
		SET state = $3,
			reason = $4,
			decided_at = CASE WHEN $3 IN ('approved', 'refused') THEN now() END,
			paper = CASE WHEN $3 IN ('approved', 'refused') THEN NULL ELSE paper END,
			login_value = CASE WHEN $3 IN ('approved', 'refused') THEN '' ELSE login_value END
		WHERE id = $1 AND state = $2`, key, was, will, reason)
	if err != nil {
		return false, fmt.Errorf("settle recovery %d: %w", key, err)
	}
	if changed == 0 {
		return false, nil
	}
	if will.Final() {
		if err := s.Erase(ctx, tx, public); err != nil {
			return false, err
		}
	}
	return true, tx.Emit(ctx, recovery.PaperMoved{Key: key, Attempt: public, State: will})
}

// toDesk leaves a decision to people.
func (s *Store) toDesk(ctx context.Context, of shown) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		moved, err := s.settle(ctx, tx, of.ID, of.PublicID, recovery.Checking, recovery.AtDesk, "")
		if err != nil || !moved {
			return err
		}
		_, err = s.ask(ctx, tx, plea{recovery: of.ID, account: of.Account, key: of.PublicID, lang: of.Lang})
		return err
	})
}

// plea is a request on its way to the desk.
type plea struct {
	recovery.Plea
	recovery int64
	account  accounts.ID
	key      string
	lang     string
}

// ask puts a request before the desk, once.
func (s *Store) ask(ctx context.Context, tx *db.Tx, p plea) (recovery.RequestID, error) {
	var row struct {
		ID  recovery.RequestID
		New bool
	}
	err := tx.Get(ctx, &row, `
		INSERT INTO recovery_requests (
			key, recovery_id, account_id, name, inn, contact, channel, login, text, lang, questions, due_at
		)
		SELECT
			$1, NULLIF($2::bigint, 0), NULLIF($3::bigint, 0), $4, $5, $6, $7, $8, $9, $10,
			coalesce((SELECT questions FROM recoveries WHERE id = $2), false),
			now() + $11 * interval '1 second'
		ON CONFLICT (key) DO UPDATE SET key = excluded.key
		RETURNING id, xmax = 0 AS new`,
		p.key, p.recovery, p.account, p.Name, p.INN, p.Contact.Value, channelOf(p.Contact), p.Login.Value, p.Text, p.lang,
		recovery.AnswerWithin.Seconds())
	if err != nil {
		return 0, fmt.Errorf("ask the support desk: %w", err)
	}
	if !row.New {
		return row.ID, nil
	}
	return row.ID, tx.Emit(ctx, recovery.Requested{Request: row.ID})
}
