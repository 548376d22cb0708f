package hub_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veche/domain/event"
	"veche/hub/localredis"
)

// Redis takes announcements apart and writes them anew, in Lua, whose numbers are
// floating-point and whose empty lists are objects.
func TestTracesAndTimeOfCommitArriveAsTheyWerePublished(t *testing.T) {
	t.Parallel()
	full := make([]string, event.MaxTraces)
	for i := range full {
		full[i] = strings.Repeat("0", 63) + string(rune('a'+i))
	}
	for name, options := range map[string]localredis.Options{
		"Redis":        {Real: true},
		"the stand-in": {StandIn: true},
	} {
		server, err := localredis.Start(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Stop)
		b := brokerAt(t, server)
		d := listen(t, b)
		for _, want := range []event.Change{
			{Topic: "poll:1", Traces: []string{"k3jz7q"}, At: 1795340000001},
			{Topic: "poll:2", IDs: []string{"7"}, Traces: []string{"1795340000001", "job-42"}, At: time.Now().UnixMilli()},
			{Topic: "poll:3", Traces: full, At: 9999999999999},
			{Topic: "poll:4", At: 1795340000000},
			{Topic: "poll:5", Traces: []string{}},
			{Topic: "session:x", Bye: event.ByeSession, Traces: []string{"a"}, At: 1000000000000},
		} {
			if err := b.Publish(t.Context(), []event.Change{want}); err != nil {
				t.Fatal(err)
			}
			if len(want.Traces) == 0 {
				want.Traces = nil
			}
			if diff := cmp.Diff(want, d.next(t).Change); diff != "" {
				t.Errorf("through %s: (-published +heard)\n%s", name, diff)
			}
		}
	}
}
