package recovery

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/problem"
	"veche/domain/recovery"
)

// Sheet is a request as the person at the desk sees it. Of the account it shows how
// what was typed compares, and contacts masked: enough to ask the right questions.
type Sheet struct {
	recovery.Request
	Typed    recovery.Typed
	Found    bool // an account
	Masked   []string
	Compared recovery.Comparison
	Checks   recovery.Checks
	Asked    []recovery.Question // the control questions to be asked
	Copies   []recovery.Evidence
	Own      bool // the account is the reader's own: somebody else decides
	MayHelp  bool // the reader may be the second who is sure
}

// sheetRow is a request with the account it may be about.
type sheetRow struct {
	requestRow
	RecoveryID     int64
	Attempt        string
	Account        accounts.ID
	TypedName      string
	TypedInn       string
	TypedContact   string
	Channel        codes.Channel
	TypedLogin     string
	Text           string
	Lang           string
	Questions      bool
	CheckedBy      accounts.ID
	SecondedBy     accounts.ID
	Name           string
	Email          string
	Phone          string
	Inn            string
	Snils          string
	PhoneConfirmed bool
	EmailConfirmed bool
	HasAny         bool
	Staff          bool
	Refused        bool // by the register
}

const selectSheet = `
	SELECT
		q.id, q.state, q.recovery_id IS NOT NULL AS paper, q.created_at, q.due_at, q.decided_at, q.reason,
		coalesce(q.recovery_id, 0) AS recovery_id,
		coalesce((SELECT public_id FROM recoveries WHERE id = q.recovery_id), '') AS attempt,
		coalesce(q.account_id, 0) AS account,
		q.name AS typed_name,
		q.inn AS typed_inn,
		q.contact AS typed_contact,
		q.channel,
		q.login AS typed_login,
		q.text,
		q.lang,
		q.questions,
		coalesce(q.checked_by, 0) AS checked_by,
		coalesce(q.seconded_by, 0) AS seconded_by,
		coalesce(a.name, '') AS name,
		coalesce(a.email, '') AS email,
		coalesce(a.phone, '') AS phone,
		coalesce(a.inn, '') AS inn,
		coalesce(a.snils, '') AS snils,
		a.phone_confirmed_at IS NOT NULL AS phone_confirmed,
		a.email_confirmed_at IS NOT NULL AS email_confirmed,
		EXISTS (SELECT FROM control_questions c WHERE c.account_id = q.account_id) AS has_any,
		EXISTS (SELECT FROM grants g WHERE g.account_id = q.account_id) AS staff,
		coalesce((SELECT state = 'refused' FROM recoveries WHERE id = q.recovery_id), false) AS refused
	FROM recovery_requests q
	LEFT JOIN accounts a ON a.id = q.account_id
	WHERE q.id = $1`

func (r sheetRow) compared() recovery.Comparison {
	c := recovery.Comparison{
		Name: recovery.CompareNames(r.TypedName, r.Name),
		INN:  recovery.Compare(r.TypedInn, r.Inn),
	}
	if r.Account != 0 {
		c.Contact = oneOf(r.TypedContact, r.Email, r.Phone)
		c.Login = oneOf(r.TypedLogin, r.Email, r.Phone, r.Snils, r.Inn)
	}
	return c
}

func oneOf(typed string, kept ...string) recovery.Match {
	if typed == "" {
		return recovery.NotCompared
	}
	for _, value := range kept {
		if value != "" && value == typed {
			return recovery.Same
		}
	}
	return recovery.Different
}

// checks says what stands. For a paper the person has shown a code to a bound contact.
func (r sheetRow) checks() recovery.Checks {
	return recovery.Checks{
		Matched: r.RecoveryID != 0 || r.compared().Good(), Questions: r.Questions, HasAny: r.HasAny,
		Seconded: r.SecondedBy != 0, Two: r.Staff || r.Refused,
	}
}

// bound says whether the contact that was given is one the account is confirmed by.
func (r sheetRow) bound() bool {
	return r.TypedContact != "" &&
		(r.EmailConfirmed && r.TypedContact == r.Email || r.PhoneConfirmed && r.TypedContact == r.Phone)
}

// Open reads a request. That somebody read it stands in the audit.
func (s *Store) Open(ctx context.Context, actor access.Actor, id recovery.RequestID) (state string, sheet Sheet, err error) {
	if err := access.Can(actor, access.HandleRecovery, access.Object{}); err != nil {
		return "", Sheet{}, err
	}
	var rows []sheetRow
	state, err = s.db.LookSeen(ctx, db.Sight{
		By: actor, Do: access.HandleRecovery, Object: "recovery-request:" + fmt.Sprint(id), Details: map[string]any{"read": true},
	}, db.Ask(&rows, selectSheet, id))
	switch {
	case err != nil:
		return "", Sheet{}, fmt.Errorf("read request %d: %w", id, err)
	case len(rows) == 0:
		return "", Sheet{}, recovery.ErrNoRequest
	}
	r := rows[0]
	sheet = Sheet{
		Request: requestsOf([]requestRow{r.requestRow})[0],
		Typed: recovery.Typed{
			Name: r.TypedName, INN: r.TypedInn, Contact: r.TypedContact, Channel: r.Channel, Login: r.TypedLogin, Text: r.Text,
		},
		Found: r.Account != 0, Compared: r.compared(), Checks: r.checks(),
		Own:     r.Account == actor.Account,
		MayHelp: r.SecondedBy == 0 && r.CheckedBy != actor.Account,
	}
	if r.Account == 0 {
		return state, sheet, nil
	}
	for _, masked := range []string{codes.Mask(codes.SMS, r.Phone), codes.Mask(codes.Mail, r.Email)} {
		if masked != "" {
			sheet.Masked = append(sheet.Masked, masked)
		}
	}
	if r.HasAny {
		if sheet.Asked, err = s.Asked(ctx, Subject{Account: r.Account}); err != nil {
			return "", Sheet{}, err
		}
	}
	if r.Attempt != "" {
		err = s.db.InTx(ctx, func(tx *db.Tx) error {
			sheet.Copies, err = s.Evidence(ctx, tx, r.Attempt)
			return err
		})
	}
	return state, sheet, err
}

// hold reads a request that waits, and keeps it still. Nobody decides about themselves.
func hold(ctx context.Context, tx *db.Tx, actor access.Actor, id recovery.RequestID) (sheetRow, error) {
	var row sheetRow
	err := tx.Get(ctx, &row, selectSheet+` FOR UPDATE OF q`, id)
	switch {
	case db.NoRows(err):
		return row, recovery.ErrNoRequest
	case err != nil:
		return row, fmt.Errorf("hold request %d: %w", id, err)
	case row.State != recovery.RequestWaiting:
		return row, recovery.ErrDecided
	case row.Account != 0 && row.Account == actor.Account:
		return row, recovery.ErrOwn
	}
	return row, nil
}

// atDesk does something with a request that waits, and says so in the audit.
func (s *Store) atDesk(ctx context.Context, actor access.Actor, id recovery.RequestID, what string, do func(*db.Tx, sheetRow) (recovery.RequestState, error)) error {
	if err := access.Can(actor, access.HandleRecovery, access.Object{}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		row, err := hold(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		state, err := do(tx, row)
		if err != nil {
			return err
		}
		if err := tx.Audit(ctx, actor, access.HandleRecovery, "recovery-request:"+fmt.Sprint(id), map[string]any{"did": what}); err != nil {
			return err
		}
		return tx.Emit(ctx, recovery.RequestMoved{Request: id, State: state})
	})
}

// AskQuestions compares the answers that a person gives on the telephone, and says how
// many are right (REC-06). Rounds are counted as everywhere.
func (s *Store) AskQuestions(ctx context.Context, actor access.Actor, id recovery.RequestID, typed []string) (right int, err error) {
	_, sheet, err := s.Open(ctx, actor, id)
	switch {
	case err != nil:
		return 0, err
	case sheet.Own:
		return 0, recovery.ErrOwn
	case sheet.State != recovery.RequestWaiting:
		return 0, recovery.ErrDecided
	case len(sheet.Asked) == 0:
		return 0, recovery.ErrNoAccount
	}
	var account accounts.ID
	if err := s.db.Pool().QueryRow(ctx, `SELECT account_id FROM recovery_requests WHERE id = $1`, id).Scan(&account); err != nil {
		return 0, fmt.Errorf("read whom request %d is about: %w", id, err)
	}
	right, err = s.Check(ctx, Subject{Account: account}, typed)
	if err != nil {
		return 0, err
	}
	return right, s.atDesk(ctx, actor, id, fmt.Sprintf("asked the questions, %d right", right), func(tx *db.Tx, row sheetRow) (recovery.RequestState, error) {
		_, err := tx.Exec(ctx, `UPDATE recovery_requests SET questions = $2, checked_by = $3 WHERE id = $1`, id, right == recovery.Needed, actor.Account)
		return row.State, err
	})
}

// Second says that a second operator is sure too. It is not who asked the questions.
func (s *Store) Second(ctx context.Context, actor access.Actor, id recovery.RequestID) error {
	return s.atDesk(ctx, actor, id, "seconded", func(tx *db.Tx, row sheetRow) (recovery.RequestState, error) {
		if row.CheckedBy == actor.Account {
			return "", recovery.ErrAlone
		}
		_, err := tx.Exec(ctx, `UPDATE recovery_requests SET seconded_by = $2 WHERE id = $1 AND seconded_by IS NULL`, id, actor.Account)
		return row.State, err
	})
}

// Refuse ends a request without giving access back.
func (s *Store) Refuse(ctx context.Context, actor access.Actor, id recovery.RequestID, reason string) error {
	return s.atDesk(ctx, actor, id, "refused", func(tx *db.Tx, row sheetRow) (recovery.RequestState, error) {
		if err := s.closeAttempt(ctx, tx, row, recovery.Refused, reason); err != nil {
			return "", err
		}
		return recovery.RequestRefused, closeRequest(ctx, tx, actor, id, recovery.RequestRefused, reason)
	})
}

// Lift lifts the lock of an account whose owner showed a paper that people had to look
// at (C-28).
func (s *Store) Lift(ctx context.Context, actor access.Actor, id recovery.RequestID) error {
	return s.atDesk(ctx, actor, id, "lifted", func(tx *db.Tx, row sheetRow) (recovery.RequestState, error) {
		if row.RecoveryID == 0 || row.Account == 0 {
			return "", recovery.ErrNoAccount
		}
		if err := mayDecide(row, actor); err != nil {
			return "", err
		}
		if err := s.closeAttempt(ctx, tx, row, recovery.Approved, ""); err != nil {
			return "", err
		}
		if _, err := s.joints.Accounts.LiftSuspicion(ctx, tx, actor, row.Account); err != nil {
			return "", err
		}
		return recovery.RequestLifted, closeRequest(ctx, tx, actor, id, recovery.RequestLifted, "")
	})
}

// Issue gives out a temporary password (REC-06), which has to be changed at the first
// sign-in, and answers it once, to be read out. It is sent too, to the contact that was
// given, if the account is bound to that.
func (s *Store) Issue(ctx context.Context, actor access.Actor, id recovery.RequestID) (accounts.Password, error) {
	secret := s.temporary(id)
	hash, err := s.hashing.Hash(ctx, secret)
	if err != nil {
		return "", err
	}
	err = s.atDesk(ctx, actor, id, "issued a temporary password", func(tx *db.Tx, row sheetRow) (recovery.RequestState, error) {
		if row.Account == 0 || row.RecoveryID != 0 {
			return "", recovery.ErrNoAccount
		}
		if err := mayDecide(row, actor); err != nil {
			return "", err
		}
		restored := accountsdb.Restored{Of: row.Account, Hash: hash, For: recovery.TemporaryFor, How: "desk"}
		if _, err := s.joints.Accounts.Restore(ctx, tx, actor, restored, accounts.Place{}); err != nil {
			return "", err
		}
		return recovery.RequestIssued, closeRequest(ctx, tx, actor, id, recovery.RequestIssued, "")
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// mayDecide asks whether the checks stand, and whether two people made them where two
// are needed.
func mayDecide(row sheetRow, actor access.Actor) error {
	if row.SecondedBy == actor.Account {
		row.SecondedBy = 0
	}
	return row.checks().Why()
}

func closeRequest(ctx context.Context, tx *db.Tx, actor access.Actor, id recovery.RequestID, state recovery.RequestState, reason string) error {
	_, err := tx.Exec(ctx, `
		UPDATE recovery_requests
		SET state = $2,
			reason = $3,
			decided_by = $4,
			decided_at = now(),
			seconded_by = NULLIF(seconded_by, $4)
		WHERE id = $1`, id, state, reason, actor.Account)
	if err != nil {
		return fmt.Errorf("close request %d: %w", id, err)
	}
	return nil
}

// closeAttempt settles the decision that a request is about, if it is about one.
func (s *Store) closeAttempt(ctx context.Context, tx *db.Tx, row sheetRow, state recovery.State, reason string) error {
	if row.RecoveryID == 0 {
		return nil
	}
	was := recovery.AtDesk
	if row.Refused {
		was = recovery.Refused
	}
	if was == state {
		return nil
	}
	_, err := s.settle(ctx, tx, row.RecoveryID, row.Attempt, was, state, reason)
	return err
}

// Copy opens the copy of a paper for the person at the desk, and says so in the audit.
func (s *Store) Copy(ctx context.Context, actor access.Actor, id recovery.RequestID, copy string) (e recovery.Evidence, content []byte, err error) {
	if err := access.Can(actor, access.HandleRecovery, access.Object{}); err != nil {
		return e, nil, err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		row, err := hold(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if e, content, err = s.Unseal(ctx, tx, copy); err != nil {
			return err
		}
		if row.Attempt == "" || e.Request != row.Attempt {
			e, content = recovery.Evidence{}, nil
			return recovery.ErrGone
		}
		return tx.Audit(ctx, actor, access.HandleRecovery, "recovery-request:"+fmt.Sprint(id), map[string]any{"saw the copy": copy})
	})
	if _, told := problem.As(err); err != nil && !told {
		err = fmt.Errorf("show a copy: %w", err)
	}
	return e, content, err
}

// temporary is the temporary password of a request. It follows from the portal's secret
// and stands nowhere; it is good for as long as the account says.
func (s *Store) temporary(id recovery.RequestID) accounts.Password {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789" // none is taken for another
	sum := hmac.New(sha256.New, s.temps)
	fmt.Fprintf(sum, "request:%d", id)
	var b strings.Builder
	// Capital, digit and hyphens meet the policy; the fifteen letters after them are the secret.
	b.WriteString("V7")
	for i, random := range sum.Sum(nil)[:15] {
		if i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[int(random)%len(letters)])
	}
	return accounts.Password(b.String())
}
