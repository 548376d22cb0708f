package notifications_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veche/domain/event"
	"veche/domain/notifications"
)

func TestParseFilter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		section, unread string
		before          int64
		want            notifications.Filter
	}{
		{"polls", "1", 77, notifications.Filter{Section: notifications.Polls, Unread: true, Before: 77}},
		{"comments", "", 0, notifications.Filter{Section: notifications.Comments}},
		{"fines", "", -3, notifications.Filter{}},
		{"", "", 0, notifications.Filter{}},
	} {
		if got := notifications.ParseFilter(c.section, c.unread, c.before); got != c.want {
			t.Errorf("%q %q %d: %+v", c.section, c.unread, c.before, got)
		}
	}
}

func TestFilterHasANameThatLeadsBack(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, section := range append([]notifications.Section{""}, notifications.Sections...) {
		for _, unread := range []bool{false, true} {
			f := notifications.Filter{Section: section, Unread: unread}
			if seen[f.Name()] {
				t.Errorf("%s is the name of two filters", f.Name())
			}
			seen[f.Name()] = true
			if got := notifications.FilterNamed(f.Name()); got != f {
				t.Errorf("%s leads to %+v, not to %+v", f.Name(), got, f)
			}
			if !notifications.HeadOf("a1", f).Valid() {
				t.Errorf("%s may not stand in a region", f.Name())
			}
		}
	}
}

func TestEveryKindStandsInASectionOfTheFilter(t *testing.T) {
	t.Parallel()
	for _, kind := range []notifications.Kind{notifications.CommentPublished, notifications.CommentRefused, notifications.PollOpened, notifications.PasswordOld} {
		if got := notifications.ParseFilter(string(kind.Section()), "", 0); got.Section != kind.Section() || got.Section == "" {
			t.Errorf("%s stands in %q", kind, kind.Section())
		}
	}
}

func TestItemIsUnreadUntilItIsRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 14, 12, 0, 0, 0, time.UTC)
	if n := (notifications.Notification{CreatedAt: now}); !n.Unread() {
		t.Error("a new item is read")
	}
	if n := (notifications.Notification{CreatedAt: now, ReadAt: &now}); n.Unread() {
		t.Error("a read item is unread")
	}
}

// What happened to one person wakes nobody else's screens.
func TestEventsConcernThePersonAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		happened event.Event
		want     []event.Change
	}{
		{notifications.Told{Accounts: []string{"a1", "b2"}}, []event.Change{{Topic: "notifications:a1"}, {Topic: "notifications:b2"}}},
		{notifications.Read{Account: "a1", Notification: "n7"}, []event.Change{{Topic: "notifications:a1", IDs: []string{"n7"}}}},
		{notifications.AllRead{Account: "a1"}, []event.Change{{Topic: "notifications:a1"}}},
		{notifications.Delivered{Account: "a1", Notification: "n7"}, []event.Change{{Topic: "notifications:a1", IDs: []string{"n7"}}}},
	} {
		if diff := cmp.Diff(c.want, c.happened.Changes()); diff != "" {
			t.Errorf("%s: %s", c.happened.Name(), diff)
		}
	}
}
