package inbox_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"veche/cmd/sim/inbox"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// ticking is a clock that moves a second at each look.
func ticking() func() time.Time {
	var mu sync.Mutex
	now := start
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

func text(words string) inbox.Message { return inbox.Message{Kind: inbox.SMS, Text: words} }

func letter(subject string) inbox.Message { return inbox.Message{Kind: inbox.Mail, Subject: subject} }

func texts(messages []*inbox.Message) []string {
	var found []string
	for _, m := range messages {
		found = append(found, m.Subject+m.Text)
	}
	return found
}

func TestMessagesAreFilteredNewestFirst(t *testing.T) {
	box := inbox.NewBox(inbox.Ordinary, ticking())
	box.Deliver(letter("a"), "Anna@Demo.test")
	box.Deliver(text("b"), "+7 (916) 123-45-67")
	box.Deliver(letter("c"), "boris@demo.test")
	box.Deliver(letter("d"), "anna@demo.test")
	all := box.Messages(inbox.Filter{})
	second := all[2]

	for _, c := range []struct {
		name   string
		filter inbox.Filter
		want   []string
	}{
		{"all", inbox.Filter{}, []string{"d", "c", "b", "a"}},
		{"mailbox in any case", inbox.Filter{To: " ANNA@demo.test"}, []string{"d", "a"}},
		{"phone", inbox.Filter{To: "+79161234567"}, []string{"b"}},
		{"phone whose plus became a space", inbox.Filter{To: " 79161234567"}, []string{"b"}},
		{"phone as Russians dial it", inbox.Filter{To: "8 916 123 45 67"}, []string{"b"}},
		{"nobody", inbox.Filter{To: "nobody"}, nil},
		{"kind", inbox.Filter{Kind: inbox.Mail}, []string{"d", "c", "a"}},
		{"after an id", inbox.Filter{After: second.ID}, []string{"d", "c"}},
		{"since an instant", inbox.Filter{Since: second.At}, []string{"d", "c"}},
		{"before an id", inbox.Filter{Before: second.ID}, []string{"a"}},
		{"limit", inbox.Filter{Limit: 1}, []string{"d"}},
		{"together", inbox.Filter{To: "anna@demo.test", Kind: inbox.Mail, After: all[3].ID}, []string{"d"}},
	} {
		if got := texts(box.Messages(c.filter)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEachRecipientGetsACopy(t *testing.T) {
	box := inbox.NewBox(inbox.Ordinary, ticking())
	box.Deliver(letter("hello"), "a@x.test", "b@x.test")
	if got := box.Recipients(10); !slices.Equal(got, []string{"b@x.test", "a@x.test"}) {
		t.Errorf("recipients %q", got)
	}
	for _, m := range box.Messages(inbox.Filter{}) {
		if found, ok := box.Message(m.ID); !ok || found.To != m.To {
			t.Errorf("message %d is not found by its id", m.ID)
		}
	}
	if _, ok := box.Message(1); ok {
		t.Error("a message nobody sent was found")
	}
}

func TestOldestGoFirstPastTheNumber(t *testing.T) {
	box := inbox.NewBox(inbox.Limits{Messages: 3, Bytes: 1 << 20}, ticking())
	for i := range 5 {
		box.Deliver(text(fmt.Sprint(i)), "+79161234567")
	}
	if got := texts(box.Messages(inbox.Filter{})); !slices.Equal(got, []string{"4", "3", "2"}) {
		t.Errorf("kept %q", got)
	}
}

func TestOldestGoFirstPastTheBytes(t *testing.T) {
	box := inbox.NewBox(inbox.Limits{Messages: 100, Bytes: 100_000}, ticking())
	heavy := letter("heavy")
	heavy.Attachments = []inbox.Attachment{{Name: "a", Content: make([]byte, 60_000)}}
	box.Deliver(letter("first"), "a@x.test")
	box.Deliver(heavy, "a@x.test")
	box.Deliver(letter("small"), "a@x.test")
	box.Deliver(heavy, "a@x.test")
	if got := texts(box.Messages(inbox.Filter{})); !slices.Equal(got, []string{"heavy", "small"}) {
		t.Errorf("kept %q", got)
	}
	heavy.Text = strings.Repeat("x", 200_000)
	box.Deliver(heavy, "a@x.test")
	if got := box.Messages(inbox.Filter{}); len(got) != 1 {
		t.Errorf("the newest must stay whatever it weighs, and alone: %q", texts(got))
	}
}

func TestForgottenBytesAreFreeAgain(t *testing.T) {
	box := inbox.NewBox(inbox.Limits{Messages: 100, Bytes: 10_000}, ticking())
	big := text(strings.Repeat("x", 7000))
	box.Deliver(big, "+79161234567")
	box.Deliver(text("keep"), "+79990001122")
	box.Forget(inbox.Filter{To: "+79161234567"})
	box.Deliver(big, "+79161234567")
	if got := len(box.Messages(inbox.Filter{})); got != 2 {
		t.Errorf("%d messages kept, want 2", got)
	}
}

func TestIdsGrowAcrossRestarts(t *testing.T) {
	before := inbox.NewBox(inbox.Ordinary, func() time.Time { return start })
	after := inbox.NewBox(inbox.Ordinary, func() time.Time { return start.Add(time.Second) })
	before.Deliver(text("old"), "+79161234567")
	after.Deliver(text("new"), "+79161234567")
	if old, fresh := before.Messages(inbox.Filter{})[0].ID, after.Messages(inbox.Filter{})[0].ID; fresh <= old {
		t.Errorf("id %d after %d", fresh, old)
	}
}

func TestWatcherIsToldOfEveryBurstOnce(t *testing.T) {
	box := inbox.NewBox(inbox.Ordinary, ticking())
	changed, stop := box.Watch()
	box.Deliver(text("1"), "+79161234567")
	box.Deliver(text("2"), "+79161234567")
	<-changed
	select {
	case <-changed:
		t.Error("told twice of one burst")
	default:
	}
	box.Forget(inbox.Filter{})
	<-changed
	stop()
	box.Deliver(text("3"), "+79161234567")
	select {
	case <-changed:
		t.Error("told after the end of the watch")
	default:
	}
}

func TestManyMayUseTheBoxAtOnce(t *testing.T) {
	box := inbox.NewBox(inbox.Limits{Messages: 50, Bytes: 1 << 20}, ticking())
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			changed, stop := box.Watch()
			defer stop()
			for i := range 50 {
				box.Deliver(text(fmt.Sprint(worker, i)), "+79161234567")
				<-changed
				box.Messages(inbox.Filter{To: "+79161234567", Limit: 5})
				box.Recipients(3)
			}
		})
	}
	group.Wait()
	if got := len(box.Messages(inbox.Filter{})); got != 50 {
		t.Errorf("%d kept, want 50", got)
	}
}
