// Package rounds compares contenders that share a noisy machine.
//
// A machine that is slow for a while is slow for whoever runs then. So contenders
// take turns, A B C, A B C, and a ratio is taken within each round, between
// neighbours in time; what is told is the median over the rounds, and how far they
// lay apart.
package rounds

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Plan is what a person asked a run to be. Every section of the bench reads it.
type Plan struct {
	Rounds     int   // of each comparison
	Sockets    []int // sizes of the crowd, smallest first
	Quick      bool  // a look whether everything works: small numbers, short windows
	CPUProfile string
}

// Most is the largest crowd.
func (p Plan) Most() int { return slices.Max(p.Sockets) }

// Sample is what one round of one contender measured, by the name of the figure. A
// figure that is measured once only is told in one round.
type Sample map[string]float64

// Contender is one of those compared.
type Contender struct {
	Name  string
	Round func(ctx context.Context) (Sample, error)
}

// Results are the samples of all rounds.
type Results struct {
	names   []string
	samples map[string][]Sample // by contender, one a round
}

// Interleave has the contenders take turns for so many rounds. It ends at the first
// error, which names the contender, and between turns when ctx ends.
func Interleave(ctx context.Context, rounds int, contenders ...Contender) (Results, error) {
	r := Results{samples: make(map[string][]Sample)}
	for _, c := range contenders {
		if slices.Contains(r.names, c.Name) {
			return r, fmt.Errorf("two contenders are called %q", c.Name)
		}
		r.names = append(r.names, c.Name)
	}
	for round := range rounds {
		for _, c := range contenders {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			sample, err := c.Round(ctx)
			if err != nil {
				return r, fmt.Errorf("%s, round %d: %w", c.Name, round+1, err)
			}
			r.samples[c.Name] = append(r.samples[c.Name], sample)
		}
	}
	return r, nil
}

// Spread is a figure over the rounds. Of no rounds at all it is three times NaN.
type Spread struct {
	Median, Min, Max float64
	Rounds           int // that told the figure
}

// SpreadOf sums values up. The median of an even number is the mean of the two in
// the middle.
func SpreadOf(values []float64) Spread {
	n := len(values)
	if n == 0 {
		return Spread{Median: math.NaN(), Min: math.NaN(), Max: math.NaN()}
	}
	sorted := slices.Sorted(slices.Values(values))
	return Spread{
		Median: (sorted[(n-1)/2] + sorted[n/2]) / 2,
		Min:    sorted[0],
		Max:    sorted[n-1],
		Rounds: n,
	}
}

// Of is a figure of one contender.
func (r Results) Of(contender, figure string) Spread {
	var values []float64
	for _, sample := range r.samples[contender] {
		if value, told := sample[figure]; told {
			values = append(values, value)
		}
	}
	return SpreadOf(values)
}

// Ratio is how many times a contender's figure is the floor's: of the ratios within
// each round. Rounds in which one of the two does not tell the figure, or the floor's
// is 0, are left out.
func (r Results) Ratio(figure, contender, floor string) Spread {
	var ratios []float64
	for round, sample := range r.samples[contender] {
		if round >= len(r.samples[floor]) {
			break
		}
		value, told := sample[figure]
		under, toldToo := r.samples[floor][round][figure]
		if told && toldToo && under != 0 {
			ratios = append(ratios, value/under)
		}
	}
	return SpreadOf(ratios)
}
