package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Listen implements [Broker]. Each time the connection breaks or falls silent the
// subscription is made anew, so that no gap goes by unnoticed: go-redis alone
// resubscribes without a word.
func (b *RedisBroker) Listen(ctx context.Context, to Listener) error {
	const shortest, longest = 100 * time.Millisecond, 2 * time.Second
	delay := shortest
	for {
		renewed, err := b.subscription(ctx, to)
		if ctx.Err() != nil {
			return nil
		}
		if renewed {
			b.log.Warn("feed of live changes is lost", "error", err)
			to.Lost()
			delay = shortest
		}
		pause := delay/2 + rand.N(delay/2)
		delay = min(2*delay, longest)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

var errSilent = errors.New("no answer to pings")

// subscription hears the channels until something is wrong. It says whether the
// feed had been renewed.
func (b *RedisBroker) subscription(ctx context.Context, to Listener) (renewed bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	channels := make([]string, buckets)
	for i := range channels {
		channels[i] = b.channel(i)
	}
	pubsub := b.client.Subscribe(ctx)
	defer pubsub.Close()
	if err := pubsub.Subscribe(ctx, channels...); err != nil {
		return false, fmt.Errorf("subscribe: %w", err)
	}

	var heard atomic.Int64 // when the feed last said anything, in Unix nanoseconds
	heard.Store(time.Now().UnixNano())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		b.watch(ctx, cancel, pubsub, &heard)
	}()
	defer func() { cancel(nil); pubsub.Close(); <-watched }()

	for {
		message, err := pubsub.Receive(ctx)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return renewed, fmt.Errorf("hear: %w", err)
		}
		heard.Store(time.Now().UnixNano())
		switch message := message.(type) {
		case *redis.Subscription:
			if renewed { // go-redis reconnected by itself
				return renewed, errors.New("connection was replaced")
			}
			if message.Count == buckets {
				b.log.Info("feed of live changes is renewed")
				renewed = true
				to.Renewed()
			}
		case *redis.Message:
			b.announce(message.Payload, to)
		}
	}
}

// watch pings the feed and ends the subscription when nothing comes back: a
// stopped Redis keeps its connections open.
func (b *RedisBroker) watch(ctx context.Context, cancel context.CancelCauseFunc, pubsub *redis.PubSub, heard *atomic.Int64) {
	tick := time.NewTicker(b.beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			pubsub.Close() // Receive does not return at the end of a context
			return
		case <-tick.C:
		}
		if time.Since(time.Unix(0, heard.Load())) > b.silent {
			cancel(errSilent)
			continue
		}
		_ = pubsub.Ping(ctx) // a failure shows as silence, or as an error of Receive
	}
}

func (b *RedisBroker) announce(payload string, to Listener) {
	var changes []Announcement
	if err := json.Unmarshal([]byte(payload), &changes); err != nil {
		// The periodic comparison of versions makes good for it.
		b.log.Error("announcement cannot be read", "error", err)
		return
	}
	to.Announced(changes)
}
