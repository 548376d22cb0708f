package factors_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"veche/domain/event"
	"veche/domain/factors"
)

func TestWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	all := factors.Methods{Phone: "+79001234567", Email: "a@b.test", TOTP: true, Passkeys: 1, BackupCodes: 1}
	with := func(change func(*factors.Methods)) factors.Methods {
		m := all
		change(&m)
		return m
	}
	for _, c := range []struct {
		name    string
		methods factors.Methods
		on      bool
		usable  []factors.Method
	}{
		{"what is preferred comes first and paper last", with(func(m *factors.Methods) { m.Preferred = factors.Mail }), true,
			[]factors.Method{factors.Mail, factors.SMS, factors.TOTP, factors.Passkey, factors.Backup}},
		{"a preferred method that is gone gives way", with(func(m *factors.Methods) { m.Preferred, m.TOTP = factors.TOTP, false }), true,
			[]factors.Method{factors.SMS, factors.Mail, factors.Passkey, factors.Backup}},
		{"off is off", with(func(m *factors.Methods) { m.Preferred = factors.Off }), false,
			[]factors.Method{factors.SMS, factors.TOTP, factors.Mail, factors.Passkey, factors.Backup}},
		{"but not for staff", with(func(m *factors.Methods) { m.Preferred, m.Staff = factors.Off, true }), true,
			[]factors.Method{factors.SMS, factors.TOTP, factors.Mail, factors.Passkey, factors.Backup}},
		{"paper alone is never asked for", factors.Methods{Preferred: factors.SMS, BackupCodes: 3, Staff: true}, false,
			[]factors.Method{factors.Backup}},
		{"nothing is nothing", factors.Methods{Preferred: factors.SMS}, false, nil},
	} {
		if got := c.methods.On(); got != c.on {
			t.Errorf("%s: on is %v", c.name, got)
		}
		if got := c.methods.Usable(); !slices.Equal(got, c.usable) {
			t.Errorf("%s: %v, want %v", c.name, got, c.usable)
		}
	}
}

func TestMethodTakenAwayMovesThePreferenceOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		before  factors.Methods
		without factors.Method
		want    factors.Method
		err     error
	}{
		{"to the next best", factors.Methods{Preferred: factors.TOTP, TOTP: true, Email: "a@b.test"}, factors.TOTP, factors.Mail, nil},
		{"not while one passkey is left", factors.Methods{Preferred: factors.Passkey, Passkeys: 2, Phone: "+7"}, factors.Passkey, factors.Passkey, nil},
		{"not when it is another", factors.Methods{Preferred: factors.Mail, TOTP: true, Email: "a@b.test"}, factors.TOTP, factors.Mail, nil},
		{"off where nothing is left", factors.Methods{Preferred: factors.TOTP, TOTP: true}, factors.TOTP, factors.Off, nil},
		{"not for staff", factors.Methods{Preferred: factors.TOTP, TOTP: true, Staff: true}, factors.TOTP, factors.Off, factors.ErrObligatory},
	} {
		left, err := c.before.Without(c.without)
		if !errors.Is(err, c.err) || left.Preferred != c.want {
			t.Errorf("%s: %s (%v), want %s (%v)", c.name, left.Preferred, err, c.want, c.err)
		}
	}
}

func TestBackupCodesAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	const code = factors.BackupCode("0a1b2c3d")
	for _, typed := range []string{"0a1b-2c3d", " 0A1B 2C3D ", "0a1b2c3d", "oa1b–2c3d", "Oalb-2c3d", "оа1в-2с3d"} {
		if got, err := factors.ParseBackupCode(typed); err != nil || got != code {
			t.Errorf("%q is read as %q (%v)", typed, string(got), err)
		}
	}
	for _, typed := range []string{"", "0a1b-2c3", "0a1b-2c3dd", "0a1b-2c3u", "0a1b-2c3!", strings.Repeat(" ", 99), "\xff0a1b2c3"} {
		if got, err := factors.ParseBackupCode(typed); !errors.Is(err, factors.ErrWrongBackup) {
			t.Errorf("%q is read as %q (%v)", typed, string(got), err)
		}
	}
}

func TestBackupCodesAreTenUnlikeEachOtherAndHidden(t *testing.T) {
	t.Parallel()
	seen := map[factors.BackupCode]bool{}
	for range 50 {
		codes := factors.NewBackupCodes()
		if len(codes) != 10 {
			t.Fatalf("%d codes", len(codes))
		}
		for _, code := range codes {
			if back, err := factors.ParseBackupCode(code.Shown()); err != nil || back != code || seen[code] {
				t.Errorf("%s is read as %s (%v), seen before: %v", code.Shown(), back.Shown(), err, seen[code])
			}
			seen[code] = true
			if printed := fmt.Sprintf("%v %s %#v %+v", code, code, code, []factors.BackupCode{code}); strings.Contains(printed, string(code)) {
				t.Errorf("a code is printed: %s", printed)
			}
		}
	}
}

func TestCodesOfAppsAreSixDigits(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"123456": "123456", " 123 456 ": "123456", "123-456": "123456"} {
		if got, err := factors.ParseCode(typed); err != nil || got != want {
			t.Errorf("%q is read as %q (%v)", typed, got, err)
		}
	}
	for _, typed := range []string{"", "12345", "1234567", "12345a", "１２３４５６", strings.Repeat("1 ", 40)} {
		if _, err := factors.ParseCode(typed); !errors.Is(err, factors.ErrWrongCode) {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func FuzzBackupCodeIsReadToOneSpelling(f *testing.F) {
	f.Add("0a1b-2c3d")
	f.Add("оа1в 2с3d")
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := factors.ParseBackupCode(typed)
		if err != nil {
			return
		}
		if again, err := factors.ParseBackupCode(code.Shown()); err != nil || again != code {
			t.Errorf("%q: %q, then %q (%v)", typed, string(code), string(again), err)
		}
	})
}

func TestEventsTellTheKindAlone(t *testing.T) {
	t.Parallel()
	for _, happened := range []event.Event{
		factors.Added{Account: "a1", Method: factors.TOTP}, factors.Removed{Account: "a1", Method: factors.Passkey},
		factors.Preferred{Account: "a1", Method: factors.Off}, factors.BackupCodesMade{Account: "a1"},
		factors.BackupCodeUsed{Account: "a1"}, factors.CloneSuspected{Account: "a1"},
	} {
		changes := happened.Changes()
		if len(changes) != 1 || changes[0].Topic != "account:a1" || changes[0].IDs != nil || changes[0].Bye != "" {
			t.Errorf("%s: %+v", happened.Name(), changes)
		}
	}
}
