package publics

import (
	"fmt"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	publicsdb "veche/db/publics"
	"veche/domain/problem"
	"veche/domain/publics"
	"veche/handlers"
	view "veche/views/publics"
)

// How many comments a person may send.
var sayLimits = []struct {
	per   string
	limit handlers.Limit
}{
	{"minute", handlers.Limit{Tries: 5, Period: time.Minute}},
	{"hour", handlers.Limit{Tries: 30, Period: time.Hour}},
}

// comment takes a comment: the author is told at once what became of it, all others
// see it through their sockets once it is published.
func (h *Handler) comment(c *handlers.Ctx) error {
	id, err := postID(c)
	if err != nil {
		return err
	}
	form := view.Form{
		Body:    c.FormValue(publics.BodyField),
		Request: handlers.ParseKey(c.FormValue(view.RequestField)),
		Newest:  c.FormValue(view.NewestField) != "",
	}
	said, err := h.say(c, id, form)
	switch refused, shown := problem.As(err); {
	case err == nil:
		return h.cameThrough(c, id, form, said)
	case shown && (refused.Kind == problem.Invalid || refused.Kind == problem.TooMany):
		form.Trouble = refused
		return h.comeBack(c, id, form)
	default:
		return fmt.Errorf("comment on post %d: %w", id, err)
	}
}

func (h *Handler) say(c *handlers.Ctx, id publics.PostID, form view.Form) (publicsdb.Said, error) {
	body, err := publics.ParseBody(form.Body)
	if err != nil {
		return publicsdb.Said{}, err
	}
	for _, l := range sayLimits {
		if err := c.Limiter().Allow(c.Context(), "comment:"+l.per+":"+c.Actor.Public, l.limit); err != nil {
			return publicsdb.Said{}, tooOften(err)
		}
	}
	return h.store.Comment(c.Context(), c.Actor, c.Params("public"), id, body, form.Request)
}

// tooOften says in minutes how long to wait: the limit of an hour is long in
// seconds.
func tooOften(err error) error {
	refused, ok := problem.As(err)
	if !ok || refused.Kind != problem.TooMany {
		return err
	}
	at := slices.Index(refused.Values, any("Seconds"))
	if at < 0 {
		return err
	}
	seconds, _ := refused.Values[at+1].(int)
	return problem.New(problem.TooMany, "publics.problem.too_often", "Minutes", max(1, (seconds+59)/60))
}

// cameThrough shows what became of the comment, and a form for the next one. A
// published comment is put before those the page shows; with its key there, the
// list's head does not count it as new.
func (h *Handler) cameThrough(c *handlers.Ctx, id publics.PostID, form view.Form, said publicsdb.Said) error {
	if !c.HTMX() {
		return c.See(view.PostHref(c.Params("public"), id) + "#comments")
	}
	sheet, stamps, err := h.read(c, id, 0)
	if err != nil {
		return err
	}
	own := ownComments(c, sheet, stamps)
	counts := stamps.For(publics.CountsOf(id), sheet.State)
	parts := []templ.Component{
		handlers.Fill(view.FormID(id), view.CommentForm(formOf(c, sheet.Public.Slug, id, view.Form{Newest: form.Newest}))),
		handlers.Partial(own.Stamp.Region, view.OwnCommentsList(own)),
		handlers.Partial(counts.Region, view.Counts(sheet.Post.Summary, counts)),
		handlers.Fill("problem", handlers.Nothing),
	}
	if form.Newest && !said.Repeated {
		for _, thread := range threads(sheet, stamps) {
			if thread.Comment.ID == said.ID {
				parts = append(parts, handlers.Prepend(view.CommentsID(id), view.ThreadOf(thread)))
			}
		}
	}
	return c.Fragment(fiber.StatusOK, parts...)
}

// comeBack shows the form again with what was typed and what is wrong in it.
func (h *Handler) comeBack(c *handlers.Ctx, id publics.PostID, form view.Form) error {
	status := handlers.Status(form.Trouble)
	if !c.HTMX() {
		return h.show(c, id, 0, status, form)
	}
	return c.Fragment(status, handlers.Fill(view.FormID(id), view.CommentForm(formOf(c, c.Params("public"), id, form))))
}
