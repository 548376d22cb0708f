package polls

import (
	"veche/handlers"
	home "veche/views/home"
	"veche/views/words"
)

// Waiting is how many open polls the person could still answer (ID-19).
func (h *Handler) Waiting(c *handlers.Ctx) ([]home.Task, error) {
	if !c.Actor.Confirmed {
		return nil, nil
	}
	open, err := h.store.Unanswered(c.Context(), c.Actor)
	if err != nil || open == 0 {
		return nil, err
	}
	return []home.Task{{
		Title: words.T(c.Context(), "home.polls.waiting"),
		Text:  words.N(c.Context(), "home.polls.unanswered", open),
		Href:  "/polls?status=open",
		Icon:  "vote",
	}}, nil
}
