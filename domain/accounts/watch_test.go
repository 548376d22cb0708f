package accounts_test

import (
	"testing"
	"time"

	"veche/domain/accounts"
)

func at(hour, minute int) time.Time {
	return time.Date(2026, time.November, 22, hour, minute, 0, 0, time.UTC)
}

func TestUnusualHour(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("MSK", 3*60*60)
	evenings := []time.Time{at(16, 0), at(17, 30), at(18, 0), at(19, 0), at(16, 45)} // 19:00 … 22:00 in Moscow
	for name, c := range map[string]struct {
		now    time.Time
		before []time.Time
		want   bool
	}{
		"the first sign-in":                {at(3, 0), nil, false},
		"four sign-ins are too few":        {at(3, 0), evenings[:4], false},
		"an hour as always":                {at(18, 30), evenings, false},
		"three hours before the first":     {at(13, 0), evenings, false},
		"a minute earlier than that":       {at(12, 59), evenings, true},
		"three hours after the last":       {at(22, 0), evenings, false},
		"a minute later than that":         {at(22, 1), evenings, true},
		"the deep of the night":            {at(2, 0), evenings, true},
		"one sign-in is enough to be used": {at(2, 0), append([]time.Time{at(0, 30)}, evenings...), false},
		"midnight in the zone is no edge":  {at(20, 30), []time.Time{at(21, 30), at(21, 30), at(21, 30), at(21, 30), at(21, 30)}, false},
		"another day counts as well":       {at(18, 0).AddDate(0, 0, 9), evenings, false},
	} {
		if got := accounts.UnusualHour(c.now, c.before, moscow); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSameBrowser(t *testing.T) {
	t.Parallel()
	const (
		chrome  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
		newer   = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
		onLinux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
		phone   = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
		firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
	)
	for name, c := range map[string]struct {
		opened, now string
		want        bool
	}{
		"the same":                        {chrome, chrome, true},
		"updated":                         {chrome, newer, true},
		"another browser":                 {chrome, firefox, false},
		"another system":                  {chrome, onLinux, false},
		"a program":                       {chrome, "curl/8.5.0", false},
		"nothing":                         {chrome, "", false},
		"a phone that plays a desktop":    {phone, onLinux, true},
		"and goes back":                   {onLinux, phone, true},
		"a phone is no Windows":           {phone, chrome, false},
		"opened by something not known":   {"", chrome, true},
		"a program stays what it is":      {"curl/8.5.0", "curl/8.6.0", true},
		"what was not known may be all":   {"curl/8.5.0", firefox, true},
		"Firefox on the system of Chrome": {firefox, chrome, false},
	} {
		if got := accounts.SameBrowser(c.opened, c.now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
