package factors_test

import (
	"bytes"
	"errors"
	"image/png"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/factors"
)

func TestAppIsSetUpByTheKeyItIsShown(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	setup, err := p.BeginTOTP(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(bytesOf(t, setup.Key)); got != 20 {
		t.Errorf("the key has %d bytes", got)
	}
	address, err := url.Parse(setup.URI)
	if err != nil || address.Scheme != "otpauth" || address.Host != "totp" {
		t.Fatalf("the address is %q (%v)", setup.URI, err)
	}
	for name, want := range map[string]string{"secret": setup.Key, "issuer": "Вече", "algorithm": "SHA1", "digits": "6", "period": "30"} {
		if got := address.Query().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	drawn, err := png.Decode(bytes.NewReader(setup.QR))
	if err != nil || drawn.Bounds().Dx() < 200 {
		t.Errorf("the code is no picture a camera reads: %v", err)
	}
	if again, err := p.BeginTOTP(t.Context(), anna); err != nil || again.Key != setup.Key {
		t.Errorf("a page loaded again has another key (%v)", err)
	}
	if p.methods(anna).TOTP {
		t.Error("a key is a factor before the app has shown a code")
	}
	if err := p.checkTOTP(anna, app{p, setup.Key}.code(0)); !errors.Is(err, factors.ErrWrongCode) {
		t.Errorf("a key that nobody confirmed proves: %v", err)
	}
	if _, err := p.ConfirmTOTP(t.Context(), anna, "000000"); !errors.Is(err, factors.ErrWrongCode) {
		t.Errorf("a wrong first code: %v", err)
	}
	codes, err := p.ConfirmTOTP(t.Context(), anna, app{p, setup.Key}.code(0))
	if err != nil {
		t.Fatal(err)
	}
	if now := p.methods(anna); !now.TOTP || now.Preferred != factors.TOTP || now.BackupCodes != 10 || len(codes) != 10 {
		t.Errorf("after the first code: %+v, %d codes", now, len(codes))
	}
	want := []string{"factors.added totp", "factors.preferred totp", "factors.backup_codes_made backup"}
	if got := p.told(anna); !slices.Equal(got, want) {
		t.Errorf("told %v", got)
	}
}

func TestCodeOfAnAppIsGoodOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	a, _ := p.app(anna)
	if err := p.checkTOTP(anna, a.code(-30*time.Second)); !errors.Is(err, factors.ErrUsedCode) {
		t.Errorf("the code that confirmed the app signs in too: %v", err)
	}
	code := a.code(0)
	if err := p.checkTOTP(anna, " "+code[:3]+" "+code[3:]); err != nil {
		t.Fatalf("a good code as apps show it: %v", err)
	}
	if err := p.checkTOTP(anna, code); !errors.Is(err, factors.ErrUsedCode) {
		t.Errorf("the same code again: %v", err)
	}
	p.now.Add(30)
	if err := p.checkTOTP(anna, code); !errors.Is(err, factors.ErrUsedCode) {
		t.Errorf("the same code a step later: %v", err)
	}
	if err := p.checkTOTP(anna, a.code(0)); err != nil {
		t.Errorf("the next code: %v", err)
	}
}

func TestOneCodeSentTwiceAtOnceIsTakenOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	a, codes := p.app(anna)
	code := a.code(0)
	for name, try := range map[string]func(*db.Tx) error{
		"of an app": func(tx *db.Tx) error { return p.CheckTOTP(t.Context(), tx, anna.Account, code) },
		"on paper":  func(tx *db.Tx) error { return p.UseBackupCode(t.Context(), tx, anna.Account, codes[0].Shown()) },
	} {
		var together sync.WaitGroup
		taken := make([]error, 8)
		for i := range taken {
			together.Go(func() { taken[i] = p.db.InTx(t.Context(), try) })
		}
		together.Wait()
		if n := len(slices.DeleteFunc(taken, func(err error) bool { return err != nil })); n != 1 {
			t.Errorf("a code %s was taken %d times", name, n)
		}
	}
}

func TestClockOfAnAppMayBeOneStepOff(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	a, _ := p.app(anna)
	p.now.Add(3600)
	for _, c := range []struct {
		shift time.Duration
		want  error
	}{
		{-60 * time.Second, factors.ErrWrongCode},
		{60 * time.Second, factors.ErrWrongCode},
		{-30 * time.Second, nil},
		{0, nil},
		{30 * time.Second, nil},
		{0, factors.ErrUsedCode}, // it lies before one that was taken
	} {
		if err := p.checkTOTP(anna, a.code(c.shift)); !errors.Is(err, c.want) {
			t.Errorf("%s off: %v, want %v", c.shift, err, c.want)
		}
	}
}

func TestCodeOfOneAppProvesNobodyElse(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna, boris := p.person(), p.person()
	a, _ := p.app(anna)
	p.app(boris)
	if err := p.checkTOTP(boris, a.code(0)); !errors.Is(err, factors.ErrWrongCode) {
		t.Errorf("Anna's code proves Boris: %v", err)
	}
	// Nor does her key, when it is written into his row of the database.
	p.exec(`UPDATE totp_keys SET last_step = 0, sealed = (SELECT sealed FROM totp_keys WHERE account_id = $1) WHERE account_id = $2`, anna.Account, boris.Account)
	if err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
		return p.CheckTOTP(t.Context(), tx, boris.Account, a.code(0))
	}); err == nil {
		t.Error("a sealed key can be moved to another account")
	}
	if err := p.checkTOTP(anna, a.code(0)); err != nil {
		t.Errorf("Anna's own: %v", err)
	}
}

func TestKeyOfAnAppIsNotReadFromTheDatabase(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	setup, err := p.BeginTOTP(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	var sealed []byte
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT sealed FROM totp_keys`).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, bytesOf(t, setup.Key)) || bytes.Contains(sealed, []byte(setup.Key)) {
		t.Error("the key stands in the database as it is")
	}
}

func TestRemovedAppProvesNothingAndTheNextBestMethodIsAsked(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person()
	a, _ := p.app(anna)
	if err := p.RemoveTOTP(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	if now := p.methods(anna); now.TOTP || now.Preferred != factors.SMS || now.BackupCodes != 10 {
		t.Errorf("left with %+v", now)
	}
	if err := p.checkTOTP(anna, a.code(0)); !errors.Is(err, factors.ErrWrongCode) {
		t.Errorf("an app that was removed proves: %v", err)
	}
	if err := p.RemoveTOTP(t.Context(), anna); !errors.Is(err, factors.ErrNoTOTP) {
		t.Errorf("removed twice: %v", err)
	}
	if setup, err := p.BeginTOTP(t.Context(), anna); err != nil || setup.Key == a.key {
		t.Errorf("a new app gets the old key (%v)", err)
	}
}

func TestStaffKeepTheirLastFactor(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	gleb := p.person(accounts.Grant{Role: accounts.RoleModerator})
	p.exec(`UPDATE accounts SET phone_confirmed_at = NULL, email_confirmed_at = NULL WHERE id = $1`, gleb.Account)
	p.app(gleb)
	if err := p.RemoveTOTP(t.Context(), gleb); !errors.Is(err, factors.ErrObligatory) {
		t.Errorf("a moderator is left without a second factor: %v", err)
	}
	if !p.methods(gleb).TOTP {
		t.Error("a refused removal removed it")
	}
}

func TestGuestHasNoFactors(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	guest := access.Guest()
	for name, try := range map[string]func() error{
		"looks":          func() error { _, err := p.Overview(t.Context(), guest); return err },
		"sets an app up": func() error { _, err := p.BeginTOTP(t.Context(), guest); return err },
		"confirms it":    func() error { _, err := p.ConfirmTOTP(t.Context(), guest, "000000"); return err },
		"removes it":     func() error { return p.RemoveTOTP(t.Context(), guest) },
		"begins a key":   func() error { _, err := p.BeginPasskey(t.Context(), guest); return err },
		"finishes it":    func() error { return p.FinishPasskey(t.Context(), guest, "x", "{}") },
		"renames it":     func() error { return p.RenamePasskey(t.Context(), guest, "x", "y") },
		"forgets it":     func() error { return p.RemovePasskey(t.Context(), guest, "x") },
		"makes codes":    func() error { _, err := p.MakeBackupCodes(t.Context(), guest); return err },
		"chooses":        func() error { _, err := p.Prefer(t.Context(), guest, factors.Off); return err },
	} {
		if err := try(); !errors.Is(err, access.ErrUnauthenticated) {
			t.Errorf("a guest %s: %v", name, err)
		}
	}
}
