package accounts

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

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

// awake takes the word of a person that they are still there. Their request was noted
// like any other.
func (h *Handler) awake(c *handlers.Ctx) error { return c.SendStatus(fiber.StatusNoContent) }
