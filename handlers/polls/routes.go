// Package polls serves the list of polls, the page of a poll and the vote, and
// draws their live regions.
package polls

import (
	"github.com/gofiber/fiber/v2"

	pollsdb "veche/db/polls"
	"veche/domain/access"
	"veche/handlers"
)

// Handler serves polls.
type Handler struct {
	store   *pollsdb.Store
	answers answers
}

// New makes the handler.
func New(store *pollsdb.Store) *Handler {
	return &Handler{store: store, answers: answers{last: map[answerKey]*answer{}}}
}

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: "/polls", Action: access.ReadPolls, Handle: h.list},
		{Method: fiber.MethodGet, Path: "/polls/:poll", Action: access.ReadPolls, Handle: h.sheet, Sample: "/polls/1"},
		{Method: fiber.MethodGet, Path: "/polls/:poll/ballots", Action: access.ReadPolls, Handle: h.toSheet, Sample: "/polls/1/ballots"},
		{Method: fiber.MethodPost, Path: "/polls/:poll/ballots", Action: access.CastVote, Handle: h.cast, Sample: "/polls/1/ballots"},
	}
}
