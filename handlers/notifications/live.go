package notifications

import (
	"context"

	"github.com/a-h/templ"

	notificationsdb "veche/db/notifications"
	"veche/domain/event"
	"veche/domain/notifications"
	"veche/handlers"
	"veche/hub"
	view "veche/views/notifications"
)

// headKeys is how many of the newest items a feed's head names.
const headKeys = 30

// Live registers the drawers of the area's regions.
func (h *Handler) Live(s *handlers.Server) {
	s.Live("notifications", "bell", h.drawBells)
	s.Live("notifications", "head", h.drawHeads)
	s.Live("notifications", "item", h.drawItems)
}

// drawBells draws the bells of many people with one query: what a whole town is
// told is told to all of them at once.
func (h *Handler) drawBells(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, unread, err := h.store.Unread(ctx, handlers.Each(wanted, accountOf)...)
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		n, known := unread[accountOf(w.Region)]
		if !known {
			return nil
		}
		return view.Bell(n, stamp)
	})
}

func (h *Handler) drawHeads(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, keys, err := h.store.Newest(ctx, handlers.Each(wanted, headKey), headKeys)
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		return view.ListHead(view.Head{
			Filter: notifications.FilterNamed(w.Region.Item()),
			Keys:   keys[headKey(w.Region)],
			Stamp:  stamp,
		})
	})
}

func (h *Handler) drawItems(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, found, err := h.store.Items(ctx, handlers.Each(wanted, itemKey))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		n, known := found[itemKey(w.Region)]
		if !known {
			return nil
		}
		return view.Notification(n, stamp)
	})
}

func accountOf(r event.Region) string { return r.Topic().ID() }

func headKey(r event.Region) notificationsdb.HeadKey {
	return notificationsdb.HeadKey{Account: accountOf(r), Section: notifications.FilterNamed(r.Item()).Section}
}

func itemKey(r event.Region) notificationsdb.ItemKey {
	return notificationsdb.ItemKey{Account: accountOf(r), ID: r.Item()}
}
