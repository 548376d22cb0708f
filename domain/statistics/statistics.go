// Package statistics holds how posts are read: views, how long they are in view, by
// the hour, beside what readers did (PUB-09, STA-02). A view is one reader in one
// window: the window begins when the reader opens the post and ends after half an
// hour without a sign of them.
package statistics

import (
	"time"

	"veche/domain/publics"
)

// Window is how long after the last sign of a reader the next opening is a new view.
const Window = 30 * time.Minute

// Reader tells one reader from another: a keyed hash of the account, or of a random
// cookie for a guest. It is not to be traced back to either.
type Reader string

// Hour is how a post was read within one hour.
type Hour struct {
	Hour    time.Time // its beginning
	Views   int64
	Seconds int64 // that pages of the post were in view, over all readers
}

// Average is for how long a reader had the post in view, to the second.
func (h Hour) Average() time.Duration { return average(h.Seconds, h.Views) }

// Figures are how a post was read, as of one state.
type Figures struct {
	Post    publics.PostID
	Views   int64
	Seconds int64  // that pages of the post were in view, over all readers
	Day     Day    // the day of that state
	Hours   []Hour // of that day, in order; hours without a reader may be missing
}

// Average is for how long a reader had the post in view, to the second.
func (f Figures) Average() time.Duration { return average(f.Seconds, f.Views) }

// Today is how many views the day has.
func (f Figures) Today() int64 {
	var views int64
	for _, h := range f.Hours {
		views += h.Views
	}
	return views
}

// Curve is the day from its first hour to the last in which somebody read, with the
// empty hours in between.
func (f Figures) Curve() []Hour {
	var curve []Hour
	next := f.Day.Begins
	for _, h := range f.Hours {
		for ; next.Before(h.Hour); next = next.Add(time.Hour) {
			curve = append(curve, Hour{Hour: next})
		}
		curve = append(curve, h)
		next = h.Hour.Add(time.Hour)
	}
	return curve
}

// average is 0 where there were no views: a page that stays open over an hour is in
// view without being viewed anew.
func average(seconds, views int64) time.Duration {
	if views == 0 {
		return 0
	}
	return time.Duration((seconds+views/2)/views) * time.Second
}

// Day is a day of the portal's zone, from midnight to midnight.
type Day struct{ Begins, Ends time.Time }

// DayOf is the day of a moment in a zone.
func DayOf(at time.Time, zone *time.Location) Day {
	year, month, day := at.In(zone).Date()
	return Day{
		Begins: time.Date(year, month, day, 0, 0, 0, 0, zone),
		Ends:   time.Date(year, month, day+1, 0, 0, 0, 0, zone),
	}
}

// Reactions are what readers did about a post.
type Reactions struct {
	Likes    int64
	Comments int64 // published ones, replies included
}
