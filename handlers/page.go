package handlers

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/domain/event"
	"veche/views/layout"
	"veche/views/ui"
)

// Page is what the frame says about a page.
type Page struct {
	Title       string // its h1 as well, unless NoHeading
	Description string
	Crumbs      []ui.Crumb
	Status      int  // 200 when zero
	NoHeading   bool // the content draws its own h1
}

// Page answers with a whole page: the frame around body.
func (c *Ctx) Page(p Page, body templ.Component) error {
	frame := layout.Frame{
		Title:       p.Title,
		Description: p.Description,
		Lang:        c.Lang(),
		Zone:        c.server.o.Zone,
		Path:        c.here(),
		CSRF:        c.CSRF(),
		Prefs:       layout.ParsePrefs(c.Cookies(layout.PrefsCookie)),
		Demo:        c.server.o.Demo,
		Dev:         c.server.o.Dev,
		Crumbs:      p.Crumbs,
		NoHeading:   p.NoHeading,
		// Without Postgres no socket is let in.
		NoLive: p.Status == fiber.StatusServiceUnavailable,
	}
	if c.Actor.SignedIn() {
		frame.Person = &layout.Person{Name: c.Actor.Name, Account: c.Actor.Public, Roles: c.Actor.Roles()}
		if !c.Actor.Quiet {
			frame.Bell = c.bell(p.Status)
		}
		frame.Idle = c.idle()
		frame.EmailWaits = c.Actor.EmailWaits && p.Status < fiber.StatusInternalServerError
	}
	var html bytes.Buffer
	ctx := templ.WithChildren(c.Context(), body)
	if err := layout.Page(frame).Render(ctx, &html); err != nil {
		return fmt.Errorf("render %s: %w", c.Path(), err)
	}
	if p.Status == 0 {
		p.Status = fiber.StatusOK
	}
	return c.html(p.Status, html.Bytes())
}

// idle stamps the warning that the session is about to end. Whoever is shown a page has
// just done something, so that it begins empty.
func (c *Ctx) idle() *event.Stamp {
	region := event.NewRegion(accounts.IdleTopic(c.Actor.Session), "warning")
	stamp := c.Stamps(region.Topic()).For(region, "")
	return &stamp
}

// bellTime bounds how long a page waits for its bell.
const bellTime = 2 * time.Second

// bell draws the bell of the frame, nil where it is not to be had: a page without
// it is better than no page. Pages whose frame htmx throws away, and those that say
// that something is away, do not ask for it.
func (c *Ctx) bell(status int) templ.Component {
	framed := c.Get("HX-Request") != "true" || c.Get("HX-History-Restore-Request") == "true"
	if c.server.bells == nil || !framed || status >= fiber.StatusInternalServerError {
		return nil
	}
	whole := c.ctx
	ctx, cancel := context.WithTimeout(whole, bellTime)
	defer cancel()
	c.ctx = ctx
	defer func() { c.ctx = whole }()
	drawn, err := c.server.bells.Bell(c)
	if err != nil {
		c.server.o.Log.Warn("a page is shown without its bell", "trace", traceOf(c.Ctx), "error", err)
		return nil
	}
	return drawn
}

// Fragment answers an action of the page with parts of it, each made by Partial
// or Fill.
func (c *Ctx) Fragment(status int, parts ...templ.Component) error {
	ctx := ui.WithCSRF(c.Context(), c.CSRF())
	var html bytes.Buffer
	for _, part := range parts {
		if err := part.Render(ctx, &html); err != nil {
			return fmt.Errorf("render the answer to %s: %w", c.Path(), err)
		}
	}
	return c.html(status, html.Bytes())
}

// html sends a page or a part of one. Neither may be kept by shared caches, and a
// signed-in person's by none: the next person at this machine must not find it.
func (c *Ctx) html(status int, body []byte) error {
	if status == fiber.StatusTooManyRequests || status == fiber.StatusServiceUnavailable {
		c.sayWhenToRetry()
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Vary(fiber.HeaderCookie, fiber.HeaderAcceptLanguage, "HX-Request")
	if c.Actor.SignedIn() {
		c.Set(fiber.HeaderCacheControl, "private, no-store")
	} else {
		c.Set(fiber.HeaderCacheControl, "private, no-cache")
	}
	return c.Status(status).Send(body)
}

// sayWhenToRetry names a time (RFC 9110, section 10.2.3) where nobody knows a better
// one.
func (c *Ctx) sayWhenToRetry() {
	const seconds = "5"
	if c.GetRespHeader(fiber.HeaderRetryAfter) == "" {
		c.Set(fiber.HeaderRetryAfter, seconds)
	}
}
