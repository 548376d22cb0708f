package accounts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
)

func TestGrantedRoleIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	admin := access.Actor{Account: p.person("admin").ID, Session: "s", Grants: []accounts.Grant{{Role: accounts.RoleAdmin}}}
	anna := p.person("anna")
	token, _ := p.signIn("anna")
	p.announced()
	changed := "accounts.rights_changed account:" + anna.PublicID + " role"
	moderator := accounts.Grant{Role: accounts.RoleModerator}
	soon := time.Now().Add(time.Hour).UTC().Truncate(time.Second)

	for _, step := range []struct {
		name   string
		do     func() error
		rights int64
		roles  int
		says   []string
	}{
		{"grant", func() error { return p.store.Grant(t.Context(), admin, anna.PublicID, moderator) }, 2, 1, []string{changed}},
		{"grant again", func() error { return p.store.Grant(t.Context(), admin, anna.PublicID, moderator) }, 2, 1, []string{}},
		{"grant until", func() error {
			return p.store.Grant(t.Context(), admin, anna.PublicID, accounts.Grant{Role: accounts.RoleModerator, Until: &soon})
		}, 3, 1, []string{changed}},
		{"revoke in another scope", func() error {
			return p.store.Revoke(t.Context(), admin, anna.PublicID, accounts.RoleModerator, "public:dvor")
		}, 3, 1, []string{}},
		{"revoke", func() error { return p.store.Revoke(t.Context(), admin, anna.PublicID, accounts.RoleModerator, "") }, 4, 0, []string{changed}},
		{"revoke again", func() error { return p.store.Revoke(t.Context(), admin, anna.PublicID, accounts.RoleModerator, "") }, 4, 0, []string{}},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		actor := p.actor(token)
		if actor.Rights != step.rights || len(actor.Grants) != step.roles {
			t.Errorf("%s: rights %d, grants %v", step.name, actor.Rights, actor.Grants)
		}
		rights, err := p.store.Rights(t.Context(), []string{actor.Session})
		if err != nil || rights[actor.Session] != step.rights {
			t.Errorf("%s: the gate sees %v (%v)", step.name, rights, err)
		}
		if diff := cmp.Diff(step.says, p.announced()); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
	}
	who := fmt.Sprintf("%d s account:%s ", admin.Account, anna.PublicID)
	want := []string{
		who + `{"scope": "", "granted": "moderator"}`,
		who + fmt.Sprintf(`{"scope": "", "until": %q, "granted": "moderator"}`, soon.Format(time.RFC3339)),
		who + `{"scope": "", "revoked": "moderator"}`,
	}
	if diff := cmp.Diff(want, p.audited(access.GrantRoles)); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyAdministratorsGrantRoles(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	admin := access.Actor{Account: p.person("admin").ID, Grants: []accounts.Grant{{Role: accounts.RoleAdmin}}}
	self := access.Actor{Account: anna.ID, Public: anna.PublicID}
	past := time.Now().Add(-time.Minute)
	moderator := accounts.Grant{Role: accounts.RoleModerator}

	for _, c := range []struct {
		name  string
		actor access.Actor
		to    string
		grant accounts.Grant
		want  error
	}{
		{"a guest", access.Guest(), anna.PublicID, moderator, access.ErrUnauthenticated},
		{"anna, to herself", self, anna.PublicID, moderator, access.ErrForbidden},
		{"to nobody", admin, "nobody", moderator, accounts.ErrUnknownAccount},
		{"by the inner key", admin, fmt.Sprint(anna.ID), moderator, accounts.ErrUnknownAccount},
		{"a made-up role", admin, anna.PublicID, accounts.Grant{Role: "tsar"}, accounts.ErrUnknownRole},
		{"a term that passed", admin, anna.PublicID, accounts.Grant{Role: accounts.RoleEditor, Until: &past}, accounts.ErrGrantOver},
	} {
		if err := p.store.Grant(t.Context(), c.actor, c.to, c.grant); !errors.Is(err, c.want) {
			t.Errorf("%s grants: %v, want %v", c.name, err, c.want)
		}
	}
	for name, actor := range map[string]access.Actor{"a guest": access.Guest(), "anna": self} {
		if err := p.store.Revoke(t.Context(), actor, anna.PublicID, accounts.RoleModerator, ""); err == nil {
			t.Errorf("%s revokes", name)
		}
	}
	if changes := p.announced(); len(changes) != 0 {
		t.Errorf("announced %q", changes)
	}
}

func TestLapsedGrantIsTakenAwayAndAnnounced(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	later := time.Now().Add(time.Hour)
	anna := p.person("anna",
		accounts.Grant{Role: accounts.RoleModerator, Until: &later},
		accounts.Grant{Role: accounts.RoleEditor, Scope: "public:dvor", Until: &later},
		accounts.Grant{Role: accounts.RoleSupport})
	token, before := p.signIn("anna")
	p.announced()
	if ended, err := p.store.EndLapsed(t.Context()); err != nil || ended != 0 {
		t.Fatalf("%d grants ended before their time (%v)", ended, err)
	}
	err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE grants SET until = now() - interval '1 second' WHERE role = 'moderator'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		if ended, err := p.store.EndLapsed(t.Context()); err != nil || ended != want {
			t.Errorf("%d grants ended, want %d (%v)", ended, want, err)
		}
	}
	if after := p.actor(token); after.Rights != before.Rights+1 || len(after.Grants) != 2 {
		t.Errorf("rights %d, grants %v", after.Rights, after.Grants)
	}
	if diff := cmp.Diff([]string{"accounts.rights_changed account:" + anna.PublicID + " role"}, p.announced()); diff != "" {
		t.Error(diff)
	}
	if entries := p.audited(access.GrantRoles); len(entries) != 1 || !strings.Contains(entries[0], `"lapsed": "moderator"`) {
		t.Errorf("audited %q", entries)
	}
}
