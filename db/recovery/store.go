// Package recovery keeps what people get their accounts back with: control questions,
// copies of identity papers while something is decided by them, and the attempts and
// requests in which they do.
//
// It promises that answers are known to nobody, the portal's operators included; that
// asking and answering is the same work, and looks the same, whether or not there is
// such a person; that answers are tried few times a day, however many try at once;
// and that a copy is readable only with the portal's secret, unaltered, and until it
// is erased.
//
// The keys of all this follow from the portal's secret. With another secret the
// answers no longer match and have to be set anew, and copies cannot be opened.
package recovery

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/accounts"
)

// Options are what the store needs besides the database.
type Options struct {
	Hashing accountsdb.Hashing
	Secret  []byte // the portal's
}

// Store keeps the means of recovery in Postgres. It is safe for concurrent use.
type Store struct {
	db      *db.DB
	hashing accountsdb.Hashing
	match   func(ctx context.Context, offered accounts.Password, hash string) (bool, error)
	answers []byte // key under which answers are hashed
	rounds  []byte // key under which rounds are counted
	decoys  []byte // key from which follows what strangers are asked
	temps   []byte // key from which temporary passwords follow
	seal    cipher.AEAD
	joints  Joints
}

// New makes the store.
func New(d *db.DB, o Options) (*Store, error) {
	s := &Store{db: d, hashing: o.Hashing, match: o.Hashing.Match}
	var sealing []byte
	for purpose, key := range map[string]*[]byte{
		"answers": &s.answers, "rounds": &s.rounds, "decoys": &s.decoys, "evidence": &sealing, "temporary passwords": &s.temps,
	} {
		derived, err := hkdf.Key(sha256.New, o.Secret, nil, "veche recovery "+purpose+" 1", sha256.Size) // RFC 5869
		if err != nil {
			return nil, fmt.Errorf("derive the key of %s: %w", purpose, err)
		}
		*key = derived
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return nil, fmt.Errorf("prepare the cipher: %w", err)
	}
	if s.seal, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("prepare the cipher: %w", err)
	}
	return s, nil
}

// mac is HMAC-SHA256 over parts, none of which can run into the next.
func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return h.Sum(nil)
}
