package moderation

import (
	"time"

	"veche/domain/accounts"
)

// Submission is what waits for a decision, as the moderators see it.
type Submission struct {
	Author    accounts.ID
	Text      string
	Title     string // of the post
	Path      string // address of the page, local
	CreatedAt time.Time
}
