// Package handlers is the web side of the portal: the server, who is asking, the
// frame of every page, errors as people see them, and the joint between pages and
// the live layer. Each area has its handlers in a package of its own below.
//
// A handler says who, what, do, show, and returns its error; one place turns the
// error into a page or into a part of one.
package handlers

import (
	"context"
	"log/slog"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/prometheus/client_golang/prometheus"

	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/hub"
	"veche/internal/together"
	"veche/static"
)

// Sessions knows who a session's token belongs to.
type Sessions interface {
	// Actor answers the guest for a token that is unknown, ended or expired.
	Actor(ctx context.Context, token string) (access.Actor, error)
	// EndedWithout says whether the session of a token ended without its owner's doing:
	// because nobody used it, or because somebody else might.
	EndedWithout(ctx context.Context, token string) (bool, error)
	// Touch notes that the actor did something. The live socket does not count.
	Touch(ctx context.Context, actor access.Actor) error
	// Leave ends the actor's session for a reason that is not their own wish.
	Leave(ctx context.Context, actor access.Actor, why accounts.EndReason, from accounts.Place) error
}

// Options are what the server needs to know.
type Options struct {
	Sessions Sessions
	Hub      *hub.Hub
	Passes   *hub.Passes
	Limiter  *Limiter
	Secret   []byte // signs CSRF tokens
	HTTPS    bool   // cookies are Secure, HSTS is sent
	Demo     bool   // demo data: the «Демо-контур» badge shows
	Inbox    string // of the demo: where its letters and texts arrive; "" is nowhere to be seen
	Dev      bool   // development: the style guide is served
	Zone     *time.Location
	Ready    func(context.Context) error
	Metrics  *prometheus.Registry
	// TrustProxy takes the client's address from X-Forwarded-For. It is on only
	// behind a proxy that sets the header itself.
	TrustProxy bool
	Log        *slog.Logger
}

// requestTime bounds a request, its queries included.
const requestTime = 10 * time.Second

// bodyLimit bounds the forms of the portal, fileLimit those that bring a file: 5 MB of
// it (C-01) and what stands around it.
const (
	bodyLimit = 256 << 10
	fileLimit = 6 << 20
)

// Server is the web server of one process.
type Server struct {
	o        Options
	app      *fiber.App
	routes   []Route
	seconds  *prometheus.HistogramVec
	versions *together.Rounds[event.Topic, string]
	bells    Bells
	prover   Prover
	files    map[string]bool // paths of the routes that take files
}

// NewServer builds the server; areas are added with Mount.
func NewServer(o Options) *Server {
	s := &Server{o: o, seconds: requestSeconds(o.Metrics), files: map[string]bool{}}
	s.versions = together.New(versionTime, s.readVersions)
	config := fiber.Config{
		AppName:               "veche",
		Immutable:             true, // strings of a request outlive it here and there
		DisableStartupMessage: true,
		BodyLimit:             fileLimit,
		ReadTimeout:           15 * time.Second,
		WriteTimeout:          30 * time.Second,
		IdleTimeout:           75 * time.Second,
		ErrorHandler:          s.fail,
	}
	// Unless told to check, Fiber believes X-Forwarded-Host of anyone, and the Origin
	// of a socket is compared with it.
	config.EnableTrustedProxyCheck = !o.TrustProxy
	if o.TrustProxy {
		config.ProxyHeader = fiber.HeaderXForwardedFor
		config.EnableIPValidation = true
	}
	s.app = fiber.New(config)
	hub.PrepareFiber(s.app)
	s.app.Use(
		s.trace,
		s.observe,
		recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: s.panicked}),
		s.secureHeaders,
		s.limitBody,
		compress.New(compress.Config{Level: compress.LevelBestSpeed}),
	)
	s.app.Use("/static", static.Handler())
	s.Mount(s.ownRoutes())
	return s
}

// limitBody refuses what is larger than a form can be, but where files are taken.
func (s *Server) limitBody(c *fiber.Ctx) error {
	if len(c.Request().Body()) > bodyLimit && !s.files[c.Path()] {
		return fiber.ErrRequestEntityTooLarge
	}
	return c.Next()
}

// Bells draws the bell that stands in the frame of a signed-in person's pages.
type Bells interface {
	Bell(c *Ctx) (templ.Component, error)
}

// Ring puts the bell into the frame. Without it the frame leads to the notifications
// and says nothing of them.
func (s *Server) Ring(b Bells) { s.bells = b }

// App is the Fiber application, to listen with and to test.
func (s *Server) App() *fiber.App { return s.app }

// Shutdown stops accepting and waits for running requests.
func (s *Server) Shutdown(ctx context.Context) error { return s.app.ShutdownWithContext(ctx) }

func (s *Server) panicked(c *fiber.Ctx, cause any) {
	s.o.Log.Error("a handler panicked", "trace", traceOf(c), "route", routeOf(c), "cause", cause)
}
