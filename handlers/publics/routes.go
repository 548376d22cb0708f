// Package publics serves official pages: the list of publics, the posts of one, a
// post with its comments. It takes comments and likes, and draws the live regions of
// a post.
package publics

import (
	"github.com/gofiber/fiber/v2"

	publicsdb "veche/db/publics"
	"veche/domain/access"
	"veche/handlers"
)

// Handler serves publics.
type Handler struct {
	store   *publicsdb.Store
	readers Readers // nil: nobody hears
}

// New makes the handler.
func New(store *publicsdb.Store) *Handler { return &Handler{store: store} }

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: "/publics", Action: access.ReadPublics, Handle: h.directory},
		{Method: fiber.MethodGet, Path: "/publics/:public", Action: access.ReadPublics, Handle: h.wall, Sample: "/publics/dvor"},
		{Method: fiber.MethodGet, Path: "/publics/:public/posts/:post", Action: access.ReadPublics, Handle: h.sheet, Sample: "/publics/dvor/posts/1"},
		{Method: fiber.MethodGet, Path: "/publics/:public/posts/:post/comments/:comment", Action: access.ReadPublics, Handle: h.talk, Sample: "/publics/dvor/posts/1/comments/1"},
		{Method: fiber.MethodGet, Path: "/publics/:public/posts/:post/comments", Action: access.ReadPublics, Handle: h.toSheet, Sample: "/publics/dvor/posts/1/comments"},
		{Method: fiber.MethodPost, Path: "/publics/:public/posts/:post/comments", Action: access.Comment, Handle: h.comment, Sample: "/publics/dvor/posts/1/comments"},
		{Method: fiber.MethodPost, Path: "/publics/:public/posts/:post/reactions", Action: access.React, Handle: h.react, Sample: "/publics/dvor/posts/1/reactions"},
	}
}
