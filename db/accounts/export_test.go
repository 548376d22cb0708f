package accounts

import (
	"context"

	"github.com/alexedwards/argon2id"

	"veche/domain/accounts"
)

// Watch lets a test see every comparison of a password with a hash.
func (s *Store) Watch(see func(hash string)) {
	compare := s.passwords.compare
	s.passwords.compare = func(password, hash string) (bool, *argon2id.Params, error) {
		see(hash)
		return compare(password, hash)
	}
}

// Believe makes every comparison match.
func (s *Store) Believe() {
	s.passwords.compare = func(string, string) (bool, *argon2id.Params, error) { return true, &s.passwords.params, nil }
}

// Check compares a password with a hash as a sign-in does.
func (s *Store) Check(ctx context.Context, offered accounts.Password, hash string) (match, stale bool, err error) {
	return s.passwords.check(ctx, offered, hash)
}
