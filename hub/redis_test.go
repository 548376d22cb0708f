package hub_test

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"veche/domain/event"
	"veche/hub"
	"veche/hub/localredis"
)

// onABusyMachine bounds what is promised within a second: the promise itself is
// held in fake time, where nothing else runs.
const onABusyMachine = 5 * time.Second

func dialRedis(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	options, err := hub.RedisOptions(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewUniversalClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// sharedBroker is a broker at the Redis that all tests share.
func sharedBroker(t *testing.T) (*hub.RedisBroker, redis.UniversalClient, string) {
	t.Helper()
	url, prefix := localredis.ForTest(t)
	client := dialRedis(t, url)
	return hub.NewRedisBroker(client, prefix, slog.New(slog.NewTextHandler(t.Output(), nil))), client, prefix
}

// ownRedis is a Redis that the test may kill.
func ownRedis(t *testing.T) *localredis.Server {
	t.Helper()
	server, err := localredis.Start(t.Context(), localredis.Options{Real: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

func brokerAt(t *testing.T, server *localredis.Server) *hub.RedisBroker {
	t.Helper()
	return hub.NewRedisBroker(dialRedis(t, server.URL()), "test:", slog.New(slog.NewTextHandler(t.Output(), nil)))
}

func version(t *testing.T, b hub.Broker, topic event.Topic) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	versions, err := b.Versions(ctx, []event.Topic{topic})
	if err != nil {
		t.Fatal(err)
	}
	return versions[topic]
}

func TestVersionsAreCreatedOnReadingAndReplacedOnPublishing(t *testing.T) {
	t.Parallel()
	b, client, prefix := sharedBroker(t)
	topics := make([]event.Topic, 100)
	for i := range topics {
		topics[i] = event.Topic(fmt.Sprintf("poll:%d", i))
	}
	first, err := b.Versions(t.Context(), topics)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, topic := range topics {
		if first[topic] == "" || first[topic] == event.UnknownVersion || seen[first[topic]] {
			t.Errorf("version of %s is %q", topic, first[topic])
		}
		seen[first[topic]] = true
	}
	again, err := b.Versions(t.Context(), topics)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		if again[topic] != first[topic] {
			t.Errorf("version of %s changed by reading", topic)
		}
	}
	if err := b.Publish(t.Context(), []event.Change{{Topic: "poll:1"}, {Topic: "poll:2", IDs: []string{"x"}}}); err != nil {
		t.Fatal(err)
	}
	third, err := b.Versions(t.Context(), topics)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		published := topic == "poll:1" || topic == "poll:2"
		if changed := third[topic] != first[topic]; changed != published {
			t.Errorf("version of %s changed: %v", topic, changed)
		}
	}
	keys, err := client.Keys(t.Context(), prefix+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	shape := regexp.MustCompile(`^` + regexp.QuoteMeta(prefix) + `\{b(0\d|1[0-5])\}:v:poll:\d+$`)
	for _, key := range keys {
		if !shape.MatchString(key) {
			t.Errorf("key is %q", key)
		}
		if left := client.TTL(t.Context(), key).Val(); left < 23*time.Hour || left > 24*time.Hour {
			t.Errorf("%s lives for %v", key, left)
		}
	}
}

func TestTopicsAreSpreadOverAllBuckets(t *testing.T) {
	t.Parallel()
	used := make(map[int]int)
	for i := range 1600 {
		used[hub.BucketOf(event.Topic(fmt.Sprintf("poll:%d", i)))]++
	}
	for bucket := range 16 {
		if used[bucket] < 50 || used[bucket] > 150 {
			t.Errorf("bucket %d has %d of 1600 topics", bucket, used[bucket])
		}
	}
}

// diary keeps what a listener is told.
type diary chan hub.Announcement

func (d diary) Announced(changes []hub.Announcement) {
	for _, change := range changes {
		d <- change
	}
}
func (d diary) Renewed() { d <- hub.Announcement{Version: "renewed"} }
func (d diary) Lost()    { d <- hub.Announcement{Version: "lost"} }

func (d diary) next(t *testing.T) hub.Announcement {
	t.Helper()
	select {
	case a := <-d:
		return a
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was announced")
		return hub.Announcement{}
	}
}

// listen keeps a diary of the feed until the test ends.
func listen(t *testing.T, b hub.Broker) diary {
	t.Helper()
	d := make(diary, 1000)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = b.Listen(ctx, d)
	}()
	t.Cleanup(func() { stop(); <-ended })
	if first := d.next(t); first.Version != "renewed" {
		t.Fatalf("feed began with %+v", first)
	}
	return d
}

func TestAnnouncementsNameTheVersionTheyReplaced(t *testing.T) {
	t.Parallel()
	b, _, _ := sharedBroker(t)
	d := listen(t, b)
	was := ""
	for i := range 5 {
		change := event.Change{Topic: "post:7", IDs: []string{strconv.Itoa(i)}, Bye: event.ByeRole}
		if err := b.Publish(t.Context(), []event.Change{change}); err != nil {
			t.Fatal(err)
		}
		got := d.next(t)
		if got.Was != was || got.Version == was || got.Topic != "post:7" || got.Bye != event.ByeRole || len(got.IDs) != 1 || got.IDs[0] != change.IDs[0] {
			t.Errorf("announced %+v after version %q", got, was)
		}
		was = got.Version
	}
	if current := version(t, b, "post:7"); current != was {
		t.Errorf("version is %q, announced was %q", current, was)
	}
}

func TestPublishingWorksAfterScriptsWereForgotten(t *testing.T) {
	t.Parallel()
	server := ownRedis(t)
	b := brokerAt(t, server)
	d := listen(t, b)
	for range 2 {
		if err := b.Publish(t.Context(), []event.Change{{Topic: "poll:1"}, {Topic: "poll:2"}, {Topic: "poll:3"}}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			d.next(t)
		}
		if err := dialRedis(t, server.URL()).ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryProcessShowsAChange(t *testing.T) {
	t.Parallel()
	url, prefix := localredis.ForTest(t)
	broker := func() hub.Broker { return hub.NewRedisBroker(dialRedis(t, url), prefix, slog.New(slog.DiscardHandler)) }
	one, two := startPortal(t, hub.Options{Broker: broker()}), startPortal(t, hub.Options{Broker: broker()})
	here, there := one.show(tally), two.show(tally)
	two.town.change("poll:42")
	one.change(event.Change{Topic: "poll:42"})
	here.AwaitText("poll:42/tally 1")
	there.AwaitText("poll:42/tally 1")
}

func TestRightsFollowThePersonToEveryProcess(t *testing.T) {
	t.Parallel()
	url, prefix := localredis.ForTest(t)
	broker := func() hub.Broker { return hub.NewRedisBroker(dialRedis(t, url), prefix, slog.New(slog.DiscardHandler)) }
	one, two := startPortal(t, hub.Options{Broker: broker()}), startPortal(t, hub.Options{Broker: broker()})
	one.show(tally)
	two.show(tally)
	page := two.open("?session=s-anna&account=a-anna&rights=1")
	page.Join(tally, "?", two.passes.Mint(tally, "ru", anna))
	began := time.Now()
	one.change(event.Change{Topic: "account:a-anna", Bye: event.ByeRole})
	page.AwaitText(`{"bye":"role"}`)
	if code := page.AwaitEnd(); code != 1008 {
		t.Errorf("closed with %d, want 1008", code)
	}
	if took := time.Since(began); took > onABusyMachine {
		t.Errorf("closed after %v", took)
	}
}

func TestKilledRedisThatComesBackEmptyHealsThePage(t *testing.T) {
	t.Parallel()
	server := ownRedis(t)
	p := startPortal(t, hub.Options{Broker: brokerAt(t, server)})
	page := p.show(tally)
	server.Kill()
	page.AwaitText(`{"feed":"lost"}`)
	p.town.change("poll:42")
	late := p.open("")
	if current, ok := late.Join(tally, "seen-before", p.passes.Mint(tally, "ru", hub.Visitor{})); !ok || current == "seen-before" {
		t.Errorf("joined at version %q, %v", current, ok)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	page.AwaitText("poll:42/tally 1")
	late.AwaitText("poll:42/tally 1")
	page.AwaitText(`{"feed":"live"}`)
	p.change(event.Change{Topic: "poll:42"})
	page.AwaitText("poll:42/tally 2")
}

func TestStoppedRedisIsNoticedAndHoldsUpNoPage(t *testing.T) {
	t.Parallel()
	server := ownRedis(t)
	info, err := dialRedis(t, server.URL()).Info(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(regexp.MustCompile(`process_id:(\d+)`).FindStringSubmatch(info)[1])
	if err != nil {
		t.Fatal(err)
	}
	p := startPortal(t, hub.Options{Broker: brokerAt(t, server)})
	page := p.show(tally)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })

	began := time.Now()
	if got := p.h.Versions(t.Context(), "poll:42")["poll:42"]; got != event.UnknownVersion {
		t.Errorf("version is %q", got)
	}
	if took := time.Since(began); took > onABusyMachine {
		t.Errorf("rendering waited %v for a stopped Redis", took)
	}
	page.AwaitText(`{"feed":"lost"}`)
	p.town.change("poll:42")
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	p.change(event.Change{Topic: "poll:42"})
	page.AwaitText(`{"feed":"live"}`)
	page.AwaitText("poll:42/tally 2")
}

func TestBrokenConnectionOfTheFeedLosesNothing(t *testing.T) {
	t.Parallel()
	server := ownRedis(t)
	p := startPortal(t, hub.Options{Broker: brokerAt(t, server)})
	page := p.show(tally)
	client := dialRedis(t, server.URL())
	for i := range 5 {
		if err := client.ClientKillByFilter(t.Context(), "TYPE", "pubsub").Err(); err != nil {
			t.Fatal(err)
		}
		p.change(event.Change{Topic: "poll:42"}) // nobody hears of it
		page.AwaitText(fmt.Sprintf("poll:42/tally %d", i+1))
	}
}
