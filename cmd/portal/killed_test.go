package main

import (
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"veche/db/given"
	"veche/domain/event"
	"veche/domain/polls"
)

func tallyOf(p polls.Poll) event.Region { return event.NewRegion(polls.TopicOf(p.ID), "tally") }

func ballotOf(p polls.Poll, of *voter) event.Region {
	return event.NewItem(polls.TopicBallots(of.actor.Public), "poll", strconv.FormatInt(int64(p.ID), 10))
}

// One of two processes is killed in the middle of a burst of votes. Whoever was told
// that the vote counts finds it counted, whoever was not sends it again to the other
// process, and it counts once; pages go over to the other process and show it all.
func TestKilledProcessLosesNoVoteAndNoPage(t *testing.T) {
	t.Parallel()
	const people, killAt = 300, 100
	f := newFleet(t)
	doomed, other := f.start(), f.start()
	poll := given.OpenPoll(t, f.DB)
	crowd := f.crowd(poll, people, doomed, other)
	var orphans, stay []*page
	for _, v := range crowd[:4] {
		orphans = append(orphans, f.open(v.token, pagePath(poll), doomed, other))
		stay = append(stay, f.open(v.token, pagePath(poll), other))
	}
	orphans = append(orphans, f.open("", "/polls", doomed, other))
	stay = append(stay, f.open("", "/", other))

	var acknowledged atomic.Int32
	killed := make(chan time.Time, 1)
	err := atOnce(people, func(i int) error {
		ways := []*process{doomed, other}
		if i%2 == 1 {
			slices.Reverse(ways)
		}
		if err := crowd[i].vote(t.Context(), ways...); err != nil {
			return err
		}
		if acknowledged.Add(1) == killAt {
			doomed.Kill()
			killed <- time.Now()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	quiet := time.Now()
	t.Logf("the burst took %s more after the death", quiet.Sub(<-killed).Round(time.Millisecond))
	again := 0
	for _, v := range crowd {
		if v.tries.Load() > 1 {
			again++
		}
	}
	if again == 0 {
		t.Error("nobody had to vote again: the process was not killed in the middle of the burst")
	}
	t.Logf("%d people had to send their vote again", again)

	f.expectEveryVoteOnce(poll.ID, actorsOf(crowd))
	for _, p := range slices.Concat(orphans, stay) {
		p.awaitFresh(other)
	}
	// The first delay of a page is at most 2.85 s, and the next when it was unlucky.
	t.Logf("every page was up to date %s after the burst", time.Since(quiet).Round(time.Millisecond))
	stay[0].awaitText(tallyOf(poll), "Проголосовали 300 человек")
	for _, p := range orphans {
		if end := p.awaitEnd(); end.code != -1 || p.opened() < 2 {
			t.Errorf("the page of the killed process ended with %d and has had %d sockets", end.code, p.opened())
		}
	}
	for _, p := range stay {
		if p.opened() != 1 {
			t.Errorf("a page of the other process has had %d sockets", p.opened())
		}
	}
	eventually(t, "the outbox to empty", func() bool { return f.count(`SELECT count(*) FROM outbox`) == 0 })
}

// A process is killed after Postgres took its commit and before anybody heard of it:
// neither the voter, who sends the vote again, nor the pages. Another process finds
// the announcement and makes it.
func TestVoteCommittedByADyingProcessIsAnnouncedByAnother(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	doomed, other := f.start(), f.start()
	poll := given.OpenPoll(t, f.DB)
	one := f.crowd(poll, 1, doomed)[0]
	reader := f.open("", pagePath(poll), other)
	own := f.open(one.token, pagePath(poll), other)

	// Commits of ballots wait for a lock that the test holds. The server finishes what
	// it was asked for, whether or not the asker still lives.
	for _, statement := range []string{
		`CREATE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql
			AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$`,
		`CREATE CONSTRAINT TRIGGER hold_commit AFTER INSERT ON ballots
			DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_commit()`,
	} {
		if _, err := f.DB.Pool().Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	holder, err := f.DB.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Release()
	if _, err := holder.Exec(t.Context(), `SELECT pg_advisory_lock(1)`); err != nil {
		t.Fatal(err)
	}
	voted := make(chan error, 1)
	go func() { voted <- one.vote(t.Context(), doomed, other) }()
	f.awaitWaiters(1) // the commit
	doomed.Kill()
	f.awaitWaiters(2) // the commit, and the second try
	if _, err := holder.Exec(t.Context(), `SELECT pg_advisory_unlock(1)`); err != nil {
		t.Fatal(err)
	}
	committed := time.Now()

	if err := <-voted; err != nil || one.tries.Load() != 2 {
		t.Errorf("the voter was told %v after %d tries", err, one.tries.Load())
	}
	reader.awaitText(tallyOf(poll), "Проголосовал 1 человек")
	own.awaitText(ballotOf(poll, one), "Ваш голос принят")
	// Rows are left to their own process for a second, then swept within one. Without the
	// sweep pages would find out when all versions are compared: later than a test waits.
	t.Logf("shown %s after the commit", time.Since(committed).Round(time.Millisecond))
	f.expectEveryVoteOnce(poll.ID, actorsOf([]*voter{one}))
	eventually(t, "the outbox to empty", func() bool { return f.count(`SELECT count(*) FROM outbox`) == 0 })
}
