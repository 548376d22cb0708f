package statistics

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/domain/event"
	"veche/domain/publics"
	"veche/domain/statistics"
	"veche/handlers"
	"veche/hub"
	view "veche/views/statistics"
)

// Opened hears that somebody opens the page of a post, and answers what the page
// shows of those who read it.
func (h *Handler) Opened(c *handlers.Ctx, public string, post publics.PostID) templ.Component {
	if looks(c) {
		h.recorder.Opened(post, statistics.Reader(c.Reader()))
	}
	// No versions are read: the number comes as soon as the page joins.
	unread := c.Stamps()
	return view.ReadersLine(view.Readers{
		Public: public,
		Post:   post,
		Here:   unread.For(statistics.HereOf(post), ""),
		Editor: access.Can(c.Actor, access.ReadStatistics, access.Object{Scope: "public:" + public}) == nil,
	})
}

// looks says whether a person gets to see the page that is asked for: not a program
// that asks whether it is there, a browser that fetches it in case it is wanted, or
// a page that fetches a part of it.
func looks(c *handlers.Ctx) bool {
	return c.Method() == fiber.MethodGet && !c.HTMX() &&
		!strings.Contains(c.Get("Sec-Purpose"), "prefetch") && !strings.Contains(c.Get("Purpose"), "prefetch")
}

// beat hears for how many seconds a page of a post was looked at.
func (h *Handler) beat(v hub.Visitor, topic event.Topic, seconds int) {
	post := parsePost(topic.ID())
	if post <= 0 || topic != statistics.TopicViewers(post) {
		return
	}
	h.recorder.Read(post, statistics.Reader(v.Reader), seconds)
}
