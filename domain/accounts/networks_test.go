package accounts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"veche/domain/accounts"
)

func TestNetworksAreReadInOneSpelling(t *testing.T) {
	t.Parallel()
	for typed, c := range map[string]struct {
		own  string
		want string
		err  error
	}{
		"":                                 {"198.51.100.7", "", nil},
		" \n ":                             {"198.51.100.7", "", nil},
		"198.51.100.7":                     {"198.51.100.7", "198.51.100.7/32", nil},
		"198.51.100.77/24":                 {"198.51.100.7", "198.51.100.0/24", nil},
		"198.51.100.0/24, 198.51.100.9/24": {"198.51.100.7", "198.51.100.0/24", nil},
		"10.0.0.0/8;198.51.100.7\n::1":     {"198.51.100.7", "10.0.0.0/8 198.51.100.7/32 ::1/128", nil},
		"2001:db8:1::5/48":                 {"2001:db8:1:2::9", "2001:db8:1::/48", nil},
		"::ffff:198.51.100.7":              {"::ffff:198.51.100.7", "198.51.100.7/32", nil},
		"203.0.113.0/24":                   {"198.51.100.7", "", accounts.ErrOwnNetwork},
		"10.0.0.0/8 дом":                   {"10.1.1.1", "", accounts.ErrUnclearNetwork},
		"10.0.0.0/33":                      {"10.1.1.1", "", accounts.ErrUnclearNetwork},
		"fe80::1%eth0":                     {"fe80::1", "", accounts.ErrUnclearNetwork},
		"::ffff:10.0.0.0/104":              {"10.1.1.1", "", accounts.ErrUnclearNetwork},
		"10.0.0.0/8 ":                      {"not an address", "", accounts.ErrOwnNetwork},
	} {
		networks, err := accounts.ParseNetworks(typed, c.own)
		said := strings.Trim(fmt.Sprint(networks), "[]")
		if said != c.want || !errors.Is(err, c.err) {
			t.Errorf("%q from %s: %s (%v)", typed, c.own, said, err)
		}
	}
	var many strings.Builder
	for i := range accounts.MaxNetworks + 1 {
		fmt.Fprintf(&many, "10.%d.0.0/16 ", i)
	}
	if _, err := accounts.ParseNetworks(many.String(), "10.0.0.1"); !errors.Is(err, accounts.ErrTooManyNetworks) {
		t.Errorf("eleven networks: %v", err)
	}
}

func FuzzParseNetworks(f *testing.F) {
	f.Add("10.0.0.0/8, ::1", "10.1.1.1")
	f.Fuzz(func(t *testing.T, typed, own string) {
		networks, err := accounts.ParseNetworks(typed, own)
		if err == nil && (len(networks) > accounts.MaxNetworks || !accounts.Within(networks, own)) {
			t.Errorf("%q from %q became %v", typed, own, networks)
		}
	})
}
