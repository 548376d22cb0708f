// Package accounts serves signing in and out, and a person's own profile.
package accounts

import (
	"context"

	"github.com/gofiber/fiber/v2"

	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/proofs"
	"veche/handlers"
	"veche/views/layout"
)

// Proofs asks people for second proofs.
type Proofs interface {
	Ask(ctx context.Context, who proofs.Who, wanted proofs.Method) (proofs.Question, error)
	Resend(ctx context.Context, who proofs.Who, code string) error
}

// Handler serves accounts.
type Handler struct {
	store    *accountsdb.Store
	proofs   Proofs
	passkeys Passkeys // nil where nobody signs in by them
	ways     []Way
	leaving  func(c *handlers.Ctx) (string, error) // nil, or where those go who sign out
}

// New makes the handler.
func New(store *accountsdb.Store, proofs Proofs) *Handler {
	return &Handler{store: store, proofs: proofs}
}

const (
	signInPath  = "/sign-in"
	secondPath  = "/sign-in/code"
	signOutPath = "/sign-out"
	provePath   = "/proof"
)

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return append(h.passkeyRoutes(), []handlers.Route{
		{Method: fiber.MethodGet, Path: signInPath, Action: access.SignIn, Handle: h.signInPage},
		{Method: fiber.MethodPost, Path: signInPath, Action: access.SignIn, Handle: h.signIn},
		{Method: fiber.MethodGet, Path: secondPath, Action: access.SignIn, Handle: h.secondPage},
		{Method: fiber.MethodPost, Path: secondPath, Action: access.SignIn, Handle: h.second},
		{Method: fiber.MethodPost, Path: provePath, Action: access.Prove, Handle: h.proveFirst},
		{Method: fiber.MethodPost, Path: layout.AwakePath, Action: access.StayAwake, Handle: h.awake},
		{Method: fiber.MethodPost, Path: signOutPath, Action: access.SignOut, Handle: h.signOut},
		{Method: fiber.MethodGet, Path: "/profile", Action: access.ReadProfile, Handle: h.profile},
	}...)
}
