package moderation

import (
	"context"
	"errors"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/domain/moderation"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/moderation"
)

// take gives the item to the actor, or prolongs what they have.
func (h *Handler) take(c *handlers.Ctx) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	return h.act(c, id, h.store.Take, func(item moderation.Item) []templ.Component {
		if c.FormValue(view.DrawnField) != "" || !holds(c, item) {
			return nil // what is typed in the form stays
		}
		return []templ.Component{handlers.Fill(view.PlaceOf(item.ID), view.DecisionForm(*formOf(c, item)))}
	})
}

// next gives the actor what is most urgent and leads to it, to the queue when there is
// nothing free in it.
func (h *Handler) next(c *handlers.Ctx) error {
	id, err := h.store.TakeNext(c.Context(), c.Actor)
	switch {
	case err != nil:
		return err
	case id == 0:
		return c.See(view.Root)
	}
	return c.See(view.Href(id))
}

// release gives the item back.
func (h *Handler) release(c *handlers.Ctx) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	return h.act(c, id, h.store.Release, nil)
}

// undo takes the actor's decision back.
func (h *Handler) undo(c *handlers.Ctx) error {
	id := handlers.ParseID[moderation.ID](c.FormValue(view.ItemField))
	if id <= 0 {
		return moderation.ErrNothingToUndo
	}
	return h.act(c, id, h.store.Undo, func(item moderation.Item) []templ.Component {
		return []templ.Component{
			handlers.Fill("problem", view.Undone(item)),
			handlers.Fill(view.PlaceOf(item.ID), view.DecisionForm(*formOf(c, item))),
		}
	})
}

// act does something to an item and answers with what the actor sees of it now; more
// is what else the answer holds.
func (h *Handler) act(
	c *handlers.Ctx,
	id moderation.ID,
	do func(context.Context, access.Actor, moderation.ID) error,
	more func(moderation.Item) []templ.Component,
) error {
	failed := do(c.Context(), c.Actor, id)
	refused, _ := problem.As(failed)
	switch {
	case failed != nil && (refused == nil || refused.Kind != problem.Conflict):
		return failed
	case !c.HTMX() && failed != nil:
		return failed
	case !c.HTMX():
		return c.See(view.Href(id))
	}
	item, parts, err := h.regions(c, id)
	if err != nil {
		return errors.Join(failed, err)
	}
	if failed != nil {
		return c.Fragment(handlers.Status(refused), append(parts, c.Trouble(refused))...)
	}
	parts = append(parts, handlers.Fill("problem", handlers.Nothing))
	if more != nil {
		parts = append(parts, more(item)...)
	}
	return c.Fragment(fiber.StatusOK, parts...)
}

// decide notes the actor's verdict. What they typed stays in the form until it is
// taken.
func (h *Handler) decide(c *handlers.Ctx) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	form := formOf(c, moderation.Item{ID: id})
	form.Ground, form.Note = c.FormValue("ground"), c.FormValue("note")
	token, _ := strconv.ParseInt(c.FormValue(view.TokenField), 10, 64) // nonsense is no lease's
	failed := h.store.Decide(c.Context(), c.Actor, id, token, moderation.NewVerdict(c.FormValue("outcome"), form.Ground, form.Note))
	refused, shown := problem.As(failed)
	switch {
	case failed == nil && !c.HTMX():
		return c.See(view.Href(id))
	case failed != nil && (!shown || refused.Kind != problem.Conflict && refused.Kind != problem.Invalid):
		return failed
	}
	form.Trouble = refused
	if !c.HTMX() {
		return h.show(c, id, handlers.Status(refused), form)
	}
	_, parts, err := h.regions(c, id)
	if err != nil {
		return errors.Join(failed, err)
	}
	if failed != nil {
		return c.Fragment(handlers.Status(refused), append(parts, view.DecisionFields(*form))...)
	}
	return c.Fragment(fiber.StatusOK, append(parts,
		handlers.Fill(view.PlaceOf(id), view.Decided()),
		handlers.Fill("problem", handlers.Nothing))...)
}

// regions are what the actor sees of an item, drawn anew for an answer.
func (h *Handler) regions(c *handlers.Ctx, id moderation.ID) (moderation.Item, []templ.Component, error) {
	stamps := h.stamps(c)
	desk, err := h.store.DeskWith(c.Context(), c.Actor.Public, id)
	if err != nil {
		return moderation.Item{}, nil, err
	}
	own, undo := ownOf(c, desk, stamps), undoOf(c, desk, stamps)
	lease, card := moderation.LeaseOf(id), moderation.CardOf(id)
	parts := []templ.Component{
		handlers.Partial(lease, view.Lease(desk.Item, stamps.For(lease, desk.State))),
		handlers.Partial(own.Stamp.Region, view.OwnItem(own)),
		handlers.Partial(undo.Stamp.Region, view.OwnUndo(undo)),
	}
	if desk.Item.State != moderation.StateSettled {
		parts = append(parts, handlers.Partial(card, view.Card(desk.Item, stamps.For(card, desk.State))))
	}
	return desk.Item, parts, nil
}
