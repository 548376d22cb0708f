package polls

import (
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"veche/domain/polls"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/polls"
)

// voteLimit bounds how often one person may send votes.
var voteLimit = handlers.Limit{Tries: 60, Period: time.Minute}

// cast takes a vote: the person who voted gets their own answer at once, all
// others see it through their sockets.
func (h *Handler) cast(c *handlers.Ctx) error {
	id, err := pollID(c)
	if err != nil {
		return err
	}
	form := view.Form{Chosen: c.FormValue("option"), Request: handlers.ParseKey(c.FormValue("request"))}
	err = c.Limiter().Allow(c.Context(), "vote:"+c.Actor.Public, voteLimit)
	if err == nil {
		chosen := handlers.ParseID[polls.OptionID](form.Chosen) // one of another poll is for the rules to refuse
		err = h.store.Cast(c.Context(), c.Actor, id, chosen, form.Request)
	}
	switch refused, shown := problem.As(err); {
	case err == nil:
		return h.cameThrough(c, id)
	case shown && (refused.Kind == problem.Invalid || refused.Kind == problem.TooMany):
		form.Trouble = refused
		return h.comeBack(c, id, form)
	case shown && refused.Kind == problem.Conflict:
		return h.tooLate(c, id, refused)
	default:
		return fmt.Errorf("vote in poll %d: %w", id, err)
	}
}

// cameThrough shows the vote counted.
func (h *Handler) cameThrough(c *handlers.Ctx, id polls.ID) error {
	if !c.HTMX() {
		return c.See(view.Href(id))
	}
	sheet, stamps, err := h.read(c, id)
	if err != nil {
		return err
	}
	parts, err := h.regions(c, sheet, stamps)
	if err != nil {
		return err
	}
	return c.Fragment(fiber.StatusOK, append(parts, handlers.Fill("problem", handlers.Nothing))...)
}

// comeBack shows the form again with what is wrong in it.
func (h *Handler) comeBack(c *handlers.Ctx, id polls.ID, form view.Form) error {
	status := handlers.Status(form.Trouble)
	if !c.HTMX() {
		return h.show(c, id, status, form)
	}
	sheet, _, err := h.read(c, id)
	if err != nil {
		return err
	}
	return c.Fragment(status, view.VoteForm(formOf(c, sheet, form)))
}

// tooLate tells that the poll or the person's own vote does not allow it any
// more, and brings the page up to what is true now.
func (h *Handler) tooLate(c *handlers.Ctx, id polls.ID, refused *problem.Error) error {
	if !c.HTMX() {
		return refused
	}
	sheet, stamps, err := h.read(c, id)
	if err != nil {
		return errors.Join(refused, err)
	}
	parts, err := h.regions(c, sheet, stamps)
	if err != nil {
		return errors.Join(refused, err)
	}
	return c.Fragment(handlers.Status(refused), append(parts, c.Trouble(refused))...)
}
