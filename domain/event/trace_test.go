package event_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veche/domain/event"
)

func TestTraceTravelsInTheContext(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"k3jz7q":                "k3jz7q",
		"job-42":                "job-42",
		"":                      "",
		"two words":             "",
		"line\nbreak":           "",
		"анна":                  "",
		strings.Repeat("a", 64): strings.Repeat("a", 64),
		strings.Repeat("a", 65): "",
	} {
		if got := event.Trace(event.WithTrace(t.Context(), id)); got != want {
			t.Errorf("%q is kept as %q, want %q", id, got, want)
		}
	}
	inner := event.WithTrace(event.WithTrace(t.Context(), "request"), "job-1")
	if got := event.Trace(inner); got != "job-1" {
		t.Errorf("the inner trace is %q", got)
	}
}

func TestFoldKeepsWhereAChangeCameFrom(t *testing.T) {
	t.Parallel()
	from := func(at int64, traces ...string) event.Change {
		return event.Change{Topic: "poll:1", Traces: traces, At: at}
	}
	var burst []event.Change
	for i := range 1000 {
		burst = append(burst, from(int64(5000-i), fmt.Sprintf("r%d", i)))
	}
	for name, c := range map[string]struct {
		changes []event.Change
		want    event.Change
	}{
		"one stays as it is":            {[]event.Change{from(7, "a")}, from(7, "a")},
		"traces are united":             {[]event.Change{from(7, "a"), from(8, "b", "a"), from(9, "c")}, from(7, "a", "b", "c")},
		"the oldest time is kept":       {[]event.Change{from(9, "a"), from(7, "b"), from(8, "c")}, from(7, "a", "b", "c")},
		"no time is no oldest time":     {[]event.Change{from(0), from(8, "b"), from(0, "a")}, from(8, "b", "a")},
		"nothing known stays unknown":   {[]event.Change{from(0), from(0)}, from(0)},
		"a burst keeps the first eight": {burst, from(4001, "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7")},
	} {
		if diff := cmp.Diff([]event.Change{c.want}, event.Fold(c.changes)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

// IDs swallowed by a change of everything take no trace with them.
func TestFoldKeepsTracesOfWhatItSwallows(t *testing.T) {
	t.Parallel()
	got := event.Fold([]event.Change{
		{Topic: "post:1", IDs: []string{"7"}, Traces: []string{"a"}, At: 5},
		{Topic: "post:1", Traces: []string{"b"}, At: 4},
	})
	want := []event.Change{{Topic: "post:1", Traces: []string{"a", "b"}, At: 4}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFoldLeavesWhatItWasGiven(t *testing.T) {
	t.Parallel()
	shared := make([]string, 1, 8) // room that an append would write into
	shared[0] = "a"
	given := []event.Change{
		{Topic: "poll:1", Traces: shared},
		{Topic: "poll:2", Traces: shared},
		{Topic: "poll:1", Traces: []string{"b"}},
		{Topic: "poll:2", Traces: []string{"c"}},
	}
	want := []event.Change{{Topic: "poll:1", Traces: []string{"a", "b"}}, {Topic: "poll:2", Traces: []string{"a", "c"}}}
	if diff := cmp.Diff(want, event.Fold(given)); diff != "" {
		t.Error(diff)
	}
}

// A process of the release before reads and writes changes without them.
func TestChangeWithoutOriginIsWrittenAsBefore(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(event.Fold([]event.Change{{Topic: "poll:1"}, {Topic: "poll:1", Traces: []string{}}})[0])
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"topic":"poll:1"}`; string(text) != want {
		t.Errorf("written as %s, want %s", text, want)
	}
}
