package hub

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"veche/domain/event"
)

// count notes the shares of one process in the topics of one bucket and adds up what
// all processes said. Time is Redis's own, so that the clocks of processes need not
// agree.
// KEYS: a hash for each topic, from process to "count:until". ARGV: process,
// milliseconds to keep, then for each key the share, or "" to ask only.
var countScript = redis.NewScript(`
	local clock = redis.call('TIME')
	local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
	local sums = {}
	for i, key in ipairs(KEYS) do
		local own = ARGV[2 + i]
		if own == '0' then
			redis.call('HDEL', key, ARGV[1])
		elseif own ~= '' then
			redis.call('HSET', key, ARGV[1], own .. ':' .. string.format('%.0f', now + ARGV[2]))
			redis.call('PEXPIRE', key, ARGV[2])
		end
		local sum, shares = 0, redis.call('HGETALL', key)
		for j = 1, #shares, 2 do
			local count, till = string.match(shares[j + 1], '^(%d+):(%d+)$')
			if count and tonumber(till) > now then
				sum = sum + tonumber(count)
			else
				redis.call('HDEL', key, shares[j])
			end
		end
		sums[i] = sum
	end
	return sums`)

func (b *RedisBroker) presenceKey(topic event.Topic) string {
	return b.bucketKey(bucketOf(topic)) + ":n:" + string(topic)
}

// Count implements [Census] with one script call per bucket, all in one round trip.
func (b *RedisBroker) Count(ctx context.Context, process string, keep time.Duration, own map[event.Topic]int, ask []event.Topic) (map[event.Topic]int, error) {
	calls := make(map[int]*scriptCall)
	topics := make(map[int][]event.Topic)
	add := func(topic event.Topic, share any) {
		bucket := bucketOf(topic)
		if calls[bucket] == nil {
			calls[bucket] = &scriptCall{args: []any{process, keep.Milliseconds()}}
		}
		calls[bucket].keys = append(calls[bucket].keys, b.presenceKey(topic))
		calls[bucket].args = append(calls[bucket].args, share)
		topics[bucket] = append(topics[bucket], topic)
	}
	for topic, share := range own {
		add(topic, share)
	}
	for _, topic := range ask {
		if _, said := own[topic]; !said {
			add(topic, "")
		}
	}
	var order []int
	var ordered []*scriptCall
	for bucket, call := range calls {
		order, ordered = append(order, bucket), append(ordered, call)
	}
	sums := make(map[event.Topic]int)
	if len(ordered) == 0 {
		return sums, nil
	}
	answers, err := b.evaluate(ctx, countScript, ordered)
	if err != nil {
		return nil, fmt.Errorf("count who is present: %w", err)
	}
	for i, bucket := range order {
		found, err := answers[i].Int64Slice()
		if err != nil || len(found) != len(topics[bucket]) {
			return nil, fmt.Errorf("read who is present: %d answers (%w)", len(found), err)
		}
		for at, topic := range topics[bucket] {
			sums[topic] = int(found[at])
		}
	}
	return sums, nil
}
