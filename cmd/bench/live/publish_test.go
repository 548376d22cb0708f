package live_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"veche/cmd/bench/live"
	"veche/cmd/bench/stamp"
	"veche/domain/event"
	"veche/hub"
)

func board(t *testing.T, topics int) *stamp.Board {
	t.Helper()
	b, err := stamp.Create(filepath.Join(t.TempDir(), "board"), topics)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func TestChangeIsStampedBeforeItIsAnnounced(t *testing.T) {
	t.Parallel()
	b := board(t, 3)
	seen := int64(0)
	done, err := live.Run(live.Publish{Topics: 2, Personal: true, Changes: 4}, b, func(changes []event.Change) error {
		if diff := cmp.Diff([]event.Change{{Topic: "account:0"}, {Topic: "account:1"}}, changes); diff != "" {
			t.Error(diff)
		}
		if b.Newest(0) <= seen || b.Newest(1) < b.Newest(0) {
			t.Errorf("announced with stamps %d and %d after %d", b.Newest(0), b.Newest(1), seen)
		}
		seen = b.Newest(1)
		return nil
	})
	if err != nil || done.Changes != 4 || done.Last != seen {
		t.Errorf("done is %+v, last seen %d, error %v", done, seen, err)
	}
	if b.Newest(2) != 0 {
		t.Error("a topic beyond was stamped")
	}
}

func TestManyTopicsAreAnnouncedInBatches(t *testing.T) {
	t.Parallel()
	var sizes []int
	_, err := live.Run(live.Publish{Topics: 1100, Changes: 1}, board(t, 1100), func(changes []event.Change) error {
		sizes = append(sizes, len(changes))
		return nil
	})
	if diff := cmp.Diff([]int{500, 500, 100}, sizes); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestChangesKeepTheirPace(t *testing.T) {
	t.Parallel()
	b := board(t, 1)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		_, err := live.Run(live.Publish{Topics: 1, Changes: 4, Every: 10 * time.Millisecond}, b, func([]event.Change) error {
			at = append(at, time.Since(began))
			if len(at) == 2 {
				time.Sleep(5 * time.Millisecond) // must not delay the next
			}
			return nil
		})
		want := []time.Duration{0, 10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond}
		if diff := cmp.Diff(want, at); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		done, err := live.Run(live.Publish{Topics: 1, For: 50 * time.Millisecond, Every: 10 * time.Millisecond}, b, func([]event.Change) error { return nil })
		if err != nil || done.Changes != 5 {
			t.Errorf("within 50 ms, one every 10: %+v, %v", done, err)
		}
	})
}

func TestPublishingEndsAtAnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("Redis is away")
	done, err := live.Run(live.Publish{Topics: 1, Changes: 4}, board(t, 1), func([]event.Change) error { return broken })
	if !errors.Is(err, broken) || done.Changes != 0 {
		t.Errorf("done is %+v, error %v", done, err)
	}
}

// ear hears what a broker announces.
type ear struct {
	renewed chan struct{}
	heard   []hub.Announcement
}

func (e *ear) Announced(changes []hub.Announcement) { e.heard = append(e.heard, changes...) }
func (e *ear) Renewed()                             { close(e.renewed) }
func (e *ear) Lost()                                {}

func TestBrokerInMemoryAnnouncesWhatItReplaced(t *testing.T) {
	t.Parallel()
	broker := live.NewMemory()
	before, err := broker.Versions(t.Context(), []event.Topic{"poll:0"})
	if err != nil {
		t.Fatal(err)
	}
	e := &ear{renewed: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- broker.Listen(ctx, e) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-e.renewed
	if err := broker.Publish(t.Context(), []event.Change{{Topic: "poll:0"}, {Topic: "poll:1"}}); err != nil {
		t.Fatal(err)
	}
	after, err := broker.Versions(t.Context(), []event.Topic{"poll:0", "poll:1"})
	if err != nil {
		t.Fatal(err)
	}
	want := []hub.Announcement{
		{Change: event.Change{Topic: "poll:0"}, Version: after["poll:0"], Was: before["poll:0"]},
		{Change: event.Change{Topic: "poll:1"}, Version: after["poll:1"]},
	}
	if diff := cmp.Diff(want, e.heard); diff != "" {
		t.Error(diff)
	}
	if before["poll:0"] == after["poll:0"] || after["poll:0"] == after["poll:1"] {
		t.Errorf("versions are not new: %v, then %v", before, after)
	}
}
