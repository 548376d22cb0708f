package load

import (
	"math/bits"
	"slices"
	"time"
)

// delays counts how long drawings were on their way, in buckets less than 1 % wide.
type delays struct {
	buckets [64 * fine]int
	count   int
}

const (
	fineBits = 7
	fine     = 1 << fineBits
)

func (d *delays) add(delay time.Duration) {
	d.buckets[bucketOf(delay)]++
	d.count++
}

// bucketOf keeps the eight highest bits of a number of microseconds.
func bucketOf(delay time.Duration) int {
	n := uint64(max(0, delay.Microseconds()))
	shift := max(0, bits.Len64(n)-fineBits-1)
	return shift*fine + int(n>>shift)
}

// lowestOf is the shortest delay of a bucket.
func lowestOf(bucket int) time.Duration {
	shift := max(0, bucket/fine-1)
	return time.Duration(uint64(bucket-shift*fine)<<shift) * time.Microsecond
}

// quantile is the delay that a share q of all did not exceed.
func (d *delays) quantile(q float64) time.Duration {
	left := int(q * float64(d.count))
	for bucket, n := range d.buckets {
		if left -= n; left < 0 {
			return lowestOf(bucket)
		}
	}
	return 0
}

// quantileOf is the same for a few delays.
func quantileOf(delays []time.Duration, q float64) time.Duration {
	if len(delays) == 0 {
		return 0
	}
	slices.Sort(delays)
	return delays[min(len(delays)-1, int(q*float64(len(delays))))]
}
