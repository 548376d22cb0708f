package accounts_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/google/go-cmp/cmp"

	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
)

func TestPeopleSignInByEmailAndPhone(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	p.exec(`UPDATE accounts SET phone = '+79001234567' WHERE id = $1`, anna.ID)

	for _, login := range []string{"anna@demo.test", " ANNA@Demo.Test", "8 (900) 123-45-67"} {
		entry, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, login, secret),
			accounts.NewPlace("Firefox/132.0", "192.0.2.7"))
		if err != nil {
			t.Errorf("%q: %v", login, err)
			continue
		}
		session, actor := entry.Session, p.actor(entry.Token)
		if actor.Account != anna.ID || actor.Public != anna.PublicID || actor.Session != session.PublicID {
			t.Errorf("%q: acts as %+v", login, actor)
		}
		if session.Device != "Firefox/132.0" || session.Address != "192.0.2.7" {
			t.Errorf("%q: the session is of %q at %q", login, session.Device, session.Address)
		}
		if lasts := session.ExpiresAt.Sub(session.CreatedAt); lasts != accountsdb.DefaultLifetime {
			t.Errorf("%q: the session lasts %s", login, lasts)
		}
	}
}

func TestWrongPasswordAndUnknownLoginAreOneProblem(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	p.person("fresh")
	p.exec(`UPDATE accounts SET password_hash = '' WHERE name = 'fresh'`)

	for _, c := range [][2]string{
		{"anna@demo.test", "wrong"},
		{"anna@demo.test", strings.TrimSpace(secret)},
		{"anna@demo.test", strings.ToUpper(secret)},
		{"nobody@demo.test", secret},
		{"fresh@demo.test", secret},
		{"+79000000000", secret},
	} {
		entry, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, c[0], c[1]), accounts.Place{})
		if !errors.Is(err, accounts.ErrWrongCredentials) || err.Error() != accounts.ErrWrongCredentials.Error() {
			t.Errorf("%q: %v", c, err)
		}
		if entry.Token != "" || entry.Session.PublicID != "" || entry.Pending != "" {
			t.Errorf("%q: refused, and yet a session", c)
		}
	}
	var sessions int
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM sessions`).Scan(&sessions); err != nil || sessions != 0 {
		t.Errorf("%d sessions (%v)", sessions, err)
	}
}

// The time of an answer tells what work was done for it. Comparing times would
// fail by chance, so the work itself is compared: the hash computed, the rows
// written.
func TestUnknownLoginCostsTheSameWork(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	var seen []string
	p.store.Watch(func(hash string) { seen = append(seen, hash) })

	for i, login := range []string{"anna@demo.test", "nobody@demo.test"} {
		_, _ = p.store.SignIn(t.Context(), access.Guest(), offer(t, login, "wrong"), accounts.NewPlace("d", "192.0.2.7"))
		if len(seen) != i+1 {
			t.Fatalf("%s: %d comparisons", login, len(seen)-i)
		}
		with, _, _, err := argon2id.DecodeHash(seen[i])
		if err != nil || *with != cheap {
			t.Errorf("%s: compared at the cost of %+v (%v)", login, with, err)
		}
	}
	const details = `{"device": "d", "address": "192.0.2.7", "refused": true}`
	want := []string{
		fmt.Sprintf("0  account:%s %s", anna.PublicID, details),
		"0   " + details,
	}
	if diff := cmp.Diff(want, p.audited(access.SignIn)); diff != "" {
		t.Error(diff)
	}
}

func TestSignInAlwaysGivesANewToken(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	p.person("boris")
	planted := accounts.NewToken() // what an attacker put into the browser before
	first, actor := p.signIn("anna")
	if first == planted || p.actor(planted).SignedIn() {
		t.Error("a token from outside opens the session")
	}
	p.announced()

	entry, err := p.store.SignIn(t.Context(), actor, offer(t, "boris@demo.test", secret), accounts.Place{})
	second, session := entry.Token, entry.Session
	if err != nil || second == first {
		t.Fatalf("signed in over a session: token kept %v, %v", second == first, err)
	}
	if p.actor(first).SignedIn() {
		t.Error("the session that was signed in over is still open")
	}
	want := []string{
		"accounts.session_ended session:" + actor.Session + " session",
		"accounts.session_ended account:" + actor.Public + " ",
		"accounts.signed_in account:" + p.actor(second).Public + " ",
	}
	if diff := cmp.Diff(want, p.announced()); diff != "" {
		t.Error(diff)
	}
	if entries := p.audited(access.SignIn); len(entries) != 2 || !strings.HasPrefix(entries[1], fmt.Sprintf("%d %s account:", p.actor(second).Account, session.PublicID)) {
		t.Errorf("audited %q", entries)
	}
	if entries := p.audited(access.SignOut); len(entries) != 1 || !strings.HasPrefix(entries[0], fmt.Sprint(anna.ID)) {
		t.Errorf("audited %q", entries)
	}
}

func TestDatabaseHoldsNoToken(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	token, actor := p.signIn("anna")
	var hash []byte
	var row string
	err := p.db.Pool().QueryRow(t.Context(), `SELECT token_hash, s::text FROM sessions s WHERE public_id = $1`, actor.Session).Scan(&hash, &row)
	if err != nil || !bytes.Equal(hash, token.Hash()) {
		t.Errorf("kept %x (%v)", hash, err)
	}
	if strings.Contains(row, string(token)) {
		t.Errorf("the token stands in %s", row)
	}
	for _, forged := range []string{actor.Session, string(hash), fmt.Sprintf("%x", hash), string(token)[1:], string(token) + "A", ""} {
		if who, err := p.store.Actor(t.Context(), forged); err != nil || who.SignedIn() {
			t.Errorf("%.50q acts as %+v (%v)", forged, who, err)
		}
	}
}

func TestStrongerHashingReachesOldPasswords(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	stronger := cheap
	stronger.Iterations = 3
	renewing := portal{t, p.db, accountsdb.New(p.db, accountsdb.WithHashing(stronger))}
	renewing.store.ProveWith(believer{p.db})

	// Two at once: whoever comes second finds the hash renewed under their hands.
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			_, err := renewing.store.SignIn(t.Context(), access.Guest(), offer(t, "anna@demo.test", secret), accounts.Place{})
			if err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	var hash string
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT password_hash FROM accounts WHERE id = $1`, anna.ID).Scan(&hash); err != nil {
		t.Fatal(err)
	}
	if with, _, _, err := argon2id.DecodeHash(hash); err != nil || *with != stronger {
		t.Errorf("kept at %+v (%v)", with, err)
	}
	renewing.signIn("anna")
	p.signIn("anna")
}

func TestPasswordChangedMeanwhileIsCompared(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	changed, err := p.store.HashPassword(t.Context(), "another")
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	p.store.Watch(func(string) {
		once.Do(func() { p.exec(`UPDATE accounts SET password_hash = $1`, changed) })
	})
	_, err = p.store.SignIn(t.Context(), access.Guest(), offer(t, "anna@demo.test", secret), accounts.Place{})
	if !errors.Is(err, accounts.ErrWrongCredentials) {
		t.Errorf("the old password lets in: %v", err)
	}
}
