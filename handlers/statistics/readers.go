package statistics

import (
	"slices"
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
	if c.Visits() && !c.HTMX() && !robot(c.Get(fiber.HeaderUserAgent)) {
		h.recorder.Opened(post, statistics.Reader(c.Reader()))
	}
	// No versions are read: the number comes as soon as the page joins.
	unread := c.Stamps()
	return view.ReadersLine(view.Readers{
		Public: public,
		Post:   post,
		Here:   unread.For(statistics.HereOf(post), ""),
		Editor: access.Can(c.Actor, access.ReadStatistics, access.Object{Scope: publics.Scope(public)}) == nil,
	})
}

// robots are what programs that walk the web call themselves, most of them: those
// that mean to be known. Others are counted as readers until they are refused.
var robots = []string{"bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit", "whatsapp"}

// robot says whether a browser's name is that of a program that reads for nobody.
// A reader without a name is none that a person uses.
func robot(agent string) bool {
	agent = strings.ReplaceAll(strings.ToLower(agent), "cubot", "") // a maker of telephones
	return agent == "" || slices.ContainsFunc(robots, func(name string) bool { return strings.Contains(agent, name) })
}

// beat hears for how many seconds a page of a post was looked at.
func (h *Handler) beat(v hub.Visitor, topic event.Topic, seconds int) {
	post := handlers.ParseID[publics.PostID](topic.ID())
	if post == 0 || topic != statistics.TopicViewers(post) {
		return
	}
	h.recorder.Read(post, statistics.Reader(v.Reader), seconds)
}
