package identities

import "veche/domain/accounts"

// Known is what the portal knows of somebody who came by a provider.
type Known struct {
	Bound   accounts.ID // has bound this very identity
	BySNILS accounts.ID // has the number of social insurance that the state tells
	Taken   bool        // another account has the e-mail, the phone or the tax number
	// Other says that the account with the number has bound somebody else at this
	// provider.
	Other bool
}

// Step is what follows from an arrival.
type Step string

// The steps.
const (
	Enter  Step = "enter"  // sign in to Account
	Bind   Step = "bind"   // bind the identity to Account, then sign in
	Create Step = "create" // open an account of what the state told, then sign in
	Offer  Step = "offer"  // nobody is let in: sign in otherwise, then bind
)

// Reason is why nobody is let in.
type Reason string

// The reasons.
const (
	Unbound Reason = "unbound" // nobody has bound the identity
	Taken   Reason = "taken"   // somebody has the e-mail, the phone or the number: perhaps this person
	Weak    Reason = "weak"    // the state is not sure enough to open an account
	Lacking Reason = "lacking" // the state told no name or no verified e-mail
)

// Arrival is what is decided of somebody who came by a provider.
type Arrival struct {
	Step    Step
	Account accounts.ID // to sign in to
	Reason  Reason      // of an Offer
}

// Arrive decides whose account it is (ID-09, ID-11). An e-mail or a phone leads to
// nobody: mailboxes and numbers change hands.
func Arrive(p Person, trust Trust, known Known) Arrival {
	switch {
	case known.Bound != 0:
		return Arrival{Step: Enter, Account: known.Bound}
	case trust != State:
		return Arrival{Step: Offer, Reason: Unbound}
	case p.Level() < Substantial:
		return Arrival{Step: Offer, Reason: Weak}
	case known.BySNILS != 0 && p.SNILS != "" && !known.Other:
		return Arrival{Step: Bind, Account: known.BySNILS}
	case known.BySNILS != 0, known.Taken:
		return Arrival{Step: Offer, Reason: Taken}
	case p.Name == "" || p.Email == "" || !p.EmailVerified:
		return Arrival{Step: Offer, Reason: Lacking}
	}
	return Arrival{Step: Create}
}

// Holder is the account that somebody binds a provider to.
type Holder struct {
	Account accounts.ID
	SNILS   string // "" when it is not known
	Bound   bool   // to somebody at this provider already
}

// CanBind answers nil, or what stands between an account and an identity.
func CanBind(p Person, h Holder, known Known) error {
	switch {
	case known.Bound != 0 && known.Bound != h.Account:
		return ErrBoundElsewhere
	case known.Bound == h.Account:
		return nil
	case h.Bound:
		return ErrBoundAlready
	case p.SNILS != "" && h.SNILS != "" && p.SNILS != h.SNILS:
		return ErrSomebodyElse
	case known.BySNILS != 0 && known.BySNILS != h.Account:
		return ErrBoundElsewhere
	}
	return nil
}

// CanUnbind answers nil, or ErrLastWay when nothing would be left to sign in by: the
// person has no password, no phone to get a code on, no passkey and no other provider.
func (o Overview) CanUnbind() error {
	if o.Password || o.Phone || o.Passkeys > 0 || len(o.Identities) > 1 {
		return nil
	}
	return ErrLastWay
}
