// Package proofs asks people for a second proof and checks it, with whatever they
// have: codes by text message and letter, a generator app, a passkey, a printed code.
//
// It promises that what is proved and what follows from it are one transaction; that
// wrong answers count whatever else becomes of them; and that a person who answers
// wrongly too often has to wait, by whichever method.
package proofs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/factors"
	"veche/domain/problem"
	"veche/domain/proofs"
)

// Codes sends codes and checks them.
type Codes interface {
	Request(ctx context.Context, tx *db.Tx, r codes.Request) (id string, err error)
	Resend(ctx context.Context, id, holder string) error
	Latest(ctx context.Context, purpose codes.Purpose, holder string, channel codes.Channel) (codes.Code, bool, error)
	Shown(ctx context.Context, id, holder string) (codes.Code, bool, error)
	Try(ctx context.Context, id string, purpose codes.Purpose, holder, typed string) (codes.Code, error)
	Use(ctx context.Context, tx *db.Tx, id string) error
}

// Factors knows what else a person has, and checks it.
type Factors interface {
	Methods(ctx context.Context, account accounts.ID) (factors.Methods, error)
	// Passkeys says whether the portal stands where they can be used.
	Passkeys() (origin string, offered bool)
	BeginAssertion(ctx context.Context, account accounts.ID, holder string) (options string, err error)
	CheckAssertion(ctx context.Context, tx *db.Tx, account accounts.ID, holder, signed string) error
	CheckTOTP(ctx context.Context, tx *db.Tx, account accounts.ID, typed string) error
	UseBackupCode(ctx context.Context, tx *db.Tx, account accounts.ID, typed string) error
}

// Passwords compares a password with that of an account.
type Passwords interface {
	CheckPassword(ctx context.Context, account accounts.ID, offered accounts.Password) (bool, error)
}

// Store asks and checks. It is safe for concurrent use.
type Store struct {
	db        *db.DB
	codes     Codes
	factors   Factors
	passwords Passwords
}

// New makes the store.
func New(d *db.DB, codes Codes, factors Factors, passwords Passwords) *Store {
	return &Store{db: d, codes: codes, factors: factors, passwords: passwords}
}

// Means are what a person could prove themselves with.
func (s *Store) Means(ctx context.Context, account accounts.ID) (proofs.Means, error) {
	var means proofs.Means
	err := s.db.Pool().QueryRow(ctx, `SELECT password_hash <> '', lang FROM accounts WHERE id = $1`, account).
		Scan(&means.Password, &means.Lang)
	if err != nil {
		return means, fmt.Errorf("read how account %d proves itself: %w", account, err)
	}
	means.Methods, err = s.factors.Methods(ctx, account)
	if _, offered := s.factors.Passkeys(); !offered {
		means.Passkeys = 0
	}
	return means, err
}

// Asks says whether a person has anything to be asked for after the first proof, by
// which they have come so far.
func (s *Store) Asks(ctx context.Context, account accounts.ID, so ...accounts.Means) (bool, error) {
	means, err := s.Means(ctx, account)
	return means.On() && len(means.Offered(so...)) > 0, err
}

// Ask chooses what a person is asked, by the method they want when it is to be had,
// and sends the code that it needs. One that is on its way already is not sent again.
func (s *Store) Ask(ctx context.Context, who proofs.Who, wanted proofs.Method) (proofs.Question, error) {
	means, err := s.Means(ctx, who.Account)
	if err != nil {
		return proofs.Question{}, err
	}
	question := proofs.Question{Methods: means.Offered(who.Without...)}
	if len(question.Methods) == 0 {
		return question, proofs.ErrNoMethod
	}
	question.Method = question.Methods[0]
	if slices.Contains(question.Methods, wanted) {
		question.Method = wanted
	}
	switch channel := proofs.Channel(question.Method); {
	case channel != "":
		question.Code, err = s.send(ctx, who, means, channel)
	case question.Method == proofs.Passkey:
		question.Options, err = s.factors.BeginAssertion(ctx, who.Account, who.Holder)
	}
	return question, err
}

// send answers the code that is on its way, or sends one.
func (s *Store) send(ctx context.Context, who proofs.Who, means proofs.Means, channel codes.Channel) (codes.Code, error) {
	code, found, err := s.codes.Latest(ctx, who.Purpose, who.Holder, channel)
	if err != nil || found {
		return code, err
	}
	if closed, err := s.closed(ctx, who.Account); err != nil || closed {
		return codes.Code{}, errors.Join(err, proofs.ErrTooMany)
	}
	address := means.Phone
	if channel == codes.Mail {
		address = means.Email
	}
	var id string
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		id, err = s.codes.Request(ctx, tx, codes.Request{
			Purpose: who.Purpose, Account: who.Account, Holder: who.Holder, Channel: channel, Address: address, Lang: means.Lang,
		})
		return err
	})
	if err != nil {
		return codes.Code{}, err
	}
	code, _, err = s.codes.Shown(ctx, id, who.Holder)
	return code, err
}

// Resend has the code of a question sent once more.
func (s *Store) Resend(ctx context.Context, who proofs.Who, code string) error {
	return s.codes.Resend(ctx, code, who.Holder)
}

// Prove checks an answer and, in the transaction in which it is used up, does what
// follows from it. It answers a problem of proofs for an answer that is not good.
func (s *Store) Prove(ctx context.Context, who proofs.Who, answer proofs.Answer, then func(*db.Tx) error) error {
	if closed, err := s.closed(ctx, who.Account); err != nil || closed {
		return errors.Join(err, proofs.ErrTooMany)
	}
	means, err := s.Means(ctx, who.Account)
	if err != nil {
		return err
	}
	if !slices.Contains(means.Offered(who.Without...), answer.Method) {
		return proofs.ErrNotOffered
	}
	use, err := s.check(ctx, who, answer)
	if err == nil {
		// What is refused may leave traces, such as a challenge that is used up: they stay.
		var refused error
		err = s.db.InTx(ctx, func(tx *db.Tx) error {
			if err := use(tx); translate(err) != nil {
				refused = err
				return nil
			} else if err != nil {
				return err
			}
			if err := s.forgive(ctx, tx, who.Account); err != nil {
				return err
			}
			return then(tx)
		})
		if err == nil {
			err = refused
		}
	}
	if asProof := translate(err); asProof != nil {
		if counts(asProof) {
			return errors.Join(s.count(ctx, who.Account), asProof)
		}
		return asProof
	}
	return err
}

// check does what is outside the transaction, such as counting the try of a code, and
// answers what uses the proof up inside.
func (s *Store) check(ctx context.Context, who proofs.Who, answer proofs.Answer) (use func(*db.Tx) error, err error) {
	switch answer.Method {
	case proofs.SMS, proofs.Mail:
		code, err := s.codes.Try(ctx, answer.Code, who.Purpose, who.Holder, answer.Typed)
		if err != nil {
			return nil, err
		}
		if code.Account != who.Account || code.Channel != proofs.Channel(answer.Method) {
			return nil, proofs.ErrUsedUp
		}
		return func(tx *db.Tx) error { return s.codes.Use(ctx, tx, code.ID) }, nil
	case proofs.TOTP:
		return func(tx *db.Tx) error { return s.factors.CheckTOTP(ctx, tx, who.Account, answer.Typed) }, nil
	case proofs.Passkey:
		return func(tx *db.Tx) error {
			return s.factors.CheckAssertion(ctx, tx, who.Account, who.Holder, answer.Signed)
		}, nil
	case proofs.Backup:
		return func(tx *db.Tx) error { return s.factors.UseBackupCode(ctx, tx, who.Account, answer.Typed) }, nil
	case proofs.Password:
		match, err := s.passwords.CheckPassword(ctx, who.Account, accounts.NewPassword(answer.Typed))
		if err == nil && !match {
			err = proofs.ErrWrong
		}
		return func(*db.Tx) error { return nil }, err
	}
	return nil, proofs.ErrNotOffered
}

// translate puts the problems of codes into the field of the proof. What is no problem
// of the answer is nil.
func translate(err error) error {
	switch {
	case errors.Is(err, codes.ErrNoCode):
		return proofs.ErrNoAnswer
	case errors.Is(err, codes.ErrWrong), errors.Is(err, factors.ErrWrongCode), errors.Is(err, factors.ErrWrongBackup),
		errors.Is(err, factors.ErrWrongPasskey), errors.Is(err, factors.ErrClonedPasskey):
		return proofs.ErrWrong
	case errors.Is(err, codes.ErrExpired):
		return proofs.ErrExpired
	case errors.Is(err, codes.ErrUsedUp), errors.Is(err, factors.ErrStalePasskey), errors.Is(err, factors.ErrUsedCode):
		return proofs.ErrUsedUp
	}
	if found, ok := problem.As(err); ok && found.Fields[proofs.TypedField] != "" {
		return found
	}
	return nil
}

// counts says whether a problem tells of a wrong answer, not of one that came late.
func counts(err error) bool { return errors.Is(err, proofs.ErrWrong) }

// What a person may answer wrongly before they have to wait, by whichever method.
const (
	maxWrong  = 10
	wrongLast = time.Hour
)

// closed says whether a person answered wrongly too often lately.
func (s *Store) closed(ctx context.Context, account accounts.ID) (bool, error) {
	var closed bool
	err := s.db.Pool().QueryRow(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM proof_failures
			WHERE account_id = $1 AND failures >= $2 AND failed_at > now() - $3 * interval '1 second'
		)`, account, maxWrong, wrongLast.Seconds()).Scan(&closed)
	if err != nil {
		return false, fmt.Errorf("ask for the wrong answers of account %d: %w", account, err)
	}
	return closed, nil
}

// count counts a wrong answer; the count begins anew when the last one is long ago.
func (s *Store) count(ctx context.Context, account accounts.ID) error {
	_, err := s.db.Pool().Exec(ctx, `
		INSERT INTO proof_failures (account_id, failures)
		VALUES ($1, 1)
		ON CONFLICT (account_id) DO UPDATE
		SET failed_at = now(),
			failures = CASE WHEN proof_failures.failed_at > now() - $2 * interval '1 second'
				THEN proof_failures.failures ELSE 0 END + 1`, account, wrongLast.Seconds())
	if err != nil {
		return fmt.Errorf("count a wrong answer of account %d: %w", account, err)
	}
	return nil
}

func (s *Store) forgive(ctx context.Context, tx *db.Tx, account accounts.ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM proof_failures WHERE account_id = $1`, account); err != nil {
		return fmt.Errorf("forget the wrong answers of account %d: %w", account, err)
	}
	return nil
}
