package rounds_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veche/cmd/bench/rounds"
)

// contender tells one sample after the other, and writes its name down at each turn.
func contender(name string, turns *[]string, samples ...rounds.Sample) rounds.Contender {
	next := 0
	return rounds.Contender{Name: name, Round: func(context.Context) (rounds.Sample, error) {
		*turns = append(*turns, name)
		sample := samples[next]
		next++
		return sample, nil
	}}
}

func values(figure string, all ...float64) []rounds.Sample {
	samples := make([]rounds.Sample, len(all))
	for i, value := range all {
		samples[i] = rounds.Sample{figure: value}
	}
	return samples
}

func TestContendersTakeTurns(t *testing.T) {
	t.Parallel()
	var turns []string
	_, err := rounds.Interleave(t.Context(), 2,
		contender("a", &turns, rounds.Sample{}, rounds.Sample{}),
		contender("b", &turns, rounds.Sample{}, rounds.Sample{}),
		contender("c", &turns, rounds.Sample{}, rounds.Sample{}))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(turns, ""); got != "abcabc" {
		t.Errorf("turns were %s", got)
	}
}

func TestFirstErrorEndsTheRunAndNamesTheContender(t *testing.T) {
	t.Parallel()
	var turns []string
	broken := errors.New("server is gone")
	_, err := rounds.Interleave(t.Context(), 3,
		contender("a", &turns, rounds.Sample{}, rounds.Sample{}, rounds.Sample{}),
		rounds.Contender{Name: "hub", Round: func(context.Context) (rounds.Sample, error) {
			if len(turns) == 2 {
				return nil, broken
			}
			return rounds.Sample{}, nil
		}})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "hub, round 2") {
		t.Errorf("error is %v", err)
	}
	if len(turns) != 2 {
		t.Errorf("%d turns were taken", len(turns))
	}
}

func TestEndedContextEndsTheRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	turns := 0
	_, err := rounds.Interleave(ctx, 1000, rounds.Contender{Name: "a", Round: func(context.Context) (rounds.Sample, error) {
		turns++
		cancel()
		return rounds.Sample{}, nil
	}})
	if !errors.Is(err, context.Canceled) || turns != 1 {
		t.Errorf("error is %v after %d turns", err, turns)
	}
}

func TestContendersHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	var turns []string
	if _, err := rounds.Interleave(t.Context(), 1, contender("a", &turns, nil), contender("a", &turns, nil)); err == nil || len(turns) > 0 {
		t.Errorf("error is %v after %d turns", err, len(turns))
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []float64
		want   rounds.Spread
	}{
		"none": {nil, rounds.Spread{Median: math.NaN(), Min: math.NaN(), Max: math.NaN()}},
		"one":  {[]float64{4}, rounds.Spread{Median: 4, Min: 4, Max: 4, Rounds: 1}},
		"odd":  {[]float64{9, 1, 4}, rounds.Spread{Median: 4, Min: 1, Max: 9, Rounds: 3}},
		"even": {[]float64{9, 1, 4, 6}, rounds.Spread{Median: 5, Min: 1, Max: 9, Rounds: 4}},
	} {
		if diff := cmp.Diff(c.want, rounds.SpreadOf(c.values), cmp.Comparer(same)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// The machine is slow in the second round. The medians of each alone would say 1.5.
func TestRatioIsTakenWithinARound(t *testing.T) {
	t.Parallel()
	var turns []string
	results, err := rounds.Interleave(t.Context(), 3,
		contender("floor", &turns, values("cpu", 10, 50, 20)...),
		contender("hub", &turns, values("cpu", 11, 55, 30)...))
	if err != nil {
		t.Fatal(err)
	}
	want := rounds.Spread{Median: 1.1, Min: 1.1, Max: 1.5, Rounds: 3}
	if diff := cmp.Diff(want, results.Ratio("cpu", "hub", "floor")); diff != "" {
		t.Error(diff)
	}
}

func TestRatioLeavesOutWhatOneOfTheTwoDoesNotTell(t *testing.T) {
	t.Parallel()
	var turns []string
	results, err := rounds.Interleave(t.Context(), 4,
		contender("floor", &turns, rounds.Sample{"cpu": 2}, rounds.Sample{}, rounds.Sample{"cpu": 0}, rounds.Sample{"cpu": 2}),
		contender("hub", &turns, rounds.Sample{"cpu": 4}, rounds.Sample{"cpu": 9}, rounds.Sample{"cpu": 9}, rounds.Sample{}))
	if err != nil {
		t.Fatal(err)
	}
	want := rounds.Spread{Median: 2, Min: 2, Max: 2, Rounds: 1}
	if diff := cmp.Diff(want, results.Ratio("cpu", "hub", "floor")); diff != "" {
		t.Error(diff)
	}
	if got := results.Ratio("cpu", "nobody", "floor"); got.Rounds != 0 {
		t.Errorf("ratio of nobody is %v", got)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var turns []string
	results, err := rounds.Interleave(t.Context(), 3,
		contender("floor", &turns, rounds.Sample{"cpu s/M": 8, "frames/s": 120000}, rounds.Sample{"cpu s/M": 10, "frames/s": 1000}, rounds.Sample{"cpu s/M": 9, "frames/s": 999}),
		contender("hub", &turns, rounds.Sample{"cpu s/M": 16, "KB/socket": 10.44}, rounds.Sample{"cpu s/M": 10}, rounds.Sample{"cpu s/M": 13.5}))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = results.Print(&out,
		rounds.Column{Figure: "cpu s/M", Decimals: 1, Over: "floor"},
		rounds.Column{Figure: "frames/s"},
		rounds.Column{Figure: "KB/socket", Decimals: 1},
		rounds.Column{Figure: "told by nobody"})
	if err != nil {
		t.Fatal(err)
	}
	want := "" +
		"                    cpu s/M             × floor               frames/s   KB/socket\n" +
		"  floor     9.0 (8.0..10.0)                       1,000 (999..120,000)\n" +
		"  hub     13.5 (10.0..16.0)   1.50 (1.00..2.00)                               10.4\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestOneTellingAndTheWorstStandWithoutASpread(t *testing.T) {
	t.Parallel()
	var turns []string
	results, err := rounds.Interleave(t.Context(), 3,
		contender("hub", &turns, rounds.Sample{"lost": 0, "same": 5}, rounds.Sample{"lost": 7, "same": 5}, rounds.Sample{"lost": -1, "same": 5}))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := results.Print(&out, rounds.Column{Figure: "lost", Worst: true}, rounds.Column{Figure: "same"}); err != nil {
		t.Fatal(err)
	}
	want := "" +
		"        lost   same\n" +
		"  hub      7      5\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
