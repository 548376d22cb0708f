package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/db"
	"veche/db/dbtest"
	"veche/db/given"
	"veche/db/localpg"
	pollsdb "veche/db/polls"
	"veche/domain/event"
	"veche/domain/polls"
	"veche/hub/localredis"
)

// postgres is a server of the test's own, which can be stopped and started again on
// its data and port.
type postgres struct {
	t      *testing.T
	dir    string
	server *localpg.Server
	URL    string
}

func startPostgres(t *testing.T) *postgres {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // its user must reach it
		t.Fatal(err)
	}
	p := &postgres{t: t, dir: dir}
	p.start()
	t.Cleanup(p.stop)
	var err error
	if p.URL, err = p.server.Database(t.Context(), "veche"); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), p.URL); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *postgres) start() {
	p.t.Helper()
	var err error
	if p.server, err = localpg.Start(p.t.Context(), localpg.Options{Dir: p.dir}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *postgres) stop() {
	p.t.Helper()
	if p.server == nil {
		return
	}
	if err := p.server.Stop(); err != nil {
		p.t.Error(err)
	}
	p.server = nil
}

// announce says that a topic changed and answers its new version.
func (f *fleet) announce(topic event.Topic) string {
	f.t.Helper()
	broker := f.broker()
	if err := broker.Publish(f.t.Context(), []event.Change{{Topic: topic}}); err != nil {
		f.t.Fatal(err)
	}
	versions, err := broker.Versions(f.t.Context(), []event.Topic{topic})
	if err != nil {
		f.t.Fatal(err)
	}
	return versions[topic]
}

// While Postgres is away pages are answered with 503, sockets stay open, and nothing
// that was acknowledged is lost; once it is back everything goes on by itself.
func TestPostgresStoppedAndBackIsAPause(t *testing.T) {
	t.Parallel()
	server := startPostgres(t)
	redisURL, prefix := localredis.ForTest(t)
	f := fleetOn(t, environmentOf(server.URL, redisURL, prefix, "VECHE_LOG", "error+1")) // it has a lot to say
	process := f.start()
	poll := given.OpenPoll(t, f.DB)
	crowd := f.crowd(poll, 40, process)
	before, after := crowd[:20], crowd[20:]
	pages := []*page{f.open("", pagePath(poll), process), f.open(crowd[0].token, pagePath(poll), process)}
	castAll(t, before, process)
	for _, p := range pages {
		p.awaitText(tallyOf(poll), "Проголосовали 20 человек")
	}
	// Nothing is announced twice later: what was published, and not yet crossed out when
	// Postgres went, would be.
	eventually(t, "the outbox to empty", func() bool { return f.count(`SELECT count(*) FROM outbox`) == 0 })

	server.stop()
	for _, path := range []string{pagePath(poll), "/readyz"} {
		if status, _, err := load(t.Context(), process, "", path); err != nil || status != http.StatusServiceUnavailable {
			t.Errorf("%s is answered with %d (%v)", path, status, err)
		}
	}
	_, sorry, err := load(t.Context(), process, crowd[0].token, pagePath(poll))
	if err != nil || !strings.Contains(sorry.Text(), "Портал ненадолго недоступен") {
		t.Errorf("the page does not say what is wrong (%v)", err)
	}
	if err := after[0].send(t.Context(), process); !errors.Is(err, errNoAnswer) {
		t.Errorf("a vote is answered with %v", err)
	}
	// What is announced now cannot be drawn, and is drawn when it can be.
	own := ballotOf(poll, crowd[0])
	announced := f.announce(own.Topic())
	voted := make(chan error, 1)
	go func() {
		voted <- atOnce(len(after), func(i int) error { return after[i].vote(t.Context(), process) })
	}()
	eventually(t, "everybody to be asked for patience", func() bool { return after[len(after)-1].tries.Load() > 1 })
	if pages[1].version(own) == announced {
		t.Error("a page was drawn without Postgres")
	}
	server.start()
	if err := <-voted; err != nil {
		t.Fatal(err)
	}
	f.DB.Pool().Reset() // the test's own connections broke as well
	f.expectEveryVoteOnce(poll.ID, actorsOf(crowd))
	for _, p := range pages {
		p.awaitText(tallyOf(poll), "Проголосовали 40 человек")
		p.awaitFresh(process)
	}
	pages[1].await("its own ballot is drawn anew", func() bool { return pages[1].shown[own].AttrOr("data-version", "") == announced })

	// Jobs go on too.
	given.TimeIsUp(t, f.DB, poll.ID)
	given.RunJobNow(t, f.DB, pollsdb.CloseArgs{Poll: poll.ID})
	for _, p := range pages {
		p.awaitText(event.NewRegion(polls.TopicOf(poll.ID), "status"), "Завершено")
		if p.opened() != 1 {
			t.Errorf("a page has had %d sockets", p.opened())
		}
	}
}

// While Redis is away votes count on every process, also on one that is started then;
// what a process could not announce before it was killed another announces, and
// rights withdrawn meanwhile are withdrawn when Redis is back.
func TestRedisAwayDelaysScreensAndNothingElse(t *testing.T) {
	t.Parallel()
	redis, err := localredis.Start(t.Context(), localredis.Options{Real: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Stop)
	f := fleetOn(t, environmentOf(dbtest.URL(t), redis.URL(), "test:"))
	doomed, other := f.start(), f.start()
	poll := given.OpenPoll(t, f.DB)
	crowd := f.crowd(poll, 31, doomed)
	last, crowd := crowd[30], crowd[:30]
	_, leaving := given.Person(t, f.DB)
	orphan := f.open("", pagePath(poll), doomed, other)
	stays := f.open(crowd[0].token, pagePath(poll), other)
	leaver := f.open(leaving, pagePath(poll), other)

	redis.Kill()
	for _, p := range []*page{orphan, stays, leaver} {
		p.awaitSaid(`{"feed":"lost"}`)
	}
	began := time.Now()
	castAll(t, crowd, doomed)
	t.Logf("%d votes without Redis took %s", len(crowd), time.Since(began).Round(time.Millisecond))
	if err := signOut(t, leaving, doomed); err != nil {
		t.Fatal(err)
	}
	f.expectEveryVoteOnce(poll.ID, actorsOf(crowd))
	late := f.start()
	newcomer := f.open("", pagePath(poll), late)
	newcomer.awaitSaid(`{"feed":"lost"}`)
	newcomer.awaitText(tallyOf(poll), "Проголосовали 30 человек")
	if strings.Contains(stays.text(tallyOf(poll)), "Проголосовали 30") {
		t.Error("a page was redrawn without Redis")
	}
	doomed.Kill()
	if n := f.count(`SELECT count(*) FROM outbox`); n < len(crowd) {
		t.Errorf("%d announcements wait for %d votes", n, len(crowd))
	}

	if err := redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*page{orphan, stays, newcomer} {
		p.awaitText(tallyOf(poll), "Проголосовали 30 человек")
	}
	if end := leaver.awaitEnd(); end.code != websocket.StatusPolicyViolation {
		t.Errorf("the page of the session that ended was closed with %d", end.code)
	}
	leaver.awaitSaid(`{"bye":"session"}`)
	if strings.Contains(leaver.text(tallyOf(poll)), "Проголосовали 30") {
		t.Error("the page of the session that ended was redrawn")
	}
	for _, p := range []*page{stays, newcomer} {
		p.awaitSaid(`{"feed":"live"}`)
	}
	eventually(t, "the outbox to empty", func() bool { return f.count(`SELECT count(*) FROM outbox`) == 0 })

	// And the feed is alive again, not only caught up.
	castAll(t, []*voter{last}, other)
	for _, p := range []*page{orphan, stays, newcomer} {
		p.awaitText(tallyOf(poll), "Проголосовал 31 человек")
		p.awaitFresh(late)
	}
	for _, p := range []*page{stays, newcomer} {
		if p.opened() != 1 {
			t.Errorf("a page has had %d sockets", p.opened())
		}
	}
}
