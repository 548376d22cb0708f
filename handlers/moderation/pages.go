package moderation

import (
	"time"

	"github.com/gofiber/fiber/v2"

	moderationdb "veche/db/moderation"
	"veche/domain/moderation"
	"veche/handlers"
	view "veche/views/moderation"
	"veche/views/ui"
	"veche/views/words"
)

// queue shows what waits, by deadline (WRK-05).
func (h *Handler) queue(c *handlers.Ctx) error {
	from := moderation.ParsePlace(c.Query(view.FromField))
	stamps := h.stamps(c)
	desk, err := h.store.Desk(c.Context(), c.Actor.Public, from)
	if err != nil {
		return err
	}
	return c.Page(
		handlers.Page{Title: words.T(c.Context(), "moderation.title")},
		view.QueuePage(queueOf(desk, stamps, from), undoOf(c, desk, stamps)),
	)
}

// sheet shows one item beside the queue.
func (h *Handler) sheet(c *handlers.Ctx) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	return h.show(c, id, fiber.StatusOK, nil)
}

// toSheet leads to the item from the address of its decision, where a form that came
// back stands.
func (h *Handler) toSheet(c *handlers.Ctx) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	return c.See(view.Href(id))
}

// show draws the page of an item. Who has it gets the form of a decision; form is one
// that came back, whoever has the item now.
func (h *Handler) show(c *handlers.Ctx, id moderation.ID, status int, form *view.Form) error {
	stamps := h.stamps(c)
	desk, err := h.store.Open(c.Context(), c.Actor, id)
	if err != nil {
		return err
	}
	if form == nil && holds(c, desk.Item) {
		form = formOf(c, desk.Item)
	}
	ctx := c.Context()
	return c.Page(handlers.Page{
		Title:  words.T(ctx, "moderation.comment"),
		Status: status,
		Crumbs: []ui.Crumb{{Label: words.T(ctx, "moderation.title"), Href: view.Root}},
	}, view.ItemPage(view.Sheet{
		Queue:  queueOf(desk, stamps, moderation.Start()),
		Undo:   undoOf(c, desk, stamps),
		Item:   desk.Item,
		Record: desk.Record,
		Lease:  stamps.For(moderation.LeaseOf(id), desk.State),
		Own:    ownOf(c, desk, stamps),
		Mine:   desk.Item.Author == c.Actor.Account,
		Form:   form,
		Now:    time.Now(),
	}))
}

// formOf is the form of a decision for the actor, who has the item. It begins with
// what they typed for a decision that they took back.
func formOf(c *handlers.Ctx, i moderation.Item) *view.Form {
	return &view.Form{
		Item:   i.ID,
		Answer: moderation.UndoOf(c.Actor.Public).ElementID(),
		Ground: string(i.Decision.Ground),
		Note:   i.Decision.Note,
	}
}

func holds(c *handlers.Ctx, i moderation.Item) bool {
	return i.State == moderation.StateWaiting && i.Lease.Holder.Account == c.Actor.Account
}

// stamps reads the versions of all that a moderator's page shows.
func (h *Handler) stamps(c *handlers.Ctx) handlers.Stamps {
	return c.Stamps(moderation.TopicQueue, moderation.TopicDesk(c.Actor.Public))
}

func queueOf(desk moderationdb.Desk, stamps handlers.Stamps, from moderation.Place) view.Queue {
	end := from
	if n := len(desk.Items); n > 0 {
		end = desk.Items[n-1].Place()
	}
	queue := view.Queue{
		Rows:    make([]view.Row, len(desk.Items)),
		Next:    desk.Next,
		End:     end.String(),
		Head:    view.Head{Newest: desk.Newest, Stamp: stamps.For(moderation.HeadRegion, desk.State)},
		Waiting: view.Waiting{Count: desk.Waiting, Stamp: stamps.For(moderation.CountRegion, desk.State)},
	}
	for i, item := range desk.Items {
		queue.Rows[i] = view.Row{Item: item, Stamp: stamps.For(moderation.CardOf(item.ID), desk.State)}
	}
	return queue
}

func undoOf(c *handlers.Ctx, desk moderationdb.Desk, stamps handlers.Stamps) view.Undo {
	return view.Undo{Items: desk.Undo, Stamp: stamps.For(moderation.UndoOf(c.Actor.Public), desk.State)}
}

func ownOf(c *handlers.Ctx, desk moderationdb.Desk, stamps handlers.Stamps) view.Own {
	return view.Own{
		Item:    desk.Item,
		Account: c.Actor.Public,
		Stamp:   stamps.For(moderation.OwnOf(c.Actor.Public, desk.Item.ID), desk.State),
	}
}
