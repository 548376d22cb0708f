package accounts

import (
	"fmt"

	"veche/domain/accounts"
	"veche/handlers"
	view "veche/views/accounts"
	"veche/views/words"
)

// profile shows the person what the portal knows of them and of this session.
func (h *Handler) profile(c *handlers.Ctx) error {
	profile, err := h.store.Profile(c.Context(), c.Actor)
	if err != nil {
		return fmt.Errorf("show the profile: %w", err)
	}
	if profile.Standing, err = h.store.Standing(c.Context(), c.Actor); err != nil {
		return err
	}
	var saved string
	if asked := c.Query("saved"); asked == "password" || accounts.Channel(asked).Valid() {
		saved = asked
	}
	title := words.T(c.Context(), "accounts.profile.title")
	return c.Page(handlers.Page{Title: title}, view.Profile(profile, saved))
}
