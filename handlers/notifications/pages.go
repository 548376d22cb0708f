package notifications

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/domain/notifications"
	"veche/handlers"
	view "veche/views/notifications"
	"veche/views/ui"
	"veche/views/words"
)

// Bell draws the bell of the person's pages.
func (h *Handler) Bell(c *handlers.Ctx) (templ.Component, error) {
	stamps := c.Stamps(notifications.TopicOf(c.Actor.Public))
	state, unread, err := h.store.Unread(c.Context(), c.Actor.Public)
	if err != nil {
		return nil, err
	}
	return view.Bell(unread[c.Actor.Public], stamps.For(notifications.BellOf(c.Actor.Public), state)), nil
}

// feed shows what the person was told, newest first.
func (h *Handler) feed(c *handlers.Ctx) error {
	filter := notifications.ParseFilter(c.Query("section"), c.Query("unread"), handlers.ParseID[int64](c.Query("before")))
	stamps := c.Stamps(notifications.TopicOf(c.Actor.Public))
	feed, err := h.store.Feed(c.Context(), c.Actor, filter, headKeys)
	if err != nil {
		return err
	}
	page := view.Feed{
		Filter: filter,
		Next:   feed.Next,
		Head: view.Head{
			Filter: filter,
			Keys:   feed.Newest,
			Stamp:  stamps.For(notifications.HeadOf(c.Actor.Public, filter), feed.State),
		},
	}
	for _, n := range feed.Items {
		page.Items = append(page.Items, view.Item{
			Notification: n,
			Stamp:        stamps.For(notifications.ItemOf(c.Actor.Public, n.ID), feed.State),
		})
	}
	return c.Page(handlers.Page{Title: words.T(c.Context(), "notifications.title")}, view.FeedPage(page))
}

// follow leads on to what an item is about; who went there has read it. An answer
// that was fetched ahead is not kept, or the visit itself would never be seen.
func (h *Handler) follow(c *handlers.Ctx) error {
	lead := h.store.Lead
	if c.Visits() {
		lead = h.store.Read
	}
	path, err := lead(c.Context(), c.Actor, c.Params("notification"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.See(handlers.LocalPath(path))
}

// settings asks for the channels.
func (h *Handler) settings(c *handlers.Ctx) error {
	chosen, address, err := h.store.Settings(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	ctx := c.Context()
	return c.Page(handlers.Page{
		Title:  words.T(ctx, "notifications.settings.title"),
		Crumbs: []ui.Crumb{{Label: words.T(ctx, "notifications.title"), Href: view.Root}},
	}, view.SettingsPage(view.Settings{
		Chosen:  chosen,
		Offered: h.store.MailOffered(),
		Address: address,
		Saved:   c.Query("saved") != "",
	}))
}

// choose keeps the channels.
func (h *Handler) choose(c *handlers.Ctx) error {
	chosen := notifications.Settings{Mail: c.FormValue("mail") != ""}
	if err := h.store.Choose(c.Context(), c.Actor, chosen); err != nil {
		return err
	}
	if !c.HTMX() {
		return c.See(view.SettingsPath + "?saved=1")
	}
	return c.Fragment(fiber.StatusOK, handlers.Fill(view.SavedID, view.Saved(chosen)))
}
