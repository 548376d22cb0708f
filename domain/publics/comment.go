package publics

import (
	"time"

	"veche/domain/accounts"
)

// Comment is what somebody said under a post. Only published comments are read;
// what waits for a moderator is not.
type Comment struct {
	ID        CommentID
	Turn      int64  // grows with each comment published under a post
	Author    string // full name, or the public's when Official
	Official  bool   // said in the name of the public
	Body      string
	CreatedAt time.Time
}

// Paragraphs are the paragraphs of the comment.
func (c Comment) Paragraphs() []string { return paragraphs(c.Body) }

// Signature is the name a comment is signed with.
func (c Comment) Signature() string {
	if c.Official {
		return c.Author
	}
	return accounts.Signature(c.Author)
}

// Initials stand for the face of who wrote the comment.
func (c Comment) Initials() string { return accounts.Initials(c.Author) }

// Thread is a comment with the first replies to it.
type Thread struct {
	Comment
	Replies []Comment
	More    bool // there are more replies than stand here
}
