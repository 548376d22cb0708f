// Package notifications serves the feed of what people are told, the bell in the
// frame of their pages, and the choice of channels.
package notifications

import (
	"github.com/gofiber/fiber/v2"

	notificationsdb "veche/db/notifications"
	"veche/domain/access"
	"veche/handlers"
	view "veche/views/notifications"
)

// Handler serves notifications.
type Handler struct{ store *notificationsdb.Store }

// New makes the handler.
func New(store *notificationsdb.Store) *Handler { return &Handler{store: store} }

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	const one, sample = view.Root + "/:notification", view.Root + "/sample"
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: view.Root, Action: access.ReadNotifications, Handle: h.feed},
		{Method: fiber.MethodPost, Path: view.Root + "/read", Action: access.ChangeNotifications, Handle: h.readAll},
		{Method: fiber.MethodGet, Path: one, Action: access.ChangeNotifications, Handle: h.follow, Sample: sample, Personal: true},
		{Method: fiber.MethodPost, Path: one + "/read", Action: access.ChangeNotifications, Handle: h.read, Sample: sample + "/read", Personal: true},
		{Method: fiber.MethodGet, Path: view.SettingsPath, Action: access.ReadNotifications, Handle: h.settings},
		{Method: fiber.MethodPost, Path: view.SettingsPath, Action: access.ChangeNotifications, Handle: h.choose},
	}
}
