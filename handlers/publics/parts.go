package publics

import (
	publicsdb "veche/db/publics"
	"veche/domain/event"
	"veche/domain/publics"
	"veche/handlers"
	view "veche/views/publics"
)

// stand is where comments stand, and as of which state they were read.
type stand struct {
	slug   string
	post   publics.PostID
	thread publics.CommentID
	state  string
	stamps handlers.Stamps
}

func (at stand) said(c publics.Comment) view.Said {
	return view.Said{
		Slug:    at.slug,
		Post:    at.post,
		Thread:  at.thread,
		Comment: c,
		Stamp:   at.stamps.For(publics.CommentOf(at.post, c.ID), at.state),
	}
}

func (at stand) all(comments []publics.Comment) []view.Said {
	all := make([]view.Said, len(comments))
	for i, c := range comments {
		all[i] = at.said(c)
	}
	return all
}

func threads(sheet publicsdb.Sheet, stamps handlers.Stamps) []view.Thread {
	all := make([]view.Thread, len(sheet.Threads))
	for i, thread := range sheet.Threads {
		at := stand{slug: sheet.Public.Slug, post: sheet.Post.ID, thread: thread.ID, state: sheet.State, stamps: stamps}
		all[i] = view.Thread{Said: at.said(thread.Comment), Replies: at.all(thread.Replies), More: thread.More}
	}
	return all
}

// headOf is the head of a list that begins with the newest comment.
func headOf(sheet publicsdb.Sheet, stamps handlers.Stamps) *view.Head {
	head := view.Head{
		Slug:  sheet.Public.Slug,
		Post:  sheet.Post.ID,
		Stamp: stamps.For(publics.HeadOf(sheet.Post.ID), sheet.State),
	}
	for _, thread := range sheet.Threads {
		head.Turns = append(head.Turns, thread.Turn)
	}
	return &head
}

func ownReaction(c *handlers.Ctx, sheet publicsdb.Sheet, stamps handlers.Stamps) view.Reaction {
	region := publics.OwnReactionOf(c.Actor.Public, sheet.Post.ID)
	return view.Reaction{Liked: sheet.Liked, Stamp: stamps.For(region, sheet.State)}
}

func ownComments(c *handlers.Ctx, sheet publicsdb.Sheet, stamps handlers.Stamps) view.OwnComments {
	region := publics.OwnCommentsOf(c.Actor.Public, sheet.Post.ID)
	return view.OwnComments{
		Slug:     sheet.Public.Slug,
		Post:     sheet.Post.ID,
		Comments: sheet.Own,
		Stamp:    stamps.For(region, sheet.State),
	}
}

// formOf is the form of a comment as this person sends it, with a key of its own
// unless it came back with one.
func formOf(c *handlers.Ctx, slug string, id publics.PostID, form view.Form) view.Form {
	form.Slug, form.Post = slug, id
	form.Answer = answerOf(c, id).ElementID()
	if form.Request == "" {
		form.Request = handlers.NewKey()
	}
	return form
}

// answerOf is the region in which a person reads what became of their comment.
func answerOf(c *handlers.Ctx, id publics.PostID) event.Region {
	return publics.OwnCommentsOf(c.Actor.Public, id)
}
