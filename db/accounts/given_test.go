package accounts_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/db/dbtest"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/proofs"
)

// cheap hashing keeps tests quick; what it costs is another test's matter.
var cheap = argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

const secret = " Пароль-2026! "

// portal is a database with a store over it.
type portal struct {
	t     *testing.T
	db    *db.DB
	store *accountsdb.Store
}

func newPortal(t *testing.T, changes ...accountsdb.Option) portal {
	t.Helper()
	d := dbtest.New(t)
	store := accountsdb.New(d, append([]accountsdb.Option{accountsdb.WithHashing(cheap)}, changes...)...)
	store.ProveWith(believer{d})
	return portal{t, d, store}
}

// believer takes every answer but an empty one for a good proof; how proofs are checked
// is tested where they are.
type believer struct{ db *db.DB }

func (b believer) Prove(ctx context.Context, _ proofs.Who, answer proofs.Answer, then func(*db.Tx) error) error {
	if answer.Typed == "" {
		return proofs.ErrWrong
	}
	return b.db.InTx(ctx, then)
}

// person adds name@demo.test with the secret for a password, and signs nobody in.
func (p portal) person(name string, grants ...accounts.Grant) accounts.Account {
	p.t.Helper()
	hash, err := p.store.HashPassword(p.t.Context(), accounts.NewPassword(secret))
	if err != nil {
		p.t.Fatal(err)
	}
	person := accounts.Account{
		PublicID:  accounts.NewPublicID(),
		Name:      name,
		Email:     name + "@demo.test",
		Confirmed: true,
	}
	err = p.db.InTx(p.t.Context(), func(tx *db.Tx) error {
		person.ID, err = accountsdb.Add(p.t.Context(), tx, person, hash, grants...)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	// The second proof has tests of its own.
	p.exec(`UPDATE accounts SET second_factor = 'off' WHERE id = $1`, person.ID)
	return person
}

// signIn opens a session of name@demo.test and answers who acts in it.
func (p portal) signIn(name string) (accounts.Token, access.Actor) {
	p.t.Helper()
	entry, err := p.store.SignIn(p.t.Context(), access.Guest(), offer(p.t, name+"@demo.test", secret), accounts.Place{})
	if err != nil {
		p.t.Fatal(err)
	}
	if entry.Pending != "" {
		entry = p.prove(entry.Pending, accounts.Place{})
	}
	return entry.Token, p.actor(entry.Token)
}

// prove shows the second proof that is waited for.
func (p portal) prove(pending accounts.Token, from accounts.Place) accounts.Entry {
	p.t.Helper()
	entry, err := p.store.Enter(p.t.Context(), access.Guest(), pending, proofs.Answer{Method: proofs.SMS, Typed: "good"}, from)
	if err != nil {
		p.t.Fatal(err)
	}
	return entry
}

func (p portal) actor(token accounts.Token) access.Actor {
	p.t.Helper()
	actor, err := p.store.Actor(p.t.Context(), string(token))
	if err != nil {
		p.t.Fatal(err)
	}
	return actor
}

// announced takes the changes that were announced since the last call, each as
// "event topic bye".
func (p portal) announced() []string {
	p.t.Helper()
	rows, err := p.db.Pool().Query(p.t.Context(), `
		WITH taken AS (DELETE FROM outbox RETURNING id, event, topic, bye)
		SELECT event, topic, bye FROM taken ORDER BY id`)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	changes := []string{}
	for rows.Next() {
		var event, topic, bye string
		if err := rows.Scan(&event, &topic, &bye); err != nil {
			p.t.Fatal(err)
		}
		changes = append(changes, fmt.Sprintf("%s %s %s", event, topic, bye))
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return changes
}

// audited lists the audit entries of an action as "account session object
// details", with 0 for a guest.
func (p portal) audited(do access.Action) []string {
	p.t.Helper()
	rows, err := p.db.Pool().Query(p.t.Context(), `
		SELECT coalesce(account_id, 0), session, object, details::text
		FROM audit_entries WHERE action = $1 ORDER BY id`, string(do))
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	entries := []string{}
	for rows.Next() {
		var account int64
		var session, object, details string
		if err := rows.Scan(&account, &session, &object, &details); err != nil {
			p.t.Fatal(err)
		}
		entries = append(entries, fmt.Sprintf("%d %s %s %s", account, session, object, details))
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return entries
}

func (p portal) exec(statement string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Pool().Exec(p.t.Context(), statement, args...); err != nil {
		p.t.Fatal(err)
	}
}

// awaitLockWaiter waits until some transaction of the test's database waits for a
// lock of another.
func (p portal) awaitLockWaiter() {
	p.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		var waits bool
		err := p.db.Pool().QueryRow(p.t.Context(), `
			SELECT EXISTS (
				SELECT FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'
			)`).Scan(&waits)
		if err != nil {
			p.t.Fatal(err)
		}
		if waits {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatal("nobody waits for the lock")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func offer(t *testing.T, login, password string) accounts.Credentials {
	t.Helper()
	offered, err := accounts.ParseCredentials(login, password)
	if err != nil {
		t.Fatal(err)
	}
	return offered
}
