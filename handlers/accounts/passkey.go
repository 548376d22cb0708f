package accounts

import (
	"context"
	"fmt"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/factors"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/accounts"
)

// Passkeys asks devices and checks what they answer.
type Passkeys interface {
	accountsdb.Passkeys
	// Passkeys says whether the portal stands where they can be used, and where.
	Passkeys() (origin string, offered bool)
	BeginDiscoverable(ctx context.Context, holder string) (options string, err error)
}

// Way draws a further way to sign in below the form; next is where the person goes
// afterwards. A nil component draws nothing.
type Way func(c *handlers.Ctx, next string) templ.Component

// SignInWith lets people sign in by what their devices know of them (ID-14).
func (h *Handler) SignInWith(known Passkeys) { h.passkeys = known }

// Add puts further ways to sign in below the form, in the order of the calls. It is
// called before the server listens.
func (h *Handler) Add(ways ...Way) { h.elsewhere = append(h.elsewhere, ways...) }

// addWays puts into the form of sign-in what stands below it.
func (h *Handler) addWays(c *handlers.Ctx, form *view.SignInForm) {
	if h.passkeys != nil {
		if origin, offered := h.passkeys.Passkeys(); offered {
			form.Passkey = true
			if c.Numbered(origin) {
				form.Elsewhere = origin + handlers.WithNext(signInPath, form.Next)
			}
		}
	}
	for _, draw := range h.elsewhere {
		if way := draw(c, form.Next); way != nil {
			form.Ways = append(form.Ways, way)
		}
	}
}

func (h *Handler) passkeyRoutes() []handlers.Route {
	if h.passkeys == nil {
		return nil
	}
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: view.PasskeyPath, Action: access.SignIn, Handle: toSignIn},
		{Method: fiber.MethodPost, Path: view.PasskeyPath, Action: access.SignIn, Handle: h.enterByPasskey},
		{Method: fiber.MethodPost, Path: view.PasskeyOptionsPath, Action: access.SignIn, Handle: h.askDevice},
	}
}

func toSignIn(c *handlers.Ctx) error { return c.See(signInPath) }

// askDevice answers what the visitor's device is asked.
func (h *Handler) askDevice(c *handlers.Ctx) error {
	if err := c.Limiter().Allow(c.Context(), addressTries(c.IP()), addressLimit); err != nil {
		return err
	}
	options, err := h.passkeys.BeginDiscoverable(c.Context(), visitor(c))
	if err != nil {
		return fmt.Errorf("ask a device: %w", err)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.SendString(options)
}

// enterByPasskey opens the session of whoever the device answered for.
func (h *Handler) enterByPasskey(c *handlers.Ctx) error {
	form, from := view.SignInForm{Next: handlers.NextPath(c.FormValue("next"))}, c.Place()
	if err := c.Limiter().Allow(c.Context(), addressTries(c.IP()), addressLimit); err != nil {
		return err
	}
	entry, err := h.store.EnterByPasskey(c.Context(), c.Actor, h.passkeys, visitor(c), c.FormValue(factors.CredentialField), from)
	if refused, ok := problem.As(err); ok {
		form.Trouble = refused
		return h.showForm(c, handlers.Status(refused), form)
	}
	if err != nil {
		return fmt.Errorf("sign in by passkey: %w", err)
	}
	return h.entered(c, entry, from, form.Next)
}

// visitor is who is asked: this browser.
func visitor(c *handlers.Ctx) string { return "browser:" + c.Reader() }
