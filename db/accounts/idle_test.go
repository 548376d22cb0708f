package accounts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veche/domain/access"
	"veche/domain/accounts"
)

// unused makes a session one that nobody used for some time.
func (p portal) unused(session string, since time.Duration) {
	p.t.Helper()
	p.exec(`UPDATE sessions SET seen_at = now() - $2 * interval '1 second' WHERE public_id = $1`, session, since.Seconds())
}

// warned are the sessions whose pages are told that they end, and when.
func (p portal) warned(session string) (time.Time, bool) {
	p.t.Helper()
	_, ends, err := p.store.Idle(p.t.Context(), []string{session})
	if err != nil {
		p.t.Fatal(err)
	}
	at, found := ends[session]
	return at, found
}

func (p portal) warnIdle() {
	p.t.Helper()
	if err := p.store.WarnIdle(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// A session is good to the last moment and no longer, whether or not a job has come to
// end it.
func TestIdleSessionEndsExactly(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	token, actor := p.signIn("anna")
	p.unused(actor.Session, accounts.IdleLimit-5*time.Second)
	if !p.actor(token).SignedIn() {
		t.Fatal("the session ended early")
	}
	if n, err := p.store.EndOverdue(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d sessions were ended early: %v", n, err)
	}
	p.unused(actor.Session, accounts.IdleLimit)
	if p.actor(token).SignedIn() {
		t.Error("the session outlives its limit")
	}
	if rights, err := p.store.Rights(t.Context(), []string{actor.Session}); len(rights) != 0 || err != nil {
		t.Errorf("its sockets outlive it: %v (%v)", rights, err)
	}
	p.announced()
	if n, err := p.store.EndOverdue(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d sessions were ended: %v", n, err)
	}
	want := []string{
		"accounts.session_ended session:" + actor.Session + " session",
		"accounts.session_ended account:" + actor.Public + " ",
	}
	if diff := cmp.Diff(want, p.announced()); diff != "" {
		t.Error(diff)
	}
	lines, _, err := p.store.Activity(t.Context(), access.Actor{Account: actor.Account}, accounts.ActivityFilter{Group: accounts.Endings})
	if err != nil || len(lines) != 1 || lines[0].Reason != accounts.EndIdle {
		t.Errorf("the journal says %+v (%v)", lines, err)
	}
}

func TestIdleSessionIsWarnedOnceTwoMinutesBefore(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	_, actor := p.signIn("anna")
	p.announced()
	p.unused(actor.Session, accounts.IdleLimit-accounts.IdleWarning-5*time.Second)
	p.warnIdle()
	if _, found := p.warned(actor.Session); found {
		t.Fatal("warned early")
	}
	p.unused(actor.Session, accounts.IdleLimit-accounts.IdleWarning)
	p.warnIdle()
	p.warnIdle()
	want := []string{"accounts.session_idle idle:" + actor.Session + " "}
	if diff := cmp.Diff(want, p.announced()); diff != "" {
		t.Error(diff)
	}
	at, found := p.warned(actor.Session)
	if left := time.Until(at); !found || left > accounts.IdleWarning || left < accounts.IdleWarning-30*time.Second {
		t.Errorf("the warning says that %s are left", left)
	}
}

func TestUseOfASessionTakesTheWarningBack(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	token, actor := p.signIn("anna")
	p.unused(actor.Session, accounts.IdleLimit-time.Minute)
	p.warnIdle()
	p.announced()
	if err := p.store.Touch(t.Context(), p.actor(token)); err != nil {
		t.Fatal(err)
	}
	if _, found := p.warned(actor.Session); found {
		t.Error("the warning stays")
	}
	if diff := cmp.Diff([]string{"accounts.session_idle idle:" + actor.Session + " "}, p.announced()); diff != "" {
		t.Error(diff)
	}
	// And is not taken back a second time, for there is none.
	p.unused(actor.Session, 2*time.Minute)
	if err := p.store.Touch(t.Context(), p.actor(token)); err != nil {
		t.Fatal(err)
	}
	if said := p.announced(); len(said) != 0 {
		t.Errorf("announced %q", said)
	}
	// The next silence is warned of again.
	p.unused(actor.Session, accounts.IdleLimit-time.Minute)
	p.warnIdle()
	if _, found := p.warned(actor.Session); !found {
		t.Error("the second silence is not warned of")
	}
}
