package handlers

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/hub"
	"veche/views/words"
)

// Ctx is one request: Fiber's context, who is asking, and a context that may be
// handed to stores and views.
type Ctx struct {
	*fiber.Ctx
	Actor access.Actor

	server  *Server
	ctx     context.Context
	machine bool   // a program asks, which reads no pages
	ended   string // the token that came, of a session that is over
}

// Context has a deadline and carries the reader's language and zone. It hides
// fiber's own Context, which is reused after the request and must not be kept.
func (c *Ctx) Context() context.Context { return c.ctx }

// Lang is the language the answer is written in.
func (c *Ctx) Lang() words.Lang { return words.Of(c.ctx) }

// Audience is the set of people who see the very same shared regions.
func (c *Ctx) Audience() hub.Audience { return hub.Audience(c.Lang()) }

// HTMX says whether the answer goes into a part of the page. Boosted links and
// forms load whole pages and are not meant.
func (c *Ctx) HTMX() bool {
	return c.Get("HX-Request") == "true" && c.Get("HX-Boosted") != "true" &&
		c.Get("HX-History-Restore-Request") != "true"
}

// Visits says whether somebody is on the way to the page that is asked for: not a
// program that asks whether it is there (RFC 9110, section 9.3.2), nor a browser that
// fetches it in case it is wanted (Sec-Purpose of the Fetch standard, and Purpose of
// those before it).
func (c *Ctx) Visits() bool {
	return c.Method() == fiber.MethodGet &&
		!strings.Contains(c.Get("Sec-Purpose"), "prefetch") && !strings.Contains(c.Get("Purpose"), "prefetch")
}

// See sends the browser to another page of the portal after a form was handled.
func (c *Ctx) See(path string) error { return c.Redirect(path, fiber.StatusSeeOther) }

// Demo says whether the portal shows demo data.
func (c *Ctx) Demo() bool { return c.server.o.Demo }

// Inbox is where the letters and texts of the demo arrive, "" where nobody sees them.
func (c *Ctx) Inbox() string { return c.server.o.Inbox }

// Limiter bounds how often somebody may try something.
func (c *Ctx) Limiter() tries { return tries{c.server.o.Limiter, c} }

func (c *Ctx) visitor() hub.Visitor {
	return hub.Visitor{Session: c.Actor.Session, Account: c.Actor.Public, Rights: c.Actor.Rights}
}

// chooseLang takes the language the reader chose, or what the browser asks for,
// or Russian.
func chooseLang(c *fiber.Ctx) words.Lang {
	if chosen := words.Lang(c.Cookies(LangCookie)); chosen.Valid() {
		return chosen
	}
	for accepted := range strings.SplitSeq(c.Get(fiber.HeaderAcceptLanguage), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(accepted), ";")
		primary, _, _ := strings.Cut(tag, "-")
		if lang := words.Lang(strings.ToLower(primary)); lang.Valid() {
			return lang
		}
	}
	return words.Russian
}
