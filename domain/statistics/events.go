package statistics

import (
	"strconv"
	"time"

	"veche/domain/event"
	"veche/domain/publics"
)

// TopicOf is the topic of how one post is read. Only the screens of its editors
// follow it, so that a view redraws nothing for readers.
func TopicOf(id publics.PostID) event.Topic {
	return event.NewTopic("statistics", strconv.FormatInt(int64(id), 10))
}

// TopicViewers is the topic of how many have a post in view at the moment.
func TopicViewers(id publics.PostID) event.Topic {
	return event.NewTopic("viewers", strconv.FormatInt(int64(id), 10))
}

// TotalsOf is the region of a post's figures.
func TotalsOf(id publics.PostID) event.Region { return event.NewRegion(TopicOf(id), "totals") }

// CurveOf is the region of the curve of a post's day.
func CurveOf(id publics.PostID) event.Region { return event.NewRegion(TopicOf(id), "day") }

// HoursOf is the region of the same as a table.
func HoursOf(id publics.PostID) event.Region { return event.NewRegion(TopicOf(id), "hours") }

// FiguresOf is the region of what readers did about a post.
func FiguresOf(id publics.PostID) event.Region {
	return event.NewRegion(publics.TopicOf(id), "figures")
}

// HereOf is the region that says how many read a post, to those who do: who follows
// it is counted.
func HereOf(id publics.PostID) event.Region { return event.NewRegion(TopicViewers(id), "here") }

// NowOf is the region that says the same to those who watch, and are not counted.
func NowOf(id publics.PostID) event.Region { return event.NewRegion(TopicViewers(id), "now") }

// PostRead tells that a post was viewed, or was in view for a while longer.
type PostRead struct{ Post publics.PostID }

// Name is the name of the event.
func (PostRead) Name() string { return "statistics.post_read" }

// Changes are the screens of the post's statistics.
func (e PostRead) Changes() []event.Change { return []event.Change{{Topic: TopicOf(e.Post)}} }

// DayBegan tells that a day began, for posts that were read lately: what was today's
// is yesterday's.
type DayBegan struct {
	Day   time.Time
	Posts []publics.PostID
}

// Name is the name of the event.
func (DayBegan) Name() string { return "statistics.day_began" }

// Changes are the screens of the statistics of these posts.
func (e DayBegan) Changes() []event.Change {
	changes := make([]event.Change, len(e.Posts))
	for i, post := range e.Posts {
		changes[i] = event.Change{Topic: TopicOf(post)}
	}
	return changes
}
