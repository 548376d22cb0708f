package accounts_test

import (
	"testing"

	accountsweb "veche/handlers/accounts"
)

func TestTriesAreCountedByLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		one, other string
		same       bool
	}{
		{"192.0.2.7", "192.0.2.7", true},
		{"192.0.2.7", "192.0.2.8", false},
		{"192.0.2.7", "::ffff:192.0.2.7", true},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"", "", true},
	} {
		one, other := accountsweb.AddressTries(c.one), accountsweb.AddressTries(c.other)
		if (one == other) != c.same {
			t.Errorf("%s and %s: counted together %v", c.one, c.other, one == other)
		}
	}
}
