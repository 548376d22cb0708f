// Package styleguide serves the style guide. The server mounts it in development
// only.
package styleguide

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/handlers"
	view "veche/views/styleguide"
	"veche/views/ui"
	"veche/views/words"
)

// sheet is one page of the style guide.
type sheet struct {
	path       string
	title      string // key
	body       func() templ.Component
	ownHeading bool
}

var sheets = []sheet{
	{"/styleguide", "styleguide.title", view.Parts, false},
	{"/styleguide/home", "styleguide.samples.home", view.Home, true},
	{"/styleguide/polls", "styleguide.samples.polls", view.Polls, false},
	{"/styleguide/poll", "styleguide.poll.title", view.Poll, false},
	{"/styleguide/done", "styleguide.samples.done", view.Done, true},
}

// Routes of the style guide.
func Routes() []handlers.Route {
	routes := make([]handlers.Route, len(sheets))
	for i, sheet := range sheets {
		routes[i] = handlers.Route{Method: fiber.MethodGet, Path: sheet.path, Action: access.Read, Handle: sheet.show}
	}
	return routes
}

func (s sheet) show(c *handlers.Ctx) error {
	page := handlers.Page{Title: words.T(c.Context(), s.title), NoHeading: s.ownHeading}
	if s.path != sheets[0].path {
		page.Crumbs = []ui.Crumb{{Label: words.T(c.Context(), sheets[0].title), Href: sheets[0].path}}
	}
	return c.Page(page, s.body())
}
