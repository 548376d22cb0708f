package codes_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"veche/db"
	codesdb "veche/db/codes"
	"veche/db/dbtest"
	"veche/db/given"
	"veche/domain/accounts"
	"veche/domain/codes"
)

// operator takes messages, or refuses them.
type operator struct {
	mu      sync.Mutex
	taken   []codes.Message
	refuses error
}

func (o *operator) Send(_ context.Context, m codes.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuses == nil {
		o.taken = append(o.taken, m)
	}
	return o.refuses
}

func (o *operator) last(t *testing.T) codes.Message {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.taken) == 0 {
		t.Fatal("nothing was sent")
	}
	return o.taken[len(o.taken)-1]
}

// desk is a store with an operator behind it.
type desk struct {
	t     *testing.T
	db    *db.DB
	out   *operator
	store *codesdb.Store
}

func newDesk(t *testing.T) desk {
	t.Helper()
	d, out := dbtest.New(t), &operator{}
	return desk{t, d, out, codesdb.New(d, []byte("a secret of the test"), out)}
}

func (d desk) person() accounts.ID {
	d.t.Helper()
	return given.Residents(d.t, d.db, 1)[0].Account
}

func (d desk) request(account accounts.ID, address string) string {
	d.t.Helper()
	var id string
	err := d.db.InTx(d.t.Context(), func(tx *db.Tx) (err error) {
		id, err = d.store.Request(d.t.Context(), tx, codes.Request{
			Purpose: codes.ForSignIn, Account: account, Holder: "session:a", Channel: codes.SMS, Address: address, Lang: "ru",
		})
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// send does the job of the newest sending of a code.
func (d desk) send(id string) {
	d.t.Helper()
	var key int64
	var sending int
	if err := d.db.Pool().QueryRow(d.t.Context(), `SELECT id, sends FROM codes WHERE public_id = $1`, id).Scan(&key, &sending); err != nil {
		d.t.Fatal(err)
	}
	if err := d.store.Send(d.t.Context(), key, sending, true); err != nil {
		d.t.Fatal(err)
	}
}

// sent asks for a code, has it sent, and answers its id and digits.
func (d desk) sent() (id, digits string) {
	d.t.Helper()
	id = d.request(d.person(), "+79440000001")
	d.send(id)
	return id, d.out.last(d.t).Code
}

func (d desk) try(id, typed string) error {
	d.t.Helper()
	_, err := d.store.Try(d.t.Context(), id, codes.ForSignIn, "session:a", typed)
	return err
}

func (d desk) use(id string) error {
	d.t.Helper()
	return d.db.InTx(d.t.Context(), func(tx *db.Tx) error { return d.store.Use(d.t.Context(), tx, id) })
}

func (d desk) exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.db.Pool().Exec(d.t.Context(), statement, args...); err != nil {
		d.t.Fatal(err)
	}
}

// another is a code that is certainly not this one.
func another(digits string) string {
	return digits[:5] + string('0'+(digits[5]-'0'+1)%10)
}

func TestCodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, digits := d.sent()
	if len(digits) != codes.Digits {
		t.Fatalf("the code is %q", digits)
	}
	if err := d.try(id, digits[:3]+" "+digits[3:]); err != nil {
		t.Fatalf("the code as it is read aloud: %v", err)
	}
	if err := d.use(id); err != nil {
		t.Fatal(err)
	}
	if err := d.use(id); !errors.Is(err, codes.ErrUsedUp) {
		t.Errorf("used twice: %v", err)
	}
	if err := d.try(id, digits); !errors.Is(err, codes.ErrUsedUp) {
		t.Errorf("replayed: %v", err)
	}
}

// Whoever is quicker with one code of two windows has used it up for the other.
func TestCodeUsedAtOnceIsUsedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, _ := d.sent()
	const windows = 8
	answers := make([]error, windows)
	var all sync.WaitGroup
	for i := range windows {
		all.Go(func() { answers[i] = d.use(id) })
	}
	all.Wait()
	good := 0
	for _, err := range answers {
		if err == nil {
			good++
		} else if !errors.Is(err, codes.ErrUsedUp) {
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("used %d times", good)
	}
}

func TestCodeIsForItsHolderAndPurposeOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, digits := d.sent()
	for name, c := range map[string]struct {
		purpose codes.Purpose
		holder  string
	}{
		"another session": {codes.ForSignIn, "session:b"},
		"another purpose": {codes.ForRecover, "session:a"},
		"nobody":          {codes.ForSignIn, ""},
	} {
		if _, err := d.store.Try(t.Context(), id, c.purpose, c.holder, digits); !errors.Is(err, codes.ErrUsedUp) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := d.request(d.person(), "+79440000002")
	if err := d.try(other, digits); !errors.Is(err, codes.ErrWrong) {
		t.Errorf("the code of another request: %v", err)
	}
	if err := d.try(id, digits); err != nil {
		t.Errorf("its own holder: %v", err)
	}
}

func TestFewTriesHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, digits := d.sent()
	for i := range codes.MaxTries {
		if err := d.try(id, another(digits)); !errors.Is(err, codes.ErrWrong) {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	if err := d.try(id, digits); !errors.Is(err, codes.ErrUsedUp) {
		t.Errorf("the right code after all tries: %v", err)
	}
	d.exec(`UPDATE codes SET sent_at = now() - interval '1 hour'`)
	if err := d.store.Resend(t.Context(), id, "session:a"); !errors.Is(err, codes.ErrUsedUp) {
		t.Errorf("sent again for more tries: %v", err)
	}
}

func TestExpiredCodeSaysSo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, digits := d.sent()
	d.exec(`UPDATE codes SET expires_at = now() - interval '1 second'`)
	if err := d.try(id, digits); !errors.Is(err, codes.ErrExpired) {
		t.Errorf("%v", err)
	}
	if err := d.use(id); !errors.Is(err, codes.ErrUsedUp) {
		t.Errorf("used all the same: %v", err)
	}
}

func TestSendingAgainMakesTheFormerCodeWorthless(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, first := d.sent()
	if err := d.store.Resend(t.Context(), id, "session:a"); !errors.Is(err, codes.ErrSoon) {
		t.Errorf("sent again at once: %v", err)
	}
	if err := d.store.Resend(t.Context(), id, "session:b"); !errors.Is(err, codes.ErrUsedUp) {
		t.Errorf("sent again by somebody else: %v", err)
	}
	for sending := 2; sending <= codes.MaxSends; sending++ {
		d.exec(`UPDATE codes SET sent_at = now() - interval '1 hour'`)
		if err := d.store.Resend(t.Context(), id, "session:a"); err != nil {
			t.Fatalf("sending %d: %v", sending, err)
		}
		d.send(id)
	}
	d.exec(`UPDATE codes SET sent_at = now() - interval '1 hour'`)
	if err := d.store.Resend(t.Context(), id, "session:a"); !errors.Is(err, codes.ErrNoMore) {
		t.Errorf("sent too often: %v", err)
	}
	latest := d.out.last(t)
	if len(d.out.taken) != codes.MaxSends || latest.ID != fmt.Sprintf("%s-%d", id, codes.MaxSends) {
		t.Errorf("%d messages, the last %q", len(d.out.taken), latest.ID)
	}
	if first != latest.Code {
		if err := d.try(id, first); !errors.Is(err, codes.ErrWrong) {
			t.Errorf("the first code: %v", err)
		}
	}
	if err := d.try(id, latest.Code); err != nil {
		t.Errorf("the last code: %v", err)
	}
}

// A login that nobody has makes a row and a job like any other; nothing is sent and
// nothing can be answered.
func TestCodeForNobodyIsTheSameWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.request(0, "")
	d.send(id)
	if len(d.out.taken) != 0 {
		t.Errorf("sent %v", d.out.taken)
	}
	for i := range 3 {
		if err := d.try(id, fmt.Sprintf("%06d", i)); !errors.Is(err, codes.ErrWrong) {
			t.Errorf("tried: %v", err)
		}
	}
	code, found, err := d.store.Shown(t.Context(), id, "session:a")
	if err != nil || !found || code.Address != "" || code.Account != 0 {
		t.Errorf("shown %+v, %v, %v", code, found, err)
	}
}

func TestDatabaseHoldsNoCode(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, digits := d.sent()
	var row, job string
	err := d.db.Pool().QueryRow(t.Context(), `SELECT to_jsonb(c) - 'created_at' - 'sent_at' - 'expires_at' FROM codes c WHERE public_id = $1`, id).Scan(&row)
	if err != nil {
		t.Fatal(err)
	}
	_ = d.db.Pool().QueryRow(t.Context(), `SELECT coalesce(string_agg(args::text, ' '), '') FROM river_job`).Scan(&job)
	if strings.Contains(row, digits) || strings.Contains(job, digits) {
		t.Errorf("the code %s stands in %s or %s", digits, row, job)
	}
	stranger := codesdb.New(d.db, []byte("another secret"), d.out)
	if _, err := stranger.Try(t.Context(), id, codes.ForSignIn, "session:a", digits); !errors.Is(err, codes.ErrWrong) {
		t.Errorf("the code does not follow from the secret: %v", err)
	}
}

func TestNobodyIsFloodedWithCodes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	who := d.person()
	for range 30 { // whoever asks for them, in whichever sessions
		d.send(d.request(who, "+79440000001"))
	}
	if n := len(d.out.taken); n < 10 || n > 20 {
		t.Errorf("%d messages in an hour", n)
	}
}

func TestPageKnowsWhatBecameOfTheMessage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, _ := d.sent()
	state := func() codes.Delivery {
		code, _, err := d.store.Shown(t.Context(), id, "session:a")
		if err != nil {
			t.Fatal(err)
		}
		return code.Delivery
	}
	if got := state(); got != codes.Sent {
		t.Errorf("sent: %s", got)
	}
	for _, told := range []struct {
		sending int
		state   codes.Delivery
		want    codes.Delivery
	}{
		{2, codes.Failed, codes.Sent}, // of a sending that there was not
		{1, codes.Failed, codes.Failed},
		{1, codes.Sent, codes.Failed}, // noted late by whoever sent it
		{1, codes.Delivered, codes.Delivered},
		{1, codes.Failed, codes.Delivered},
	} {
		if err := d.store.Delivery(t.Context(), id, told.sending, told.state); err != nil {
			t.Fatal(err)
		}
		if got := state(); got != told.want {
			t.Errorf("after %s of sending %d: %s, want %s", told.state, told.sending, got, told.want)
		}
	}
}

func TestRefusedMessageIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.out.refuses = codes.RefusedError{Code: "number_refused"}
	id := d.request(d.person(), "+79440000001")
	var key int64
	if err := d.db.Pool().QueryRow(t.Context(), `SELECT id FROM codes WHERE public_id = $1`, id).Scan(&key); err != nil {
		t.Fatal(err)
	}
	if err := d.store.Send(t.Context(), key, 1, false); !errors.As(err, new(codes.RefusedError)) {
		t.Errorf("%v", err)
	}
	code, _, err := d.store.Shown(t.Context(), id, "session:a")
	if err != nil || code.Delivery != codes.Failed {
		t.Errorf("%s (%v)", code.Delivery, err)
	}
}

func TestOldCodesAreForgotten(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	old, _ := d.sent()
	d.exec(`UPDATE codes SET created_at = now() - interval '2 days'`)
	young, _ := d.sent()
	if err := d.store.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{old: false, young: true} {
		if _, found, err := d.store.Shown(t.Context(), id, "session:a"); err != nil || found != want {
			t.Errorf("%s: there %v, want %v (%v)", id, found, want, err)
		}
	}
}
