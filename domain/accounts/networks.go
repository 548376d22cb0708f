package accounts

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"veche/domain/problem"
)

// NetworksField is the name of the field in which networks are listed.
const NetworksField = "networks"

// MaxNetworks is how many networks a person may allow sign-in from.
const MaxNetworks = 10

// Problems of restricting sessions to addresses (SEC-10).
var (
	ErrUnclearNetwork  = problem.InField(NetworksField, "sessions.problem.unclear_network")
	ErrTooManyNetworks = problem.InField(NetworksField, "sessions.problem.too_many_networks")
	ErrOwnNetwork      = problem.InField(NetworksField, "sessions.problem.own_network")
)

// ParseNetworks reads a list of addresses and networks in CIDR notation (RFC 4632,
// RFC 4291), divided by commas, semicolons or spaces. Who lists any has to be within
// one of them themselves, or they would shut themselves out.
func ParseNetworks(typed, own string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	parts := strings.FieldsFunc(typed, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' })
	for _, part := range parts {
		network, err := parseNetwork(part)
		if err != nil {
			return nil, ErrUnclearNetwork
		}
		if !slices.Contains(networks, network) {
			networks = append(networks, network)
		}
	}
	switch {
	case len(networks) > MaxNetworks:
		return nil, ErrTooManyNetworks
	case !Within(networks, own):
		return nil, ErrOwnNetwork
	}
	return networks, nil
}

func parseNetwork(typed string) (netip.Prefix, error) {
	if !strings.Contains(typed, "/") {
		address, err := netip.ParseAddr(typed)
		if err != nil || address.Zone() != "" {
			return netip.Prefix{}, ErrUnclearNetwork
		}
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	network, err := netip.ParsePrefix(typed)
	if err != nil || network.Addr().Is4In6() {
		return netip.Prefix{}, ErrUnclearNetwork
	}
	return network.Masked(), nil
}
