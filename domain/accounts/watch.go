package accounts

import "time"

// What the watch over sign-ins goes by (SEC-13).
const (
	// WatchedSignIns is how many of the last sign-ins say when a person usually comes.
	WatchedSignIns = 30
	// EnoughSignIns is how many there have to be before any hour is unusual.
	EnoughSignIns = 5
	// usualWithin is how near to one of them an hour is usual.
	usualWithin = 3 * time.Hour
)

const dayLength = 24 * time.Hour

// UnusualHour says whether a person signs in at a time of day, in a zone, at which
// none of their sign-ins before was. Who came too seldom has no usual hours yet.
func UnusualHour(now time.Time, before []time.Time, zone *time.Location) bool {
	if len(before) < EnoughSignIns {
		return false
	}
	at := timeOfDay(now.In(zone))
	for _, earlier := range before {
		apart := (at - timeOfDay(earlier.In(zone))).Abs()
		if min(apart, dayLength-apart) <= usualWithin {
			return false
		}
	}
	return true
}

func timeOfDay(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}

// SameBrowser says whether a request may come from the browser in which a session was
// opened, by what both call themselves (User-Agent). An update changes the version, never
// the browser or the system; "desktop site" on a phone changes the system alone, in one
// known way. Of a browser that was not known from the start nothing can be said (SEC-09).
func SameBrowser(opened, now string) bool {
	was, is := Session{Device: opened}, Session{Device: now}
	if was.Browser() == "" && was.System() == "" {
		return true
	}
	if was.Browser() != is.Browser() {
		return false
	}
	return was.System() == is.System() || asDesktop[was.System()] == is.System() || asDesktop[is.System()] == was.System()
}

// asDesktop is what phones and tablets pretend to be when a desktop page is asked for.
var asDesktop = map[string]string{"Android": "Linux", "iPhone": "macOS", "iPad": "macOS"}
