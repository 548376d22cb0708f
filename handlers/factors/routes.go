// Package factors serves the security settings: the second factor and what it is
// proved with. The page «Настройки безопасности» is one of cards; those of other
// areas are added to it by [Handler.Add].
package factors

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	factorsdb "veche/db/factors"
	"veche/domain/access"
	"veche/handlers"
	view "veche/views/factors"
)

// Section draws a card of the page of security settings for the person of a request.
// A nil component draws nothing.
type Section func(c *handlers.Ctx) (templ.Component, error)

// Handler serves factors.
type Handler struct {
	store    *factorsdb.Store
	sections []Section
}

// New makes the handler.
func New(store *factorsdb.Store) *Handler { return &Handler{store: store} }

// Add puts cards of other areas below those of this one, in the order of the calls.
// It is called before the server listens.
func (h *Handler) Add(sections ...Section) { h.sections = append(h.sections, sections...) }

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	const key, sample = view.KeysPath + "/:passkey", view.KeysPath + "/sample"
	routes := []handlers.Route{
		{Method: fiber.MethodGet, Path: view.Root, Action: access.ReadFactors, Handle: h.page},
		{Method: fiber.MethodPost, Path: view.MethodPath, Action: access.ChangeFactors, Handle: h.choose},
		{Method: fiber.MethodPost, Path: view.TOTPPath, Action: access.ChangeFactors, Handle: h.setUpApp},
		{Method: fiber.MethodPost, Path: view.TOTPPath + "/confirm", Action: access.ChangeFactors, Handle: h.confirmApp},
		{Method: fiber.MethodPost, Path: view.TOTPPath + "/remove", Action: access.ChangeFactors, Handle: h.removeApp},
		{Method: fiber.MethodPost, Path: view.KeysPath, Action: access.ChangeFactors, Handle: h.newPasskey},
		{Method: fiber.MethodPost, Path: view.KeysPath + "/add", Action: access.ChangeFactors, Handle: h.addPasskey},
		{Method: fiber.MethodPost, Path: key + "/name", Action: access.ChangeFactors, Handle: h.renamePasskey, Sample: sample + "/name", Personal: true},
		{Method: fiber.MethodPost, Path: key + "/remove", Action: access.ChangeFactors, Handle: h.removePasskey, Sample: sample + "/remove", Personal: true},
		{Method: fiber.MethodPost, Path: view.CodesPath, Action: access.ChangeFactors, Handle: h.makeCodes},
	}
	// What a form answered with is not there to be visited again.
	for _, path := range []string{view.MethodPath, view.TOTPPath, view.TOTPPath + "/confirm", view.KeysPath, view.KeysPath + "/add", view.CodesPath} {
		routes = append(routes, handlers.Route{Method: fiber.MethodGet, Path: path, Action: access.ReadFactors, Handle: toPage})
	}
	return routes
}

func toPage(c *handlers.Ctx) error { return c.See(view.Root) }
