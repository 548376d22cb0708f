package polls_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"veche/db"
	"veche/db/dbtest"
	"veche/db/given"
	pollsdb "veche/db/polls"
	"veche/domain/access"
	"veche/domain/polls"
)

func tally(t *testing.T, s *pollsdb.Store, id polls.ID) polls.Tally {
	t.Helper()
	sheet, err := s.Sheet(t.Context(), access.Guest(), id)
	if err != nil {
		t.Fatal(err)
	}
	return sheet.Tally
}

func TestVoteIsCountedOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := pollsdb.New(d)
	poll := given.OpenPoll(t, d)
	anna := given.Residents(t, d, 1)[0]
	first, second := poll.Options[0].ID, poll.Options[1].ID

	if err := s.Cast(t.Context(), anna, poll.ID, first, "FORM1"); err != nil {
		t.Fatal(err)
	}
	if err := s.Cast(t.Context(), anna, poll.ID, first, "FORM1"); err != nil {
		t.Errorf("the same form sent twice: %v", err)
	}
	if err := s.Cast(t.Context(), anna, poll.ID, second, "FORM2"); !errors.Is(err, polls.ErrAlreadyVoted) {
		t.Errorf("a second vote: %v", err)
	}
	if err := s.Cast(t.Context(), anna, poll.ID, second, ""); !errors.Is(err, polls.ErrAlreadyVoted) {
		t.Errorf("a second vote without a key: %v", err)
	}
	got := tally(t, s, poll.ID)
	if got.Votes() != 1 || got.Rows[0].Votes != 1 {
		t.Errorf("counted %+v", got.Rows)
	}
	sheet, err := s.Sheet(t.Context(), anna, poll.ID)
	if err != nil || sheet.Choice != first {
		t.Errorf("own choice is %d, %v", sheet.Choice, err)
	}
}

// Many people at once, each trying twice: every acknowledged vote is there once,
// in the ballots, in the counters and in the turnout.
func TestVotesInARushAreAllCountedOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := pollsdb.New(d)
	poll := given.OpenPoll(t, d)
	voters := given.Residents(t, d, 60)
	acknowledged := make(chan bool, 2*len(voters))
	var rush sync.WaitGroup
	for i, voter := range voters {
		for try := range 2 {
			rush.Go(func() {
				choice := poll.Options[(i+try)%3].ID
				err := s.Cast(t.Context(), voter, poll.ID, choice, fmt.Sprintf("FORM%d", try))
				if err != nil && !errors.Is(err, polls.ErrAlreadyVoted) {
					t.Error(err)
				}
				acknowledged <- err == nil
			})
		}
	}
	rush.Wait()
	close(acknowledged)
	votes := 0
	for ok := range acknowledged {
		if ok {
			votes++
		}
	}
	if votes != len(voters) {
		t.Errorf("%d votes were acknowledged to %d people", votes, len(voters))
	}
	sheet, err := s.Sheet(t.Context(), access.Guest(), poll.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := sheet.Tally.Votes(); got != int64(votes) {
		t.Errorf("the counters say %d", got)
	}
	if line := sheet.Turnout; len(line) == 0 || line[len(line)-1].Votes != int64(votes) {
		t.Errorf("the turnout says %v", line)
	}
	var recount int64
	err = d.Read(t.Context(), func(r *db.Snapshot) error {
		return r.Get(t.Context(), &recount, `
			SELECT count(*) FROM (
				SELECT option_id, count(*) AS ballots FROM ballots WHERE poll_id = $1 GROUP BY option_id
			) b JOIN (
				SELECT option_id, sum(votes) AS votes FROM poll_tallies WHERE poll_id = $1 GROUP BY option_id
			) c USING (option_id) WHERE b.ballots = c.votes`, poll.ID)
	})
	if err != nil || recount != 3 {
		t.Errorf("ballots and counters agree for %d of 3 options, %v", recount, err)
	}
}

func TestWhoMayVote(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := pollsdb.New(d)
	poll := given.OpenPoll(t, d)
	fresh, _ := given.Unconfirmed(t, d)
	for _, c := range []struct {
		who  string
		as   access.Actor
		want error
	}{
		{"a guest", access.Guest(), access.ErrUnauthenticated},
		{"a person without confirmed identity", fresh, access.ErrUnconfirmed},
	} {
		if err := s.Cast(t.Context(), c.as, poll.ID, poll.Options[0].ID, ""); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.who, err, c.want)
		}
	}
	if got := tally(t, s, poll.ID).Votes(); got != 0 {
		t.Errorf("%d votes were counted", got)
	}
}

func TestOptionOfAnotherPollIsRefused(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := pollsdb.New(d)
	poll, other := given.OpenPoll(t, d), given.OpenPoll(t, d)
	anna := given.Residents(t, d, 1)[0]
	if err := s.Cast(t.Context(), anna, poll.ID, other.Options[0].ID, ""); !errors.Is(err, polls.ErrNoSuchOption) {
		t.Errorf("answered %v", err)
	}
	if err := s.Cast(t.Context(), anna, 987654, 1, ""); !errors.Is(err, polls.ErrNotFound) {
		t.Errorf("a poll that is not there: %v", err)
	}
}

func TestLifeOfAPoll(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := pollsdb.New(d)
	anna := given.Residents(t, d, 3)[0]
	poll := given.ScheduledPoll(t, d, "Где поставить ёлку?")
	if err := s.Cast(t.Context(), anna, poll.ID, poll.Options[0].ID, ""); !errors.Is(err, polls.ErrNotOpen) {
		t.Errorf("voted before the opening: %v", err)
	}
	if err := s.Open(t.Context(), poll.ID); err != nil {
		t.Fatal(err)
	}
	opened := given.Poll(t, d, poll.ID)
	if opened.Status != polls.Open || opened.Electorate != 3 || opened.Key() <= poll.Key() {
		t.Errorf("opened as %+v", opened)
	}
	var early polls.EarlyError
	if err := s.Close(t.Context(), poll.ID); !errors.As(err, &early) {
		t.Errorf("closed early: %v", err)
	}
	given.TimeIsUp(t, d, poll.ID)
	if err := s.Cast(t.Context(), anna, poll.ID, poll.Options[0].ID, ""); !errors.Is(err, polls.ErrClosed) {
		t.Errorf("voted after the end, before the job: %v", err)
	}
	for range 2 { // a job may run twice
		if err := s.Close(t.Context(), poll.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := given.Poll(t, d, poll.ID).Status; got != polls.Closed {
		t.Errorf("status %q", got)
	}
	var events int
	err := d.Read(t.Context(), func(r *db.Snapshot) error {
		return r.Get(t.Context(), &events, `SELECT count(*) FROM outbox WHERE event = 'polls.closed' AND topic = 'poll:`+fmt.Sprint(poll.ID)+`'`)
	})
	if err != nil || events != 1 {
		t.Errorf("%d events of closing, %v", events, err)
	}
}

func TestListPagesByKeyWithoutLossOrRepeat(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := pollsdb.New(d)
	all := map[polls.ID]bool{}
	for i := range polls.PageSize + 5 {
		all[given.ScheduledPoll(t, d, fmt.Sprintf("Вопрос %d", i)).ID] = true
	}
	seen := map[polls.ID]bool{}
	var order []polls.ID
	var f polls.Filter
	for pages := 0; ; pages++ {
		page, err := s.List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range page.IDs {
			if seen[id] {
				t.Errorf("poll %d stands twice", id)
			}
			seen[id] = true
			order = append(order, id)
		}
		if pages == 0 {
			// Something new arrives while the reader is on the first page.
			given.ScheduledPoll(t, d, "Новый вопрос")
		}
		if page.Next == 0 {
			break
		}
		f.Before = page.Next
	}
	if !slices.IsSortedFunc(order, func(a, b polls.ID) int { return int(b - a) }) {
		t.Errorf("the newest do not come first: %v", order)
	}
	if len(seen) != len(all) {
		t.Errorf("saw %d of %d polls", len(seen), len(all))
	}
}

func TestListFiltersAndSearches(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := pollsdb.New(d)
	bench := given.ScheduledPoll(t, d, "Сколько скамеек нужно парку?")
	library := given.ScheduledPoll(t, d, "До какого часа работать библиотеке?")
	if err := s.Open(t.Context(), library.ID); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		f    polls.Filter
		want []polls.ID
	}{
		{"all, what became news last first", polls.Filter{}, []polls.ID{library.ID, bench.ID}},
		{"open", polls.Filter{Status: polls.Open}, []polls.ID{library.ID}},
		{"another form of the word", polls.Filter{Search: "скамейка"}, []polls.ID{bench.ID}},
		{"a slip of the keyboard", polls.Filter{Search: "библеотеке"}, []polls.ID{library.ID}},
		{"status and words together", polls.Filter{Status: polls.Open, Search: "скамейка"}, nil},
		{"signs of the search language", polls.Filter{Search: `") OR 1=1 -- & | !`}, nil},
	} {
		page, err := s.List(t.Context(), c.f)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !slices.Equal(page.IDs, c.want) {
			t.Errorf("%s: %v, want %v", c.name, page.IDs, c.want)
		}
	}
}

func TestOwnChoicesAreReadForManyAtOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := pollsdb.New(d)
	poll := given.OpenPoll(t, d)
	people := given.Residents(t, d, 3)
	keys := make([]pollsdb.BallotKey, len(people))
	for i, who := range people {
		keys[i] = pollsdb.BallotKey{Account: who.Public, Poll: poll.ID}
		if i == 2 {
			continue // did not vote
		}
		if err := s.Cast(t.Context(), who, poll.ID, poll.Options[i].ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	_, found, choices, err := s.Choices(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || len(choices) != 2 || choices[keys[0]] != poll.Options[0].ID || choices[keys[1]] != poll.Options[1].ID {
		t.Errorf("polls %d, choices %v", len(found), choices)
	}
}
