package accounts

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/sync/semaphore"

	"veche/domain/accounts"
)

// DefaultHashing is what hashing a password costs: 19 MiB of memory, two passes,
// one lane (OWASP Password Storage Cheat Sheet, Argon2id). It takes some 40 ms.
var DefaultHashing = argon2id.Params{
	Memory:      19 * 1024, // KiB
	Iterations:  2,
	Parallelism: 1,
	SaltLength:  16,
	KeyLength:   32,
}

// hashPatience is how long somebody waits for their turn before they are asked to
// try again. A crowd at the door must not hold every request of the process.
const hashPatience = 3 * time.Second

// defaultAtOnce lets every core hash one password: more at once would take memory
// and finish none of them sooner.
func defaultAtOnce() int { return runtime.GOMAXPROCS(0) }

// passwords hashes and compares, a bounded number at a time.
type passwords struct {
	params  argon2id.Params
	turns   *semaphore.Weighted
	nobody  string // the hash of a password that nobody knows
	compare func(password, hash string) (match bool, with *argon2id.Params, err error)
}

func newPasswords(params argon2id.Params, atOnce int) *passwords {
	nobody, err := argon2id.CreateHash(rand.Text(), &params)
	if err != nil {
		panic(err) // only without a source of randomness, and then nothing is safe
	}
	return &passwords{
		params:  params,
		turns:   semaphore.NewWeighted(int64(max(atOnce, 1))),
		nobody:  nobody,
		compare: argon2id.CheckHash,
	}
}

// hash makes the hash of a new password.
func (p *passwords) hash(ctx context.Context, password accounts.Password) (string, error) {
	if err := p.takeTurn(ctx); err != nil {
		return "", err
	}
	defer p.turns.Release(1)
	hash, err := argon2id.CreateHash(string(password), &p.params)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// check compares a password with a hash, and with nobody's hash when there is
// none, so that the work tells nothing about who has an account. stale says that
// the hash was made at another cost and should be made anew.
func (p *passwords) check(ctx context.Context, offered accounts.Password, hash string) (match, stale bool, err error) {
	if err := p.takeTurn(ctx); err != nil {
		return false, false, err
	}
	defer p.turns.Release(1)
	known := hash != ""
	if !known {
		hash = p.nobody
	}
	match, with, err := p.compare(string(offered), hash)
	if err != nil {
		return false, false, fmt.Errorf("compare a password: %w", err)
	}
	return match && known, *with != p.params, nil
}

func (p *passwords) takeTurn(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, hashPatience)
	defer cancel()
	if p.turns.Acquire(waiting, 1) == nil {
		return nil
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return accounts.ErrBusy
}

// HashPassword makes the hash that is kept of a password.
func (s *Store) HashPassword(ctx context.Context, password accounts.Password) (string, error) {
	return s.passwords.hash(ctx, password)
}
