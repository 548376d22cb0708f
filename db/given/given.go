// Package given makes the least that a test needs: a citizen, an open poll.
package given

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/riverqueue/river"

	"veche/db"
	accountsdb "veche/db/accounts"
	pollsdb "veche/db/polls"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/polls"
)

// CheapHashing makes password hashes that cost a test nothing.
var CheapHashing = argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Password of every person made here.
const Password = "Test-2026!"

// Person makes a confirmed person with roles and opens a session for them, in which a
// second proof was just shown. The token belongs into the session cookie.
func Person(t testing.TB, d *db.DB, grants ...accounts.Grant) (access.Actor, accounts.Token) {
	t.Helper()
	return person(t, d, accounts.Account{Confirmed: true}, grants...)
}

// Unconfirmed makes a person whose identity is not confirmed, with a session.
func Unconfirmed(t testing.TB, d *db.DB) (access.Actor, accounts.Token) {
	t.Helper()
	return person(t, d, accounts.Account{})
}

func person(t testing.TB, d *db.DB, who accounts.Account, grants ...accounts.Grant) (access.Actor, accounts.Token) {
	t.Helper()
	ctx := t.Context()
	store := accountsdb.New(d, accountsdb.WithHashing(CheapHashing))
	hash, err := store.HashPassword(ctx, accounts.NewPassword(Password))
	if err != nil {
		t.Fatal(err)
	}
	who.Name = "Тест Тестович Тестов"
	who.Email = strings.ToLower(rand.Text()) + "@test.test"
	var id accounts.ID
	if err := d.InTx(ctx, func(tx *db.Tx) error {
		id, err = accountsdb.Add(ctx, tx, who, hash, grants...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	token := sessions(t, d, []access.Actor{{Account: id}})[0]
	actor, err := store.Actor(ctx, string(token))
	if err != nil {
		t.Fatal(err)
	}
	return actor, token
}

// Residents makes n confirmed people at once, without sessions or passwords.
func Residents(t testing.TB, d *db.DB, n int) []access.Actor {
	t.Helper()
	ctx := t.Context()
	actors := make([]access.Actor, n)
	err := d.InTx(ctx, func(tx *db.Tx) error {
		for i := range actors {
			who := accounts.Account{
				PublicID:  accounts.NewPublicID(),
				Name:      "Житель",
				Email:     strings.ToLower(rand.Text()) + "@test.test",
				Confirmed: true,
			}
			id, err := accountsdb.Add(ctx, tx, who, "")
			if err != nil {
				return err
			}
			actors[i] = access.Actor{Account: id, Public: who.PublicID, Confirmed: true, Fresh: true}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return actors
}

// Visitors makes n confirmed people at once, each with a session whose token belongs
// into the cookie.
func Visitors(t testing.TB, d *db.DB, n int) ([]access.Actor, []accounts.Token) {
	t.Helper()
	actors := Residents(t, d, n)
	return actors, sessions(t, d, actors)
}

// Session opens one more session for a person.
func Session(t testing.TB, d *db.DB, actor access.Actor) accounts.Token {
	t.Helper()
	return sessions(t, d, []access.Actor{actor})[0]
}

// sessions opens one for each actor and makes them act in it.
func sessions(t testing.TB, d *db.DB, actors []access.Actor) []accounts.Token {
	t.Helper()
	tokens := make([]accounts.Token, len(actors))
	rows := make([][]any, len(actors))
	now := time.Now()
	for i := range actors {
		tokens[i] = accounts.NewToken()
		actors[i].Session, actors[i].Rights = accounts.NewPublicID(), 1
		rows[i] = []any{actors[i].Session, tokens[i].Hash(), actors[i].Account, now, now, now.Add(accountsdb.DefaultLifetime)}
	}
	columns := []string{"public_id", "token_hash", "account_id", "seen_at", "proved_at", "expires_at"}
	err := d.InTx(t.Context(), func(tx *db.Tx) error { return tx.Copy(t.Context(), "sessions", columns, rows) })
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// ScheduledPoll announces a poll with three options that may open at once and
// closes in a week.
func ScheduledPoll(t testing.TB, d *db.DB, question string) polls.Poll {
	t.Helper()
	now := time.Now()
	poll := polls.Poll{
		Question:    question,
		Description: "О чём спрашивает город и почему.",
		Topic:       "Благоустройство",
		OpensAt:     now.Add(-time.Hour),
		ClosesAt:    now.Add(7 * 24 * time.Hour),
	}
	for i := range 3 {
		poll.Options = append(poll.Options, polls.Option{Text: fmt.Sprintf("Вариант %d", i+1)})
	}
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		var err error
		poll.ID, err = pollsdb.Announce(t.Context(), tx, poll)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return Poll(t, d, poll.ID)
}

// OpenPoll makes a poll that people can vote in now.
func OpenPoll(t testing.TB, d *db.DB) polls.Poll {
	t.Helper()
	poll := ScheduledPoll(t, d, "Где поставить новую скамейку?")
	if err := pollsdb.New(d).Open(t.Context(), poll.ID); err != nil {
		t.Fatal(err)
	}
	return Poll(t, d, poll.ID)
}

// Poll reads a poll.
func Poll(t testing.TB, d *db.DB, id polls.ID) polls.Poll {
	t.Helper()
	sheet, err := pollsdb.New(d).Sheet(t.Context(), access.Guest(), id)
	if err != nil {
		t.Fatal(err)
	}
	return sheet.Poll
}

// TimeIsUp moves a poll's closing time into the past, as if it had come.
func TimeIsUp(t testing.TB, d *db.DB, id polls.ID) {
	t.Helper()
	err := d.InTx(context.WithoutCancel(t.Context()), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `
			UPDATE polls
			SET opens_at = now() - interval '2 hours', closes_at = now() - interval '1 second'
			WHERE id = $1`, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ClosesIn moves a poll's closing time to some time from now.
func ClosesIn(t testing.TB, d *db.DB, id polls.ID, left time.Duration) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE polls SET closes_at = now() + $2 * interval '1 second' WHERE id = $1`, id, left.Seconds())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// RunJobNow puts a job into the queue whose time has come.
func RunJobNow(t testing.TB, d *db.DB, args river.JobArgs) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		return tx.Enqueue(t.Context(), river.InsertManyParams{Args: args})
	})
	if err != nil {
		t.Fatal(err)
	}
}
