package accounts

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"

	accountsdb "veche/db/accounts"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/accounts"
	"veche/views/layout"
	"veche/views/words"
)

// The regions of the list of sessions.
const (
	sessionsView = "sessions" // the head
	sessionView  = "session"  // one of them
)

func sessionRegion(account, session string) event.Region {
	return event.NewItem(accounts.Topic(account), sessionView, session)
}

// sessionsPage lists the person's open sessions.
func (h *Handler) sessionsPage(c *handlers.Ctx) error {
	kept, err := h.store.Restriction(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	return h.showSessions(c, fiber.StatusOK, view.Restriction{
		Bound: kept.Bound, Networks: listed(kept.Networks), Saved: c.Query("saved") != "",
	})
}

func (h *Handler) showSessions(c *handlers.Ctx, status int, restrict view.Restriction) error {
	topic := accounts.Topic(c.Actor.Public)
	stamps := c.Stamps(topic)
	state, open, err := h.store.OpenSessions(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	restrict.Own = c.Place().Address
	page := view.Sessions{
		Head:     view.SessionsHead{Stamp: stamps.For(event.NewRegion(topic, sessionsView), state)},
		Restrict: restrict,
	}
	for _, session := range open {
		page.Head.Keys = append(page.Head.Keys, session.Key())
		page.Open = append(page.Open, view.OpenSession{
			Session: session,
			Here:    session.PublicID == c.Actor.Session,
			Stamp:   stamps.For(sessionRegion(c.Actor.Public, session.PublicID), state),
		})
	}
	return c.Page(handlers.Page{Title: words.T(c.Context(), "sessions.title"), Status: status}, view.SessionsPage(page))
}

// endOne ends one session of the person.
func (h *Handler) endOne(c *handlers.Ctx) error {
	session := c.Params("session")
	if err := h.store.EndOne(c.Context(), c.Actor, session); err != nil {
		return err
	}
	if session == c.Actor.Session {
		handlers.ClearSession(c)
		return c.See("/")
	}
	return c.See(layout.SessionsPath)
}

// endOthers ends all but this one.
func (h *Handler) endOthers(c *handlers.Ctx) error {
	if err := h.store.EndOthers(c.Context(), c.Actor); err != nil {
		return err
	}
	return c.See(layout.SessionsPath)
}

// restrict keeps from where the account may be used.
func (h *Handler) restrict(c *handlers.Ctx) error {
	from := c.Place()
	form := view.Restriction{Bound: c.FormValue("bound") != "", Networks: c.FormValue(accounts.NetworksField)}
	networks, err := accounts.ParseNetworks(form.Networks, from.Address)
	if err == nil {
		err = h.store.Restrict(c.Context(), c.Actor, accountsdb.Restriction{Bound: form.Bound, Networks: networks}, from)
	}
	if trouble, ok := problem.As(err); ok && trouble.Fields[accounts.NetworksField] != "" {
		form.Trouble = trouble
		return h.showSessions(c, handlers.Status(trouble), form)
	}
	if err != nil {
		return err
	}
	return c.See(layout.SessionsPath + "?saved=1")
}

// listed writes networks one a line; a network of one address as the address.
func listed(networks []netip.Prefix) string {
	lines := make([]string, len(networks))
	for i, n := range networks {
		lines[i] = n.String()
		if n.IsSingleIP() {
			lines[i] = n.Addr().String()
		}
	}
	return strings.Join(lines, "\n")
}

// activityPage shows the person's journal.
func (h *Handler) activityPage(c *handlers.Ctx) error {
	zone := words.Zone(c.Context())
	filter := accounts.ParseActivityFilter(c.Query("group"), c.Query("from"), c.Query("until"),
		c.Query("device"), c.Query("address"), handlers.ParseID[int64](c.Query("before")), zone)
	lines, next, err := h.store.Activity(c.Context(), c.Actor, filter)
	if err != nil {
		return err
	}
	title := words.T(c.Context(), "sessions.activity.title")
	return c.Page(handlers.Page{Title: title}, view.ActivityPage(view.Activity{Filter: filter, Lines: lines, Next: next}))
}

// hideOld puts all old lines out of sight, hideLine one.
func (h *Handler) hideOld(c *handlers.Ctx) error { return h.hide(c, 0) }

func (h *Handler) hideLine(c *handlers.Ctx) error {
	line := handlers.ParseID[int64](c.Params("line"))
	if line == 0 {
		return accounts.ErrNoActivity
	}
	return h.hide(c, line)
}

func (h *Handler) hide(c *handlers.Ctx, line int64) error {
	if err := h.store.HideActivity(c.Context(), c.Actor, line); err != nil {
		return err
	}
	return c.See(layout.ActivityPath)
}
