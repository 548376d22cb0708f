// Package accounts keeps people, their grants and their sessions.
//
// It promises that a session opens only after the password was checked and always
// under a new token; that the work of a sign-in is the same whether or not the
// login belongs to anybody; that a session which ended, or whose rights changed,
// is announced in the transaction that changed it; and that sign-ins, refused
// ones included, and every change of roles leave an audit entry.
package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/alexedwards/argon2id"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/proofs"
	"veche/internal/together"
)

// DefaultLifetime is how long a session lasts at most, however busy it is.
const DefaultLifetime = 12 * time.Hour

// readTime bounds a read that several requests wait for.
const readTime = 10 * time.Second

// Store keeps accounts in Postgres. It is safe for concurrent use.
type Store struct {
	db        *db.DB
	passwords *passwords
	lifetime  time.Duration
	idle      time.Duration
	zone      *time.Location
	secret    []byte
	prover    Prover
	codes     Codes
	messenger Messenger
	actors    *together.Rounds[string, access.Actor] // by hash of the token
}

// Option changes a Store from what is right for most portals.
type Option func(*options)

type options struct {
	lifetime time.Duration
	idle     time.Duration
	zone     *time.Location
	secret   []byte
	params   argon2id.Params
	atOnce   int
}

// WithLifetime sets how long a session lasts at most.
func WithLifetime(d time.Duration) Option { return func(o *options) { o.lifetime = d } }

// WithIdleLimit sets how long a session lasts that nobody uses.
func WithIdleLimit(d time.Duration) Option { return func(o *options) { o.idle = d } }

// WithZone sets in which zone the hours are reckoned at which people usually come.
func WithZone(z *time.Location) Option { return func(o *options) { o.zone = z } }

// WithSecret sets what keys the hashes under which failed tries are counted. All
// processes share it; without it each counts for itself.
func WithSecret(secret []byte) Option { return func(o *options) { o.secret = secret } }

// WithHashing sets what a new password hash costs. Passwords hashed otherwise keep
// working and are hashed anew when their owner signs in.
func WithHashing(p argon2id.Params) Option { return func(o *options) { o.params = p } }

// WithHashesAtOnce sets how many passwords are hashed at a time.
func WithHashesAtOnce(n int) Option { return func(o *options) { o.atOnce = n } }

// New makes the store.
func New(d *db.DB, changes ...Option) *Store {
	o := options{
		lifetime: DefaultLifetime,
		idle:     accounts.IdleLimit,
		zone:     time.UTC,
		secret:   []byte(accounts.NewToken()),
		params:   DefaultHashing,
		atOnce:   defaultAtOnce(),
	}
	for _, change := range changes {
		change(&o)
	}
	s := &Store{
		db: d, passwords: newPasswords(o.params, o.atOnce),
		lifetime: o.lifetime, idle: o.idle, zone: o.zone, secret: o.secret, prover: nobody{},
	}
	s.actors = together.New(readTime, s.readActors)
	return s
}

// ProveWith sets who checks second proofs. It comes after New, for it asks the store
// for passwords.
func (s *Store) ProveWith(p Prover) { s.prover = p }

// nobody checks no proofs: until somebody is set who does, nobody gets in.
type nobody struct{}

var errNobody = errors.New("nobody is there to check second proofs")

// Asks fails.
func (nobody) Asks(context.Context, accounts.ID, ...accounts.Means) (bool, error) {
	return false, errNobody
}

// Prove fails.
func (nobody) Prove(context.Context, proofs.Who, proofs.Answer, func(*db.Tx) error) error {
	return errNobody
}

// grantList scans the grants that a statement gathered into JSON.
type grantList []accounts.Grant

// Scan reads the JSON.
func (l *grantList) Scan(src any) error { return db.ScanJSON(src, (*[]accounts.Grant)(l)) }
