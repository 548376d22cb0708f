package recovery_test

import (
	"context"
	"strings"
	"testing"

	"github.com/riverqueue/river"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/db/dbtest"
	"veche/db/given"
	recoverydb "veche/db/recovery"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/proofs"
	"veche/domain/recovery"
)

const secret = "a secret only tests know, long enough"

// desk is a database with a store over it.
type desk struct {
	t     *testing.T
	db    *db.DB
	store *recoverydb.Store
	said  chan event.Event
}

func open(t *testing.T) desk {
	t.Helper()
	d := desk{t: t, db: dbtest.New(t), said: make(chan event.Event, 20)}
	d.db.React(func(happened event.Event) []river.InsertManyParams {
		if strings.HasPrefix(happened.Name(), "recovery.") {
			d.said <- happened
		}
		return nil
	})
	d.store = d.with(secret)
	return d
}

// with is a store over the same database under another secret.
func (d desk) with(secret string) *recoverydb.Store {
	d.t.Helper()
	people := accountsdb.New(d.db, accountsdb.WithHashing(given.CheapHashing))
	store, err := recoverydb.New(d.db, recoverydb.Options{Hashing: people.Hashing(), Secret: []byte(secret)})
	if err != nil {
		d.t.Fatal(err)
	}
	return store
}

// person has answered three questions; they act in a session.
func (d desk) person() (access.Actor, recoverydb.Subject) {
	d.t.Helper()
	actor, _ := given.Person(d.t, d.db)
	d.set(actor, answers()...)
	return actor, recoverydb.Subject{Account: actor.Account, Login: login("person@demo.test")}
}

var right = []string{"Жучка", "Мария Ивановна", "в Ялту"}

func answers() []recovery.Answer {
	return []recovery.Answer{
		{Question: "first_pet", Text: recovery.Fold(right[0])},
		{Question: "first_teacher", Text: recovery.Fold(right[1])},
		{Question: "first_trip", Text: recovery.Fold(right[2])},
	}
}

func (d desk) set(actor access.Actor, answers ...recovery.Answer) {
	d.t.Helper()
	if err := d.store.Set(d.t.Context(), actor, answers); err != nil {
		d.t.Fatal(err)
	}
}

func login(value string) accounts.Login {
	return accounts.Login{Kind: accounts.ByEmail, Value: value}
}

func (d desk) exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.db.Pool().Exec(context.WithoutCancel(d.t.Context()), statement, args...); err != nil {
		d.t.Fatal(err)
	}
}

// one reads a single value.
func one[T any](d desk, query string, args ...any) (value T) {
	d.t.Helper()
	if err := d.db.Pool().QueryRow(d.t.Context(), query, args...).Scan(&value); err != nil {
		d.t.Fatal(err)
	}
	return value
}

func (d desk) inTx(do func(*db.Tx) error) error {
	return d.db.InTx(d.t.Context(), do)
}

// recoveryOf is about a login that nobody has.
func recoveryOf(value string) recoverydb.Subject { return recoverydb.Subject{Login: login(value)} }

// watched is a store whose every comparison a test sees.
func (d desk) watched(see func() error) *recoverydb.Store {
	store := d.with(secret)
	store.Watch(see)
	return store
}

// noProofs are those of a person who has nothing but contacts.
type noProofs struct{ recoverydb.Proofs }

func (noProofs) Means(context.Context, accounts.ID) (proofs.Means, error) {
	return proofs.Means{}, nil
}
