package handlers

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
)

// The pages of sign-in that others lead to.
const (
	signInPage  = "/sign-in"
	secondPage  = "/sign-in/code"
	signOutPage = "/sign-out"
)

// NextPath is where the person asked to go, when that is a page of this portal and none
// of those that sign in and out.
func NextPath(asked string) string {
	path := LocalPath(asked)
	page, _, _ := strings.Cut(path, "?")
	if page == signInPage || page == signOutPage || strings.HasPrefix(page, signInPage+"/") {
		return "/"
	}
	return path
}

// WithNext leads to a page that sends on to another one later.
func WithNext(path, next string) string {
	if next == "/" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// Place is where the person signs in from.
func (c *Ctx) Place() accounts.Place {
	from := accounts.NewPlace(c.Get(fiber.HeaderUserAgent), c.IP())
	from.Browser, from.Bound, from.Lang = c.Browser(), c.Device(), string(c.Lang())
	return from
}

// Entered gives the browser what came of a proof: a session, or the page that asks for
// the second one.
func (c *Ctx) Entered(entry accounts.Entry, from accounts.Place, next string) error {
	if entry.Token == "" {
		SetPending(c, entry.Pending)
		return c.See(WithNext(secondPage, next))
	}
	ClearPending(c)
	KeepBrowser(c, from.Browser)
	SetSession(c, string(entry.Token), entry.Session.ExpiresAt)
	if entry.MustChange {
		return c.See(ChangePasswordPath)
	}
	if entry.Confirm {
		return c.See(WithNext("/confirm", next))
	}
	return c.See(next)
}
