package town

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"
)

// wakefulness is how much of what people do on a portal they do in each hour of
// the day: little at night, some at lunch, most in the evening.
var wakefulness = [24]float64{
	0.14, 0.07, 0.04, 0.03, 0.03, 0.06, 0.2, 0.48, 0.74, 0.82, 0.8, 0.84,
	1.02, 1.08, 0.86, 0.78, 0.82, 0.98, 1.22, 1.42, 1.5, 1.36, 0.86, 0.4,
}

// slice is the grain in which moments are chosen.
const slice = 15 * time.Minute

// moments gives n times between from and to, in order: more by day than by night,
// a rush at the start, and then growing interest.
func moments(random *rand.Rand, from, to time.Time, n int) []time.Time {
	span := to.Sub(from)
	if span <= 0 || n <= 0 {
		return nil
	}
	steps := int((span + slice - 1) / slice)
	sums := make([]float64, steps)
	sum := 0.0
	for i := range sums {
		at := from.Add(time.Duration(i) * slice)
		progress := float64(i) / float64(steps)
		rush := 1.3 * math.Exp(-at.Sub(from).Hours()/30)
		sum += wakefulness[at.Hour()] * (0.7 + 0.6*progress + rush)
		sums[i] = sum
	}
	all := make([]time.Time, n)
	for i := range all {
		k := sort.SearchFloat64s(sums, random.Float64()*sum)
		start := time.Duration(min(k, steps-1)) * slice
		width := min(slice, span-start)
		all[i] = from.Add(start + time.Duration(random.Int64N(int64(width)))).Truncate(time.Millisecond)
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// after gives a time between t and until, mostly soon after t and rarely in the
// night.
func after(random *rand.Rand, t, until time.Time, usual time.Duration) time.Time {
	room := until.Sub(t)
	if room < time.Second {
		return t
	}
	// An exponential delay of which the part beyond the room is spread within it.
	mean := float64(min(usual, room/2))
	longest := 1 - math.Exp(-float64(room)/mean)
	at := t.Add(time.Duration(-mean * math.Log1p(-random.Float64()*longest)))
	if morning := at.Add(7 * time.Hour); at.Hour() < 6 && random.IntN(8) > 0 && morning.Before(until) {
		at = morning
	}
	return at.Truncate(time.Millisecond)
}
