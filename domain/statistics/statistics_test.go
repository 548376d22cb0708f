package statistics_test

import (
	"fmt"
	"testing"
	"time"

	"veche/domain/statistics"
)

var moscow = time.FixedZone("MSK", 3*60*60)

func TestDayIsThatOfTheZone(t *testing.T) {
	t.Parallel()
	for at, begins := range map[string]string{
		"2026-11-21T20:59:59Z": "2026-11-20T21:00:00Z",
		"2026-11-21T21:00:00Z": "2026-11-21T21:00:00Z",
		"2026-12-31T23:30:00Z": "2026-12-31T21:00:00Z",
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		day := statistics.DayOf(moment, moscow)
		if got := day.Begins.UTC().Format(time.RFC3339); got != begins || day.Ends.Sub(day.Begins) != 24*time.Hour {
			t.Errorf("%s: from %s to %s", at, got, day.Ends)
		}
	}
}

func TestCurveHasEveryHourUpToTheLastThatWasRead(t *testing.T) {
	t.Parallel()
	day := statistics.DayOf(time.Date(2026, 11, 21, 15, 0, 0, 0, moscow), moscow)
	at := func(hour int, views int64) statistics.Hour {
		return statistics.Hour{Hour: day.Begins.Add(time.Duration(hour) * time.Hour).UTC(), Views: views}
	}
	for name, c := range map[string]struct {
		hours []statistics.Hour
		want  string
		today int64
	}{
		"nothing":        {nil, "[]", 0},
		"the first hour": {[]statistics.Hour{at(0, 4)}, "[4]", 4},
		"with a gap":     {[]statistics.Hour{at(1, 4), at(4, 2)}, "[0 4 0 0 2]", 6},
	} {
		f := statistics.Figures{Day: day, Hours: c.hours}
		views := []int64{}
		for _, h := range f.Curve() {
			views = append(views, h.Views)
		}
		if fmt.Sprint(views) != c.want || f.Today() != c.today {
			t.Errorf("%s: %v, %d today; want %s, %d", name, views, f.Today(), c.want, c.today)
		}
	}
}

func TestAverageIsRoundedAndNeedsAView(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seconds, views int64
		want           time.Duration
	}{
		{0, 0, 0}, {90, 0, 0}, {90, 1, 90 * time.Second}, {5, 2, 3 * time.Second}, {4, 3, time.Second},
	} {
		if got := (statistics.Hour{Seconds: c.seconds, Views: c.views}).Average(); got != c.want {
			t.Errorf("%d s over %d views: %v, want %v", c.seconds, c.views, got, c.want)
		}
	}
}
