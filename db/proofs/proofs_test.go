package proofs_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veche/db"
	accountsdb "veche/db/accounts"
	codesdb "veche/db/codes"
	"veche/db/dbtest"
	factorsdb "veche/db/factors"
	"veche/db/given"
	proofsdb "veche/db/proofs"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/proofs"
)

// sent keeps the last message to each address.
type sent map[string]codes.Message

func (s sent) Send(_ context.Context, m codes.Message) error {
	s[m.Address] = m
	return nil
}

const phone = "+79440000001"

// desk is a store over real codes, factors and passwords, and one person.
type desk struct {
	t       *testing.T
	db      *db.DB
	out     sent
	codes   *codesdb.Store
	factors *factorsdb.Store
	store   *proofsdb.Store
	actor   access.Actor
	who     proofs.Who
}

func newDesk(t *testing.T) desk {
	t.Helper()
	d, out, secret := dbtest.New(t), sent{}, []byte("a secret of the test")
	factors, err := factorsdb.New(d, factorsdb.Options{Secret: secret, Issuer: "Вече", RelyingParty: "localhost", Origins: []string{"http://localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	sending := codesdb.New(d, secret, out)
	people := accountsdb.New(d, accountsdb.WithHashing(given.CheapHashing))
	actor, _ := given.Person(t, d)
	desk := desk{
		t: t, db: d, out: out, codes: sending, factors: factors, actor: actor,
		store: proofsdb.New(d, sending, factors, people),
		who:   proofs.Who{Account: actor.Account, Holder: "session:a", Purpose: codes.ForStepUp, Without: []accounts.Means{accounts.ByPassword}},
	}
	desk.exec(`UPDATE accounts SET phone = $2, phone_confirmed_at = now(), second_factor = 'sms' WHERE id = $1`, actor.Account, phone)
	return desk
}

func (d desk) exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.db.Pool().Exec(d.t.Context(), statement, args...); err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) ask(wanted proofs.Method) proofs.Question {
	d.t.Helper()
	question, err := d.store.Ask(d.t.Context(), d.who, wanted)
	if err != nil {
		d.t.Fatal(err)
	}
	return question
}

// answer is the right one to a question that sent a code to an address.
func (d desk) answer(q proofs.Question, address string) proofs.Answer {
	d.t.Helper()
	var key int64
	var sending int
	err := d.db.Pool().QueryRow(d.t.Context(), `SELECT id, sends FROM codes WHERE public_id = $1`, q.Code.ID).Scan(&key, &sending)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.codes.Send(d.t.Context(), key, sending, true); err != nil {
		d.t.Fatal(err)
	}
	return proofs.Answer{Method: q.Method, Code: q.Code.ID, Typed: d.out[address].Code}
}

func (d desk) prove(answer proofs.Answer) error {
	return d.store.Prove(d.t.Context(), d.who, answer, func(*db.Tx) error { return nil })
}

func TestPreferredMethodIsAskedFirstAndOthersAreOffered(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.ask("")
	if diff := cmp.Diff([]proofs.Method{proofs.SMS, proofs.Mail}, first.Methods); diff != "" || first.Method != proofs.SMS {
		t.Errorf("asked %s: %s", first.Method, diff)
	}
	if got := d.ask(proofs.Mail); got.Method != proofs.Mail || got.Code.Channel != codes.Mail {
		t.Errorf("asked %s by %s", got.Method, got.Code.Channel)
	}
	if got := d.ask(proofs.TOTP); got.Method != proofs.SMS {
		t.Errorf("a method that is not there: asked %s", got.Method)
	}
	d.who.Without = []accounts.Means{accounts.BySMS} // came by a code to the phone
	if diff := cmp.Diff([]proofs.Method{proofs.Mail, proofs.Password}, d.ask("").Methods); diff != "" {
		t.Error(diff)
	}
}

// What is proved and what follows are one transaction: when the second fails, the code
// is still good.
func TestProofAndWhatFollowsAreOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	answer := d.answer(d.ask(""), phone)
	failed := errors.New("what follows failed")
	if err := d.store.Prove(t.Context(), d.who, answer, func(*db.Tx) error { return failed }); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if err := d.prove(answer); err != nil {
		t.Fatalf("once more: %v", err)
	}
	if err := d.prove(answer); !errors.Is(err, proofs.ErrUsedUp) {
		t.Errorf("replayed: %v", err)
	}
}

// A proof answers what was asked, where it was asked.
func TestProofIsNoneElsewhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	answer := d.answer(d.ask(""), phone)
	for name, change := range map[string]func(*proofs.Who, *proofs.Answer){
		"another session":            func(w *proofs.Who, _ *proofs.Answer) { w.Holder = "session:b" },
		"another purpose":            func(w *proofs.Who, _ *proofs.Answer) { w.Purpose = codes.ForSignIn },
		"another channel":            func(_ *proofs.Who, a *proofs.Answer) { a.Method = proofs.Mail },
		"a method that is not there": func(_ *proofs.Who, a *proofs.Answer) { a.Method = proofs.TOTP },
		"no method":                  func(_ *proofs.Who, a *proofs.Answer) { a.Method = "" },
		"the password once more":     func(_ *proofs.Who, a *proofs.Answer) { a.Method, a.Typed = proofs.Password, given.Password },
		"no code":                    func(_ *proofs.Who, a *proofs.Answer) { a.Code = "" },
	} {
		who, sent := d.who, answer
		change(&who, &sent)
		err := d.store.Prove(t.Context(), who, sent, func(*db.Tx) error { return nil })
		if !errors.Is(err, proofs.ErrUsedUp) && !errors.Is(err, proofs.ErrNotOffered) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stranger, _ := given.Person(t, d.db)
	who := d.who
	who.Account = stranger.Account
	if err := d.store.Prove(t.Context(), who, answer, func(*db.Tx) error { return nil }); err == nil {
		t.Error("the code of one person proves another")
	}
	if err := d.prove(answer); err != nil {
		t.Errorf("its own: %v", err)
	}
}

// Whoever came by a code alone proves themselves by the password.
func TestPasswordIsASecondProofOfWhoCameWithoutIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.who.Without = []accounts.Means{accounts.BySMS}
	if err := d.prove(proofs.Answer{Method: proofs.Password, Typed: "wrong"}); !errors.Is(err, proofs.ErrWrong) {
		t.Errorf("a wrong password: %v", err)
	}
	if err := d.prove(proofs.Answer{Method: proofs.Password, Typed: given.Password}); err != nil {
		t.Errorf("the password: %v", err)
	}
}

func TestBackupCodeProvesOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	papers, err := d.factors.MakeBackupCodes(t.Context(), d.actor)
	if err != nil {
		t.Fatal(err)
	}
	answer := proofs.Answer{Method: proofs.Backup, Typed: papers[0].Shown()}
	if err := d.prove(answer); err != nil {
		t.Fatal(err)
	}
	if err := d.prove(answer); !errors.Is(err, proofs.ErrWrong) {
		t.Errorf("used twice: %v", err)
	}
}

func TestWrongAnswersOfAllMethodsCountTogether(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.factors.MakeBackupCodes(t.Context(), d.actor); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for ; wrong < 30; wrong++ {
		question, err := d.store.Ask(t.Context(), d.who, proofs.SMS)
		if errors.Is(err, proofs.ErrTooMany) { // nothing is sent either to whoever has to wait
			break
		} else if err != nil {
			t.Fatal(err)
		}
		answer := proofs.Answer{Method: proofs.SMS, Code: question.Code.ID, Typed: "000000"}
		if wrong%2 == 0 {
			answer = proofs.Answer{Method: proofs.Backup, Typed: "0000-0000"}
		}
		if err := d.prove(answer); errors.Is(err, proofs.ErrTooMany) {
			break
		} else if !errors.Is(err, proofs.ErrWrong) {
			t.Fatalf("answer %d: %v", wrong, err)
		}
	}
	if wrong < 5 || wrong > 10 {
		t.Errorf("made to wait after %d wrong answers", wrong)
	}
	d.exec(`UPDATE proof_failures SET failed_at = now() - interval '2 hours'`)
	d.exec(`DELETE FROM codes`)
	if err := d.prove(d.answer(d.ask(""), phone)); err != nil {
		t.Errorf("after a while: %v", err)
	}
	var left int
	if err := d.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM proof_failures`).Scan(&left); err != nil || left != 0 {
		t.Errorf("a right answer leaves %d counts (%v)", left, err)
	}
}

// A second proof is asked of those who want it and have something to show.
func TestSecondProofIsAskedOfThoseWhoHaveOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	asks := func() bool {
		asks, err := d.store.Asks(t.Context(), d.actor.Account, accounts.ByPassword)
		if err != nil {
			t.Fatal(err)
		}
		return asks
	}
	if !asks() {
		t.Error("not asked")
	}
	d.exec(`UPDATE accounts SET second_factor = 'off' WHERE id = $1`, d.actor.Account)
	if asks() {
		t.Error("asked although it is off")
	}
	d.exec(`INSERT INTO grants (account_id, role) VALUES ($1, 'moderator')`, d.actor.Account)
	if !asks() {
		t.Error("not asked of somebody who works for the portal")
	}
	d.exec(`UPDATE accounts SET phone_confirmed_at = NULL, email_confirmed_at = NULL WHERE id = $1`, d.actor.Account)
	if asks() {
		t.Error("asked for what there is not")
	}
}
