package identities

import (
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"veche/domain/identities"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/identities"
	"veche/views/words"
)

// logoutLimit bounds the tokens of one address: a provider sends one for each person
// who signs out, and each that is signed with an unknown key makes the portal ask.
var logoutLimit = handlers.Limit{Tries: 300, Period: time.Minute}

const maxToken = 16 << 10

// logout takes a provider's word that somebody signed out there (OpenID Connect
// Back-Channel Logout 1.0, 2.5). While the word cannot be checked it answers 503, so
// that it comes again.
func (h *Handler) logout(c *handlers.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	client, err := h.client(c.Params("provider"))
	if err != nil {
		return err
	}
	if err := c.Limiter().Allow(c.Context(), "identities:logout:"+c.IP(), logoutLimit); err != nil {
		return err
	}
	token := c.FormValue("logout_token")
	if strings.Count(token, ".") != 2 || len(token) > maxToken {
		return identities.ErrForged // nobody is asked about what is no token
	}
	over, err := client.Logout(c.Context(), token)
	if errors.Is(err, identities.ErrAway) {
		return c.SendStatus(fiber.StatusServiceUnavailable)
	}
	if err != nil {
		return err
	}
	if _, err := h.store.Logout(c.Context(), c.Actor, client.Issuer(), over); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusOK)
}

// After answers where a person goes who signs out: to a reminder when they came by a
// provider, where they are signed in still.
func (h *Handler) After(c *handlers.Ctx) (string, error) {
	key, err := h.store.ProviderOf(c.Context(), c.Actor)
	if err != nil {
		return "", err
	}
	if _, err := h.client(key); err != nil {
		return "/", nil
	}
	return "/identities/" + key + "/left", nil
}

// left reminds a person that the provider still knows them.
func (h *Handler) left(c *handlers.Ctx) error {
	client, err := h.client(c.Params("provider"))
	if err != nil {
		return err
	}
	return c.Page(handlers.Page{Title: words.T(c.Context(), "identities.left.title")}, view.Left(client.Provider()))
}

// exit leads to where the person signs out at the provider.
func (h *Handler) exit(c *handlers.Ctx) error {
	client, err := h.client(c.Params("provider"))
	if err != nil {
		return err
	}
	address, err := client.Exit(c.Context())
	if _, is := problem.As(err); is || err == nil && address == "" {
		return h.trouble(c, client, identities.Errand{Next: "/"}, identities.ErrAway)
	}
	if err != nil {
		return err
	}
	return c.Redirect(address, fiber.StatusSeeOther)
}
