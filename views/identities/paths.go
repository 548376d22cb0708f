package identities

import (
	"net/url"

	"veche/domain/identities"
)

// The addresses of the area.
const (
	Root         = "/settings/identities"
	OfferPath    = "/identities/offer"
	SecurityPath = "/settings/security"
)

// StartPath leads to a provider to sign in, and then to a page.
func StartPath(p identities.Provider, next string) string {
	path := "/identities/" + p.Key + "/start"
	if next == "/" || next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// Outcome is what was done before the page was shown; it stands in the address.
type Outcome string

// The outcomes that the page «Способы входа» tells of.
const (
	Bound   Outcome = "bound"
	Removed Outcome = "removed"
)

var outcomes = map[Outcome]string{
	Bound:   "identities.done.bound",
	Removed: "identities.done.removed",
}

// After is the address of the page that tells of an outcome.
func After(o Outcome) string { return Root + "?done=" + string(o) }
