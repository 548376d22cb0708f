// Package moderation serves the moderators' desk: the queue, taking an item, deciding
// and undoing, and draws its live regions.
package moderation

import (
	"github.com/gofiber/fiber/v2"

	moderationdb "veche/db/moderation"
	"veche/domain/access"
	"veche/domain/moderation"
	"veche/handlers"
	view "veche/views/moderation"
)

// Handler serves the desk.
type Handler struct{ store *moderationdb.Store }

// New makes the handler.
func New(store *moderationdb.Store) *Handler { return &Handler{store: store} }

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	const item, sample = "/moderation/queue/:item", "/moderation/queue/1"
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: view.Root, Action: access.Moderate, Handle: h.queue},
		{Method: fiber.MethodGet, Path: item, Action: access.Moderate, Handle: h.sheet, Sample: sample},
		{Method: fiber.MethodPost, Path: item + "/lease", Action: access.Moderate, Handle: h.take, Sample: sample + "/lease"},
		{Method: fiber.MethodPost, Path: item + "/lease/release", Action: access.Moderate, Handle: h.release, Sample: sample + "/lease/release"},
		{Method: fiber.MethodPost, Path: item + "/decision", Action: access.Moderate, Handle: h.decide, Sample: sample + "/decision"},
		{Method: fiber.MethodGet, Path: item + "/decision", Action: access.Moderate, Handle: h.toSheet, Sample: sample + "/decision"},
		{Method: fiber.MethodPost, Path: view.UndoPath, Action: access.Moderate, Handle: h.undo},
		{Method: fiber.MethodPost, Path: view.NextPath, Action: access.Moderate, Handle: h.next},
	}
}

func itemID(c *handlers.Ctx) (moderation.ID, error) {
	id := handlers.ParseID[moderation.ID](c.Params("item"))
	if id <= 0 {
		return 0, moderation.ErrNoItem
	}
	return id, nil
}
