package recovery_test

import (
	"context"
	"errors"
	"testing"

	accountsdb "veche/db/accounts"
	"veche/db/given"
	recoverydb "veche/db/recovery"
	"veche/domain/accounts"
	"veche/domain/recovery"
)

// registry answers what a test wants of a paper.
type registry struct {
	finding recovery.Finding
	err     error
}

func (r *registry) Ask(context.Context, recovery.PaperCheck) (recovery.Finding, error) {
	return r.finding, r.err
}

// waiting is an account locked after suspicion, whose paper waits to be looked at.
func (d desk) waiting(register recoverydb.Register) (accounts.ID, int64) {
	d.t.Helper()
	actor, _ := given.Person(d.t, d.db)
	d.exec(`UPDATE accounts SET lock = 'suspicious' WHERE id = $1`, actor.Account)
	token := accounts.NewToken()
	d.exec(`
		INSERT INTO recoveries (public_id, token_hash, intent, account_id, login_kind, login_value, step, channel, expires_at)
		VALUES ($1, $2, 'unlock', $3, 'email', 'x@test.test', 'evidence', 'mail', now() + interval '1 hour')`,
		accounts.NewPublicID(), token.Hash(), actor.Account)
	d.store.Join(recoverydb.Joints{
		Accounts: accountsdb.New(d.db, accountsdb.WithHashing(given.CheapHashing)), Register: register, Proofs: noProofs{},
	})
	paper := recovery.Paper{Kind: recovery.Passport, Series: "4498", Number: "123456"}
	if step, err := d.store.ShowPaper(d.t.Context(), token, paper, []byte("%PDF-1.7\n%%EOF\n"), accounts.Place{}); err != nil || step != recovery.StepWaiting {
		d.t.Fatalf("the paper leads to %q (%v)", step, err)
	}
	return actor.Account, one[int64](d, `SELECT max(id) FROM recoveries`)
}

// A lock is lifted by a paper that the register knows, and by nothing less (REC-05, C-28).
func TestRegisterDecidesAboutTheLock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		register    recoverydb.Register
		state, lock string
		requests    int
		kept        bool
	}{
		"match":           {&registry{finding: recovery.Finding{Final: true, Match: true}}, "approved", "", 0, false},
		"mismatch":        {&registry{finding: recovery.Finding{Final: true, Reason: "name"}}, "refused", "suspicious", 1, false},
		"pending":         {&registry{}, "checking", "suspicious", 0, true},
		"away":            {&registry{err: errors.New("away")}, "checking", "suspicious", 0, true},
		"refuses to look": {&registry{err: recovery.ErrNotTaken}, "desk", "suspicious", 1, true},
		"no register":     {nil, "desk", "suspicious", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			account, key := d.waiting(c.register)
			_ = d.store.CheckPaper(t.Context(), key) // not yet decided is an error, for the job to come back
			_ = d.store.CheckPaper(t.Context(), key)
			if state := one[string](d, `SELECT state FROM recoveries WHERE id = $1`, key); state != c.state {
				t.Errorf("the decision is %q", state)
			}
			if lock := one[string](d, `SELECT lock FROM accounts WHERE id = $1`, account); lock != c.lock {
				t.Errorf("the lock is %q", lock)
			}
			if requests := one[int](d, `SELECT count(*) FROM recovery_requests WHERE state = 'waiting'`); requests != c.requests {
				t.Errorf("%d requests at the desk", requests)
			}
			if kept := one[bool](d, `SELECT count(sealed) > 0 FROM recovery_evidence`); kept != c.kept {
				t.Errorf("the copy is kept: %v", kept)
			}
			if typed := one[bool](d, `SELECT paper IS NOT NULL FROM recoveries WHERE id = $1`, key); typed != c.kept {
				t.Errorf("what was typed is kept: %v", typed)
			}
		})
	}
}
