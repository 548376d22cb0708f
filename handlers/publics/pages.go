package publics

import (
	"github.com/gofiber/fiber/v2"

	publicsdb "veche/db/publics"
	"veche/domain/event"
	"veche/domain/publics"
	"veche/handlers"
	view "veche/views/publics"
	"veche/views/ui"
	"veche/views/words"
)

// directory lists the publics.
func (h *Handler) directory(c *handlers.Ctx) error {
	page, err := h.store.Directory(c.Context(), c.Query("after"))
	if err != nil {
		return err
	}
	return c.Page(handlers.Page{Title: words.T(c.Context(), "publics.title")}, view.DirectoryPage(view.Directory(page)))
}

// wall shows a public with its posts, of one kind or of all (PUB-08).
func (h *Handler) wall(c *handlers.Ctx) error {
	kind, _ := publics.ParseKind(c.Query("kind")) // nonsense shows all kinds
	wall, err := h.store.Wall(c.Context(), c.Params("public"), kind, publics.ParsePlace(c.Query("from")))
	if err != nil {
		return err
	}
	return c.Page(handlers.Page{
		Title:       wall.Public.Name,
		Description: wall.Public.About,
		Crumbs:      crumbs(c),
	}, view.WallPage(view.Wall{Public: wall.Public, Kind: wall.Kind, Posts: wall.Posts, Next: wall.Next}))
}

// sheet shows a post with its comments.
func (h *Handler) sheet(c *handlers.Ctx) error {
	id, err := postID(c)
	if err != nil {
		return err
	}
	return h.show(c, id, handlers.ParseID[int64](c.Query("before")), fiber.StatusOK, view.Form{})
}

// toSheet leads from the address of the comments, at which a form that came back
// stands, to the page of their post: reloading or changing the language asks for it.
func (h *Handler) toSheet(c *handlers.Ctx) error {
	id, err := postID(c)
	if err != nil {
		return err
	}
	return c.See(view.PostHref(c.Params("public"), id))
}

// show answers with the page of a post, its form fresh or with what came back.
func (h *Handler) show(c *handlers.Ctx, id publics.PostID, before int64, status int, form view.Form) error {
	sheet, stamps, err := h.read(c, id, before)
	if err != nil {
		return err
	}
	slug := sheet.Public.Slug
	page := view.Sheet{
		Public:  sheet.Public,
		Post:    sheet.Post,
		Threads: threads(sheet, stamps),
		Next:    sheet.Next,
		Counts:  stamps.For(publics.CountsOf(id), sheet.State),
		SignIn:  handlers.SignInPath(view.PostHref(slug, id)),
		Readers: h.opened(c, slug, id),
	}
	if before == 0 {
		page.Head = headOf(sheet, stamps)
	}
	if c.Actor.SignedIn() {
		form.Newest = before == 0
		page.Part = &view.Part{
			Like: view.Like{Slug: slug, Post: id, Reaction: ownReaction(c, sheet, stamps)},
			Own:  ownComments(c, sheet, stamps),
			Form: formOf(c, slug, id, form),
		}
		page.Unconfirmed = !c.Actor.Confirmed
	}
	return c.Page(handlers.Page{
		Title:       sheet.Post.Title,
		Description: sheet.Post.Excerpt(description),
		Crumbs:      crumbs(c, ui.Crumb{Label: sheet.Public.Name, Href: view.Href(slug)}),
		Status:      status,
	}, view.PostPage(page))
}

// read reads the page of a post: versions first, state second.
func (h *Handler) read(c *handlers.Ctx, id publics.PostID, before int64) (publicsdb.Sheet, handlers.Stamps, error) {
	topics := []event.Topic{publics.TopicOf(id)}
	if c.Actor.SignedIn() {
		topics = append(topics, publics.TopicComments(c.Actor.Public), publics.TopicReactions(c.Actor.Public))
	}
	stamps := c.Stamps(topics...)
	sheet, err := h.store.Sheet(c.Context(), c.Actor, c.Params("public"), id, before)
	return sheet, stamps, err
}

// talk shows one comment with all replies to it.
func (h *Handler) talk(c *handlers.Ctx) error {
	id, err := postID(c)
	if err != nil {
		return err
	}
	comment := handlers.ParseID[publics.CommentID](c.Params("comment"))
	if comment == 0 {
		return publics.ErrNoComment
	}
	after := handlers.ParseID[publics.CommentID](c.Query("after"))
	stamps := c.Stamps(publics.TopicOf(id))
	talk, err := h.store.Talk(c.Context(), c.Params("public"), id, comment, after)
	if err != nil {
		return err
	}
	at := stand{slug: talk.Public.Slug, post: id, thread: talk.Comment.ID, state: talk.State, stamps: stamps}
	ctx := c.Context()
	return c.Page(handlers.Page{
		Title: words.T(ctx, "publics.talk.thread"),
		Crumbs: crumbs(c,
			ui.Crumb{Label: talk.Public.Name, Href: view.Href(talk.Public.Slug)},
			ui.Crumb{Label: talk.Post.Title, Href: view.PostHref(talk.Public.Slug, id)}),
	}, view.TalkPage(view.Talk{
		Public:  talk.Public,
		Post:    talk.Post,
		Comment: at.said(talk.Comment),
		Replies: at.all(talk.Replies),
		Next:    talk.Next,
	}))
}

// description is how much of a post search engines are told, in letters.
const description = 160

func crumbs(c *handlers.Ctx, more ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: words.T(c.Context(), "publics.title"), Href: view.Root}}, more...)
}

func postID(c *handlers.Ctx) (publics.PostID, error) {
	id := handlers.ParseID[publics.PostID](c.Params("post"))
	if id == 0 {
		return 0, publics.ErrNoPost
	}
	return id, nil
}
