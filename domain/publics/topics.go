package publics

import (
	"strconv"

	"veche/domain/event"
)

// TopicOf is the topic of one post: its counts and what is said under it.
func TopicOf(id PostID) event.Topic {
	return event.NewTopic("post", strconv.FormatInt(int64(id), 10))
}

// CountsOf is the region of a post's counts.
func CountsOf(id PostID) event.Region { return event.NewRegion(TopicOf(id), "counts") }

// HeadOf is the region that names the newest comments under a post.
func HeadOf(id PostID) event.Region { return event.NewRegion(TopicOf(id), "head") }

// CommentOf is the region of one comment.
func CommentOf(id PostID, comment CommentID) event.Region {
	return event.NewItem(TopicOf(id), "comment", strconv.FormatInt(int64(comment), 10))
}
