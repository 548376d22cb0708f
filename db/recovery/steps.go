package recovery

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/proofs"
	"veche/domain/recovery"
)

// CheckCode compares what was typed with the code that was sent, and goes on to what is
// asked for next. It answers a problem of codes for a code that is not good.
func (s *Store) CheckCode(ctx context.Context, token accounts.Token, typed string, from accounts.Place) (recovery.Step, error) {
	a, err := s.at(ctx, token, recovery.StepCode)
	if err != nil {
		return "", err
	}
	code, err := s.joints.Codes.Try(ctx, a.Code, a.Intent.Purpose(), a.Holder(), typed)
	if err != nil {
		return "", err
	}
	if code.Account != a.Account || a.Account == 0 {
		return "", recovery.ErrOver
	}
	return s.goOn(ctx, a, from, func(tx *db.Tx) error { return s.joints.Codes.Use(ctx, tx, code.ID) })
}

// goOn does what belongs to a step and moves the attempt to the next, in one
// transaction: a step is done once.
func (s *Store) goOn(ctx context.Context, a recovery.Attempt, from accounts.Place, do func(*db.Tx) error) (recovery.Step, error) {
	next, err := s.next(ctx, a)
	if err != nil {
		return "", err
	}
	return next, s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return s.move(ctx, tx, a, next, from)
	})
}

// next asks for what the next step depends on.
func (s *Store) next(ctx context.Context, a recovery.Attempt) (recovery.Step, error) {
	var facts recovery.Facts
	err := s.db.Pool().QueryRow(ctx, `SELECT lock FROM accounts WHERE id = $1`, a.Account).Scan(&facts.Lock)
	if err != nil {
		return "", fmt.Errorf("read the lock of account %d: %w", a.Account, err)
	}
	if facts.Questions, err = s.HasQuestions(ctx, a.Account); err != nil {
		return "", err
	}
	means, err := s.joints.Proofs.Means(ctx, a.Account)
	if err != nil {
		return "", err
	}
	facts.Proof = slices.ContainsFunc(means.Offered(provedAlready...), func(m proofs.Method) bool {
		return m == proofs.TOTP || m == proofs.Passkey
	})
	return a.Next(facts)
}

// provedAlready is what a second proof of a recovery is not made of: the password is
// lost, and contacts are what the first proof was.
var provedAlready = []accounts.Means{accounts.ByPassword, accounts.BySMS, accounts.ByMail}

// move takes an attempt from the step it was found at to another.
func (s *Store) move(ctx context.Context, tx *db.Tx, a recovery.Attempt, to recovery.Step, from accounts.Place) error {
	moved, err := tx.Exec(ctx, `
		UPDATE recoveries
		SET step = $3,
			questions = questions OR step = 'questions',
			used_at = CASE WHEN $3 = 'done' THEN now() END,
			state = CASE WHEN $3 = 'waiting' THEN 'checking' ELSE state END,
			asked_at = CASE WHEN $3 = 'waiting' THEN now() END,
			expires_at = CASE WHEN $3 = 'waiting' THEN now() + $4 * interval '1 second' ELSE expires_at END
		WHERE id = $1 AND step = $2 AND `+going, a.Key, a.Step, to, recovery.FollowFor.Seconds())
	switch {
	case err != nil:
		return fmt.Errorf("go on with recovery %d: %w", a.Key, err)
	case moved == 0:
		return recovery.ErrOver
	}
	switch {
	case to == recovery.StepWaiting:
		return tx.Emit(ctx, recovery.PaperShown{Key: a.Key, Attempt: a.ID})
	case to == recovery.StepDone && a.Intent == recovery.ForUnlock:
		public, err := s.joints.Accounts.OpenAgain(ctx, tx, a.Account, from)
		if err != nil {
			return err
		}
		return tx.Emit(ctx, recovery.Unlocked{Account: public, ID: a.Account, At: a.Key})
	}
	return nil
}

// AskedOf are the control questions that an attempt is at.
func (s *Store) AskedOf(ctx context.Context, token accounts.Token) ([]recovery.Question, error) {
	a, err := s.at(ctx, token, recovery.StepQuestions)
	if err != nil {
		return nil, err
	}
	return s.Asked(ctx, Subject{Account: a.Account, Login: a.Login})
}

// Answer compares answers to the control questions. All have to be right; how many are
// is not told.
func (s *Store) Answer(ctx context.Context, token accounts.Token, typed []string, from accounts.Place) (recovery.Step, error) {
	a, err := s.at(ctx, token, recovery.StepQuestions)
	if err != nil {
		return "", err
	}
	right, err := s.Check(ctx, Subject{Account: a.Account, Login: a.Login}, typed)
	switch {
	case err != nil:
		return "", err
	case right < recovery.Needed:
		return "", recovery.ErrWrongAnswers
	}
	return s.goOn(ctx, a, from, func(*db.Tx) error { return nil })
}

// AskProof asks for the second proof that the person also has.
func (s *Store) AskProof(ctx context.Context, token accounts.Token, wanted proofs.Method) (proofs.Question, error) {
	a, err := s.at(ctx, token, recovery.StepProof)
	if err != nil {
		return proofs.Question{}, err
	}
	return s.joints.Proofs.Ask(ctx, whoOf(a), wanted)
}

// Prove checks it.
func (s *Store) Prove(ctx context.Context, token accounts.Token, answer proofs.Answer, from accounts.Place) error {
	a, err := s.at(ctx, token, recovery.StepProof)
	if err != nil {
		return err
	}
	return s.joints.Proofs.Prove(ctx, whoOf(a), answer, func(tx *db.Tx) error {
		return s.move(ctx, tx, a, recovery.StepPassword, from)
	})
}

func whoOf(a recovery.Attempt) proofs.Who {
	return proofs.Who{Account: a.Account, Holder: a.Holder(), Purpose: a.Intent.Purpose(), Without: provedAlready}
}

// Owner is what a new password must not be made of.
func (s *Store) Owner(ctx context.Context, token accounts.Token) (accounts.PasswordOwner, error) {
	a, err := s.at(ctx, token, recovery.StepPassword)
	if err != nil {
		return accounts.PasswordOwner{}, err
	}
	var owner accounts.PasswordOwner
	err = s.db.Pool().QueryRow(ctx, `SELECT name, email, coalesce(phone, '') FROM accounts WHERE id = $1`, a.Account).
		Scan(&owner.Name, &owner.Email, &owner.Phone)
	if err != nil {
		return owner, fmt.Errorf("read about account %d: %w", a.Account, err)
	}
	return owner, nil
}

// SetPassword ends an attempt with the password that was chosen (REC-01). Whether it
// is good is for the caller to ask. Every session of the account ends.
func (s *Store) SetPassword(ctx context.Context, token accounts.Token, chosen accounts.Password, from accounts.Place) error {
	a, err := s.at(ctx, token, recovery.StepPassword)
	if err != nil {
		return err
	}
	hash, err := s.hashing.Hash(ctx, chosen)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := s.move(ctx, tx, a, recovery.StepDone, from); err != nil {
			return err
		}
		public, err := s.joints.Accounts.Restore(ctx, tx, access.Guest(), accountsdb.Restored{Of: a.Account, Hash: hash, How: "code"}, from)
		if err != nil {
			return err
		}
		// Whoever else was on the way back in with the same account begins anew.
		_, err = tx.Exec(ctx, `
			UPDATE recoveries SET used_at = now()
			WHERE account_id = $1 AND used_at IS NULL AND step IN ('code', 'questions', 'proof', 'password')`, a.Account)
		if err != nil {
			return fmt.Errorf("end other recoveries of account %d: %w", a.Account, err)
		}
		return tx.Emit(ctx, recovery.PasswordReset{Account: public, ID: a.Account})
	})
}

// ShowPaper keeps the copy of a paper, sealed, with what was typed of it, and goes on
// (REC-05).
func (s *Store) ShowPaper(ctx context.Context, token accounts.Token, paper recovery.Paper, copy []byte, from accounts.Place) (recovery.Step, error) {
	a, err := s.at(ctx, token, recovery.StepEvidence)
	if err != nil {
		return "", err
	}
	sealed, err := s.sealPaper(a.ID, paper)
	if err != nil {
		return "", err
	}
	return s.goOn(ctx, a, from, func(tx *db.Tx) error {
		if _, err := s.Keep(ctx, tx, a.ID, paper.Kind, copy); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE recoveries SET paper = $2 WHERE id = $1`, a.Key, sealed)
		return err
	})
}

// sealPaper seals what was typed of a paper, bound to its attempt.
func (s *Store) sealPaper(attempt string, paper recovery.Paper) ([]byte, error) {
	text, err := json.Marshal(paper)
	if err != nil {
		return nil, fmt.Errorf("write a paper down: %w", err)
	}
	nonce := newNonce(s.seal.NonceSize())
	return s.seal.Seal(nonce, nonce, text, []byte("paper:"+attempt)), nil
}

func (s *Store) openPaper(attempt string, sealed []byte) (recovery.Paper, error) {
	var paper recovery.Paper
	if len(sealed) < s.seal.NonceSize() {
		return paper, errAltered
	}
	text, err := s.seal.Open(nil, sealed[:s.seal.NonceSize()], sealed[s.seal.NonceSize():], []byte("paper:"+attempt))
	if err != nil {
		return paper, errAltered
	}
	return paper, json.Unmarshal(text, &paper)
}

// Status answers how far the decisions about papers have come, by the attempts' public
// ids.
func (s *Store) Status(ctx context.Context, attempts []string) (state string, found map[string]recovery.Status, err error) {
	var rows []struct {
		PublicID string
		State    recovery.State
		Reason   string
	}
	state, err = s.db.Look(ctx, db.Ask(&rows, `
		SELECT public_id, state, reason FROM recoveries WHERE public_id = ANY($1) AND step IN ('waiting', 'done')`, attempts))
	if err != nil {
		return "", nil, fmt.Errorf("read decisions: %w", err)
	}
	found = make(map[string]recovery.Status, len(rows))
	for _, row := range rows {
		found[row.PublicID] = recovery.Status{Attempt: row.PublicID, State: row.State, Reason: row.Reason}
	}
	return state, found, nil
}
