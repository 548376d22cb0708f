package access_test

import (
	"errors"
	"testing"

	"veche/domain/access"
	"veche/domain/accounts"
)

func TestCan(t *testing.T) {
	t.Parallel()
	guest := access.Guest()
	fresh := access.Actor{Account: 1}
	citizen := access.Actor{Account: 2, Confirmed: true}
	proved := access.Actor{Account: 2, Confirmed: true, Fresh: true}
	temporary := access.Actor{Account: 2, Confirmed: true, Fresh: true, MustChange: true}
	device := func(r accounts.Reach) access.Actor {
		return access.Actor{Account: 2, Confirmed: true, Fresh: true, Reach: r}
	}
	admin := access.Actor{Account: 3, Grants: []accounts.Grant{{Role: accounts.RoleAdmin}}}
	elsewhere := access.Actor{Account: 4, Grants: []accounts.Grant{{Role: accounts.RoleAdmin, Scope: "public:dvor"}}}

	for _, c := range []struct {
		name  string
		actor access.Actor
		do    access.Action
		want  error
	}{
		{"guest reads polls", guest, access.ReadPolls, nil},
		{"guest votes", guest, access.CastVote, access.ErrUnauthenticated},
		{"unconfirmed votes", fresh, access.CastVote, access.ErrUnconfirmed},
		{"citizen votes", citizen, access.CastVote, access.ErrUnproved},
		{"citizen who just proved it votes", proved, access.CastVote, nil},
		{"device that may look reads", device(accounts.ReachView), access.ReadProfile, nil},
		{"device that may look votes", device(accounts.ReachView), access.CastVote, access.ErrReach},
		{"device that may sign votes", device(accounts.ReachSign), access.CastVote, nil},
		{"device that may sign comments", device(accounts.ReachSign), access.Comment, access.ErrReach},
		{"device with full rights comments", device(accounts.ReachFull), access.Comment, nil},
		{"temporary password votes", temporary, access.CastVote, access.ErrMustChange},
		{"temporary password is changed", temporary, access.ChangePassword, nil},
		{"citizen reads the audit", citizen, access.ReadAudit, access.ErrForbidden},
		{"admin reads the audit", admin, access.ReadAudit, nil},
		{"admin of something else reads the audit", elsewhere, access.ReadAudit, access.ErrForbidden},
		{"unknown action", admin, "polls.forge", access.ErrForbidden},
	} {
		if got := access.Can(c.actor, c.do, access.Object{Owner: c.actor.Account}); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestMayAsksBeforeTheObjectIsKnown(t *testing.T) {
	t.Parallel()
	scoped := access.Actor{Account: 4, Grants: []accounts.Grant{{Role: accounts.RoleAdmin, Scope: "public:dvor"}}}
	for _, c := range []struct {
		name  string
		actor access.Actor
		do    access.Action
		want  error
	}{
		{"guest reads polls", access.Guest(), access.ReadPolls, nil},
		{"guest votes", access.Guest(), access.CastVote, access.ErrUnauthenticated},
		{"unconfirmed votes", access.Actor{Account: 1}, access.CastVote, access.ErrUnconfirmed},
		{"a role somewhere is enough to ask further", scoped, access.ReadAudit, nil},
		{"no role", access.Actor{Account: 2, Confirmed: true}, access.ReadAudit, access.ErrForbidden},
		{"unknown action", scoped, "polls.forge", access.ErrForbidden},
	} {
		if got := access.May(c.actor, c.do); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestOwnThingsAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	anna := access.Actor{Account: 7, Confirmed: true}
	if err := access.Can(anna, access.ReadProfile, access.Object{Owner: 7}); err != nil {
		t.Errorf("one's own: %v", err)
	}
	if err := access.Can(anna, access.ReadProfile, access.Object{Owner: 8}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("somebody else's: %v", err)
	}
}
