package accounts

import "slices"

// Reach is how far a bound device may go in its owner's name (SEC-18).
type Reach string

// The reaches, each with all of those before it.
const (
	ReachView Reach = "view" // «только просмотр»
	ReachSign Reach = "sign" // «подпись»
	ReachFull Reach = "full" // «полные права»
)

// Reaches lists them in the order in which a page offers them.
var Reaches = []Reach{ReachView, ReachSign, ReachFull}

// Reaches says whether a device of this reach may do what needs another. A session
// on no bound device has no limit.
func (r Reach) Reaches(needed Reach) bool {
	return r == "" || slices.Index(Reaches, r) >= slices.Index(Reaches, needed)
}
