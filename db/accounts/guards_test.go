package accounts_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/proofs"
)

// try signs in with a login and a password from a browser.
func (p portal) try(login, password string, browser accounts.Token) error {
	p.t.Helper()
	_, err := p.store.SignIn(p.t.Context(), access.Guest(), offer(p.t, login, password), accounts.Place{Browser: browser})
	return err
}

// fail tries in vain so often.
func (p portal) fail(times int, login string, browser accounts.Token) error {
	p.t.Helper()
	var err error
	for range times {
		err = p.try(login, "wrong", browser)
	}
	return err
}

// known signs a person in from a browser, which is known from then on.
func (p portal) known(name string) accounts.Token {
	p.t.Helper()
	browser := accounts.NewToken()
	if err := p.try(name+"@demo.test", secret, browser); err != nil {
		p.t.Fatal(err)
	}
	return browser
}

func TestFiveFailuresCloseSignInByPassword(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	stranger := accounts.NewToken()
	if err := p.fail(accounts.MaxFailures-1, "anna@demo.test", stranger); !errors.Is(err, accounts.ErrWrongCredentials) {
		t.Errorf("before the fifth: %v", err)
	}
	if err := p.fail(1, "anna@demo.test", stranger); !errors.Is(err, accounts.ErrClosed) {
		t.Errorf("the fifth: %v", err)
	}
	if err := p.try("anna@demo.test", secret, accounts.NewToken()); !errors.Is(err, accounts.ErrClosed) {
		t.Errorf("the right password, from an unknown browser: %v", err)
	}
}

// Four failures and a success are no step towards being kept out.
func TestSuccessBeginsTheCountAnew(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	for range 3 {
		_ = p.fail(accounts.MaxFailures-1, "anna@demo.test", "")
		if err := p.try("anna@demo.test", secret, ""); err != nil {
			t.Fatal(err)
		}
	}
}

// Strangers who guess keep out strangers: the owner goes on in the sessions and the
// browsers that are theirs.
func TestStrangersCannotKeepTheOwnerOut(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	own := p.known("anna")
	token, _ := p.signIn("anna")
	_ = p.fail(20, "anna@demo.test", accounts.NewToken())
	if !p.actor(token).SignedIn() {
		t.Error("the owner's session was ended")
	}
	if err := p.try("anna@demo.test", secret, own); err != nil {
		t.Errorf("the owner, from a browser of theirs: %v", err)
	}
	p.person("boris")
	if err := p.try("anna@demo.test", secret, p.known("boris")); !errors.Is(err, accounts.ErrClosed) {
		t.Errorf("a browser that is known for somebody else: %v", err)
	}
	err := p.db.InTx(t.Context(), func(tx *db.Tx) error { return p.store.Open(t.Context(), tx, anna.ID) })
	if err != nil {
		t.Fatal(err)
	}
	if err := p.try("anna@demo.test", secret, accounts.NewToken()); err != nil {
		t.Errorf("opened by the owner, from a new browser: %v", err)
	}
}

// Whoever holds a stolen browser may not guess without end either.
func TestKnownBrowserHasACountOfItsOwn(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	stolen, other := p.known("anna"), p.known("anna")
	if err := p.fail(accounts.MaxFailures, "anna@demo.test", stolen); !errors.Is(err, accounts.ErrClosed) {
		t.Errorf("five failures in a known browser: %v", err)
	}
	if err := p.try("anna@demo.test", secret, stolen); !errors.Is(err, accounts.ErrClosed) {
		t.Errorf("the right password there: %v", err)
	}
	if err := p.try("anna@demo.test", secret, other); err != nil {
		t.Errorf("another browser of the owner: %v", err)
	}
}

// Guesses at one account through its several logins are counted together; but what a
// login that was not tried itself is told does not give away whose it is.
func TestLoginsOfAnAccountAreCountedTogether(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	p.exec(`UPDATE accounts SET phone = '+79001234567' WHERE id = $1`, anna.ID)
	_ = p.fail(accounts.MaxFailures, "anna@demo.test", "")
	if err := p.try("+79001234567", secret, ""); !errors.Is(err, accounts.ErrWrongCredentials) {
		t.Errorf("the right password under another login: %v", err)
	}
}

// What is answered, and what is written, is the same for logins that nobody has.
func TestUnknownLoginsAreClosedAsKnownOnesAre(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	answers := map[string][]string{}
	for _, login := range []string{"anna@demo.test", "nobody@demo.test"} {
		for range accounts.MaxFailures + 2 {
			answers[login] = append(answers[login], p.try(login, "wrong", "").Error())
		}
	}
	if diff := cmp.Diff(answers["anna@demo.test"], answers["nobody@demo.test"]); diff != "" {
		t.Error(diff)
	}
	var keys, open int
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE closed_at IS NULL) FROM sign_in_guards`).Scan(&keys, &open); err != nil {
		t.Fatal(err)
	}
	if keys != 4 || open != 0 { // a login and an account each
		t.Errorf("%d counts, %d of them open", keys, open)
	}
}

func TestClosedSignInOpensByItselfAfterADay(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	_ = p.fail(accounts.MaxFailures, "anna@demo.test", "")
	p.exec(`UPDATE sign_in_guards SET failed_at = failed_at - interval '25 hours', closed_at = closed_at - interval '25 hours'`)
	if err := p.try("anna@demo.test", "wrong", ""); !errors.Is(err, accounts.ErrWrongCredentials) {
		t.Errorf("the first failure of a new count: %v", err)
	}
	if err := p.try("anna@demo.test", secret, ""); err != nil {
		t.Errorf("the day after: %v", err)
	}
	p.exec(`UPDATE sign_in_guards SET failed_at = failed_at - interval '25 hours'`)
	if err := p.store.ForgetFailures(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM sign_in_guards`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d counts are kept (%v)", left, err)
	}
}

// The person is told once, when it closes, and never through an event about a login
// that nobody has.
func TestClosingIsAnnouncedToItsOwner(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	_ = p.fail(accounts.MaxFailures, "nobody@demo.test", "")
	if got := p.announced(); len(got) != 0 {
		t.Errorf("of nobody: %q", got)
	}
	_ = p.fail(1, "anna@demo.test", "")
	if got := p.announced(); len(got) != 1 || got[0] != "accounts.sign_in_refused account:"+anna.PublicID+" " {
		t.Errorf("announced %q", got)
	}
	var notes int
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM account_events WHERE account_id = $1 AND kind = 'refused'`, anna.ID).Scan(&notes); err != nil || notes != 1 {
		t.Errorf("%d lines in the journal (%v)", notes, err)
	}
}

// What keeps a person out is said only to those who know the password.
func TestLocksAreToldToThoseWhoKnowThePassword(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  string
		want error
	}{
		"blocked":            {`lock = 'blocked'`, accounts.ErrBlocked},
		"suspicious":         {`lock = 'suspicious'`, accounts.ErrSuspicious},
		"temporary and over": {`password_until = now() - interval '1 minute'`, accounts.ErrTemporaryOver},
		"another network":    {`networks = '{198.51.100.0/24}'`, accounts.ErrNetwork},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t)
			anna := p.person("anna")
			p.exec(fmt.Sprintf(`UPDATE accounts SET %s WHERE id = $1`, c.set), anna.ID)
			if err := p.try("anna@demo.test", "wrong", ""); !errors.Is(err, accounts.ErrWrongCredentials) {
				t.Errorf("a stranger: %v", err)
			}
			if err := p.try("anna@demo.test", secret, ""); !errors.Is(err, c.want) {
				t.Errorf("who knows the password: %v", err)
			}
		})
	}
}

// A sign-in that waits for its second proof opens nothing, is good once and for a
// while, and is over when all sessions are ended.
func TestWaitingSignInOpensNothingByItself(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	p.exec(`UPDATE accounts SET second_factor = 'sms' WHERE id = $1`, anna.ID)
	wait := func() accounts.Token {
		entry, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, "anna@demo.test", secret), accounts.Place{})
		if err != nil || entry.Token != "" || !entry.Pending.Valid() {
			t.Fatalf("%+v, %v", entry, err)
		}
		return entry.Pending
	}
	enter := func(pending accounts.Token, typed string) (accounts.Entry, error) {
		return p.store.Enter(t.Context(), access.Guest(), pending, proofs.Answer{Method: proofs.SMS, Typed: typed}, accounts.Place{})
	}
	pending := wait()
	if p.actor(pending).SignedIn() {
		t.Error("the token of the waiting opens the portal")
	}
	if _, err := enter(pending, ""); !errors.Is(err, proofs.ErrWrong) {
		t.Errorf("a wrong proof: %v", err)
	}
	entry, err := enter(pending, "good")
	if err != nil || !p.actor(entry.Token).Fresh {
		t.Fatalf("%v, %+v", err, p.actor(entry.Token))
	}
	if _, err := enter(pending, "good"); !errors.Is(err, accounts.ErrTooLate) {
		t.Errorf("entered twice: %v", err)
	}
	late := wait()
	p.exec(`UPDATE pending_sign_ins SET expires_at = now()`)
	if _, err := enter(late, "good"); !errors.Is(err, accounts.ErrTooLate) {
		t.Errorf("entered too late: %v", err)
	}
	begun := wait()
	if err := p.store.SignOutEverywhere(t.Context(), p.actor(entry.Token)); err != nil {
		t.Fatal(err)
	}
	if _, err := enter(begun, "good"); !errors.Is(err, accounts.ErrTooLate) {
		t.Errorf("entered with what was begun before all sessions were ended: %v", err)
	}
	for _, token := range []accounts.Token{"", "nonsense", accounts.NewToken()} {
		if _, err := enter(token, "good"); !errors.Is(err, accounts.ErrTooLate) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

// A proof is fresh for a while, in the session it was shown in.
func TestProofIsFreshInItsSessionForAWhile(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	token, actor := p.signIn("anna")
	elsewhere, _ := p.signIn("anna")
	if actor.Fresh {
		t.Fatal("fresh by the password alone")
	}
	if err := p.store.Prove(t.Context(), actor, proofs.Answer{Method: proofs.SMS}); !errors.Is(err, proofs.ErrWrong) || p.actor(token).Fresh {
		t.Errorf("a wrong proof: %v", err)
	}
	if err := p.store.Prove(t.Context(), actor, proofs.Answer{Method: proofs.SMS, Typed: "good"}); err != nil {
		t.Fatal(err)
	}
	if !p.actor(token).Fresh || p.actor(elsewhere).Fresh {
		t.Errorf("fresh here %v, elsewhere %v", p.actor(token).Fresh, p.actor(elsewhere).Fresh)
	}
	p.exec(`UPDATE sessions SET proved_at = now() - $1 * interval '1 second'`, accounts.FreshFor.Seconds())
	if p.actor(token).Fresh {
		t.Error("fresh for ever")
	}
	if err := p.store.SignOut(t.Context(), actor); err != nil {
		t.Fatal(err)
	}
	if err := p.store.Prove(t.Context(), actor, proofs.Answer{Method: proofs.SMS, Typed: "good"}); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("proved in a session that ended: %v", err)
	}
}
