package notifications

import (
	"github.com/gofiber/fiber/v2"

	notificationsdb "veche/db/notifications"
	"veche/domain/notifications"
	"veche/handlers"
	view "veche/views/notifications"
)

// read marks an item as read: this window sees it in the answer, the person's other
// windows through their sockets.
func (h *Handler) read(c *handlers.Ctx) error {
	id := c.Params("notification")
	if _, err := h.store.Read(c.Context(), c.Actor, id); err != nil {
		return err
	}
	if !c.HTMX() {
		return back(c)
	}
	account := c.Actor.Public
	stamps := c.Stamps(notifications.TopicOf(account))
	key := notificationsdb.ItemKey{Account: account, ID: id}
	state, found, err := h.store.Items(c.Context(), []notificationsdb.ItemKey{key})
	if err != nil {
		return err
	}
	bell, err := h.Bell(c)
	if err != nil {
		return err
	}
	item := notifications.ItemOf(account, id)
	return c.Fragment(fiber.StatusOK,
		handlers.Partial(item, view.Notification(found[key], stamps.For(item, state))),
		handlers.Partial(notifications.BellOf(account), bell))
}

// readAll marks everything as read.
func (h *Handler) readAll(c *handlers.Ctx) error {
	if err := h.store.ReadAll(c.Context(), c.Actor); err != nil {
		return err
	}
	if !c.HTMX() {
		return back(c)
	}
	bell, err := h.Bell(c)
	if err != nil {
		return err
	}
	// The items of this window follow through its socket, as those of the others do.
	return c.Fragment(fiber.StatusOK, handlers.Partial(notifications.BellOf(c.Actor.Public), bell))
}

// back leads to the feed as it was filtered.
func back(c *handlers.Ctx) error {
	if path := handlers.LocalPath(c.FormValue("return")); path != "/" {
		return c.See(path)
	}
	return c.See(view.Root)
}
