package moderation

import (
	"context"

	"github.com/a-h/templ"

	"veche/domain/event"
	"veche/domain/moderation"
	"veche/handlers"
	"veche/hub"
	view "veche/views/moderation"
)

// Live registers the drawers of the area's regions.
func (h *Handler) Live(s *handlers.Server) {
	s.Live("moderation", "head", h.drawHead)
	s.Live("moderation", "count", h.drawCount)
	s.Live("moderation", "card", h.drawItems(func(i moderation.Item, stamp event.Stamp) templ.Component {
		if i.State == moderation.StateSettled {
			return nil
		}
		return view.Card(i, stamp)
	}))
	s.Live("moderation", "lease", h.drawItems(view.Lease))
	s.Live("desk", "undo", h.drawUndo)
	s.Live("desk", "item", h.drawItems(func(i moderation.Item, stamp event.Stamp) templ.Component {
		return view.OwnItem(view.Own{Item: i, Account: stamp.Region.Topic().ID(), Stamp: stamp})
	}))
}

// drawItems makes the drawer of a view of items. What there is no item for, or what
// region answers nil for, is gone.
func (h *Handler) drawItems(region func(moderation.Item, event.Stamp) templ.Component) hub.Drawer {
	return func(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
		state, found, err := h.store.Items(ctx, handlers.Each(wanted, itemOf))
		if err != nil {
			return nil, err
		}
		return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
			item, ok := found[itemOf(w.Region)]
			if !ok {
				return nil
			}
			return region(item, stamp)
		})
	}
}

func (h *Handler) drawHead(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, newest, err := h.store.Newest(ctx)
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(_ hub.Wanted, stamp event.Stamp) templ.Component {
		return view.ListHead(view.Head{Newest: newest, Stamp: stamp})
	})
}

func (h *Handler) drawCount(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, count, err := h.store.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(_ hub.Wanted, stamp event.Stamp) templ.Component {
		return view.WaitingCount(view.Waiting{Count: count, Stamp: stamp})
	})
}

func (h *Handler) drawUndo(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, found, err := h.store.Undoable(ctx, handlers.Each(wanted, moderatorOf))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		return view.OwnUndo(view.Undo{Items: found[moderatorOf(w.Region)], Stamp: stamp})
	})
}

func moderatorOf(r event.Region) string { return r.Topic().ID() }

func itemOf(r event.Region) moderation.ID { return handlers.ParseID[moderation.ID](r.Item()) }
