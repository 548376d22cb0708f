// Package recovery serves what people get their accounts back with.
package recovery

import (
	"github.com/gofiber/fiber/v2"

	recoverydb "veche/db/recovery"
	"veche/domain/access"
	"veche/handlers"
	view "veche/views/recovery"
)

// Handler serves recovery.
type Handler struct{ store *recoverydb.Store }

// New makes the handler.
func New(store *recoverydb.Store) *Handler { return &Handler{store: store} }

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: view.QuestionsPath, Action: access.ChangeSecurity, Handle: h.questions},
		{Method: fiber.MethodPost, Path: view.QuestionsPath, Action: access.ChangeSecurity, Handle: h.setQuestions},
		{Method: fiber.MethodPost, Path: view.QuestionsPath + "/remove", Action: access.ChangeSecurity, Handle: h.removeQuestions},
	}
}
