package accounts

import (
	"context"

	"github.com/a-h/templ"

	"veche/domain/event"
	"veche/handlers"
	"veche/hub"
	"veche/views/layout"
)

// Live registers the drawers of the area's regions.
func (h *Handler) Live(s *handlers.Server) {
	s.Live("idle", "warning", h.drawIdle)
}

// drawIdle warns of sessions that are about to end because nobody uses them.
func (h *Handler) drawIdle(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, ends, err := h.store.Idle(ctx, handlers.Each(wanted, func(r event.Region) string { return r.Topic().ID() }))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		return layout.Idle(ends[w.Region.Topic().ID()], stamp)
	})
}
