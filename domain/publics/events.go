package publics

import (
	"strconv"
	"time"

	"veche/domain/event"
	"veche/domain/moderation"
)

// TopicComments is the topic of a person's own comments that others do not see:
// waiting, refused, just published.
func TopicComments(account string) event.Topic { return event.NewTopic("comments", account) }

// TopicReactions is the topic of a person's own reactions.
func TopicReactions(account string) event.Topic { return event.NewTopic("reactions", account) }

// OwnCommentsOf is the region of a person's own comments under one post.
func OwnCommentsOf(account string, id PostID) event.Region {
	return event.NewItem(TopicComments(account), "post", strconv.FormatInt(int64(id), 10))
}

// OwnReactionOf is the region of a person's own reaction to one post.
func OwnReactionOf(account string, id PostID) event.Region {
	return event.NewItem(TopicReactions(account), "post", strconv.FormatInt(int64(id), 10))
}

// CommentHeld tells that a comment waits for a moderator.
type CommentHeld struct {
	Post       PostID
	Comment    CommentID
	Account    string // public id of the author
	Suspicions []moderation.Suspicion
}

// Name is the name of the event.
func (CommentHeld) Name() string { return "publics.comment_held" }

// Changes are the author's own screens: nobody else sees the comment.
func (e CommentHeld) Changes() []event.Change { return ownComments(e.Account, e.Post) }

// CommentPublished tells that everybody may read a comment.
type CommentPublished struct {
	Post     PostID
	Comment  CommentID
	Account  string // public id of the author
	Reviewed bool   // a moderator let it through
	// NoticeUntil is how long the author is told of it, see [NoticeFor].
	NoticeUntil time.Time
}

// Name is the name of the event.
func (CommentPublished) Name() string { return "publics.comment_published" }

// Changes are the comment, what counts comments, and the author's own screens.
func (e CommentPublished) Changes() []event.Change {
	return append(ownComments(e.Account, e.Post), event.Change{Topic: TopicOf(e.Post), IDs: []string{strconv.FormatInt(int64(e.Comment), 10)}})
}

// CommentRefused tells that a moderator refused a comment.
type CommentRefused struct {
	Post    PostID
	Comment CommentID
	Account string // public id of the author
	Ground  moderation.Ground
}

// Name is the name of the event.
func (CommentRefused) Name() string { return "publics.comment_refused" }

// Changes are the author's own screens: nobody else saw the comment.
func (e CommentRefused) Changes() []event.Change { return ownComments(e.Account, e.Post) }

// NoticeEnded tells that the author of a comment has known of its publication for
// long enough.
type NoticeEnded struct {
	Post    PostID
	Account string // public id of the author
}

// Name is the name of the event.
func (NoticeEnded) Name() string { return "publics.notice_ended" }

// Changes are the author's own screens.
func (e NoticeEnded) Changes() []event.Change { return ownComments(e.Account, e.Post) }

func ownComments(account string, post PostID) []event.Change {
	return []event.Change{{Topic: TopicComments(account), IDs: []string{strconv.FormatInt(int64(post), 10)}}}
}

// Reacted tells that a person likes a post, or no longer does.
type Reacted struct {
	Post    PostID
	Account string // public id
}

// Name is the name of the event.
func (Reacted) Name() string { return "publics.reacted" }

// likes is an id that no comment has: the post's comments are not drawn anew for a
// like.
const likes = "likes"

// Changes are the post's counts and the person's own button.
func (e Reacted) Changes() []event.Change {
	return []event.Change{
		{Topic: TopicOf(e.Post), IDs: []string{likes}},
		{Topic: TopicReactions(e.Account), IDs: []string{strconv.FormatInt(int64(e.Post), 10)}},
	}
}
