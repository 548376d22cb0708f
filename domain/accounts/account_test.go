package accounts_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veche/domain/accounts"
	"veche/domain/event"
)

func TestGrantIsChecked(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	for _, c := range []struct {
		name  string
		grant accounts.Grant
		want  error
	}{
		{"everywhere, for good", accounts.Grant{Role: accounts.RoleModerator}, nil},
		{"one public, for an hour", accounts.Grant{Role: accounts.RoleEditor, Scope: accounts.DemoPublic, Until: &later}, nil},
		{"until now", accounts.Grant{Role: accounts.RoleEditor, Until: &now}, accounts.ErrGrantOver},
		{"no role", accounts.Grant{}, accounts.ErrUnknownRole},
		{"a made-up role", accounts.Grant{Role: "tsar"}, accounts.ErrUnknownRole},
		{"a scope without kind", accounts.Grant{Role: accounts.RoleEditor, Scope: "dvor"}, accounts.ErrUnclearScope},
		{"a scope with a path in it", accounts.Grant{Role: accounts.RoleEditor, Scope: "public:a/b"}, accounts.ErrUnclearScope},
	} {
		if got := c.grant.Check(now); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSignatureLeavesThePatronymicOut(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Анна Сергеевна Лебедева": "Анна Лебедева", "Анна Лебедева": "Анна Лебедева", "Анна": "Анна", "": "",
	} {
		if got := accounts.Signature(name); got != want {
			t.Errorf("%q signs as %q", name, got)
		}
	}
}

func TestEventsTouchTheirTopics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		happened event.Event
		want     event.Change
	}{
		{accounts.SignedIn{Account: "a1", Session: "s1"}, event.Change{Topic: "account:a1", IDs: []string{"s1"}}},
		{accounts.SessionEnded{Session: "s1"}, event.Change{Topic: "session:s1", Bye: event.ByeSession}},
		{accounts.SignedOutEverywhere{Account: "a1"}, event.Change{Topic: "account:a1", Bye: event.ByeSession}},
		{accounts.RightsChanged{Account: "a1"}, event.Change{Topic: "account:a1", Bye: event.ByeRole}},
	} {
		if diff := cmp.Diff([]event.Change{c.want}, c.happened.Changes()); diff != "" {
			t.Errorf("%s: %s", c.happened.Name(), diff)
		}
	}
}

func TestDemoPeopleCanSignIn(t *testing.T) {
	t.Parallel()
	people := accounts.Demo()
	if len(people) != 8 {
		t.Errorf("%d demo people", len(people))
	}
	seen := map[string]bool{}
	for _, p := range people {
		for _, login := range []string{p.Email, p.Phone} {
			got, err := accounts.ParseLogin(login)
			if err != nil || got.Value != login || seen[login] {
				t.Errorf("%s: login %q reads as %q (%v), seen before: %v", p.Key, login, got.Value, err, seen[login])
			}
			seen[login] = true
		}
		for _, g := range p.Grants {
			if err := g.Check(time.Now()); err != nil {
				t.Errorf("%s: %v", p.Key, err)
			}
		}
	}
}

// The papers of the demo people are logins like anybody's.
func TestDemoPapersAreNumbersOfTheState(t *testing.T) {
	t.Parallel()
	for _, person := range accounts.Demo() {
		for typed, kind := range map[string]accounts.LoginKind{
			person.SNILS[:3] + "-" + person.SNILS[3:6] + "-" + person.SNILS[6:9] + " " + person.SNILS[9:]: accounts.BySNILS,
			person.INN: accounts.ByINN,
		} {
			if login, err := accounts.ParseLogin(typed); err != nil || login.Kind != kind {
				t.Errorf("%s: %s is %+v (%v)", person.Key, typed, login, err)
			}
		}
	}
}
