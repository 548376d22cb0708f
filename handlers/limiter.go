package handlers

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/gofiber/fiber/v2"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"veche/domain/problem"
)

// Limit is how many tries are allowed in a period; all of them may come at once.
type Limit struct {
	Tries  int
	Period time.Duration
}

var errTooMany = problem.New(problem.TooMany, "problems.too_many")

// limitTime bounds the question to Redis; after it the process decides alone.
const limitTime = 250 * time.Millisecond

// maxLocal bounds the memory of the process's own counts.
const maxLocal = 50_000

// Limiter bounds how often something is tried, across all processes through
// Redis, and within this one while Redis is away.
type Limiter struct {
	shared *redis_rate.Limiter
	prefix string
	secret []byte

	mu    sync.Mutex
	local map[string]*rate.Limiter
}

// NewLimiter makes a limiter over Redis, where its keys begin with prefix. The
// rest of a key is hashed with the portal's secret: who tried what cannot be read
// or guessed from Redis.
func NewLimiter(client redis.UniversalClient, prefix string, secret []byte) *Limiter {
	return &Limiter{
		shared: redis_rate.NewLimiter(newPiped(client)),
		prefix: prefix,
		secret: secret,
		local:  map[string]*rate.Limiter{},
	}
}

// hidden is a key as Redis sees it.
func (l *Limiter) hidden(key string) string {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte("limit\x00" + key))
	return l.prefix + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// Allow counts a try of what the key names and answers a TooMany problem when it
// is one too many.
func (l *Limiter) Allow(ctx context.Context, key string, limit Limit) error {
	return tooMany(l.wait(ctx, key, limit))
}

// wait counts a try and says in how many seconds the next may be made, 0 when this
// one is allowed.
func (l *Limiter) wait(ctx context.Context, key string, limit Limit) (seconds int) {
	ctx, cancel := context.WithTimeout(ctx, limitTime)
	defer cancel()
	result, err := l.shared.Allow(ctx, l.hidden(key), redis_rate.Limit{Rate: limit.Tries, Burst: limit.Tries, Period: limit.Period})
	switch {
	case err != nil:
		return l.waitLocally(key, limit)
	case result.Allowed == 0:
		return max(1, roundUp(result.RetryAfter))
	}
	return 0
}

// Forget begins the count of a key anew. A count that cannot be reached runs out
// by itself.
func (l *Limiter) Forget(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(ctx, limitTime)
	defer cancel()
	_ = l.shared.Reset(ctx, l.hidden(key))
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.local, key)
}

func (l *Limiter) waitLocally(key string, limit Limit) (seconds int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.local) >= maxLocal {
		clear(l.local)
	}
	one, ok := l.local[key]
	if !ok {
		one = rate.NewLimiter(rate.Every(limit.Period/time.Duration(limit.Tries)), limit.Tries)
		l.local[key] = one
	}
	reserved := one.Reserve()
	wait := reserved.Delay()
	if wait > 0 {
		reserved.Cancel()
	}
	return roundUp(wait)
}

func roundUp(wait time.Duration) (seconds int) { return int((wait + time.Second - 1) / time.Second) }

// tooMany tells a person to wait; it is nil when there is nothing to wait for.
func tooMany(seconds int) error {
	if seconds == 0 {
		return nil
	}
	return problem.New(problem.TooMany, errTooMany.Message, "Seconds", seconds)
}

// tries is the limiter as one request uses it.
type tries struct {
	*Limiter
	c *Ctx
}

// Allow is that of [Limiter], and says in the header of the answer too how long to
// wait (RFC 9110, section 10.2.3).
func (t tries) Allow(ctx context.Context, key string, limit Limit) error {
	seconds := t.wait(ctx, key, limit)
	if seconds > 0 {
		t.c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds))
	}
	return tooMany(seconds)
}
