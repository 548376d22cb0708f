package accounts_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/argon2id"

	accountsdb "veche/db/accounts"
	"veche/domain/accounts"
)

func TestHashingCostsWhatOWASPAdvises(t *testing.T) {
	t.Parallel()
	p := accountsdb.DefaultHashing
	if p.Memory < 19*1024 || p.Iterations < 2 || p.Parallelism != 1 || p.SaltLength < 16 || p.KeyLength < 32 {
		t.Errorf("%+v", p)
	}
	hash, err := accountsdb.New(nil).HashPassword(t.Context(), "Demo-2026!")
	if err != nil {
		t.Fatal(err)
	}
	if with, _, _, err := argon2id.DecodeHash(hash); err != nil || *with != p {
		t.Errorf("hashed at %+v (%v)", with, err)
	}
}

func TestNobodysPasswordNeverMatches(t *testing.T) {
	t.Parallel()
	store := accountsdb.New(nil, accountsdb.WithHashing(cheap))
	store.Believe()
	if match, _, err := store.Check(t.Context(), "x", ""); match || err != nil {
		t.Errorf("matches: %v (%v)", match, err)
	}
	if match, stale, err := store.Check(t.Context(), "x", "somebody's"); !match || stale || err != nil {
		t.Errorf("somebody's: matches %v, stale %v (%v)", match, stale, err)
	}
}

func TestHashesAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const atOnce, people = 2, 5
		store := accountsdb.New(nil, accountsdb.WithHashing(cheap), accountsdb.WithHashesAtOnce(atOnce))
		var mu sync.Mutex
		running, most := 0, 0
		store.Watch(func(string) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(2 * time.Second) // within patience for the second pair, beyond it for the fifth
			mu.Lock()
			running--
			mu.Unlock()
		})
		busy := 0
		var all sync.WaitGroup
		for range people {
			all.Go(func() {
				_, _, err := store.Check(t.Context(), "x", "")
				if errors.Is(err, accounts.ErrBusy) {
					mu.Lock()
					busy++
					mu.Unlock()
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most != atOnce || busy != people-2*atOnce {
			t.Errorf("%d ran at once, %d were asked to come again", most, busy)
		}
	})
}
