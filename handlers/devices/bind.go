package devices

import (
	"time"

	"github.com/gofiber/fiber/v2"

	devicesdb "veche/db/devices"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/devices"
	"veche/views/layout"
	"veche/views/words"
)

// codesAsked bounds how many codes a link can have sent, whoever follows it.
var codesAsked = handlers.Limit{Tries: 5, Period: 15 * time.Minute}

// bindPage shows on the new device what it is going to be bound to. Looking changes
// nothing, for programs that preview links look too.
func (h *Handler) bindPage(c *handlers.Ctx) error { return h.showBind(c, fiber.StatusOK, nil) }

func (h *Handler) showBind(c *handlers.Ctx, status int, trouble *problem.Error) error {
	link := accounts.Token(c.Params("link"))
	invitation, code, _, err := h.store.Invitation(c.Context(), link, c.Reader())
	if err != nil {
		return err
	}
	c.Set("Referrer-Policy", "no-referrer")
	title := words.T(c.Context(), "devices.binding.title")
	return c.Page(handlers.Page{Title: title, Status: status}, view.BindPage(view.Bind{
		Invitation: invitation, Link: link, Code: code, Trouble: trouble,
		Browser: c.Get(fiber.HeaderUserAgent), Inbox: c.Inbox(),
	}))
}

// askCode has a one-time password sent to the owner.
func (h *Handler) askCode(c *handlers.Ctx) error {
	link := accounts.Token(c.Params("link"))
	if err := c.Limiter().Allow(c.Context(), "device:"+string(link), codesAsked); err != nil {
		return err
	}
	if err := h.store.AskCode(c.Context(), link, c.Reader()); err != nil {
		return err
	}
	return c.See(view.LinkHref(link))
}

// bind binds this device and opens a session on it.
func (h *Handler) bind(c *handlers.Ctx) error {
	from := accounts.NewPlace(c.Get(fiber.HeaderUserAgent), c.IP())
	from.Browser, from.Lang = c.Browser(), string(c.Lang())
	answer := devicesdb.Answer{Code: c.FormValue("sent"), Typed: c.FormValue(codes.Field)}
	entry, token, err := h.store.Bind(c.Context(), c.Actor, accounts.Token(c.Params("link")), c.Reader(), answer, from)
	if trouble, ok := problem.As(err); ok && trouble.Fields[codes.Field] != "" {
		return h.showBind(c, handlers.Status(trouble), trouble)
	}
	if err != nil {
		return err
	}
	handlers.KeepBrowser(c, from.Browser)
	handlers.KeepDevice(c, token)
	handlers.SetSession(c, string(entry.Token), entry.Session.ExpiresAt)
	if entry.MustChange {
		return c.See(handlers.ChangePasswordPath)
	}
	return c.See(layout.DevicesPath)
}
