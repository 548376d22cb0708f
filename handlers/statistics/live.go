package statistics

import (
	"context"

	"github.com/a-h/templ"

	"veche/domain/event"
	"veche/domain/publics"
	"veche/domain/statistics"
	"veche/handlers"
	"veche/hub"
	view "veche/views/statistics"
)

// Live registers the drawers of the area's regions, and has readers counted
// and their time heard.
func (h *Handler) Live(s *handlers.Server) {
	s.Live("statistics", "totals", h.draw(view.Totals))
	s.Live("statistics", "day", h.draw(view.Curve))
	s.Live("statistics", "hours", h.draw(view.Hours))
	s.Live("post", "figures", h.drawReactions)
	s.CountPresence("viewers", "here")
	s.LivePresence("viewers", "here", drawPresent(view.Here))
	s.LivePresence("viewers", "now", drawPresent(view.Now))
	s.HandleBeats("viewers", h.beat)
}

// draw makes the drawer of a view of how posts are read.
func (h *Handler) draw(region func(statistics.Figures, event.Stamp) templ.Component) hub.Drawer {
	return func(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
		state, found, err := h.store.Figures(ctx, handlers.Each(wanted, postOf))
		if err != nil {
			return nil, err
		}
		return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
			figures, ok := found[postOf(w.Region)]
			if !ok {
				return nil
			}
			return region(figures, stamp)
		})
	}
}

// drawReactions draws likes and comments beside the other figures. The counts on the
// post's page are drawn by the area of publics, for readers and as they see them.
func (h *Handler) drawReactions(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, found, err := h.store.Reactions(ctx, handlers.Each(wanted, postOf))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		reactions, ok := found[postOf(w.Region)]
		if !ok {
			return nil
		}
		return view.Did(reactions, stamp)
	})
}

// drawPresent makes the drawer of a view of how many read. It has no state: the
// number is in no database.
func drawPresent(region func(view.Present, event.Stamp) templ.Component) hub.PresenceDrawer {
	return func(ctx context.Context, _ hub.Audience, wanted []hub.Wanted, present map[event.Topic]int) (map[event.Region]hub.Drawing, error) {
		return handlers.DrawEach(ctx, wanted, "", func(w hub.Wanted, stamp event.Stamp) templ.Component {
			return region(view.Present{Pages: present[w.Region.Topic()], Known: true}, stamp)
		})
	}
}

func postOf(r event.Region) publics.PostID {
	return handlers.ParseID[publics.PostID](r.Topic().ID())
}
