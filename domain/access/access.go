// Package access answers in one place who may do what: [Can] decides from the
// actor's grants, the account's level and whose the object is.
package access

import (
	"slices"
	"time"

	"veche/domain/accounts"
	"veche/domain/problem"
)

// Actor is the person, or the guest, on whose behalf something is done. Every use
// case is called with one.
type Actor struct {
	Account accounts.ID // 0 for a guest
	Public  string      // the account's public id
	Session string      // the session's public id
	Seen    time.Time   // last request in the session, to the minute
	Name    string
	// Confirmed takes both: identity «Подтвержденная» (ID-03), and an e-mail that was
	// confirmed by its link (ID-17).
	Confirmed  bool
	EmailWaits bool  // no e-mail of theirs is confirmed
	Rights     int64 // grows whenever what the person may do changes
	Grants     []accounts.Grant

	Means      []accounts.Means // by which the session was opened
	Fresh      bool             // a second proof was shown a short while ago
	MustChange bool             // the password is a temporary one (REC-06)
	Reach      accounts.Reach   // of the bound device the session is on; "" is full
	Address    string           // the only one the session may be used from; "" is any (SEC-10)
	Device     string           // what the browser called itself when the session was opened (SEC-09)
	Quiet      bool             // on a bound device whose pages do not ring (SEC-17)
}

// Guest is somebody who did not sign in.
func Guest() Actor { return Actor{} }

// SignedIn says whether the actor is known.
func (a Actor) SignedIn() bool { return a.Account != 0 }

// Has says whether the actor holds a role, anywhere or in the scope given.
func (a Actor) Has(role accounts.Role, scope string) bool {
	return slices.ContainsFunc(a.Grants, func(g accounts.Grant) bool {
		return g.Role == role && (g.Scope == "" || g.Scope == scope)
	})
}

// Roles are what the actor is trusted with, somewhere or everywhere.
func (a Actor) Roles() []accounts.Role {
	var roles []accounts.Role
	for _, g := range a.Grants {
		if !slices.Contains(roles, g.Role) {
			roles = append(roles, g.Role)
		}
	}
	return roles
}

// Object is what an action is done to, as far as rights depend on it.
type Object struct {
	Owner accounts.ID // whose it is; 0 when it is nobody's
	Scope string      // "public:dvor", "organisation:7"; "" when it has none
}

// Problems of rights.
var (
	ErrUnauthenticated = problem.New(problem.Unauthenticated, "access.problem.unauthenticated")
	ErrForbidden       = problem.New(problem.Forbidden, "access.problem.forbidden")
	ErrUnconfirmed     = problem.New(problem.Forbidden, "access.problem.unconfirmed")
	ErrUnproved        = problem.New(problem.Forbidden, "access.problem.unproved")    // a second proof is needed first
	ErrMustChange      = problem.New(problem.Forbidden, "access.problem.must_change") // a temporary password opens nothing else
	ErrReach           = problem.New(problem.Forbidden, "access.problem.reach")       // the device may not
)

// Can answers nil, or the problem that stands between the actor and the action.
// An action without a rule is forbidden to everybody.
func Can(actor Actor, do Action, object Object) error {
	rule, err := admit(actor, do)
	switch {
	case err != nil:
		return err
	case rule.own && object.Owner != actor.Account:
		return ErrForbidden
	case len(rule.roles) > 0 && !slices.ContainsFunc(rule.roles, func(r accounts.Role) bool {
		return actor.Has(r, object.Scope)
	}):
		return ErrForbidden
	case rule.unproved(actor):
		return ErrUnproved
	}
	return nil
}

// May answers what can be known before the object is: whether the actor could be
// allowed the action on anything at all. Routes ask it; use cases ask Can.
func May(actor Actor, do Action) error {
	rule, err := admit(actor, do)
	if err != nil {
		return err
	}
	if len(rule.roles) > 0 && !slices.ContainsFunc(actor.Grants, func(g accounts.Grant) bool {
		return slices.Contains(rule.roles, g.Role)
	}) {
		return ErrForbidden
	}
	if rule.unproved(actor) {
		return ErrUnproved
	}
	return nil
}

// admit finds the rule of an action and asks what it asks of the actor alone.
func admit(actor Actor, do Action) (rule, error) {
	r, known := rules[do]
	switch {
	case !known:
		return r, ErrForbidden
	case r.anyone:
		return r, nil
	case !actor.SignedIn():
		return r, ErrUnauthenticated
	case actor.MustChange && !r.always:
		return r, ErrMustChange
	case r.confirmed && !actor.Confirmed:
		return r, ErrUnconfirmed
	case !actor.Reach.Reaches(r.needs()):
		return r, ErrReach
	}
	return r, nil
}
