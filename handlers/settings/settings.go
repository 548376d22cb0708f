// Package settings takes a reader's choice of language and look. It is kept in
// the browser, so that guests have it too. The language of a signed-in person is that
// of their letters as well.
package settings

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/domain/problem"
	"veche/handlers"
	"veche/views/layout"
	view "veche/views/settings"
	"veche/views/words"
)

// People knows in which language a person is written to.
type People interface {
	// Speaks notes it, "ru" or "en".
	Speaks(ctx context.Context, actor access.Actor, lang string) error
}

// Handler serves settings.
type Handler struct{ people People }

// New makes the handler.
func New(people People) *Handler { return &Handler{people} }

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: appearancePath, Action: access.ChangeLook, Handle: h.appearancePage},
		{Method: fiber.MethodPost, Path: appearancePath, Action: access.ChangeLook, Handle: h.appearance},
		{Method: fiber.MethodPost, Path: "/settings/language", Action: access.ChangeLook, Handle: h.language},
	}
}

const appearancePath = "/settings/appearance"

var errLanguage = problem.InField("lang", "settings.problem.language")

// appearancePage asks for the look on a page of its own.
func (h *Handler) appearancePage(c *handlers.Ctx) error {
	title := words.T(c.Context(), "settings.appearance.title")
	now := layout.ParsePrefs(c.Cookies(layout.PrefsCookie))
	return c.Page(handlers.Page{Title: title}, view.Appearance(now, appearancePath))
}

// appearance keeps the look.
func (h *Handler) appearance(c *handlers.Ctx) error {
	chosen := layout.NewPrefs(func(name string) string { return c.FormValue(name) })
	handlers.Remember(c, layout.PrefsCookie, chosen.Cookie())
	return c.See(handlers.LocalPath(c.FormValue("return")))
}

// language keeps the language.
func (h *Handler) language(c *handlers.Ctx) error {
	chosen := words.Lang(c.FormValue("lang"))
	if !chosen.Valid() {
		return errLanguage
	}
	if c.Actor.SignedIn() {
		if err := h.people.Speaks(c.Context(), c.Actor, string(chosen)); err != nil {
			return err
		}
	}
	handlers.Remember(c, handlers.LangCookie, string(chosen))
	return c.See(handlers.LocalPath(c.FormValue("return")))
}
