package hub_test

import (
	"fmt"
	"strings"
	"testing"

	"veche/hub"
)

func TestParseRequest(t *testing.T) {
	t.Parallel()
	many := make([]string, hub.MaxRegions+1)
	for i := range many {
		many[i] = fmt.Sprintf(`"p:%d/t"`, i)
	}
	for message, want := range map[string]string{
		`{"join":{"poll:42/tally":["v1","ru.proof"]},"leave":["post:7/comments"]}`: "1 1 0",
		`{"join":{"post:7/comment/991":["?",""]}}`:                                 "1 0 0",
		`{"beat":{"post:7":5,"poll:1":0,"poll:2":60}}`:                             "0 0 3",
		`{"join":{}}`:                            "0 0 0",
		``:                                       "error",
		`{}`:                                     "error",
		`[]`:                                     "error",
		`null`:                                   "error",
		`"join"`:                                 "error",
		`{"leave":["post:7/comments"]} `:         "0 1 0",
		`{"leave":["post:7/comments"]}{}`:        "error",
		`{"leave":["post:7/comments"],"else":1}`: "error",
		`{"leave":["post 7"]}`:                   "error",
		`{"leave":"post:7/comments"}`:            "error",
		`{"join":{"poll:42/tally":["v1"]}}`:      "error",
		`{"join":{"poll:42/tally":["v1","p","x"]}}`:                          "error",
		`{"join":{"poll:42/tally":{"v":1}}}`:                                 "error",
		`{"join":{"poll:42":["v1","p"]}}`:                                    "error",
		`{"join":{"poll:42/tally":["` + strings.Repeat("v", 65) + `",""]}}`:  "error",
		`{"join":{"poll:42/tally":["","` + strings.Repeat("p", 129) + `"]}}`: "error",
		`{"beat":{"post:7":-1}}`:                                             "error",
		`{"beat":{"post:7":61}}`:                                             "error",
		`{"beat":{"post:7":1.5}}`:                                            "error",
		`{"beat":{"post":5}}`:                                                "error",
		`{"leave":[` + strings.Join(many, ",") + `]}`:                        "error",
		`{"leave":[` + strings.Join(many[1:], ",") + `]}`:                    fmt.Sprintf("0 %d 0", hub.MaxRegions),
	} {
		joins, leaves, beats, err := hub.ParseRequest([]byte(message))
		got := fmt.Sprint(joins, " ", leaves, " ", beats)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%.80s: %s, want %s (%v)", message, got, want, err)
		}
	}
}
