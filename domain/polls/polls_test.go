package polls_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veche/domain/event"
	"veche/domain/polls"
)

var noon = time.Date(2026, 5, 14, 12, 0, 0, 0, time.UTC)

func open() polls.Poll {
	return polls.Poll{
		ID:       42,
		Status:   polls.Open,
		OpensAt:  noon.Add(-time.Hour),
		ClosesAt: noon.Add(time.Hour),
		Options:  []polls.Option{{ID: 1, Text: "За"}, {ID: 2, Text: "Против"}},
	}
}

func TestCast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*polls.Poll)
		choice polls.OptionID
		at     time.Time
		want   error
	}{
		{"an open poll takes a vote", nil, 2, noon, nil},
		{"a scheduled poll does not", func(p *polls.Poll) { p.Status = polls.Scheduled }, 1, noon, polls.ErrNotOpen},
		{"a closed poll does not", func(p *polls.Poll) { p.Status = polls.Closed }, 1, noon, polls.ErrClosed},
		{"nor does one whose time is up while its job is late", nil, 1, noon.Add(time.Hour), polls.ErrClosed},
		{"nothing chosen", nil, 0, noon, polls.ErrNothingChosen},
		{"an option of another poll", nil, 7, noon, polls.ErrNoSuchOption},
	} {
		poll := open()
		if c.change != nil {
			c.change(&poll)
		}
		ballot, err := poll.Cast(5, c.choice, "KEY", c.at)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		want := polls.Ballot{}
		if c.want == nil {
			want = polls.Ballot{Poll: 42, Voter: 5, Option: c.choice, Request: "KEY", CastAt: c.at}
		}
		if diff := cmp.Diff(want, ballot); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestPollMovesOnOnlyInTime(t *testing.T) {
	t.Parallel()
	poll := open()
	poll.Status = polls.Scheduled
	var early polls.EarlyError
	if _, err := poll.Open(poll.OpensAt.Add(-time.Minute)); !errors.As(err, &early) || early.By != time.Minute {
		t.Errorf("opened early: %v", err)
	}
	opened, err := poll.Open(poll.OpensAt)
	if err != nil || opened.Status != polls.Open {
		t.Fatalf("not opened in time: %v %v", opened.Status, err)
	}
	if again, err := opened.Open(noon); err != nil || again.Status != polls.Open {
		t.Errorf("opening twice: %v %v", again.Status, err)
	}
	if _, err := opened.Close(opened.ClosesAt.Add(-time.Second)); !errors.As(err, &early) {
		t.Errorf("closed early: %v", err)
	}
	closed, err := opened.Close(opened.ClosesAt)
	if err != nil || closed.Status != polls.Closed {
		t.Fatalf("not closed in time: %v %v", closed.Status, err)
	}
	if again, err := closed.Open(noon); err != nil || again.Status != polls.Closed {
		t.Errorf("a closed poll opened again: %v %v", again.Status, err)
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	tally := polls.Tally{Electorate: 40, Rows: []polls.TallyRow{
		{Option: polls.Option{ID: 1}, Votes: 6},
		{Option: polls.Option{ID: 2}, Votes: 2},
	}}
	if got := tally.Votes(); got != 8 {
		t.Errorf("%d votes", got)
	}
	if got := tally.Share(tally.Rows[0]); got != 0.75 {
		t.Errorf("share %v", got)
	}
	if got := tally.Turnout(); got != 0.2 {
		t.Errorf("turnout %v", got)
	}
	if !tally.Leads(tally.Rows[0]) || tally.Leads(tally.Rows[1]) {
		t.Error("the wrong option leads")
	}
	empty := polls.Tally{Rows: []polls.TallyRow{{}, {}}}
	if empty.Share(empty.Rows[0]) != 0 || empty.Turnout() != 0 || empty.Leads(empty.Rows[0]) {
		t.Error("a poll without votes has shares")
	}
}

func TestCumulateLeavesNoGaps(t *testing.T) {
	t.Parallel()
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	got := polls.Cumulate([]polls.TurnoutPoint{{hour(0), 3}, {hour(1), 1}, {hour(4), 2}})
	want := []polls.TurnoutPoint{{hour(0), 3}, {hour(1), 4}, {hour(2), 4}, {hour(3), 4}, {hour(4), 6}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if polls.Cumulate(nil) != nil {
		t.Error("a line from nothing")
	}
}

func TestParseFilter(t *testing.T) {
	t.Parallel()
	f, err := polls.ParseFilter("open", "  скамейка \n у\x00  пруда ", 77)
	if diff := cmp.Diff(polls.Filter{Status: polls.Open, Search: "скамейка у пруда", Before: 77}, f); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if f, _ := polls.ParseFilter("secret", "", -3); f.Status != "" || f.Before != 0 {
		t.Errorf("nonsense became %+v", f)
	}
	if _, err := polls.ParseFilter("", strings.Repeat("я", 101), 0); !errors.Is(err, polls.ErrSearchTooLong) {
		t.Errorf("a long search: %v", err)
	}
	if _, err := polls.ParseFilter("", strings.Repeat("я", 100), 0); err != nil {
		t.Errorf("a search of 100 characters: %v", err)
	}
}

func TestVoteCastDoesNotTellWho(t *testing.T) {
	t.Parallel()
	changes := polls.VoteCast{Poll: 42}.Changes()
	want := []event.Change{{Topic: "poll:42"}, {Topic: "polls:pulse"}}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error(diff)
	}
}
