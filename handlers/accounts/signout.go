package accounts

import (
	"fmt"

	"veche/handlers"
)

// signOut ends the session here and, through its event, on the sockets of every
// page that is open in it.
func (h *Handler) signOut(c *handlers.Ctx) error {
	end := h.store.SignOut
	if c.FormValue("everywhere") != "" {
		end = h.store.SignOutEverywhere
	}
	if err := end(c.Context(), c.Actor); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	handlers.ClearSession(c)
	return c.See("/")
}
