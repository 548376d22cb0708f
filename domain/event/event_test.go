package event_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"veche/domain/event"
)

func TestRegionNamesItsParts(t *testing.T) {
	t.Parallel()
	r := event.NewItem(event.NewTopic("post", "7"), "comment", "991")
	if r != "post:7/comment/991" {
		t.Fatalf("region is %q", r)
	}
	got := []string{string(r.Topic()), r.Topic().Kind(), r.Topic().ID(), r.View(), r.Item(), r.ElementID()}
	want := []string{"post:7", "post", "7", "comment", "991", "post-7-comment-991"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRegionValid(t *testing.T) {
	t.Parallel()
	for region, want := range map[event.Region]bool{
		"poll:42/tally":            true,
		"post:7/comment/991":       true,
		"account:a1_B-2/ballot/42": true,
		"":                         false,
		"poll:42":                  false,
		"poll/tally":               false,
		":42/tally":                false,
		"poll:/tally":              false,
		"poll:42/":                 false,
		"poll:42/tally/":           false,
		"poll:42/a/b/c":            false,
		"poll:42/ta lly":           false,
		"poll:42/tally\"onload":    false,
		"опрос:1/итог":             false,
	} {
		if got := region.Valid(); got != want {
			t.Errorf("%q: valid %v, want %v", region, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	got := event.Fold([]event.Change{
		{Topic: "poll:1", IDs: []string{"a"}},
		{Topic: "poll:2"},
		{Topic: "poll:1", IDs: []string{"b", "a"}},
		{Topic: "poll:2", IDs: []string{"c"}},
		{Topic: "session:x", Bye: event.ByeSession},
	})
	want := []event.Change{
		{Topic: "session:x", Bye: event.ByeSession},
		{Topic: "poll:1", IDs: []string{"a", "b"}},
		{Topic: "poll:2"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzRegionValid(f *testing.F) {
	f.Add("poll:42/tally")
	f.Add("post:7/comment/991")
	f.Fuzz(func(t *testing.T, s string) {
		r := event.Region(s)
		if !r.Valid() {
			return
		}
		rebuilt := event.NewRegion(r.Topic(), r.View())
		if r.Item() != "" {
			rebuilt = event.NewItem(r.Topic(), r.View(), r.Item())
		}
		if rebuilt != r {
			t.Errorf("%q is rebuilt as %q", r, rebuilt)
		}
	})
}
