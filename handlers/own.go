package handlers

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"veche/domain/access"
)

const livePath = "/live"

// ownRoutes are the server's own: probes, metrics and the live socket.
func (s *Server) ownRoutes() []Route {
	return []Route{
		{Method: fiber.MethodGet, Path: "/healthz", Action: access.Operate, Handle: s.healthz},
		{Method: fiber.MethodGet, Path: "/readyz", Action: access.Operate, Handle: s.readyz},
		{Method: fiber.MethodGet, Path: "/metrics", Action: access.Operate, Handle: s.metrics()},
		{Method: fiber.MethodGet, Path: livePath, Action: access.Connect, Idle: true, Handle: s.live},
	}
}

// healthz answers while the process is up.
func (s *Server) healthz(c *Ctx) error { return c.SendString("ok\n") }

// readyz answers when Postgres is reachable and migrated. Redis is not asked:
// without it the portal works, only the live layer waits.
func (s *Server) readyz(c *Ctx) error {
	if err := s.o.Ready(c.Context()); err != nil {
		s.o.Log.Warn("not ready", "error", err)
		return c.Status(fiber.StatusServiceUnavailable).SendString("not ready\n")
	}
	return c.SendString("ready\n")
}

func (s *Server) metrics() func(*Ctx) error {
	handler := adaptor.HTTPHandler(promhttp.HandlerFor(s.o.Metrics, promhttp.HandlerOpts{}))
	return func(c *Ctx) error { return handler(c.Ctx) }
}

// live upgrades to the socket of the live layer. A page whose session ended is
// refused in a way that it does not come back.
func (s *Server) live(c *Ctx) error {
	if c.Cookies(s.sessionCookie()) != "" && !c.Actor.SignedIn() {
		return s.o.Hub.Refuse(c.Ctx)
	}
	visitor := c.visitor()
	visitor.Reader = c.knownReader()
	return s.o.Hub.Upgrade(c.Ctx, visitor)
}

// SignInPath is the sign-in page that leads back to where the person was.
func SignInPath(back string) string {
	if LocalPath(back) == "/" {
		return "/sign-in"
	}
	return "/sign-in?next=" + url.QueryEscape(back)
}

// LocalPath is path when it leads to a page of this portal, and "/" otherwise.
// Browsers read "//host" and "/\host" as another host.
func LocalPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	parsed, err := url.Parse(path)
	if err != nil || parsed.Host != "" || parsed.Scheme != "" {
		return "/"
	}
	return path
}

// here is the page the person is on: where they ask for one, that one, and where
// they send a form, the page it stands on. The address of a form often answers
// nothing but the form.
func (c *Ctx) here() string {
	if c.reads() {
		return LocalPath(c.OriginalURL())
	}
	return c.cameFrom()
}

// back is the page of the form that went wrong, "" when a page was asked for.
func (c *Ctx) back() string {
	if c.reads() {
		return ""
	}
	return c.cameFrom()
}

func (c *Ctx) reads() bool {
	return c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
}

// cameFrom is the page of this portal that sent the form.
func (c *Ctx) cameFrom() string {
	from, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil || from.Host != string(c.Request().Host()) {
		return "/"
	}
	return LocalPath(from.RequestURI())
}
