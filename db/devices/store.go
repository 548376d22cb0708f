// Package devices keeps the devices that people bound to their accounts.
//
// It promises that a device is bound only through a link that is good once and a code
// sent to the owner's own contact, in one transaction with the session it opens; that a
// limit or an unbinding is announced in the transaction that made it; and that of an
// unbound device nothing is left.
package devices

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/devices"
)

// Sessions opens and ends sessions, and tells their owners.
type Sessions interface {
	EnterBound(ctx context.Context, tx *db.Tx, actor access.Actor, who accounts.ID, means []accounts.Means, from accounts.Place) (accounts.Entry, error)
	EndOfDevice(ctx context.Context, tx *db.Tx, actor access.Actor, device int64) error
	ChangeReach(ctx context.Context, tx *db.Tx, actor access.Actor) error
	TellOf(ctx context.Context, tx *db.Tx, actor access.Actor, kind accounts.Note, from accounts.Place, facts map[string]any) error
}

// Codes sends codes and checks them.
type Codes interface {
	Request(ctx context.Context, tx *db.Tx, r codes.Request) (id string, err error)
	Latest(ctx context.Context, purpose codes.Purpose, holder string, channel codes.Channel) (codes.Code, bool, error)
	Try(ctx context.Context, id string, purpose codes.Purpose, holder, typed string) (codes.Code, error)
	Use(ctx context.Context, tx *db.Tx, id string) error
}

// Texter sends the link to a phone, in the language of its reader.
type Texter interface {
	SendLink(ctx context.Context, id, number, lang string, link accounts.Token) error
}

// Options are what the store works with.
type Options struct {
	Secret   []byte // links follow from it
	Sessions Sessions
	Codes    Codes
	Texter   Texter // nil offers no links by text message
}

// Store keeps devices in Postgres. It is safe for concurrent use.
type Store struct {
	db *db.DB
	o  Options
}

// New makes the store.
func New(d *db.DB, o Options) *Store { return &Store{db: d, o: o} }

// SMSOffered says whether links can go out by text message.
func (s *Store) SMSOffered() bool { return s.o.Texter != nil }

// Link is the token by which a device that is being bound is found. It follows from the
// portal's secret, so that the database holds its hash alone.
func (s *Store) Link(public string) accounts.Token {
	mac := hmac.New(sha256.New, s.o.Secret)
	mac.Write([]byte("device\x00" + public))
	return accounts.Token(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
}

// row is a device as it stands in the tables.
type row struct {
	Account   string
	ID        devices.ID
	PublicID  string
	Kind      devices.Kind
	Name      string
	Reach     accounts.Reach
	Notices   bool
	Way       devices.Way
	Browser   string
	CreatedAt time.Time
	BoundAt   *time.Time
	SeenAt    *time.Time
	LinkUntil *time.Time
	Lapsed    bool
}

func (r row) device() devices.Device {
	return devices.Device{
		ID: r.ID, PublicID: r.PublicID, Kind: r.Kind, Name: r.Name, Reach: r.Reach, Notices: r.Notices, Way: r.Way,
		Browser: r.Browser, CreatedAt: r.CreatedAt, BoundAt: r.BoundAt, SeenAt: r.SeenAt, LinkUntil: r.LinkUntil, Lapsed: r.Lapsed,
	}
}

const selectDevices = `
	SELECT
		a.public_id AS account,
		d.id,
		d.public_id,
		d.kind,
		d.name,
		d.reach,
		d.notices,
		d.way,
		d.device AS browser,
		d.created_at,
		d.bound_at,
		(SELECT max(seen_at) FROM sessions s WHERE s.device_id = d.id) AS seen_at,
		d.link_until,
		coalesce(d.link_until <= now(), true) AS lapsed
	FROM devices d
	JOIN accounts a ON a.id = d.account_id`

// Devices lists the actor's devices, the newest first (SEC-15).
func (s *Store) Devices(ctx context.Context, actor access.Actor) (state string, all []devices.Device, err error) {
	if err := access.Can(actor, access.ReadDevices, access.Object{Owner: actor.Account}); err != nil {
		return "", nil, err
	}
	var rows []row
	if state, err = s.db.Look(ctx, db.Ask(&rows, selectDevices+` WHERE d.account_id = $1 ORDER BY d.id DESC`, actor.Account)); err != nil {
		return "", nil, fmt.Errorf("list the devices of account %d: %w", actor.Account, err)
	}
	for _, r := range rows {
		all = append(all, r.device())
	}
	return state, all, nil
}

// Key names a device of a person, both by public ids.
type Key struct{ Account, ID string }

// Some reads devices of many people. What is not that person's is missing from the
// answer.
func (s *Store) Some(ctx context.Context, keys []Key) (state string, found map[Key]devices.Device, err error) {
	people, ids := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		people[i], ids[i] = k.Account, k.ID
	}
	var rows []row
	state, err = s.db.Look(ctx, db.Ask(&rows, selectDevices+`
		JOIN unnest($1::text[], $2::text[]) AS wanted (account, id)
			ON wanted.account = a.public_id AND wanted.id = d.public_id`, people, ids))
	if err != nil {
		return "", nil, fmt.Errorf("read devices: %w", err)
	}
	found = make(map[Key]devices.Device, len(rows))
	for _, r := range rows {
		found[Key{r.Account, r.PublicID}] = r.device()
	}
	return state, found, nil
}

// One reads a device of the actor's. Those of others do not exist for the actor.
func (s *Store) One(ctx context.Context, actor access.Actor, public string) (state string, device devices.Device, err error) {
	if err := access.Can(actor, access.ReadDevices, access.Object{Owner: actor.Account}); err != nil {
		return "", devices.Device{}, err
	}
	key := Key{actor.Public, public}
	state, found, err := s.Some(ctx, []Key{key})
	if err != nil {
		return "", devices.Device{}, err
	}
	device, known := found[key]
	if !known {
		return "", devices.Device{}, devices.ErrNotFound
	}
	return state, device, nil
}
