package accounts_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veche/domain/accounts"
	"veche/domain/problem"
)

func TestPasswordIsTakenAsTyped(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Demo-2026!":          "Demo-2026!",
		"  spaces at ends  ":  "  spaces at ends  ",
		"\tкириллица И\u0306": "\tкириллица Й", // the same letters on every keyboard
		"\u200bhidden":        "\u200bhidden",
		"ПАРОЛЬ пароль":       "ПАРОЛЬ пароль",
	} {
		got, err := accounts.ParseCredentials("anna@demo.test", typed)
		if err != nil || string(got.Password) != want {
			t.Errorf("%q: %q (%v), want %q", typed, string(got.Password), err, want)
		}
	}
}

func TestFormNamesEveryFieldToCorrect(t *testing.T) {
	t.Parallel()
	const login, password = accounts.LoginField, accounts.PasswordField
	long := strings.Repeat("я", 513)
	for _, c := range []struct {
		login, password string
		want            map[string]string
	}{
		{"", "x", map[string]string{login: "accounts.problem.no_login"}},
		{"anna", "x", map[string]string{login: "accounts.problem.unclear_login"}},
		{"anna@demo.test", "", map[string]string{password: "accounts.problem.no_password"}},
		{"anna@demo.test", long, map[string]string{password: "accounts.problem.long_password"}},
		{"", "", map[string]string{login: "accounts.problem.no_login", password: "accounts.problem.no_password"}},
		{"anna", long, map[string]string{login: "accounts.problem.unclear_login", password: "accounts.problem.long_password"}},
	} {
		got, err := accounts.ParseCredentials(c.login, c.password)
		trouble, ok := problem.As(err)
		if !ok || trouble.Kind != problem.Invalid {
			t.Errorf("%q, %q: %v", c.login, c.password, err)
			continue
		}
		if diff := cmp.Diff(c.want, trouble.Fields); diff != "" {
			t.Errorf("%q, %q: %s", c.login, c.password, diff)
		}
		if got != (accounts.Credentials{}) {
			t.Errorf("%q, %q: refused, and yet answered", c.login, c.password)
		}
	}
}

func TestPasswordNeverPrints(t *testing.T) {
	t.Parallel()
	offered, err := accounts.ParseCredentials("anna@demo.test", "Demo-2026!")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "password", offered.Password, "all", offered)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "password", offered.Password, "all", offered)
	fmt.Fprintf(&log, "%v %+v %#v %s %q %v", offered, offered, offered, offered.Password, offered.Password, &offered)
	if strings.Contains(log.String(), "Demo-2026!") {
		t.Errorf("the password stands in %s", log.String())
	}
}
