package factors_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/descope/virtualwebauthn"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/factors"
)

func TestPasskeyProvesItsOwner(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	d := p.registered(anna)
	seen, err := p.Overview(t.Context(), anna)
	if err != nil || len(seen.Passkeys) != 1 || seen.Passkeys[0].Name != "Телефон" || seen.Passkeys[0].UsedAt != nil {
		t.Fatalf("the person sees %+v (%v)", seen.Passkeys, err)
	}
	for range 2 { // each time it is asked anew
		if err := p.checkPasskey(anna, window, d.signs(p.asks(anna))); err != nil {
			t.Fatalf("the owner's own: %v", err)
		}
	}
	if seen, err = p.Overview(t.Context(), anna); err != nil || seen.Passkeys[0].UsedAt == nil {
		t.Errorf("a passkey that was used looks unused (%v)", err)
	}
	if got := p.told(anna); !slices.Equal(got, []string{"factors.added passkey"}) {
		t.Errorf("told %v", got)
	}
}

func TestPasskeySaysWhoseItIs(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna, boris := p.person(), p.person()
	d := p.registered(anna)
	p.registered(boris)
	who := func(holder, answer string) (id accounts.ID, err error) {
		err = p.in(func(tx *db.Tx) error {
			var problem error
			id, problem = p.CheckDiscoverable(t.Context(), tx, holder, answer)
			return problem
		})
		return id, err
	}
	if id, err := who(window, d.signs(p.asksAnybody())); err != nil || id != anna.Account {
		t.Errorf("it says %d (%v), not %d", id, err, anna.Account)
	}
	d.phone.Options.UserHandle = []byte(boris.Public)
	if id, err := who(window, d.signs(p.asksAnybody())); !errors.Is(err, factors.ErrWrongPasskey) || id != 0 {
		t.Errorf("Anna's passkey under Boris's handle says %d (%v)", id, err)
	}
	d.phone.Options.UserHandle = nil
	if id, err := who(window, d.signs(p.asksAnybody())); !errors.Is(err, factors.ErrWrongPasskey) || id != 0 {
		t.Errorf("without a handle it says %d (%v)", id, err)
	}
	d.phone.Options.UserHandle = []byte(anna.Public)
	if id, err := who("browser:other", d.signs(p.asksAnybody())); !errors.Is(err, factors.ErrStalePasskey) || id != 0 {
		t.Errorf("another browser is taken for %d (%v)", id, err)
	}
	if id, err := who(window, d.signs(p.asks(anna))); !errors.Is(err, factors.ErrStalePasskey) || id != 0 {
		t.Errorf("the answer to another question says %d (%v)", id, err)
	}
	answer := d.signs(p.asksAnybody())
	if _, err := who(window, answer); err != nil {
		t.Fatal(err)
	}
	if id, err := who(window, answer); !errors.Is(err, factors.ErrStalePasskey) || id != 0 {
		t.Errorf("the same answer twice: %d (%v)", id, err)
	}
	unknown := p.device(anna)
	if id, err := who(window, unknown.signs(p.asksAnybody())); !errors.Is(err, factors.ErrWrongPasskey) || id != 0 {
		t.Errorf("a passkey that nobody has says %d (%v)", id, err)
	}
}

// Each answer is right in all but one thing, and refused for it.
func TestOnlyTheRightAnswerToTheRightChallengeIsTaken(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna, boris := p.person(), p.person()
	of, foreign := p.registered(anna), p.registered(boris)
	for _, c := range []struct {
		name   string
		answer func() error
		want   error
	}{
		{"a passkey of somebody else", func() error {
			return p.checkPasskey(anna, window, foreign.signs(p.asks(anna)))
		}, factors.ErrWrongPasskey},
		{"somebody else's challenge", func() error {
			return p.checkPasskey(anna, window, of.signs(p.asks(boris)))
		}, factors.ErrStalePasskey},
		{"another holder", func() error {
			return p.checkPasskey(anna, "pending:two", of.signs(p.asks(anna)))
		}, factors.ErrStalePasskey},
		{"a challenge of sign-in without a login", func() error {
			return p.checkPasskey(anna, window, of.signs(p.asksAnybody()))
		}, factors.ErrStalePasskey},
		{"a second time", func() error {
			answer := of.signs(p.asks(anna))
			if err := p.checkPasskey(anna, window, answer); err != nil {
				t.Errorf("the first time: %v", err)
			}
			return p.checkPasskey(anna, window, answer)
		}, factors.ErrStalePasskey},
		{"too late", func() error {
			answer := of.signs(p.asks(anna))
			p.exec(`UPDATE passkey_challenges SET expires_at = now() - interval '1 second'`)
			return p.checkPasskey(anna, window, answer)
		}, factors.ErrStalePasskey},
		{"from another site", func() error {
			of.at.Origin = "https://veche.example"
			defer func() { of.at.Origin = origin }()
			return p.checkPasskey(anna, window, of.signs(p.asks(anna)))
		}, factors.ErrWrongPasskey},
		{"for another host", func() error {
			of.at.ID = "veche.example"
			defer func() { of.at.ID = host }()
			return p.checkPasskey(anna, window, of.signs(p.asks(anna)))
		}, factors.ErrWrongPasskey},
		{"by a device that did not ask who holds it", func() error {
			of.phone.Options.UserNotVerified = true
			defer func() { of.phone.Options.UserNotVerified = false }()
			return p.checkPasskey(anna, window, of.signs(p.asks(anna)))
		}, factors.ErrWrongPasskey},
		{"with another key", func() error {
			forged := *of
			forged.passkey.Key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2).Key
			return p.checkPasskey(anna, window, forged.signs(p.asks(anna)))
		}, factors.ErrWrongPasskey},
		{"no answer at all", func() error { return p.checkPasskey(anna, window, "") }, factors.ErrWrongPasskey},
		{"nonsense", func() error { return p.checkPasskey(anna, window, `{"id":"AA"}`) }, factors.ErrWrongPasskey},
	} {
		if err := c.answer(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if err := p.checkPasskey(anna, window, of.signs(p.asks(anna))); err != nil {
		t.Errorf("after all that the right one: %v", err)
	}
}

func TestCopiedPasskeyIsRefusedAndItsOwnerIsTold(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	d := p.registered(anna)
	copied := *d
	for range 3 {
		if err := p.checkPasskey(anna, window, d.signs(p.asks(anna))); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.checkPasskey(anna, window, copied.signs(p.asks(anna))); !errors.Is(err, factors.ErrClonedPasskey) {
		t.Errorf("a copy that counts from the beginning: %v", err)
	}
	if got := p.told(anna); !slices.Contains(got, "factors.clone_suspected passkey") {
		t.Errorf("told %v", got)
	}
	if err := p.checkPasskey(anna, window, d.signs(p.asks(anna))); err != nil {
		t.Errorf("the one that goes on counting: %v", err)
	}
}

// Passkeys that are kept on several devices do not count (WebAuthn level 3, 6.1.1).
func TestPasskeyThatDoesNotCountIsTaken(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	d := p.device(anna)
	d.phone.Options.BackupEligible, d.phone.Options.BackupState = true, true
	options, err := p.BeginPasskey(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.FinishPasskey(t.Context(), anna, "Облако", d.makes(options)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		asked, err := virtualwebauthn.ParseAssertionOptions(p.asks(anna))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.checkPasskey(anna, window, virtualwebauthn.CreateAssertionResponse(d.at, d.phone, d.passkey, *asked)); err != nil {
			t.Errorf("with a count of zero: %v", err)
		}
	}
	seen, err := p.Overview(t.Context(), anna)
	if err != nil || !seen.Passkeys[0].BackedUp {
		t.Errorf("the person sees %+v (%v)", seen.Passkeys, err)
	}
}

func TestPasskeyIsRegisteredOnceByWhomWasAsked(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna, boris := p.person(), p.person()
	begin := func() string {
		options, err := p.BeginPasskey(t.Context(), anna)
		if err != nil {
			t.Fatal(err)
		}
		return options
	}
	d := p.device(anna)
	answer := d.makes(begin())
	if err := p.FinishPasskey(t.Context(), boris, "x", answer); !errors.Is(err, factors.ErrStalePasskey) {
		t.Errorf("Boris takes Anna's: %v", err)
	}
	elsewhere := anna
	elsewhere.Session = "another"
	if err := p.FinishPasskey(t.Context(), elsewhere, "x", answer); !errors.Is(err, factors.ErrStalePasskey) {
		t.Errorf("from another session: %v", err)
	}
	if err := p.FinishPasskey(t.Context(), anna, " \n ", answer); !errors.Is(err, factors.ErrNoName) {
		t.Errorf("without a name: %v", err)
	}
	if err := p.FinishPasskey(t.Context(), anna, "Телефон", answer); err != nil {
		t.Fatal(err)
	}
	if err := p.FinishPasskey(t.Context(), anna, "Телефон", answer); !errors.Is(err, factors.ErrStalePasskey) {
		t.Errorf("the same answer twice: %v", err)
	}
	if err := p.FinishPasskey(t.Context(), anna, "Телефон", d.makes(begin())); !errors.Is(err, factors.ErrKnownPasskey) {
		t.Errorf("the same passkey twice: %v", err)
	}
	unverified := p.device(anna)
	unverified.phone.Options.UserNotVerified = true
	if err := p.FinishPasskey(t.Context(), anna, "x", unverified.makes(begin())); !errors.Is(err, factors.ErrWrongPasskey) {
		t.Errorf("of a device that did not ask who holds it: %v", err)
	}
	foreign := p.device(anna)
	foreign.at.Origin = "https://veche.example"
	if err := p.FinishPasskey(t.Context(), anna, "x", foreign.makes(begin())); !errors.Is(err, factors.ErrWrongPasskey) {
		t.Errorf("from another site: %v", err)
	}
	if got := p.methods(anna).Passkeys; got != 1 {
		t.Errorf("Anna has %d passkeys", got)
	}
	asked, err := virtualwebauthn.ParseAttestationOptions(begin())
	if err != nil || !d.passkey.IsExcludedForAttestation(*asked) {
		t.Errorf("the device is not told which passkey it has already (%v)", err)
	}
}

func TestPasskeyIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna, boris := p.person(), p.person(accounts.Grant{Role: accounts.RoleAdmin})
	d := p.registered(anna)
	p.registered(anna)
	if _, err := p.Prefer(t.Context(), anna, factors.Passkey); err != nil {
		t.Fatal(err)
	}
	seen, err := p.Overview(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	newest, oldest := seen.Passkeys[0].PublicID, seen.Passkeys[1].PublicID
	if err := p.RenamePasskey(t.Context(), boris, oldest, "Мой"); !errors.Is(err, factors.ErrUnknownPasskey) {
		t.Errorf("an administrator renames it: %v", err)
	}
	if err := p.RemovePasskey(t.Context(), boris, oldest); !errors.Is(err, factors.ErrUnknownPasskey) {
		t.Errorf("an administrator removes it: %v", err)
	}
	if err := p.RenamePasskey(t.Context(), anna, oldest, "  Старый   телефон "); err != nil {
		t.Fatal(err)
	}
	if seen, err = p.Overview(t.Context(), anna); err != nil || seen.Passkeys[1].Name != "Старый телефон" || len(seen.Passkeys) != 2 {
		t.Errorf("now there are %+v (%v)", seen.Passkeys, err)
	}
	if err := p.RemovePasskey(t.Context(), anna, oldest); err != nil {
		t.Fatal(err)
	}
	if now := p.methods(anna); now.Preferred != factors.Passkey || now.Passkeys != 1 {
		t.Errorf("one of two removed leaves %+v", now)
	}
	if err := p.checkPasskey(anna, window, d.signs(p.asks(anna))); !errors.Is(err, factors.ErrWrongPasskey) {
		t.Errorf("a passkey that was removed proves: %v", err)
	}
	if err := p.RemovePasskey(t.Context(), anna, newest); err != nil {
		t.Fatal(err)
	}
	if now := p.methods(anna); now.Preferred != factors.SMS || now.Passkeys != 0 {
		t.Errorf("the last one removed leaves %+v", now)
	}
	if _, err := p.BeginAssertion(t.Context(), anna.Account, window); !errors.Is(err, factors.ErrNoPasskey) {
		t.Errorf("asked for a passkey that is none: %v", err)
	}
}

func TestPersonKeepsSoManyPasskeysAtMost(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	d := p.device(anna)
	options, err := p.BeginPasskey(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	p.exec(`
		INSERT INTO passkeys (public_id, account_id, credential_id, public_key, sign_count, aaguid, backup_eligible, backed_up, name)
		SELECT 'k' || n, $1, decode(lpad(to_hex(n), 4, '0'), 'hex'), '', 0, '', false, false, 'k'
		FROM generate_series(1, $2) n`, anna.Account, factors.MostPasskeys)
	if err := p.FinishPasskey(t.Context(), anna, "x", d.makes(options)); !errors.Is(err, factors.ErrTooManyPasskeys) {
		t.Errorf("one more is taken: %v", err)
	}
	if _, err := p.BeginPasskey(t.Context(), anna); !errors.Is(err, factors.ErrTooManyPasskeys) {
		t.Errorf("one more is asked for: %v", err)
	}
}

func TestWhatNobodyAnsweredIsSwept(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna, boris := p.person(), p.person()
	d := p.registered(anna)
	p.app(anna)
	if _, err := p.BeginTOTP(t.Context(), boris); err != nil {
		t.Fatal(err)
	}
	p.asks(anna)
	p.exec(`UPDATE passkey_challenges SET expires_at = now()`)
	p.exec(`UPDATE totp_keys SET created_at = now() - interval '2 hours'`)
	waiting := p.asks(anna)
	if swept, err := p.Sweep(t.Context()); err != nil || swept != 2 {
		t.Errorf("swept %d (%v)", swept, err)
	}
	if err := p.checkPasskey(anna, window, d.signs(waiting)); err != nil {
		t.Errorf("what was asked just now is gone: %v", err)
	}
	if !p.methods(anna).TOTP {
		t.Error("a confirmed app is gone")
	}
	if _, err := p.ConfirmTOTP(t.Context(), boris, "000000"); !errors.Is(err, factors.ErrNothingBegun) {
		t.Errorf("a key that waited too long: %v", err)
	}
}
