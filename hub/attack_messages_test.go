package hub_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/domain/event"
	"veche/hub"
)

// Each is a whole text message, sent by a page that follows two regions.
func TestMessageOutsideTheContractIsClosedWith1008(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	for name, message := range map[string]string{
		"nothing":                         "",
		"a blank":                         " ",
		"a byte of zero":                  "\x00",
		"bytes that are no text":          "\xff\xfe\xfd",
		"a byte order mark":               "\xef\xbb\xbf" + leaveOne,
		"half an object":                  `{"leave":["p:1/t"`,
		"an object and more":              leaveOne + leaveOne,
		"an object and a brace":           leaveOne + "}",
		"an object and a zero":            leaveOne + "\x00",
		"a list":                          `[` + leaveOne + `]`,
		"a number":                        `1`,
		"null":                            `null`,
		"an empty object":                 `{}`,
		"a comment":                       `{/**/"leave":["p:1/t"]}`,
		"a comma too many":                `{"leave":["p:1/t"],}`,
		"single quotes":                   `{'leave':['p:1/t']}`,
		"nested lists":                    strings.Repeat("[", hub.MaxMessage),
		"nested objects":                  strings.Repeat(`{"a":`, hub.MaxMessage/5),
		"nested in a join":                `{"join":{"p:1/t":` + strings.Repeat("[", hub.MaxMessage-100),
		"nested and closed":               `{"leave":` + strings.Repeat("[", 8000) + strings.Repeat("]", 8000) + `}`,
		"nested below what is not known":  `{"x":` + strings.Repeat("[", 8000) + strings.Repeat("]", 8000) + `}`,
		"an unknown field":                `{"leave":["p:1/t"],"shout":1}`,
		"an unknown field alone":          `{"__proto__":{"leave":["p:1/t"]}}`,
		"a control message of the hub":    `{"bye":"session"}`,
		"an answer of the hub":            `{"joined":{"poll:42/tally":"v1"}}`,
		"a field in capitals":             `{"LEAVE":["p:1/t"]}`,
		"a null join beside a leave":      `{"join":null,"leave":["p:1/t"]}`,
		"a pair of nulls":                 `{"join":{"poll:42/tally":[null,null]}}`,
		"a beat of null":                  `{"beat":{"poll:42":null}}`,
		"a broken letter in a version":    "{\"join\":{\"poll:42/tally\":[\"\xff\",\"\"]}}",
		"a broken letter in a pass":       "{\"join\":{\"poll:42/tally\":[\"?\",\"\xc3\x28\"]}}",
		"a null join":                     `{"join":null}`,
		"all null":                        `{"join":null,"leave":null,"beat":null}`,
		"a join of a list":                `{"join":["poll:42/tally"]}`,
		"a join of a string":              `{"join":"poll:42/tally"}`,
		"a join of a number":              `{"join":1e999}`,
		"a pair that is null":             `{"join":{"poll:42/tally":null}}`,
		"a pair of numbers":               `{"join":{"poll:42/tally":[1,2]}}`,
		"a pair of lists":                 `{"join":{"poll:42/tally":[[],[]]}}`,
		"a pair that is empty":            `{"join":{"poll:42/tally":[]}}`,
		"a pair of one":                   `{"join":{"poll:42/tally":["?"]}}`,
		"a pair of three":                 `{"join":{"poll:42/tally":["?","",""]}}`,
		"a pair that is an object":        `{"join":{"poll:42/tally":{"0":"?","1":""}}}`,
		"a version of 65 bytes":           `{"join":{"poll:42/tally":["` + strings.Repeat("v", 65) + `",""]}}`,
		"a pass of 129 bytes":             `{"join":{"poll:42/tally":["?","` + strings.Repeat("p", 129) + `"]}}`,
		"a region without a name":         `{"join":{"":["?",""]}}`,
		"a region of separators":          `{"join":{":/":["?",""]}}`,
		"a topic alone":                   `{"join":{"poll:42":["?",""]}}`,
		"a view without a topic":          `{"join":{"/tally":["?",""]}}`,
		"an item without a name":          `{"join":{"post:7/comment/":["?",""]}}`,
		"a part too many":                 `{"join":{"post:7/comment/1/2":["?",""]}}`,
		"quotes in a name":                `{"join":{"poll:42/tally\" onload=\"x":["?",""]}}`,
		"an angle bracket in a name":      `{"join":{"poll:42/<script>":["?",""]}}`,
		"an escaped angle bracket":        `{"join":{"poll:42/\u003cscript\u003e":["?",""]}}`,
		"a line break in a name":          `{"join":{"poll:42\n/tally":["?",""]}}`,
		"a zero in a name":                `{"join":{"poll:42\u0000/tally":["?",""]}}`,
		"a key pattern of Redis":          `{"join":{"poll:*/tally":["?",""]}}`,
		"a hash tag of Redis":             `{"join":{"{poll}:42/tally":["?",""]}}`,
		"letters that only look alike":    `{"join":{"роll:42/tally":["?",""]}}`,
		"a broken letter in a name":       "{\"join\":{\"poll:42/tally\xff\":[\"?\",\"\"]}}",
		"half a surrogate in a name":      `{"join":{"poll:42/tally\ud800":["?",""]}}`,
		"a name of 65 bytes":              `{"join":{"poll:` + strings.Repeat("4", 65) + `/tally":["?",""]}}`,
		"one bad region among good":       `{"join":{"poll:42/tally":["?",""],"poll:42/ta lly":["?",""]}}`,
		"201 regions":                     s.guestJoin(t, polls(hub.MaxRegions+1)...),
		"201 regions of no name":          `{"leave":[` + strings.Repeat(`"",`, hub.MaxRegions) + `""]}`,
		"a leave of an object":            `{"leave":{"poll:42/tally":1}}`,
		"a leave of nulls":                `{"leave":[null]}`,
		"a leave of numbers":              `{"leave":[42]}`,
		"a leave of a name with brackets": `{"leave":["poll:42/<b>"]}`,
		"a beat of a list":                `{"beat":[5]}`,
		"a beat of a region":              `{"beat":{"poll:42/tally":5}}`,
		"a beat below zero":               `{"beat":{"poll:42":-1}}`,
		"a beat over a minute":            `{"beat":{"poll:42":61}}`,
		"a beat in words":                 `{"beat":{"poll:42":"5"}}`,
		"a beat of a fraction":            `{"beat":{"poll:42":0.5}}`,
		"a beat beyond 64 bits":           `{"beat":{"poll:42":18446744073709551616}}`,
		"a beat that wraps to 5":          `{"beat":{"poll:42":18446744073709551621}}`,
		"a beat with an exponent":         `{"beat":{"poll:42":1e9999999}}`,
		"a beat of digits without end":    `{"beat":{"poll:42":` + strings.Repeat("9", 16000) + `}}`,
		"a beat of no number":             `{"beat":{"poll:42":NaN}}`,
		"a bad beat after a good one":     `{"beat":{"poll:42":5,"poll:43":61}}`,
		"a bad join beside a good beat":   `{"beat":{"poll:42":5},"join":{"poll:42":["?",""]}}`,
	} {
		page := s.open("")
		page.Send(s.guestJoin(t, tally, "poll:43/tally"))
		page.AwaitText("joined")
		page.Send(message)
		if code := page.AwaitEnd(); code != websocket.StatusPolicyViolation {
			t.Errorf("%s: closed with %d, want 1008", name, code)
		}
		s.awaitCounts(t, 1, 1, 1)
	}
	s.repelled(t)
}

// polls are as many regions as asked for, each of a topic of its own.
func polls(n int) []event.Region {
	regions := make([]event.Region, n)
	for i := range regions {
		regions[i] = event.Region(fmt.Sprintf("poll:%d/tally", i+100))
	}
	return regions
}

// A key given twice says no more than one given once: the region is followed once.
func TestRepeatedKeysAreFollowedOnce(t *testing.T) {
	t.Parallel()
	s := besiege(t, hub.Options{})
	pass := s.passes.Mint(tally, "ru", hub.Visitor{})
	for name, message := range map[string]string{
		"a region twice":           fmt.Sprintf(`{"join":{%q:["?",%q],%q:["?",%q]}}`, tally, pass, tally, pass),
		"joins twice":              fmt.Sprintf(`{"join":{%q:["?",%q]},"join":{%q:["?",%q]}}`, tally, pass, tally, pass),
		"a region written askew":   fmt.Sprintf(`{"join":{%q:["?",%q],"poll:42\u002ftally":["?",%q]}}`, tally, pass, pass),
		"left and joined at once":  fmt.Sprintf(`{"leave":[%q,%q],"join":{%q:["?",%q]}}`, tally, tally, tally, pass),
		"the same 200 leaves ":     fmt.Sprintf(`{"leave":[%s%q],"join":{%q:["?",%q]}}`, strings.Repeat(fmt.Sprintf("%q,", tally), 199), tally, tally, pass),
		"a good pass after a bad":  fmt.Sprintf(`{"join":{%q:["?","x"],%q:["?",%q]}}`, tally, tally, pass),
		"beats of what is unknown": fmt.Sprintf(`{"beat":{"poll:43":60,"poll:43":60},"join":{%q:["?",%q]}}`, tally, pass),
	} {
		page := s.open("")
		page.Send(message)
		page.AwaitText(fmt.Sprintf("poll:42/tally %d<", s.changes)) // what it had missed
		s.awaitCounts(t, 1, 1, 2)
		s.serves(t)
		page.AwaitText(fmt.Sprintf("poll:42/tally %d<", s.changes))
		if frames := countOf(page.Messages(), fmt.Sprintf("poll:42/tally %d<", s.changes)); frames != 1 {
			t.Errorf("%s: a change was shown %d times", name, frames)
		}
		if err := page.Conn.CloseNow(); err != nil {
			t.Fatal(err)
		}
		s.awaitCounts(t, 1, 1, 1)
	}
	s.repelled(t)
}

// countOf says in how many messages a text stands.
func countOf(messages []string, text string) (n int) {
	for _, message := range messages {
		if strings.Contains(message, text) {
			n++
		}
	}
	return n
}

// Beats are seconds of a page in view: no message, however large its sum, says more
// than went by.
func TestBeatsAreNoMoreThanTheTimeThatWentBy(t *testing.T) {
	t.Parallel()
	heard := make(chan int, 1000)
	began := time.Now()
	s := besiege(t, hub.Options{}, func(p *portal) {
		p.h.HandleBeats("poll", func(_ hub.Visitor, topic event.Topic, seconds int) {
			if topic != "poll:42" {
				t.Errorf("a beat of %s, which the page does not follow", topic)
			}
			heard <- seconds
		})
	})
	page := s.open("")
	page.Send(s.guestJoin(t, tally))
	page.AwaitText("joined")
	const beats = 30
	for range beats {
		page.Send(`{"beat":{"poll:42":60,"poll:43":60}}`)
	}
	page.Send(`{"join":{"poll:43/tally":["?","no pass"]}}`)
	page.AwaitText("denied") // what is answered last was read last
	close(heard)
	sum := 0
	for seconds := range heard {
		sum += seconds
	}
	if most := int(time.Since(began).Seconds()) + 1; sum > most || sum == 0 {
		t.Errorf("%d seconds were heard of, at most %d can be", sum, most)
	}
}
