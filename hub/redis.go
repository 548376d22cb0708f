package hub

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"veche/domain/event"
)

const (
	buckets    = 16
	versionTTL = 24 * time.Hour
)

// RedisBroker is the broker of an installation with several processes.
//
// Topics are spread over sixteen buckets by hash. A bucket has one channel, and its
// name is the hash tag of the channel and of the version keys, so that they share a
// slot of a Redis Cluster. Every process listens to all channels and filters: no
// subscribe traffic per person.
type RedisBroker struct {
	client redis.UniversalClient
	prefix string
	log    *slog.Logger
	beat   time.Duration // between pings of the feed
	silent time.Duration // a feed that is silent for so long is lost
}

// NewRedisBroker makes a broker whose keys and channels begin with prefix. The
// client must be made with [RedisOptions] or like it: without
// ContextTimeoutEnabled a stopped Redis would hold up pages.
func NewRedisBroker(client redis.UniversalClient, prefix string, log *slog.Logger) *RedisBroker {
	return &RedisBroker{client: client, prefix: prefix, log: log, beat: time.Second, silent: 3 * time.Second}
}

// RedisOptions reads a redis:// or rediss:// URL into options with the short
// timeouts that a live portal needs when Redis is away.
func RedisOptions(url string) (*redis.UniversalOptions, error) {
	parsed, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("read the Redis URL: %w", err)
	}
	if parsed.Network == "unix" {
		return nil, errors.New("read the Redis URL: only redis:// and rediss:// are supported")
	}
	return &redis.UniversalOptions{
		Addrs:                 []string{parsed.Addr},
		Username:              parsed.Username,
		Password:              parsed.Password,
		DB:                    parsed.DB,
		TLSConfig:             parsed.TLSConfig,
		ContextTimeoutEnabled: true,
		DialTimeout:           time.Second,
		ReadTimeout:           2 * time.Second,
		WriteTimeout:          2 * time.Second,
		MaxRetries:            1,
		DialerRetries:         1,
	}, nil
}

func bucketOf(topic event.Topic) int {
	h := fnv.New32a()
	h.Write([]byte(topic))
	return int(h.Sum32() % buckets)
}

func (b *RedisBroker) bucketKey(bucket int) string { return fmt.Sprintf("%s{b%02d}", b.prefix, bucket) }

func (b *RedisBroker) channel(bucket int) string { return b.bucketKey(bucket) + ":ev" }

func (b *RedisBroker) versionKey(topic event.Topic) string {
	return b.bucketKey(bucketOf(topic)) + ":v:" + string(topic)
}

// newVersion is random: versions are compared for inequality only.
func newVersion() string {
	var random [9]byte
	rand.Read(random[:])
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// publish replaces the versions of one bucket's topics and announces them, as one
// step: nobody hears of a version that cannot be read, and announcements come in
// the order in which versions were replaced.
// KEYS: version keys. ARGV: channel, seconds to live, then version and announcement
// of each topic.
var publishScript = redis.NewScript(`
	local out = {}
	for i, key in ipairs(KEYS) do
		local version, change = ARGV[1 + 2 * i], cjson.decode(ARGV[2 + 2 * i])
		change.was = redis.call('GET', key) or ''
		redis.call('SET', key, version, 'EX', ARGV[2])
		out[i] = change
	end
	return redis.call('PUBLISH', ARGV[1], cjson.encode(out))`)

// scriptCall is one call of a script, for one bucket.
type scriptCall struct {
	keys []string
	args []any
}

// Publish implements [Broker] with one script call per bucket, all in one round
// trip.
func (b *RedisBroker) Publish(ctx context.Context, changes []event.Change) error {
	calls := make(map[int]*scriptCall)
	var order []int
	for _, change := range event.Fold(changes) {
		bucket := bucketOf(change.Topic)
		call := calls[bucket]
		if call == nil {
			call = &scriptCall{args: []any{b.channel(bucket), int(versionTTL.Seconds())}}
			calls[bucket] = call
			order = append(order, bucket)
		}
		version := newVersion()
		body, err := json.Marshal(Announcement{Change: change, Version: version})
		if err != nil {
			return fmt.Errorf("write the announcement of %s: %w", change.Topic, err)
		}
		call.keys = append(call.keys, b.versionKey(change.Topic))
		call.args = append(call.args, version, body)
	}
	if len(order) == 0 {
		return nil
	}
	ordered := make([]*scriptCall, len(order))
	for i, bucket := range order {
		ordered[i] = calls[bucket]
	}
	_, err := b.evaluate(ctx, publishScript, ordered)
	if err != nil {
		return fmt.Errorf("publish %d changes: %w", len(changes), err)
	}
	return nil
}

// evaluate calls a script several times in one round trip, and in a second one when
// Redis, new or emptied, does not know it yet.
func (b *RedisBroker) evaluate(ctx context.Context, script *redis.Script, calls []*scriptCall) ([]*redis.Cmd, error) {
	answers := make([]*redis.Cmd, len(calls))
	run := func(eval func(redis.Scripter, *scriptCall) *redis.Cmd) error {
		_, err := b.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, call := range calls {
				answers[i] = eval(pipe, call)
			}
			return nil
		})
		return err
	}
	err := run(func(pipe redis.Scripter, c *scriptCall) *redis.Cmd {
		return script.EvalSha(ctx, pipe, c.keys, c.args...)
	})
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		err = run(func(pipe redis.Scripter, c *scriptCall) *redis.Cmd { return script.Eval(ctx, pipe, c.keys, c.args...) })
	}
	return answers, err
}

// Versions implements [Broker]: one round trip, and two more when versions are
// missing.
func (b *RedisBroker) Versions(ctx context.Context, topics []event.Topic) (map[event.Topic]string, error) {
	versions := make(map[event.Topic]string, len(topics))
	if err := b.readVersions(ctx, topics, versions); err != nil {
		return nil, err
	}
	var missing []event.Topic
	for _, topic := range topics {
		if _, found := versions[topic]; !found {
			missing = append(missing, topic)
		}
	}
	if len(missing) == 0 {
		return versions, nil
	}
	_, err := b.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, topic := range missing {
			pipe.SetNX(ctx, b.versionKey(topic), newVersion(), versionTTL)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("create %d versions: %w", len(missing), err)
	}
	if err := b.readVersions(ctx, missing, versions); err != nil {
		return nil, err
	}
	for _, topic := range missing {
		if _, found := versions[topic]; !found {
			return nil, fmt.Errorf("version of %s vanished while it was read", topic)
		}
	}
	return versions, nil
}

func (b *RedisBroker) readVersions(ctx context.Context, topics []event.Topic, into map[event.Topic]string) error {
	byBucket := make(map[int][]event.Topic)
	for _, topic := range topics {
		bucket := bucketOf(topic)
		byBucket[bucket] = append(byBucket[bucket], topic)
	}
	replies := make(map[int]*redis.SliceCmd, len(byBucket))
	_, err := b.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for bucket, topics := range byBucket {
			keys := make([]string, len(topics))
			for i, topic := range topics {
				keys[i] = b.versionKey(topic)
			}
			replies[bucket] = pipe.MGet(ctx, keys...)
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("read the versions of %d topics: %w", len(topics), err)
	}
	for bucket, topics := range byBucket {
		for i, value := range replies[bucket].Val() {
			if version, isString := value.(string); isString {
				into[topics[i]] = version
			}
		}
	}
	return nil
}
