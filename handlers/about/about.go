// Package about serves the pages that explain the portal: what it is, and help.
package about

import (
	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/handlers"
	view "veche/views/about"
	"veche/views/ui"
	"veche/views/words"
)

// Routes of the area.
func Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: "/about", Action: access.Read, Handle: about},
		{Method: fiber.MethodGet, Path: "/about/personal-data", Action: access.Read, Handle: personalData},
		{Method: fiber.MethodGet, Path: "/help", Action: access.Read, Handle: help},
	}
}

func about(c *handlers.Ctx) error {
	page := handlers.Page{
		Title:       words.T(c.Context(), "about.title"),
		Description: words.T(c.Context(), "about.lead"),
	}
	return c.Page(page, view.About(c.Demo()))
}

func help(c *handlers.Ctx) error {
	return c.Page(handlers.Page{Title: words.T(c.Context(), "about.help.title")}, view.Help())
}

// personalData says what people consent to when they register.
func personalData(c *handlers.Ctx) error {
	return c.Page(handlers.Page{
		Title:  words.T(c.Context(), "about.data.title"),
		Crumbs: []ui.Crumb{{Label: words.T(c.Context(), "about.title"), Href: "/about"}},
	}, view.PersonalData())
}
