package factors_test

import (
	"encoding/base32"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"veche/db"
	"veche/db/dbtest"
	factorsdb "veche/db/factors"
	"veche/db/given"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/factors"
)

const (
	host   = "veche.test"
	origin = "https://veche.test"
	window = "pending:one" // who is asked for a second proof
)

// portal is a database with a store over it, whose clock stands still.
type portal struct {
	*factorsdb.Store
	t   *testing.T
	db  *db.DB
	now *atomic.Int64 // seconds
}

func newPortal(t *testing.T) portal {
	t.Helper()
	p := portal{t: t, db: dbtest.New(t), now: &atomic.Int64{}}
	p.now.Store(1_795_000_000)
	store, err := factorsdb.New(p.db, factorsdb.Options{
		Secret:       []byte("a secret only tests know, long enough"),
		Issuer:       "Вече",
		RelyingParty: host,
		Origins:      []string{origin},
		Now:          func() time.Time { return time.Unix(p.now.Load(), 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Store = store
	return p
}

// person is somebody with a confirmed phone and mailbox, whose second factor is off.
func (p portal) person(grants ...accounts.Grant) access.Actor {
	p.t.Helper()
	actor, _ := given.Person(p.t, p.db, grants...)
	p.exec(`
		UPDATE accounts
		SET phone = '+7900' || lpad(id::text, 7, '0'), phone_confirmed_at = now(), email_confirmed_at = now(), second_factor = 'off'
		WHERE id = $1`, actor.Account)
	return actor
}

func (p portal) exec(statement string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Pool().Exec(p.t.Context(), statement, args...); err != nil {
		p.t.Fatal(err)
	}
}

// in runs a check as a sign-in does, in a transaction that is committed whatever the
// check says.
func (p portal) in(check func(*db.Tx) error) (problem error) {
	p.t.Helper()
	err := p.db.InTx(p.t.Context(), func(tx *db.Tx) error {
		problem = check(tx)
		return nil
	})
	if err != nil {
		p.t.Fatalf("after %v the transaction is no good: %v", problem, err)
	}
	return problem
}

func (p portal) methods(of access.Actor) factors.Methods {
	p.t.Helper()
	methods, err := p.Methods(p.t.Context(), of.Account)
	if err != nil {
		p.t.Fatal(err)
	}
	return methods
}

// app is an app that makes codes, with the person's key in it.
type app struct {
	p   portal
	key string
}

func (a app) code(shift time.Duration) string {
	a.p.t.Helper()
	code, err := totp.GenerateCode(a.key, time.Unix(a.p.now.Load(), 0).Add(shift))
	if err != nil {
		a.p.t.Fatal(err)
	}
	return code
}

// app gives the person's key to an app and shows its first code; a step later the next
// one can be used.
func (p portal) app(of access.Actor) (app, []factors.BackupCode) {
	p.t.Helper()
	setup, err := p.BeginTOTP(p.t.Context(), of)
	if err != nil {
		p.t.Fatal(err)
	}
	a := app{p, setup.Key}
	codes, err := p.ConfirmTOTP(p.t.Context(), of, a.code(0))
	if err != nil {
		p.t.Fatal(err)
	}
	p.now.Add(30)
	return a, codes
}

func (p portal) checkTOTP(of access.Actor, code string) error {
	p.t.Helper()
	return p.in(func(tx *db.Tx) error { return p.CheckTOTP(p.t.Context(), tx, of.Account, code) })
}

func (p portal) useBackup(of access.Actor, typed string) error {
	p.t.Helper()
	return p.in(func(tx *db.Tx) error { return p.UseBackupCode(p.t.Context(), tx, of.Account, typed) })
}

// device is a phone with a fingerprint reader, before which its owner stands.
type device struct {
	p       portal
	at      virtualwebauthn.RelyingParty
	phone   virtualwebauthn.Authenticator
	passkey virtualwebauthn.Credential
}

func (p portal) device(of access.Actor) *device {
	return &device{
		p:       p,
		at:      virtualwebauthn.RelyingParty{ID: host, Name: "Вече", Origin: origin},
		phone:   virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(of.Public)}),
		passkey: virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
	}
}

// makes is the device's answer to the options of a registration.
func (d *device) makes(options string) string {
	d.p.t.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(options)
	if err != nil {
		d.p.t.Fatal(err)
	}
	return virtualwebauthn.CreateAttestationResponse(d.at, d.phone, d.passkey, *asked)
}

// signs is the device's answer to the options of a sign-in. The count of a device that
// counts grows with each.
func (d *device) signs(options string) string {
	d.p.t.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		d.p.t.Fatal(err)
	}
	d.passkey.Counter++
	return virtualwebauthn.CreateAssertionResponse(d.at, d.phone, d.passkey, *asked)
}

// registered is a device whose passkey the portal knows.
func (p portal) registered(of access.Actor) *device {
	p.t.Helper()
	d := p.device(of)
	options, err := p.BeginPasskey(p.t.Context(), of)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.FinishPasskey(p.t.Context(), of, "Телефон", d.makes(options)); err != nil {
		p.t.Fatal(err)
	}
	return d
}

func (p portal) asks(of access.Actor) (options string) {
	p.t.Helper()
	options, err := p.BeginAssertion(p.t.Context(), of.Account, window)
	if err != nil {
		p.t.Fatal(err)
	}
	return options
}

func (p portal) asksAnybody() (options string) {
	p.t.Helper()
	options, err := p.BeginDiscoverable(p.t.Context(), window)
	if err != nil {
		p.t.Fatal(err)
	}
	return options
}

func (p portal) checkPasskey(of access.Actor, holder, answer string) error {
	p.t.Helper()
	return p.in(func(tx *db.Tx) error { return p.CheckAssertion(p.t.Context(), tx, of.Account, holder, answer) })
}

// told lists what the person's journal, the audit and the outbox hold of the area, as
// "event method", and fails when they differ.
func (p portal) told(of access.Actor) []string {
	p.t.Helper()
	list := func(statement string, args ...any) []string {
		rows, err := p.db.Pool().Query(p.t.Context(), statement, args...)
		if err != nil {
			p.t.Fatal(err)
		}
		defer rows.Close()
		found := []string{}
		for rows.Next() {
			var event, method string
			if err := rows.Scan(&event, &method); err != nil {
				p.t.Fatal(err)
			}
			found = append(found, event+" "+method)
		}
		if err := rows.Err(); err != nil {
			p.t.Fatal(err)
		}
		return found
	}
	journal := list(`SELECT kind, facts->>'method' FROM account_events WHERE account_id = $1 ORDER BY id`, of.Account)
	audit := list(`
		SELECT object, details->>'method' FROM audit_entries
		WHERE account_id = $1 AND action = $2 ORDER BY id`, of.Account, string(access.ChangeFactors))
	if fmt.Sprint(journal) != fmt.Sprint(audit) {
		p.t.Errorf("the journal has %v, the audit %v", journal, audit)
	}
	announced := list(`SELECT event, '' FROM outbox WHERE topic = $1 AND event LIKE 'factors.%' ORDER BY id`, string(accounts.Topic(of.Public)))
	if len(announced) != len(journal) {
		p.t.Errorf("told of %v, announced %v", journal, announced)
	}
	return journal
}

func bytesOf(t *testing.T, key string) []byte {
	t.Helper()
	raw, err := base32.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
