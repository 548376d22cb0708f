package words

import (
	"context"
	"fmt"
	"time"
)

// Months of a date are in the genitive: «21 ноября».
var monthsOf = map[Lang][12]string{
	Russian: {
		"января", "февраля", "марта", "апреля", "мая", "июня",
		"июля", "августа", "сентября", "октября", "ноября", "декабря",
	},
	English: {
		"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December",
	},
}

// Date writes a day in the reader's zone: «21 ноября 2026», "21 November 2026".
func Date(ctx context.Context, t time.Time) string {
	return DayMonth(ctx, t) + noBreak + fmt.Sprint(t.In(Zone(ctx)).Year())
}

// DayMonth writes a day without its year, for axes and lists within one year:
// «21 ноября», "21 November".
func DayMonth(ctx context.Context, t time.Time) string {
	t = t.In(Zone(ctx))
	return fmt.Sprintf("%d%s%s", t.Day(), noBreak, monthsOf[Of(ctx)][t.Month()-1])
}

// Time writes an hour in the reader's zone, on a 24 hour clock: «18:30».
func Time(ctx context.Context, t time.Time) string {
	return t.In(Zone(ctx)).Format("15:04")
}

// DateTime writes a day and an hour: «21 ноября 2026, 18:30».
func DateTime(ctx context.Context, t time.Time) string {
	return Date(ctx, t) + ", " + Time(ctx, t)
}

// Ago says how long before now something happened: «5 минут назад». Older than a
// month it is a date. Regions that are drawn once for many readers and stay on
// screen use Date or DateTime: this sentence is true only when it is written.
func Ago(ctx context.Context, t, now time.Time) string {
	passed := now.Sub(t)
	switch {
	case passed < time.Minute:
		return T(ctx, "common.ago.now")
	case passed < time.Hour:
		return N(ctx, "common.ago.minutes", int(passed/time.Minute))
	case passed < 24*time.Hour:
		return N(ctx, "common.ago.hours", int(passed/time.Hour))
	}
	switch days := daysBetween(ctx, t, now); {
	case days == 1:
		return T(ctx, "common.ago.yesterday")
	case days <= 30:
		return N(ctx, "common.ago.days", days)
	}
	return Date(ctx, t)
}

// Until says how long after now something comes: «через 2 дня». Later than in a
// month it is a date. What Ago says of live regions holds here too.
func Until(ctx context.Context, t, now time.Time) string {
	left := t.Sub(now)
	switch {
	case left < time.Minute:
		return T(ctx, "common.until.now")
	case left < time.Hour:
		return N(ctx, "common.until.minutes", int(left/time.Minute))
	case left < 24*time.Hour:
		return N(ctx, "common.until.hours", int(left/time.Hour))
	}
	switch days := daysBetween(ctx, now, t); {
	case days == 1:
		return T(ctx, "common.until.tomorrow")
	case days <= 30:
		return N(ctx, "common.until.days", days)
	}
	return Date(ctx, t)
}

// daysBetween counts midnights in the reader's zone, since that is how people
// count days. Noon to noon keeps changes of the clock out of it.
func daysBetween(ctx context.Context, from, to time.Time) int {
	noon := func(t time.Time) time.Time {
		t = t.In(Zone(ctx))
		return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC)
	}
	return int(noon(to).Sub(noon(from)) / (24 * time.Hour))
}
