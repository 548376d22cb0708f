// Package accounts serves signing in and out, and a person's own profile.
package accounts

import (
	"github.com/gofiber/fiber/v2"

	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/handlers"
)

// Handler serves accounts.
type Handler struct{ store *accountsdb.Store }

// New makes the handler.
func New(store *accountsdb.Store) *Handler { return &Handler{store: store} }

const (
	signInPath  = "/sign-in"
	signOutPath = "/sign-out"
)

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: signInPath, Action: access.SignIn, Handle: h.signInPage},
		{Method: fiber.MethodPost, Path: signInPath, Action: access.SignIn, Handle: h.signIn},
		{Method: fiber.MethodPost, Path: signOutPath, Action: access.SignOut, Handle: h.signOut},
		{Method: fiber.MethodGet, Path: "/profile", Action: access.ReadProfile, Handle: h.profile},
	}
}
