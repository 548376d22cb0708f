package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
)

func TestActorIsReadInOneStatement(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	over := time.Now().Add(-time.Hour)
	later := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	anna := p.person("anna",
		accounts.Grant{Role: accounts.RoleModerator},
		accounts.Grant{Role: accounts.RoleEditor, Scope: accounts.DemoPublic, Until: &later},
		accounts.Grant{Role: accounts.RoleAdmin, Until: &over},
	)
	token, _ := p.signIn("anna")
	before := p.db.Pool().Stat().AcquireCount()
	actor := p.actor(token)
	if n := p.db.Pool().Stat().AcquireCount() - before; n != 1 {
		t.Errorf("asked the database %d times", n)
	}
	if actor.Seen.IsZero() || actor.Session == "" {
		t.Errorf("seen %v in session %q", actor.Seen, actor.Session)
	}
	want := access.Actor{
		Account: anna.ID, Public: anna.PublicID, Session: actor.Session, Seen: actor.Seen,
		Name: "anna", Confirmed: true, Rights: 1,
		Grants: []accounts.Grant{
			{Role: accounts.RoleEditor, Scope: accounts.DemoPublic, Until: &later},
			{Role: accounts.RoleModerator},
		},
		Means: []accounts.Means{accounts.ByPassword, accounts.BySMS},
		Fresh: true,
	}
	if diff := cmp.Diff(want, actor); diff != "" {
		t.Error(diff)
	}
}

func TestStolenCookieIsWorthlessAfterSignOut(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	token, actor := p.signIn("anna")
	_, elsewhere := p.signIn("anna")
	p.announced()
	for range 2 { // signing out twice ends and announces once
		if err := p.store.SignOut(t.Context(), actor); err != nil {
			t.Fatal(err)
		}
	}
	if p.actor(token).SignedIn() {
		t.Error("the token still opens the portal")
	}
	if diff := cmp.Diff([]string{"accounts.session_ended session:" + actor.Session + " session", "accounts.session_ended account:" + actor.Public + " "}, p.announced()); diff != "" {
		t.Error(diff)
	}
	if entries := p.audited(access.SignOut); len(entries) != 1 {
		t.Errorf("audited %q", entries)
	}
	rights, err := p.store.Rights(t.Context(), []string{actor.Session, elsewhere.Session, "unknown", ""})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{elsewhere.Session: 1}, rights); diff != "" {
		t.Errorf("rights: %s", diff)
	}
}

func TestNobodyEndsTheSessionOfAnother(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	p.person("boris")
	token, anna := p.signIn("anna")
	_, boris := p.signIn("boris")
	boris.Session = anna.Session
	if err := p.store.SignOut(t.Context(), boris); err != nil {
		t.Fatal(err)
	}
	if !p.actor(token).SignedIn() {
		t.Error("a session was ended by somebody else")
	}
	if _, err := p.store.Profile(t.Context(), boris); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("the session of another is shown: %v", err)
	}
}

func TestSignOutEverywhereEndsEverySessionOfThePersonOnly(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	p.person("boris")
	var tokens []accounts.Token
	var sessions []string
	var actor access.Actor
	for range 3 {
		var token accounts.Token
		token, actor = p.signIn("anna")
		tokens, sessions = append(tokens, token), append(sessions, actor.Session)
	}
	stays, boris := p.signIn("boris")
	p.announced()
	for range 2 { // what has ended is ended and announced once
		if err := p.store.SignOutEverywhere(t.Context(), actor); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range tokens {
		if p.actor(token).SignedIn() {
			t.Error("a token still opens the portal")
		}
	}
	if !p.actor(stays).SignedIn() {
		t.Error("the session of another person was ended")
	}
	want := []string{"accounts.signed_out_everywhere account:" + anna.PublicID + " session"}
	if diff := cmp.Diff(want, p.announced()); diff != "" {
		t.Error(diff)
	}
	want = []string{fmt.Sprintf(`%d %s account:%s {"reason": "everywhere", "everywhere": 3}`, anna.ID, actor.Session, anna.PublicID)}
	if diff := cmp.Diff(want, p.audited(access.SignOut)); diff != "" {
		t.Error(diff)
	}
	rights, err := p.store.Rights(t.Context(), append(sessions, boris.Session))
	if diff := cmp.Diff(map[string]int64{boris.Session: 1}, rights); err != nil || diff != "" {
		t.Errorf("rights: %s (%v)", diff, err)
	}
	if err := p.store.SignOutEverywhere(t.Context(), access.Guest()); err != nil || !p.actor(stays).SignedIn() {
		t.Errorf("a guest: %v", err)
	}
}

// Without it, whoever holds a stolen password could sign in at the very moment the
// owner throws everybody out, and stay.
func TestSignOutEverywhereEndsASignInThatIsUnderWay(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	_, actor := p.signIn("anna")
	token := accounts.NewToken()
	out := make(chan error, 1)
	err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, anna.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			INSERT INTO sessions (public_id, token_hash, account_id, expires_at)
			VALUES ('late', $1, $2, now() + interval '1 hour')`, token.Hash(), anna.ID)
		if err != nil {
			return err
		}
		go func() { out <- p.store.SignOutEverywhere(context.WithoutCancel(t.Context()), actor) }()
		p.awaitLockWaiter()
		return nil
	})
	if err := errors.Join(err, <-out); err != nil {
		t.Fatal(err)
	}
	if p.actor(token).SignedIn() {
		t.Error("the session that opened meanwhile stays")
	}
}

func TestSessionRunsOutByTheDatabasesClock(t *testing.T) {
	t.Parallel()
	p := newPortal(t, accountsdb.WithLifetime(time.Hour))
	p.person("anna")
	old, first := p.signIn("anna")
	current, second := p.signIn("anna")
	p.announced()
	p.exec(`UPDATE sessions SET expires_at = now() WHERE public_id = $1`, first.Session)

	if p.actor(old).SignedIn() || !p.actor(current).SignedIn() {
		t.Errorf("after its time: open %v, before: open %v", p.actor(old).SignedIn(), p.actor(current).SignedIn())
	}
	rights, err := p.store.Rights(t.Context(), []string{first.Session, second.Session})
	if err != nil || len(rights) != 1 {
		t.Errorf("rights %v (%v)", rights, err)
	}
	for i, want := range []int{1, 0} {
		ended, err := p.store.EndOverdue(t.Context())
		if err != nil || ended != want {
			t.Errorf("round %d ended %d (%v)", i, ended, err)
		}
	}
	if diff := cmp.Diff([]string{"accounts.session_ended session:" + first.Session + " session", "accounts.session_ended account:" + first.Public + " "}, p.announced()); diff != "" {
		t.Error(diff)
	}
}

func TestOverdueSessionsEndInBatches(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	p.exec(`
		INSERT INTO sessions (public_id, token_hash, account_id, expires_at)
		SELECT 's' || n, sha256(n::text::bytea), $1, now() - interval '1 hour'
		FROM generate_series(1, 501) n`, anna.ID)
	if ended, err := p.store.EndOverdue(t.Context()); err != nil || ended != 501 {
		t.Errorf("ended %d (%v)", ended, err)
	}
	if n := len(p.announced()); n != 2*501 { // to its sockets and to the list
		t.Errorf("announced %d", n)
	}
}

func TestActivityIsNotedOnceAMinute(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	token, actor := p.signIn("anna")
	seen := func() time.Time { return p.actor(token).Seen }
	age := func(by string) {
		p.exec(`UPDATE sessions SET seen_at = now() - $1::text::interval`, by)
	}

	start := seen()
	if err := p.store.Touch(t.Context(), actor); err != nil || !seen().Equal(start) {
		t.Errorf("touched within the minute: %v (%v)", seen().Sub(start), err)
	}
	age("59 seconds")
	stale := actor
	stale.Seen = time.Now().Add(-time.Hour) // another request of this minute has written already
	start = seen()
	if err := p.store.Touch(t.Context(), stale); err != nil || !seen().Equal(start) {
		t.Errorf("touched twice: %v (%v)", seen().Sub(start), err)
	}
	age("61 seconds")
	start = seen()
	if err := p.store.Touch(t.Context(), p.actor(token)); err != nil || seen().Sub(start) < time.Minute {
		t.Errorf("after a minute it moved by %v (%v)", seen().Sub(start), err)
	}
	// Asking who acts, as the live socket does, is not activity.
	age("10 minutes")
	start = seen()
	for range 3 {
		p.actor(token)
	}
	if _, err := p.store.Rights(t.Context(), []string{actor.Session}); err != nil || !seen().Equal(start) {
		t.Errorf("looking moved it by %v (%v)", seen().Sub(start), err)
	}
	if err := p.store.Touch(t.Context(), access.Guest()); err != nil {
		t.Errorf("a guest: %v", err)
	}
}

func TestProfileShowsTheSessionItIsReadIn(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna", accounts.Grant{Role: accounts.RoleSupport})
	p.signIn("anna")
	from := accounts.NewPlace("Firefox/132.0", "192.0.2.7")
	entry, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, "anna@demo.test", secret), from)
	if err != nil {
		t.Fatal(err)
	}
	session := p.prove(entry.Pending, from).Session
	actor := access.Actor{Account: anna.ID, Session: session.PublicID, Grants: []accounts.Grant{{Role: accounts.RoleSupport}}}
	profile, err := p.store.Profile(t.Context(), actor)
	if err != nil {
		t.Fatal(err)
	}
	if profile.Email != "anna@demo.test" || profile.Phone != "" || !profile.Confirmed || len(profile.Grants) != 1 {
		t.Errorf("%+v", profile)
	}
	if diff := cmp.Diff(session, profile.Session); diff != "" {
		t.Error(diff)
	}
	if _, err := p.store.Profile(t.Context(), access.Guest()); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("a guest: %v", err)
	}
}

func TestLoginsAreKeptInOneSpelling(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("Anna")
	var email string
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT email FROM accounts`).Scan(&email); err != nil || email != "anna@demo.test" {
		t.Errorf("kept %q (%v)", email, err)
	}
	for _, statement := range []string{
		`INSERT INTO accounts (public_id, name, email) VALUES ('a', 'a', 'anna@demo.test')`,
		`INSERT INTO accounts (public_id, name, email) VALUES ('a', 'a', 'Boris@demo.test')`,
		`INSERT INTO accounts (public_id, name, email, phone) VALUES ('a', 'a', 'boris@demo.test', '89001234567')`,
	} {
		if _, err := p.db.Pool().Exec(t.Context(), statement); err == nil {
			t.Error(fmt.Sprint("accepted: ", statement))
		}
	}
}
