package handlers

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"veche/db"
	"veche/domain/access"
	"veche/domain/problem"
	view "veche/views/problems"
	"veche/views/words"
)

var statuses = map[problem.Kind]int{
	problem.NotFound:        fiber.StatusNotFound,
	problem.Invalid:         fiber.StatusUnprocessableEntity,
	problem.Conflict:        fiber.StatusConflict,
	problem.Forbidden:       fiber.StatusForbidden,
	problem.Unauthenticated: fiber.StatusUnauthorized,
	problem.TooMany:         fiber.StatusTooManyRequests,
}

// Status is the status a problem is answered with.
func Status(p *problem.Error) int { return statuses[p.Kind] }

// fail is where every error of a handler ends: problems are told to the person,
// anything else is logged once and apologised for. Programs are told in a line.
func (s *Server) fail(f *fiber.Ctx, err error) error {
	c := s.current(f)
	// The request's time may be up, and that may be the error.
	c.ctx = context.WithoutCancel(c.ctx)
	status, shown := s.explain(c, err)
	if c.machine {
		return c.Status(status).SendString(shown.Title + "\n")
	}
	shown.Back, shown.Request = c.back(), traceOf(c.Ctx)
	if errors.Is(err, access.ErrUnauthenticated) && !c.HTMX() && c.Method() == fiber.MethodGet {
		return c.See(SignInPath(c.OriginalURL()))
	}
	if c.HTMX() {
		return c.Fragment(status, Fill("problem", view.Notice(shown)))
	}
	return c.Page(Page{Title: shown.Title, Status: status}, view.Page(shown))
}

func (s *Server) explain(c *Ctx, err error) (int, view.Problem) {
	ctx := c.Context()
	if found, ok := problem.As(err); ok {
		return Status(found), view.Problem{
			Title:  words.T(ctx, "problems.title."+string(found.Kind)),
			Text:   words.T(ctx, found.Message, found.Values...),
			SignIn: signInFor(c, found),
		}
	}
	if status, ok := fiberStatus(err); ok && status < fiber.StatusInternalServerError {
		kind := "refused"
		if status == fiber.StatusNotFound {
			kind = string(problem.NotFound)
		}
		return status, view.Problem{
			Title: words.T(ctx, "problems.title."+kind),
			Text:  words.T(ctx, "problems."+kind),
		}
	}
	s.o.Log.Error("request failed", "trace", traceOf(c.Ctx), "route", routeOf(c.Ctx), "error", err)
	status, kind := fiber.StatusInternalServerError, "internal"
	if db.Unavailable(err) {
		status, kind = fiber.StatusServiceUnavailable, "unavailable"
	}
	return status, view.Problem{
		Title: words.T(ctx, "problems.title."+kind),
		Text:  words.T(ctx, "problems."+kind),
		Retry: true,
	}
}

func signInFor(c *Ctx, p *problem.Error) string {
	if p.Kind != problem.Unauthenticated {
		return ""
	}
	return SignInPath(c.here())
}
