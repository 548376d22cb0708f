package notifications

import (
	"veche/handlers"
	home "veche/views/home"
	view "veche/views/notifications"
	"veche/views/words"
)

// Waiting is what the person has not read yet (ID-19).
func (h *Handler) Waiting(c *handlers.Ctx) ([]home.Task, error) {
	_, unread, err := h.store.Unread(c.Context(), c.Actor.Public)
	if err != nil || unread[c.Actor.Public] == 0 {
		return nil, err
	}
	return []home.Task{{
		Title: words.T(c.Context(), "notifications.title"),
		Text:  view.Unread(c.Context(), unread[c.Actor.Public]),
		Href:  view.Root,
		Icon:  "bell",
	}}, nil
}
