// Package statistics hears who reads a post and for how long, and serves what its
// editors see of it (PUB-09, STA-02).
package statistics

import (
	"github.com/gofiber/fiber/v2"

	statisticsdb "veche/db/statistics"
	"veche/domain/access"
	"veche/handlers"
)

// Handler serves statistics.
type Handler struct {
	store    *statisticsdb.Store
	recorder *statisticsdb.Recorder
}

// New makes the handler.
func New(store *statisticsdb.Store, recorder *statisticsdb.Recorder) *Handler {
	return &Handler{store: store, recorder: recorder}
}

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: "/publics/:public/posts/:post/statistics", Action: access.ReadStatistics, Handle: h.sheet, Sample: "/publics/dvor/posts/1/statistics"},
	}
}
