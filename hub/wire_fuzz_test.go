package hub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"veche/hub"
)

// requestSeeds are messages at the edges of the wire contract, within and without.
func requestSeeds() []string {
	region := func(part int) string {
		return strings.Repeat("k", part) + ":" + strings.Repeat("i", part) + "/" + strings.Repeat("v", part) + "/" + strings.Repeat("x", part)
	}
	leaves := func(n int) string { return strings.TrimSuffix(strings.Repeat(`"p:1/t",`, n), ",") }
	return []string{
		`{"join":{"poll:42/tally":["v1","ru.proof"]},"leave":["post:7/comments"],"beat":{"post:7":5}}`,
		`{"join":{"poll:42/tally":["?",""],"post:7/comment/991":["",""]}}`,
		"\t\r\n " + `{ "join" : { "poll:42/tally" : [ "?" , "" ] } }` + "\n",
		`{"join":{}}`, `{"leave":[]}`, `{"beat":{}}`, `{}`, `[]`, `null`, `0`, `""`, ``,
		`{"join":null}`, `{"join":null,"leave":["p:1/t"]}`, `{"leave":null,"beat":{"p:1":0}}`,
		`{"join":{"poll:42/tally":[]}}`, `{"join":{"poll:42/tally":["?"]}}`, `{"join":{"poll:42/tally":["?","","x"]}}`,
		`{"join":{"poll:42/tally":null}}`, `{"join":{"poll:42/tally":[null,null]}}`, `{"join":{"poll:42/tally":[1,2]}}`,
		`{"join":{"poll:42/tally":["?","a"],"poll:42/tally":["?","b"]}}`,
		`{"join":{"poll:42/tally":["?","a"]},"join":{"poll:43/tally":["?","b"]}}`,
		`{"JOIN":{"poll:42/tally":["?",""]}}`, "{\"\u017foin\":{}}", `{"jo\u0069n":{"poll:42\u002ftally":["?",""]}}`,
		"{\"join\":{\"poll:42/tally\":[\"\xff\",\"\xc3\x28\"]}}", `{"join":{"poll:42/tally":["\ud800","\udfff"]}}`,
		`{"join":{"poll:42/tally":["<&>\u2028","\u0000"]}}`,
		`{"join":{"` + region(64) + `":["` + strings.Repeat("v", 64) + `","` + strings.Repeat("p", 128) + `"]}}`,
		`{"join":{"` + region(65) + `":["",""]}}`,
		`{"join":{"p:1/t":["` + strings.Repeat("v", 65) + `",""]}}`, `{"join":{"p:1/t":["","` + strings.Repeat("p", 129) + `"]}}`,
		`{"join":{"p:1/t":["` + strings.Repeat(`\u00e9`, 32) + `",""]}}`,
		`{"join":{"p:1/t/\"><script>":["?",""]}}`, `{"leave":["p:1/t/<b>"]}`, `{"leave":[""]}`, `{"leave":[null]}`, `{"leave":"p:1/t"}`,
		`{"leave":[` + leaves(200) + `]}`, `{"leave":[` + leaves(201) + `]}`,
		`{"beat":{"p:1":0,"p:2":60}}`, `{"beat":{"p:1":-1}}`, `{"beat":{"p:1":61}}`, `{"beat":{"p:1":1.0}}`, `{"beat":{"p:1":1e1}}`,
		`{"beat":{"p:1":-0}}`, `{"beat":{"p:1":null}}`, `{"beat":{"p:1":18446744073709551621}}`, `{"beat":{"p:1":"5"}}`,
		`{"leave":["p:1/t"]}{}`, `{"leave":["p:1/t"]}]`, `{"leave":["p:1/t"]` + strings.Repeat(" ", 20) + `}`, `{"leave":["p:1/t"],"else":[{}]}`,
		strings.Repeat("[", 1000), strings.Repeat(`{"join":`, 1000), `{"join":{"p:1/t":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}`,
		leaveOne + strings.Repeat(" ", hub.MaxMessage-len(leaveOne)), leaveOne + strings.Repeat(" ", hub.MaxMessage-len(leaveOne)+1),
	}
}

// What is accepted is within every bound of the contract, and said again in the
// plainest words it means the same.
func FuzzParseRequest(f *testing.F) {
	for _, seed := range requestSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, message string) {
		request, err := hub.ReadRequest(message)
		if err != nil {
			return
		}
		if complaint := outOfBounds(message, request); complaint != "" {
			t.Fatalf("accepted %s", complaint)
		}
		plain := sayAgain(t, request)
		if len(plain) > hub.MaxMessage {
			return // a broken letter is replaced by a longer one
		}
		again, err := hub.ReadRequest(plain)
		if err != nil {
			t.Fatalf("accepted, but not when said as %s: %v", plain, err)
		}
		if diff := cmp.Diff(request, again, cmpopts.EquateEmpty()); diff != "" {
			t.Error("said again it means something else (-before +after):\n", diff)
		}
	})
}

// outOfBounds names the first bound a request is beyond, "" if there is none.
func outOfBounds(message string, r hub.Request) string {
	if len(message) > hub.MaxMessage {
		return fmt.Sprint(len(message), " bytes")
	}
	if len(r.Join) > hub.MaxRegions || len(r.Leave) > hub.MaxRegions || len(r.Beat) > hub.MaxRegions {
		return fmt.Sprintf("%d joins, %d leaves, %d beats", len(r.Join), len(r.Leave), len(r.Beat))
	}
	for region, pair := range r.Join {
		if !region.Valid() || len(pair[0]) > hub.MaxVersion || len(pair[1]) > hub.MaxPass {
			return fmt.Sprintf("join %q %q", region, pair)
		}
		// A name goes into a frame and a selector as it is.
		if id := region.ElementID(); strings.ContainsAny(id, "\"'<>&#/: \t\r\n\x00\\") {
			return fmt.Sprintf("element id %q", id)
		}
	}
	for _, region := range r.Leave {
		if !region.Valid() {
			return fmt.Sprintf("leave %q", region)
		}
	}
	for topic, seconds := range r.Beat {
		if !topic.Valid() || seconds < 0 || seconds > hub.MaxBeat {
			return fmt.Sprintf("beat %q %d", topic, seconds)
		}
	}
	return ""
}

// sayAgain writes a request as the script of a page would.
func sayAgain(t *testing.T, r hub.Request) string {
	t.Helper()
	parts := map[string]any{"join": r.Join}
	if len(r.Leave) > 0 {
		parts["leave"] = r.Leave
	}
	if len(r.Beat) > 0 {
		parts["beat"] = r.Beat
	}
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(parts); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(plain.String(), "\n")
}
