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
	after := "/"
	if h.leaving != nil && c.FormValue("everywhere") == "" {
		var err error
		if after, err = h.leaving(c); err != nil {
			return fmt.Errorf("sign out: %w", err)
		}
	}
	if err := end(c.Context(), c.Actor); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	handlers.ClearSession(c)
	return c.See(after)
}

// LeaveBy sets who says where a person goes who signs out, such as the page that
// reminds them of a provider where they are still signed in.
func (h *Handler) LeaveBy(way func(c *handlers.Ctx) (path string, err error)) { h.leaving = way }

// awake takes the word of a person that they are still there. Their request was noted
// like any other.
func (h *Handler) awake(c *handlers.Ctx) error { return c.SendStatus(fiber.StatusNoContent) }
