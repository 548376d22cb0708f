package accounts

import (
	"context"

	"github.com/a-h/templ"

	accountsdb "veche/db/accounts"
	"veche/domain/event"
	"veche/handlers"
	"veche/hub"
	view "veche/views/accounts"
	"veche/views/layout"
)

// Live registers the drawers of the area's regions.
func (h *Handler) Live(s *handlers.Server) {
	s.Live("idle", "warning", h.drawIdle)
	s.Live("account", sessionsView, h.drawSessionsHead)
	s.Live("account", sessionView, h.drawSessions)
}

// drawSessionsHead says which sessions are open, so that a list elsewhere offers the
// new ones.
func (h *Handler) drawSessionsHead(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, keys, err := h.store.SessionKeys(ctx, handlers.Each(wanted, func(r event.Region) string { return r.Topic().ID() }))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		return view.NewSessions(view.SessionsHead{Keys: keys[w.Region.Topic().ID()], Stamp: stamp})
	})
}

// drawSessions draws sessions in lists that are looked at, ended ones as ended.
func (h *Handler) drawSessions(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, found, err := h.store.Sessions(ctx, handlers.Each(wanted, sessionKey))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		session, known := found[sessionKey(w.Region)]
		if !known {
			return nil
		}
		return view.Session(session, stamp)
	})
}

func sessionKey(r event.Region) accountsdb.SessionKey {
	return accountsdb.SessionKey{Account: r.Topic().ID(), ID: r.Item()}
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
