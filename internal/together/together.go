// Package together lets many who ask at the same moment be answered by one question:
// pages that are rendered, or come back, all at once cost a few round trips to
// Postgres or Redis and not one each.
package together

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Rounds puts the questions that many ask at the same moment as one: who asks
// while others are being answered waits, with all who came since, for the next
// round. A round begins after everyone in it has asked, so nobody is answered from
// before their question; whoever comes alone is answered at once.
type Rounds[K comparable, V any] struct {
	ask    func(ctx context.Context, keys []K) (map[K]V, error)
	within time.Duration

	mu   sync.Mutex
	busy bool         // a round is under way that the next one waits for
	next *round[K, V] // nil while nobody waits
}

// patience is how long a round is waited for.
const patience = 250 * time.Millisecond

// round is one question for many. Answer and error are set once done is closed.
type round[K comparable, V any] struct {
	keys  []K
	wants map[K]struct{}
	done  chan struct{}
	found map[K]V
	err   error
}

// New answers questions with ask, which is given each key once. A round may
// take as long as within.
func New[K comparable, V any](within time.Duration, ask func(ctx context.Context, keys []K) (map[K]V, error)) *Rounds[K, V] {
	return &Rounds[K, V]{ask: ask, within: within}
}

// Ask answers what was found under the key. An error concerns all of a round; one's
// own ctx ends only one's own waiting.
func (rs *Rounds[K, V]) Ask(ctx context.Context, key K) (V, bool, error) {
	all, err := rs.AskAll(ctx, key)
	found, ok := all[key]
	return found, ok, err
}

// AskAll answers what was found under several keys, in one round. What it answers is
// shared and holds others' keys too: it is for reading only.
func (rs *Rounds[K, V]) AskAll(ctx context.Context, keys ...K) (map[K]V, error) {
	r := rs.join(keys)
	select {
	case <-r.done:
		return r.found, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (rs *Rounds[K, V]) join(keys []K) *round[K, V] {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.next == nil {
		rs.next = &round[K, V]{wants: map[K]struct{}{}, done: make(chan struct{})}
	}
	r := rs.next
	for _, key := range keys {
		if _, wanted := r.wants[key]; !wanted {
			r.wants[key] = struct{}{}
			r.keys = append(r.keys, key)
		}
	}
	if !rs.busy {
		rs.next, rs.busy = nil, true
		go rs.run(r)
	}
	return r
}

// run answers a round and then those that gathered meanwhile.
func (rs *Rounds[K, V]) run(r *round[K, V]) {
	for r != nil {
		late := time.AfterFunc(patience, func() { rs.run(rs.gathered()) })
		rs.answer(r)
		if !late.Stop() {
			return // the others did not wait
		}
		r = rs.gathered()
	}
}

// gathered is the round that may begin now, nil when nobody waits.
func (rs *Rounds[K, V]) gathered() *round[K, V] {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := rs.next
	rs.next, rs.busy = nil, r != nil
	return r
}

func (rs *Rounds[K, V]) answer(r *round[K, V]) {
	defer close(r.done)
	defer func() {
		if reason := recover(); reason != nil { // it concerns a round, and not the whole portal
			r.err = fmt.Errorf("a round of questions panicked: %v\n%s", reason, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), rs.within)
	defer cancel()
	r.found, r.err = rs.ask(ctx, r.keys)
}
