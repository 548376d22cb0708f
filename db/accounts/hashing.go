package accounts

import (
	"context"

	"veche/domain/accounts"
)

// Hashing hashes and compares other secrets that people remember, at the cost and in
// the turns of passwords: whatever people do at the door, the process hashes no more
// at a time than it can.
type Hashing struct{ passwords *passwords }

// Hashing lends the store's way of hashing.
func (s *Store) Hashing() Hashing { return Hashing{s.passwords} }

// Hash makes the hash that is kept of a secret. It answers accounts.ErrBusy when its
// turn does not come.
func (h Hashing) Hash(ctx context.Context, secret accounts.Password) (string, error) {
	return h.passwords.hash(ctx, secret)
}

// Match compares a secret with a hash, and with nobody's when it is "": the same work,
// and no match.
func (h Hashing) Match(ctx context.Context, offered accounts.Password, hash string) (bool, error) {
	match, _, err := h.passwords.check(ctx, offered, hash)
	return match, err
}
