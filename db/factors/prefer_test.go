package factors_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"veche/db/dbtest"
	factorsdb "veche/db/factors"
	"veche/domain/accounts"
	"veche/domain/factors"
)

func TestSecondFactorIsSwitchedOnWithCodesAndOffWithoutThem(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	codes, err := p.Prefer(t.Context(), anna, factors.SMS)
	if err != nil || len(codes) != 10 {
		t.Fatalf("%d codes (%v)", len(codes), err)
	}
	if again, err := p.Prefer(t.Context(), anna, factors.Mail); err != nil || again != nil {
		t.Errorf("another method makes other codes (%v)", err)
	}
	if now := p.methods(anna); now.Preferred != factors.Mail || now.BackupCodes != 10 || !now.On() {
		t.Errorf("switched on: %+v", now)
	}
	if _, err := p.Prefer(t.Context(), anna, factors.Off); err != nil {
		t.Fatal(err)
	}
	if now := p.methods(anna); now.On() || now.BackupCodes != 0 {
		t.Errorf("switched off: %+v", now)
	}
	if err := p.useBackup(anna, codes[0].Shown()); !errors.Is(err, factors.ErrWrongBackup) {
		t.Errorf("a code from before: %v", err)
	}
	want := []string{
		"factors.preferred sms", "factors.backup_codes_made backup", "factors.preferred mail", "factors.preferred off",
	}
	if got := p.told(anna); !slices.Equal(got, want) {
		t.Errorf("told %v", got)
	}
}

func TestOnlyWhatWorksCanBePreferred(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	p.exec(`UPDATE accounts SET phone_confirmed_at = NULL, email_confirmed_at = NULL WHERE id = $1`, anna.Account)
	for method, want := range map[factors.Method]error{
		factors.SMS:     factors.ErrNoPhone,
		factors.Mail:    factors.ErrNoEmail,
		factors.TOTP:    factors.ErrNoTOTP,
		factors.Passkey: factors.ErrNoPasskey,
		factors.Backup:  factors.ErrUnknownMethod,
		"":              factors.ErrUnknownMethod,
		"carrier":       factors.ErrUnknownMethod,
	} {
		if _, err := p.Prefer(t.Context(), anna, method); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", method, err, want)
		}
	}
	if now := p.methods(anna); now.Preferred != factors.Off || len(p.told(anna)) != 0 {
		t.Errorf("a refused choice left %+v", now)
	}
}

func TestStaffMayNotSwitchOff(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	for _, role := range accounts.Roles {
		person := p.person(accounts.Grant{Role: role, Scope: accounts.DemoPublic})
		if _, err := p.Prefer(t.Context(), person, factors.SMS); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Prefer(t.Context(), person, factors.Off); !errors.Is(err, factors.ErrObligatory) {
			t.Errorf("%s: %v", role, err)
		}
		// What their session was told at its start does not matter.
		person.Grants = nil
		if _, err := p.Prefer(t.Context(), person, factors.Off); !errors.Is(err, factors.ErrObligatory) {
			t.Errorf("%s who says to be none: %v", role, err)
		}
		p.exec(`UPDATE grants SET until = now() WHERE account_id = $1`, person.Account)
		if _, err := p.Prefer(t.Context(), person, factors.Off); err != nil {
			t.Errorf("%s no more: %v", role, err)
		}
	}
}

func TestBackupCodeIsGoodOnceAndForItsOwner(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna, boris := p.person(), p.person()
	codes, err := p.Prefer(t.Context(), anna, factors.SMS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Prefer(t.Context(), boris, factors.SMS); err != nil {
		t.Fatal(err)
	}
	if err := p.useBackup(boris, codes[0].Shown()); !errors.Is(err, factors.ErrWrongBackup) {
		t.Errorf("Anna's code proves Boris: %v", err)
	}
	if err := p.useBackup(anna, strings.ToUpper(codes[0].Shown())); err != nil {
		t.Fatalf("her own, in capitals: %v", err)
	}
	if err := p.useBackup(anna, codes[0].Shown()); !errors.Is(err, factors.ErrWrongBackup) {
		t.Errorf("a second time: %v", err)
	}
	if left := p.methods(anna).BackupCodes; left != 9 {
		t.Errorf("%d codes are left", left)
	}
	fresh, err := p.MakeBackupCodes(t.Context(), anna)
	if err != nil || len(fresh) != 10 {
		t.Fatalf("%d new codes (%v)", len(fresh), err)
	}
	if err := p.useBackup(anna, codes[1].Shown()); !errors.Is(err, factors.ErrWrongBackup) {
		t.Errorf("one of those before: %v", err)
	}
	if err := p.useBackup(anna, fresh[0].Shown()); err != nil {
		t.Errorf("one of the new: %v", err)
	}
	want := []string{
		"factors.preferred sms", "factors.backup_codes_made backup", "factors.backup_code_used backup",
		"factors.backup_codes_made backup", "factors.backup_code_used backup",
	}
	if got := p.told(anna); !slices.Equal(got, want) {
		t.Errorf("told %v", got)
	}
}

func TestNoBackupCodesWhereNothingAsksForThem(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	if _, err := p.MakeBackupCodes(t.Context(), p.person()); !errors.Is(err, factors.ErrOff) {
		t.Errorf("%v", err)
	}
}

func TestBackupCodesAreNotReadFromTheDatabase(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	codes, err := p.Prefer(t.Context(), anna, factors.SMS)
	if err != nil {
		t.Fatal(err)
	}
	var everything string
	if err := p.db.Pool().QueryRow(t.Context(), `
		SELECT concat(
			(SELECT json_agg(b) FROM (SELECT encode(hash, 'escape') AS hash FROM backup_codes) b),
			(SELECT json_agg(e) FROM account_events e),
			(SELECT json_agg(a) FROM audit_entries a),
			(SELECT json_agg(o) FROM outbox o))`).Scan(&everything); err != nil {
		t.Fatal(err)
	}
	for _, code := range codes {
		if strings.Contains(everything, code.Shown()) || strings.Contains(everything, strings.ReplaceAll(code.Shown(), "-", "")) {
			t.Errorf("a code stands in the database as it is")
		}
	}
	other, err := factorsdb.New(p.db, factorsdb.Options{Secret: []byte("another secret"), Issuer: "Вече"})
	if err != nil {
		t.Fatal(err)
	}
	p.Store = other
	if err := p.useBackup(anna, codes[0].Shown()); !errors.Is(err, factors.ErrWrongBackup) {
		t.Errorf("under another secret of the portal a code is good: %v", err)
	}
}

func TestPortalWithoutAHostNameOffersNoPasskeys(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	store, err := factorsdb.New(d, factorsdb.Options{Secret: []byte("s"), Issuer: "Вече"})
	if err != nil {
		t.Fatal(err)
	}
	if _, offered := store.Passkeys(); offered {
		t.Error("passkeys are offered")
	}
	p := portal{Store: store, t: t, db: d}
	anna := p.person()
	for name, err := range map[string]error{
		"registration": func() error { _, err := store.BeginPasskey(t.Context(), anna); return err }(),
		"its end":      store.FinishPasskey(t.Context(), anna, "x", "{}"),
		"sign-in":      func() error { _, err := store.BeginDiscoverable(t.Context(), window); return err }(),
		"second proof": func() error { _, err := store.BeginAssertion(t.Context(), anna.Account, window); return err }(),
		"its check":    p.checkPasskey(anna, window, "{}"),
	} {
		if !errors.Is(err, factors.ErrNoRelyingParty) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := factorsdb.New(d, factorsdb.Options{Secret: []byte("s"), RelyingParty: "http://x/", Origins: []string{"http://x"}}); err == nil {
		t.Error("an address is taken for a host name")
	}
}
