package styleguide_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/static"
	"veche/views/about"
	"veche/views/layout"
	"veche/views/styleguide"
	"veche/views/words"
)

// page is a page that needs no data: style guide, help.
type page struct {
	path       string
	title      string // key
	body       templ.Component
	ownHeading bool
}

var pages = []page{
	{"/styleguide", "styleguide.title", styleguide.Parts(), false},
	{"/styleguide/home", "styleguide.samples.home", styleguide.Home(), true},
	{"/styleguide/polls", "styleguide.samples.polls", styleguide.Polls(), false},
	{"/styleguide/poll", "styleguide.poll.title", styleguide.Poll(), false},
	{"/styleguide/done", "styleguide.samples.done", styleguide.Done(), true},
	{"/about", "about.title", about.About(true), false},
	{"/help", "about.help.title", about.Help(), false},
	{"/about/personal-data", "about.data.title", about.PersonalData(), false},
}

// policy is as strict as the server's own.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// frame is the frame of a page as the cookies ask for it.
func frame(c *fiber.Ctx, p page) layout.Frame {
	lang := words.Lang(c.Cookies("lang", "ru"))
	f := layout.Frame{
		Title:     words.T(words.With(context.Background(), lang), p.title),
		Lang:      lang,
		Zone:      time.FixedZone("MSK", 3*60*60),
		Path:      c.OriginalURL(),
		CSRF:      "token",
		Prefs:     layout.ParsePrefs(c.Cookies(layout.PrefsCookie)),
		Demo:      true,
		Dev:       true,
		NoHeading: p.ownHeading,
	}
	if name := c.Cookies("person"); name != "" {
		f.Person = &layout.Person{Name: name, Account: name}
	}
	return f
}

// serve runs the pages on a port of their own and returns their address.
func serve(t *testing.T) string {
	t.Helper()
	if err := static.Check(); err != nil {
		t.Fatal(err)
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use("/static", static.Handler())
	for _, p := range pages {
		app.Get(p.path, func(c *fiber.Ctx) error {
			var html bytes.Buffer
			if err := layout.Page(frame(c, p)).Render(templ.WithChildren(context.Background(), p.body), &html); err != nil {
				return err
			}
			c.Set(fiber.HeaderContentSecurityPolicy, policy)
			c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
			return c.Send(html.Bytes())
		})
	}
	app.Post("/settings/appearance", func(c *fiber.Ctx) error {
		prefs := layout.NewPrefs(func(name string) string { return c.FormValue(name) })
		c.Cookie(&fiber.Cookie{Name: layout.PrefsCookie, Value: prefs.Cookie(), Path: "/"})
		return c.Redirect(c.FormValue("return"), fiber.StatusSeeOther)
	})
	app.Get("/live", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusServiceUnavailable) })

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := app.Listener(listener); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(time.Second); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stop: %v", err)
		}
		serving.Wait()
	})
	return "http://" + listener.Addr().String()
}
