package devices_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"veche/db"
	accountsdb "veche/db/accounts"
	codesdb "veche/db/codes"
	"veche/db/dbtest"
	devicesdb "veche/db/devices"
	"veche/db/given"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/devices"
)

const phone = "+79440000001"

// phones keeps what arrives at them.
type phones struct {
	code codes.Message
	link accounts.Token
	to   string
}

func (p *phones) Send(_ context.Context, m codes.Message) error {
	p.code = m
	return nil
}

func (p *phones) SendLink(_ context.Context, _, number, _ string, link accounts.Token) error {
	p.to, p.link = number, link
	return nil
}

// home is a person with a phone, and a store.
type home struct {
	t      *testing.T
	db     *db.DB
	phones *phones
	codes  *codesdb.Store
	people *accountsdb.Store
	store  *devicesdb.Store
	anna   access.Actor
}

func newHome(t *testing.T) home {
	t.Helper()
	d, secret, arriving := dbtest.New(t), []byte("a secret of the test"), &phones{}
	sending := codesdb.New(d, secret, arriving)
	people := accountsdb.New(d, accountsdb.WithHashing(given.CheapHashing), accountsdb.WithSecret(secret))
	store := devicesdb.New(d, devicesdb.Options{Secret: secret, Sessions: people, Codes: sending, Texter: arriving})
	anna, _ := given.Person(t, d)
	h := home{t, d, arriving, sending, people, store, anna}
	h.exec(`UPDATE accounts SET phone = $2, phone_confirmed_at = now() WHERE id = $1`, anna.Account, phone)
	return h
}

func (h home) exec(statement string, args ...any) {
	h.t.Helper()
	if _, err := h.db.Pool().Exec(h.t.Context(), statement, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h home) count(query string, args ...any) (n int) {
	h.t.Helper()
	if err := h.db.Pool().QueryRow(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h home) add(way devices.Way) string {
	h.t.Helper()
	public, err := h.store.Add(h.t.Context(), h.anna, devices.Offer{Kind: devices.Phone, Name: "Телефон Анны", Way: way})
	if err != nil {
		h.t.Fatal(err)
	}
	return public
}

// asked has a code sent to the owner for a visitor who followed the link.
func (h home) asked(link accounts.Token, visitor string) devicesdb.Answer {
	h.t.Helper()
	ctx := h.t.Context()
	if err := h.store.AskCode(ctx, link, visitor); err != nil {
		h.t.Fatal(err)
	}
	_, code, found, err := h.store.Invitation(ctx, link, visitor)
	if err != nil || !found {
		h.t.Fatalf("no code is on its way: %v", err)
	}
	var key int64
	if err := h.db.Pool().QueryRow(ctx, `SELECT id FROM codes WHERE public_id = $1`, code.ID).Scan(&key); err != nil {
		h.t.Fatal(err)
	}
	if err := h.codes.Send(ctx, key, code.Sends, true); err != nil {
		h.t.Fatal(err)
	}
	return devicesdb.Answer{Code: code.ID, Typed: h.phones.code.Code}
}

func (h home) bind(link accounts.Token, visitor string, answer devicesdb.Answer) (accounts.Entry, accounts.Token, error) {
	return h.store.Bind(h.t.Context(), access.Guest(), link, visitor, answer, accounts.NewPlace("Firefox/132.0", "192.0.2.7"))
}

// bound binds a device and answers its public id, the actor on it and its token.
func (h home) bound() (string, access.Actor, accounts.Token) {
	h.t.Helper()
	public := h.add(devices.QR)
	link := h.store.Link(public)
	entry, token, err := h.bind(link, "v", h.asked(link, "v"))
	if err != nil {
		h.t.Fatal(err)
	}
	actor, err := h.people.Actor(h.t.Context(), string(entry.Token))
	if err != nil || !actor.SignedIn() {
		h.t.Fatalf("nobody acts on the device: %v", err)
	}
	return public, actor, token
}

func TestDeviceIsBoundByItsLinkAndACodeOnce(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	public := h.add(devices.QR)
	link := h.store.Link(public)
	answer := h.asked(link, "v")
	if h.phones.code.Address != phone {
		t.Errorf("the code went to %s", h.phones.code.Address)
	}
	wrong := answer
	wrong.Typed = "000000"
	if _, _, err := h.bind(link, "v", wrong); !errors.Is(err, codes.ErrWrong) {
		t.Errorf("a wrong code: %v", err)
	}
	if _, _, err := h.bind(link, "somebody else", answer); !errors.Is(err, codes.ErrUsedUp) {
		t.Errorf("the code in another browser: %v", err)
	}
	entry, token, err := h.bind(link, "v", answer)
	if err != nil || !entry.Token.Valid() || !token.Valid() {
		t.Fatalf("%+v, %v", entry, err)
	}
	if _, _, err := h.bind(link, "v", answer); !errors.Is(err, devices.ErrNoLink) {
		t.Errorf("the link once more: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM devices WHERE token_hash = $1`, token.Hash()); n != 1 {
		t.Error("the device is not known by its token")
	}
	var row string
	if err := h.db.Pool().QueryRow(t.Context(), `SELECT d::text FROM devices d WHERE public_id = $1`, public).Scan(&row); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(row, string(token)) || strings.Contains(row, string(link)) {
		t.Error("a secret stands in the table")
	}
}

func TestLinkIsGoodForAWhileAndForNothingElse(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	public := h.add(devices.QR)
	link := h.store.Link(public)
	answer := h.asked(link, "v")
	for _, forged := range []accounts.Token{"", "nonsense", accounts.NewToken(), accounts.Token(public)} {
		if err := h.store.AskCode(t.Context(), forged, "v"); !errors.Is(err, devices.ErrNoLink) {
			t.Errorf("%q: %v", forged, err)
		}
	}
	h.exec(`UPDATE devices SET link_until = now()`)
	if _, _, err := h.bind(link, "v", answer); !errors.Is(err, devices.ErrNoLink) {
		t.Errorf("too late: %v", err)
	}
	if err := h.store.AskCode(t.Context(), link, "v"); !errors.Is(err, devices.ErrNoLink) {
		t.Errorf("a code for a link that is over: %v", err)
	}
}

// A link by text message goes to the owner's phone, and the job holds no link.
func TestLinkGoesToTheOwnersPhone(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	public := h.add(devices.SMS)
	id := devices.ID(h.count(`SELECT id FROM devices WHERE public_id = $1`, public))
	if err := h.store.SendLink(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if h.phones.to != phone || h.phones.link != h.store.Link(public) {
		t.Errorf("the link went to %q", h.phones.to)
	}
	h.exec(`UPDATE accounts SET phone = NULL, phone_confirmed_at = NULL WHERE id = $1`, h.anna.Account)
	if _, err := h.store.Add(t.Context(), h.anna, devices.Offer{Kind: devices.Watch, Way: devices.SMS}); !errors.Is(err, devices.ErrNoPhone) {
		t.Errorf("without a phone: %v", err)
	}
}

func TestDeviceReachesAsFarAsItIsLet(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	public, actor, _ := h.bound()
	if actor.Reach != accounts.ReachFull {
		t.Fatalf("reaches %q", actor.Reach)
	}
	if err := h.store.Limit(t.Context(), h.anna, public, accounts.ReachView, true); err != nil {
		t.Fatal(err)
	}
	rights, err := h.people.Rights(t.Context(), []string{actor.Session})
	if err != nil || rights[actor.Session] == actor.Rights {
		t.Errorf("what was drawn under the former rights is still good: %v, %v", rights, err)
	}
	var reach accounts.Reach
	err = h.db.Pool().QueryRow(t.Context(), `SELECT d.reach FROM sessions s JOIN devices d ON d.id = s.device_id WHERE s.public_id = $1`, actor.Session).Scan(&reach)
	if err != nil || reach != accounts.ReachView {
		t.Errorf("the session reaches %q (%v)", reach, err)
	}
}

// Of an unbound device nothing is left but that there were sessions.
func TestUnboundDeviceLeavesNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	public, actor, token := h.bound()
	if err := h.store.Unbind(t.Context(), h.anna, public); err != nil {
		t.Fatal(err)
	}
	for what, query := range map[string]string{
		"an open session":           `SELECT count(*) FROM sessions WHERE public_id = $1 AND ended_at IS NULL`,
		"what the browser is":       `SELECT count(*) FROM sessions WHERE public_id = $1 AND (device <> '' OR address <> '' OR browser IS NOT NULL)`,
		"a trace in the journal":    `SELECT count(*) FROM account_events WHERE session = $1 AND (device <> '' OR address <> '')`,
		"a device":                  `SELECT count(*) FROM devices WHERE public_id <> $1`,
		"a code that was sent here": `SELECT count(*) FROM codes WHERE purpose = 'device' AND public_id <> $1`,
	} {
		if n := h.count(query, actor.Session); n != 0 {
			t.Errorf("%s is left", what)
		}
	}
	if n := h.count(`SELECT count(*) FROM devices WHERE token_hash = $1`, token.Hash()); n != 0 {
		t.Error("the token still opens something")
	}
	if err := h.store.Unbind(t.Context(), h.anna, public); !errors.Is(err, devices.ErrNotFound) {
		t.Errorf("unbound twice: %v", err)
	}
}

func TestDeviceIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	public, _, _ := h.bound()
	boris, _ := given.Person(t, h.db)
	for name, do := range map[string]func(access.Actor) error{
		"limit":  func(a access.Actor) error { return h.store.Limit(t.Context(), a, public, accounts.ReachView, false) },
		"unbind": func(a access.Actor) error { return h.store.Unbind(t.Context(), a, public) },
	} {
		if err := do(boris); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("%s by another: %v", name, err)
		}
		if err := do(access.Guest()); !errors.Is(err, access.ErrUnauthenticated) {
			t.Errorf("%s by a guest: %v", name, err)
		}
	}
	stale := h.anna
	stale.Fresh = false
	if _, err := h.store.Add(t.Context(), stale, devices.Offer{Kind: devices.Phone, Way: devices.QR}); !errors.Is(err, access.ErrUnproved) {
		t.Errorf("offered without a fresh proof: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM devices WHERE public_id = $1 AND reach = 'full'`, public); n != 1 {
		t.Error("strangers changed it")
	}
}

func TestPersonHasSoManyDevicesAtMost(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for range devices.MostDevices {
		h.add(devices.QR)
	}
	one := devices.Offer{Kind: devices.Tablet, Way: devices.QR}
	if _, err := h.store.Add(t.Context(), h.anna, one); !errors.Is(err, devices.ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	h.exec(`UPDATE devices SET link_until = now()`)
	if _, err := h.store.Add(t.Context(), h.anna, one); err != nil {
		t.Errorf("after the others lapsed: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM devices`); n != 1 {
		t.Errorf("%d rows are kept", n)
	}
}
