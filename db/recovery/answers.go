package recovery

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/recovery"
)

// Subject is the person about whom questions are asked: the login by which somebody
// says to be them, and the account it belongs to, 0 when it belongs to nobody.
type Subject struct {
	Account accounts.ID
	Login   accounts.Login
}

// Rounds of wrong answers after which no more are taken for a day. An answer given
// in a round of its own counts as one.
const (
	MaxRounds  = 5
	roundsTime = "1 day"
)

// kept is a question with the hash of its answer, "" for one that only looks as if
// somebody had chosen it.
type kept struct {
	Question   recovery.Question
	AnswerHash string
}

// Asked answers the three questions for the subject: those they set, or such as they
// might have set. Asked again it answers the same.
func (s *Store) Asked(ctx context.Context, about Subject) ([]recovery.Question, error) {
	questions, err := s.questions(ctx, about)
	if err != nil {
		return nil, err
	}
	asked := make([]recovery.Question, len(questions))
	for at, q := range questions {
		asked[at] = q.Question
	}
	return asked, nil
}

// HasQuestions says whether a person set questions. It is for those who decide about
// a recovery and not for those who ask for one.
func (s *Store) HasQuestions(ctx context.Context, account accounts.ID) (bool, error) {
	var has bool
	err := s.db.Pool().QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM control_questions WHERE account_id = $1)`, account).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("look for the control questions of account %d: %w", account, err)
	}
	return has, nil
}

// Check compares answers with those the subject gave, in the order of Asked, and
// answers how many are right. All are compared, whatever the first ones were, and as
// many where there is nobody: the time tells nothing, and how many were right is not
// to be told to whoever gave them. A round in which not all were right is counted; it
// answers recovery.ErrCheckForm without all answers, which is no round, and
// recovery.ErrClosed after too many.
//
// It runs in transactions of its own: what was tried is counted before it is compared,
// and stays counted whatever becomes of the caller's.
func (s *Store) Check(ctx context.Context, about Subject, typed []string) (right int, err error) {
	if len(typed) != recovery.Needed {
		return 0, recovery.ErrCheckForm
	}
	round := s.roundOf(about)
	if err := s.takeRound(ctx, round); err != nil {
		return 0, err
	}
	right, err = s.compare(ctx, about, typed)
	if err != nil {
		return 0, s.giveBack(ctx, round, err)
	}
	if right == recovery.Needed {
		err = s.endRounds(ctx, round)
	}
	return right, err
}

// compare counts the right answers.
func (s *Store) compare(ctx context.Context, about Subject, typed []string) (right int, err error) {
	questions, err := s.questions(ctx, about)
	if err != nil {
		return 0, err
	}
	for at, q := range questions {
		match, err := s.match(ctx, s.peppered(q.Question, recovery.Fold(typed[at])), q.AnswerHash)
		if err != nil {
			return 0, fmt.Errorf("compare an answer: %w", err)
		}
		if match {
			right++
		}
	}
	return right, nil
}

// questions are the subject's, or, after the same look at the table, made-up ones.
func (s *Store) questions(ctx context.Context, about Subject) ([]kept, error) {
	var found []kept
	_, err := s.db.Look(ctx, db.Ask(&found, `
		SELECT question, answer_hash FROM control_questions WHERE account_id = $1 ORDER BY position`, about.Account))
	if err != nil {
		return nil, fmt.Errorf("read control questions: %w", err)
	}
	made := s.madeUp(about.Login)
	if len(found) == recovery.Needed {
		return found, nil
	}
	return made, nil
}

// madeUp are the questions asked about a login that belongs to nobody, or to somebody
// without questions. Each question has a rank of its own for the login and the first
// are asked: a question that is offered later changes few of them.
func (s *Store) madeUp(login accounts.Login) []kept {
	ranks := map[recovery.Question]string{}
	for _, q := range recovery.Questions {
		ranks[q] = string(mac(s.decoys, string(login.Kind), login.Value, string(q)))
	}
	ranked := slices.SortedFunc(slices.Values(recovery.Questions), func(a, b recovery.Question) int {
		if ranks[a] < ranks[b] {
			return -1
		}
		return 1
	})
	made := make([]kept, recovery.Needed)
	for at := range made {
		made[at].Question = ranked[at]
	}
	return made
}

// peppered is what is hashed of an answer. Answers are words of everyday life: who
// has a copy of the database alone must not be able to try them.
func (s *Store) peppered(question recovery.Question, answer accounts.Password) accounts.Password {
	return accounts.Password(hex.EncodeToString(mac(s.answers, string(question), string(answer))))
}

// roundOf names the subject in the count of rounds: a person by the account, whatever
// login was typed, everybody else by the login.
func (s *Store) roundOf(about Subject) []byte {
	if about.Account != 0 {
		return mac(s.rounds, "account", fmt.Sprint(about.Account))
	}
	return mac(s.rounds, "login", string(about.Login.Kind), about.Login.Value)
}

// takeRound counts a round, unless there were too many. The day begins anew with the
// last one that is taken.
func (s *Store) takeRound(ctx context.Context, key []byte) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		taken, err := tx.Exec(ctx, `
			INSERT INTO control_question_rounds AS r (key)
			VALUES ($1)
			ON CONFLICT (key) DO UPDATE SET
				rounds = CASE WHEN r.since <= now() - $3::interval THEN 1 ELSE r.rounds + 1 END,
				since = CASE WHEN r.since <= now() - $3::interval OR r.rounds + 1 >= $2 THEN now() ELSE r.since END
			WHERE r.since <= now() - $3::interval OR r.rounds < $2`, key, MaxRounds, roundsTime)
		if err != nil {
			return fmt.Errorf("count a round of answers: %w", err)
		}
		if taken == 0 {
			return recovery.ErrClosed
		}
		return nil
	})
}

// giveBack takes a round off the count that the portal could not go through with.
func (s *Store) giveBack(ctx context.Context, key []byte, because error) error {
	ctx = context.WithoutCancel(ctx)
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE control_question_rounds SET rounds = rounds - 1 WHERE key = $1 AND rounds > 0`, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("%w (and give the round back: %w)", because, err)
	}
	return because
}

// endRounds forgets the rounds of somebody who knew the answers.
func (s *Store) endRounds(ctx context.Context, key []byte) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM control_question_rounds WHERE key = $1`, key); err != nil {
			return fmt.Errorf("forget rounds of answers: %w", err)
		}
		return nil
	})
}
