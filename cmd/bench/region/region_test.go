package region_test

import (
	"testing"

	"veche/cmd/bench/region"
	"veche/domain/event"
)

func TestMessageHasSixHundredBytesAndIsReadAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		topic   event.Topic
		version string
		number  int
	}{
		{region.Topic(false, 0), "v1", 0},
		{region.Topic(false, 49), "Zm9vYmFyYmF6", 49},
		{region.Topic(true, 9999), "?", 9999},
	} {
		r := region.Of(c.topic)
		const stamp = 1771234567890123456
		message := region.Message(r, region.Draw(r, c.version, stamp))
		if len(message) != region.MessageBytes {
			t.Errorf("%s: message has %d bytes", r, len(message))
		}
		shown, rest, found := region.Next(message)
		if !found || shown.Number != c.number || string(shown.Version) != c.version || shown.Stamp != stamp {
			t.Errorf("%s: read %+v, found %v", r, shown, found)
		}
		if _, _, more := region.Next(rest); more {
			t.Errorf("%s: a second drawing was found", r)
		}
		if number, err := region.Number(r); err != nil || number != c.number {
			t.Errorf("%s: number is %d, %v", r, number, err)
		}
	}
}

func TestJoinedDrawingsAreReadOneByOne(t *testing.T) {
	t.Parallel()
	var message []byte
	for i := range 3 {
		r := region.Of(region.Topic(false, i))
		message = append(message, region.Message(r, region.Draw(r, "v", int64(100+i)))...)
	}
	for i := range 3 {
		shown, rest, found := region.Next(message)
		if !found || shown.Number != i || shown.Stamp != int64(100+i) {
			t.Fatalf("drawing %d is %+v, found %v", i, shown, found)
		}
		message = rest
	}
}

func TestWhatIsNoDrawingIsNotRead(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		``,
		`{"joined":{"poll:0/tally":"v1"}}`,
		`<hx-partial hx-target="#poll-0-tally" hx-swap="delete"></hx-partial>`,
		`<hx-partial hx-target="#poll-x-tally" hx-swap="outerMorph"><p data-version="v" data-state="1"></p></hx-partial>`,
		`<hx-partial hx-target="#poll-0-tally" hx-swap="outerMorph"><p data-version="v" data-state="new"></p></hx-partial>`,
	} {
		if shown, _, found := region.Next([]byte(message)); found {
			t.Errorf("%q was read as %+v", message, shown)
		}
	}
}
