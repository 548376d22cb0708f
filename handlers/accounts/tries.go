package accounts

import (
	"net/netip"
	"time"

	"veche/domain/accounts"
	"veche/handlers"
)

// Guessing is slowed down from one address, behind which many people may stand,
// and for one login, whoever asks. A sign-in that succeeds clears the count of its
// login, so that nobody is kept out for typing badly before; the address keeps
// counting, or one's own account would buy further guesses at those of others.
var (
	addressLimit = handlers.Limit{Tries: 60, Period: time.Minute}
	loginLimit   = handlers.Limit{Tries: 10, Period: 5 * time.Minute}
)

// loginTries is the count for a login, known or not.
func loginTries(login accounts.Login) string {
	return "sign-in:login:" + string(login.Kind) + ":" + login.Value
}

// addressTries is the count for an address. A network of IPv6 gives every line
// 2⁶⁴ addresses, so that its first half is what counts.
func addressTries(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil {
		ip = ip.Unmap().WithZone("")
		address = ip.String()
		if ip.Is6() {
			address = netip.PrefixFrom(ip, 64).Masked().String()
		}
	}
	return "sign-in:address:" + address
}
