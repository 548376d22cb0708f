// Package demo fills an empty portal with a town that looks alive, so that one
// can see the portal at work. The town is invented by package town from a fixed
// seed; here it is only stored.
package demo

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/db/demo/town"
	"veche/domain/accounts"
)

// seed makes it the same town everywhere.
const seed = 20261121

// Options are what seeding depends on.
type Options struct {
	// Now is the moment the town is shown at; its location is the zone the town
	// wakes and sleeps in.
	Now time.Time
	Log *slog.Logger // nil logs nothing
}

// Summary says what was stored. It is empty when there was nothing to do.
type Summary struct {
	Town      string
	People    int
	Polls     int
	Ballots   int
	Publics   int
	Posts     int
	Comments  int // published ones
	Held      int // comments that wait for a moderator
	Reactions int
}

// String says it in one line.
func (s Summary) String() string {
	if s == (Summary{}) {
		return "nothing was added: the portal already has accounts"
	}
	return fmt.Sprintf("%s: %d people, %d polls with %d ballots, %d publics, %d posts, %d comments (%d more wait for a moderator), %d likes",
		s.Town, s.People, s.Polls, s.Ballots, s.Publics, s.Posts, s.Comments, s.Held, s.Reactions)
}

// Seed stores the demo data in one transaction, unless somebody already has an
// account: a portal that is used is left as it is. Several processes may call it
// at once; one does the work.
func Seed(ctx context.Context, d *db.DB, o Options) (Summary, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	began := time.Now()
	var summary Summary
	err := d.InTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('veche demo data'))`); err != nil {
			return fmt.Errorf("wait for other seeding: %w", err)
		}
		var used bool
		if err := tx.Get(ctx, &used, `SELECT EXISTS (SELECT FROM accounts)`); err != nil {
			return fmt.Errorf("look for accounts: %w", err)
		}
		if used {
			log.Info("demo data are not needed: there are accounts")
			return nil
		}
		made, err := town.Build(seed, o.Now, accounts.Demo())
		if err != nil {
			return fmt.Errorf("invent the town: %w", err)
		}
		hash, err := accountsdb.New(d).HashPassword(ctx, accounts.NewPassword(accounts.DemoPassword))
		if err != nil {
			return fmt.Errorf("hash the demo password: %w", err)
		}
		if err := (&seeding{tx: tx, town: made, password: hash}).store(ctx); err != nil {
			return err
		}
		summary = summarize(made)
		return nil
	})
	if err != nil {
		return Summary{}, fmt.Errorf("seed demo data: %w", err)
	}
	if summary.People > 0 {
		log.Info("demo data are in place",
			"people", summary.People, "ballots", summary.Ballots, "posts", summary.Posts, "took", time.Since(began).Round(time.Millisecond))
	}
	return summary, nil
}

func summarize(t *town.Town) Summary {
	s := Summary{
		Town:      t.Name,
		People:    len(t.People),
		Polls:     len(t.Polls),
		Publics:   len(t.Publics),
		Posts:     len(t.Posts),
		Comments:  len(t.Comments),
		Held:      len(t.Held),
		Reactions: len(t.Reactions),
	}
	for _, p := range t.Polls {
		s.Ballots += len(p.Ballots)
	}
	return s
}
