package town

import (
	"math"
	"math/rand/v2"
	"time"
)

// Reading is how a post was read within one hour.
type Reading struct {
	Post    int
	Hour    time.Time
	Views   int64
	Seconds int64
}

const (
	freshDays   = 4              // most of what is read of a post is read in them
	lateHours   = 36             // up to now, old posts are found now and then
	interest    = 14 * time.Hour // within which it falls to a third
	oftenViewed = 9.0            // views for each like
	seldom      = 0.35           // views an hour of what is old
	shortest    = 35             // seconds that a reader stays
	longer      = 75             // at most beyond them
	wholeHour   = float64(time.Hour)
)

// readings lets residents and guests read the posts: what is liked more is read
// more, most of it soon, and little of it at night.
func readings(random *rand.Rand, now time.Time, t *Town) []Reading {
	type postHour struct {
		post int
		hour int64
	}
	likes, liked := make([]int, len(t.Posts)), map[postHour]int64{}
	for _, r := range t.Reactions {
		likes[r.Post]++
		liked[postHour{r.Post, r.ReactedAt.Truncate(time.Hour).Unix()}]++
	}
	var all []Reading
	for i, post := range t.Posts {
		first := post.PublishedAt.Truncate(time.Hour)
		fresh, late := first.AddDate(0, 0, freshDays), now.Add(-lateHours*time.Hour)
		scale := oftenViewed * float64(likes[i]) * wholeHour / float64(interest)
		for hour := first; !hour.After(now); hour = hour.Add(time.Hour) {
			found := liked[postHour{i, hour.Unix()}] // who likes a post has read it
			if hour.After(fresh) && hour.Before(late.Truncate(time.Hour)) && found == 0 {
				continue
			}
			from, to := hour, hour.Add(time.Hour)
			if from.Before(post.PublishedAt) {
				from = post.PublishedAt
			}
			if to.After(now) {
				to = now
			}
			age := float64(hour.Sub(first)) / float64(interest)
			expected := (scale*math.Exp(-age) + seldom) * wakefulness[hour.In(now.Location()).Hour()] *
				float64(to.Sub(from)) / wholeHour
			views := found + int64(expected*(0.7+0.6*random.Float64())+random.Float64())
			if views <= 0 {
				continue
			}
			all = append(all, Reading{
				Post:    i,
				Hour:    hour,
				Views:   views,
				Seconds: views * (shortest + random.Int64N(longer)),
			})
		}
	}
	return all
}
