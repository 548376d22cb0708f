package hub_test

// What tests note of drawings and frames.

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/hubtest"
)

// drawnTimes notes when a drawer was called.
type drawnTimes struct {
	mu    sync.Mutex
	times []time.Time
}

func (d *drawnTimes) noting(draw hub.Drawer) hub.Drawer {
	return func(ctx context.Context, audience hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
		d.mu.Lock()
		d.times = append(d.times, time.Now())
		d.mu.Unlock()
		return draw(ctx, audience, wanted)
	}
}

func (d *drawnTimes) all() []time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.times)
}

// sent is one drawing as a page was sent it: the town draws how often a region was
// changed.
type sent struct {
	region  event.Region
	version string
	count   int
}

// sentIn reads the drawings out of messages, in their order. They may be long.
func sentIn(t testing.TB, messages []string) []sent {
	t.Helper()
	var all []sent
	for _, message := range messages {
		_, rest, found := strings.Cut(message, `data-live="`)
		for found {
			var drawing sent
			region, after, _ := strings.Cut(rest, `" data-version="`)
			drawing.region = event.Region(region)
			drawing.version, after, _ = strings.Cut(after, `"`)
			text, after, ended := strings.Cut(after, "</p>")
			count, err := strconv.Atoi(text[strings.LastIndexByte(text, ' ')+1:])
			if !ended || err != nil {
				t.Fatalf("drawing %.200q does not end in a number", rest)
			}
			drawing.count = count
			all = append(all, drawing)
			_, rest, found = strings.Cut(after, `data-live="`)
		}
	}
	return all
}

// framesOf are the messages of a page that are frames.
func framesOf(p *hubtest.Page) []string {
	return slices.DeleteFunc(p.Messages(), func(message string) bool { return !strings.HasPrefix(message, "<") })
}

// order holds the promise that a socket is never sent an older drawing of a region
// after a newer one.
type order map[event.Region]int

func (o order) hear(t testing.TB, socket string, drawings []sent) {
	t.Helper()
	for _, d := range drawings {
		if newest := o[d.region]; d.count < newest {
			t.Errorf("%s was sent %s %d after %d", socket, d.region, d.count, newest)
		}
		o[d.region] = d.count
	}
}

// awaitTrue waits until a condition holds, within what a busy machine may need.
func awaitTrue(t testing.TB, what func() string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what())
		}
	}
}

// awaitShown waits until the last drawing of a region that a page was sent shows a
// count.
func awaitShown(t testing.TB, who string, p *hubtest.Page, region event.Region, want int) {
	t.Helper()
	last := -1
	awaitTrue(t, func() string {
		return fmt.Sprintf("%s shows %s %d in the end, a fresh load %d", who, region, last, want)
	}, func() bool {
		last = lastCount(t, p.Messages(), region)
		return last == want
	})
}

// lastCount is what the last drawing of a region among messages shows, -1 if there
// is none.
func lastCount(t testing.TB, messages []string, region event.Region) int {
	t.Helper()
	for _, message := range slices.Backward(messages) {
		if !strings.Contains(message, string(region)) {
			continue
		}
		for _, d := range slices.Backward(sentIn(t, []string{message})) {
			if d.region == region {
				return d.count
			}
		}
	}
	return -1
}
