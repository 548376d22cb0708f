package handlers

import (
	"context"
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/domain/accounts"
	"veche/views/words"
)

// Route is one line of an area's route table. The action is asked for before the
// handler runs; what it is done to is the use case's question.
type Route struct {
	Method string
	Path   string
	Action access.Action
	Handle func(*Ctx) error
	// Sample is a URL of the route in the demo data, for a path with parameters.
	// Every GET route is visited in tests with its sample.
	Sample string
	// Personal says that the sample is nobody's: what stands at such a path is one
	// person's own and does not exist for others.
	Personal bool
	// Idle says that asking is nothing the person does: it does not keep the session
	// awake (SEC-07).
	Idle bool
	// Machine says that the caller is a program that signs what it sends: no cookie of
	// it is read and no token asked for. The handler checks the signature, and answers
	// 401 or 403 to whoever did not sign.
	Machine bool
	// File says that the form brings a file, and may be as large as fileLimit.
	File bool
}

// ChangePasswordPath is where a temporary password leads.
const ChangePasswordPath = "/settings/password"

// Prover asks a person for a second proof before something sensitive (SEC-06).
type Prover interface {
	// Prove says whether the request brought a good proof. Where it did not, the
	// question was answered with, and what the person typed stands in its form.
	Prove(c *Ctx) (proved bool, err error)
}

// ProveWith sets who asks for second proofs.
func (s *Server) ProveWith(p Prover) { s.prover = p }

// Mount adds an area's routes.
func (s *Server) Mount(routes []Route) {
	for _, r := range routes {
		if r.Sample == "" {
			r.Sample = r.Path
		}
		s.routes = append(s.routes, r)
		if r.File {
			s.files[r.Path] = true
		}
		handle := s.serve(r)
		s.app.Add(r.Method, r.Path, handle)
		if r.Method == fiber.MethodGet {
			s.app.Add(fiber.MethodHead, r.Path, handle)
		}
	}
}

// Routes lists what was mounted.
func (s *Server) Routes() []Route { return s.routes }

const ctxKey = "veche.ctx"

// serve wraps a route's handler: who is asking, in which language, may they.
func (s *Server) serve(r Route) fiber.Handler {
	return func(f *fiber.Ctx) error {
		f.Locals(routeKey, r.Path)
		if r.Machine {
			return s.serveMachine(f, r)
		}
		c, cancel, err := s.begin(f)
		defer cancel()
		if err != nil {
			return err
		}
		if over, err := s.overWithout(c, r); err != nil || over {
			return err
		}
		// Who has to sign in first is told so, also when the form is from before
		// the sign-out and its token is no longer good.
		may := access.May(c.Actor, r.Action)
		switch {
		case errors.Is(may, access.ErrMustChange) && c.reads():
			return c.See(ChangePasswordPath)
		case errors.Is(may, access.ErrUnproved) && s.prover != nil: // asked below
		case may != nil:
			return may
		}
		if err := c.checkCSRF(); err != nil {
			return err
		}
		if !r.Idle {
			if err := s.o.Sessions.Touch(c.Context(), c.Actor); err != nil {
				return err
			}
		}
		if may != nil {
			if proved, err := s.prover.Prove(c); err != nil || !proved {
				return err
			}
			c.Actor.Fresh = true
		}
		return r.Handle(c)
	}
}

// overWithout leads somebody to the sign-in page whose session has ended without their
// doing, and answers whether it did. Whoever signed out goes on as a guest.
func (s *Server) overWithout(c *Ctx, r Route) (bool, error) {
	if c.ended == "" || !c.reads() || c.HTMX() || r.Action == access.SignIn || r.Idle {
		return false, nil
	}
	without, err := s.o.Sessions.EndedWithout(c.Context(), c.ended)
	if err != nil || !without {
		return false, err
	}
	return true, c.See(signInPage + "?ended=1&next=" + url.QueryEscape(LocalPath(c.OriginalURL())))
}

// serveMachine wraps a route that programs call. Whatever cookies a browser was
// tricked into sending along, it acts as a guest.
func (s *Server) serveMachine(f *fiber.Ctx, r Route) error {
	c, cancel := s.guest(f)
	defer cancel()
	c.machine = true
	if err := access.May(c.Actor, r.Action); err != nil {
		return err
	}
	return r.Handle(c)
}

// guest makes the Ctx of a request by somebody who is not known.
func (s *Server) guest(f *fiber.Ctx) (*Ctx, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(f.UserContext(), requestTime)
	ctx = words.WithZone(words.With(ctx, chooseLang(f)), s.o.Zone)
	c := &Ctx{Ctx: f, Actor: access.Guest(), server: s, ctx: ctx}
	f.Locals(ctxKey, c)
	return c, cancel
}

// begin makes the Ctx of a request. On error it is a guest's, good enough to show
// the error with.
func (s *Server) begin(f *fiber.Ctx) (*Ctx, context.CancelFunc, error) {
	c, cancel := s.guest(f)
	ctx := c.ctx
	token := f.Cookies(s.sessionCookie())
	if token == "" {
		return c, cancel, nil
	}
	actor, err := s.o.Sessions.Actor(ctx, token)
	if err != nil {
		return c, cancel, err
	}
	from := accounts.NewPlace(f.Get(fiber.HeaderUserAgent), f.IP())
	if threat := threatTo(actor, from); threat != "" {
		if err := s.o.Sessions.Leave(ctx, actor, threat, from); err != nil {
			return c, cancel, err
		}
		actor = access.Guest()
	}
	c.Actor = actor
	if !actor.SignedIn() && f.Path() != livePath {
		// From here on the browser is a guest's, and so is its socket.
		ClearSession(c)
		c.ended = token
	}
	return c, cancel, nil
}

// threatTo says why a session has to end at once that is used from some place (SEC-09,
// SEC-10), "" where nothing is wrong with it.
func threatTo(actor access.Actor, from accounts.Place) accounts.EndReason {
	switch {
	case actor.Address != "" && actor.Address != from.Address:
		return accounts.EndAddress
	case !accounts.SameBrowser(actor.Device, from.Device):
		return accounts.EndSuspicion
	}
	return ""
}

// current is the Ctx that begin made, or makes now for a request that no route
// took: the frame around its error is the person's own too, and so are the tokens
// of the forms in it.
func (s *Server) current(f *fiber.Ctx) *Ctx {
	if c, ok := f.Locals(ctxKey).(*Ctx); ok {
		return c
	}
	c, cancel, err := s.begin(f)
	cancel()
	if err != nil {
		s.o.Log.Warn("an error is shown as to a guest", "trace", traceOf(f), "error", err)
	}
	return c
}
