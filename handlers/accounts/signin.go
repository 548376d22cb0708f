package accounts

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/accounts"
	"veche/views/words"
)

// signInPage shows the form, or sends on a person who is in already.
func (h *Handler) signInPage(c *handlers.Ctx) error {
	next := nextPath(c.Query("next"))
	if c.Actor.SignedIn() {
		return c.See(next)
	}
	return h.showForm(c, fiber.StatusOK, view.SignInForm{Next: next})
}

// signIn checks the form and opens a session.
func (h *Handler) signIn(c *handlers.Ctx) error {
	form := view.SignInForm{
		Login: c.FormValue(accounts.LoginField),
		Next:  nextPath(c.FormValue("next")),
	}
	token, session, err := h.admit(c, form.Login, c.FormValue(accounts.PasswordField))
	if refused, ok := problem.As(err); ok {
		form.Trouble = refused
		return h.showForm(c, handlers.Status(refused), form)
	}
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	handlers.SetSession(c, string(token), session.ExpiresAt)
	return c.See(form.Next)
}

// admit counts the try, and only then does the costly work of checking it.
func (h *Handler) admit(c *handlers.Ctx, login, password string) (accounts.Token, accounts.Session, error) {
	ctx, limiter := c.Context(), c.Limiter()
	if err := limiter.Allow(ctx, addressTries(c.IP()), addressLimit); err != nil {
		return "", accounts.Session{}, err
	}
	offered, err := accounts.ParseCredentials(login, password)
	if err != nil {
		return "", accounts.Session{}, err
	}
	tries := loginTries(offered.Login)
	if err := limiter.Allow(ctx, tries, loginLimit); err != nil {
		return "", accounts.Session{}, err
	}
	token, session, err := h.store.SignIn(ctx, c.Actor, offered, placeOf(c))
	if err == nil {
		limiter.Forget(ctx, tries)
	}
	return token, session, err
}

// placeOf is where the person signs in from.
func placeOf(c *handlers.Ctx) accounts.Place {
	from := accounts.NewPlace(c.Get(fiber.HeaderUserAgent), c.IP())
	from.Lang = string(c.Lang())
	return from
}

// nextPath is where the person asked to go, when that is a page of this portal
// and not the sign-in page itself.
func nextPath(asked string) string {
	path := handlers.LocalPath(asked)
	switch page, _, _ := strings.Cut(path, "?"); page {
	case signInPath, signOutPath:
		return "/"
	}
	return path
}

func (h *Handler) showForm(c *handlers.Ctx, status int, form view.SignInForm) error {
	if c.Demo() {
		form.Demo = accounts.Demo()
	}
	title := words.T(c.Context(), "accounts.sign_in.title")
	return c.Page(handlers.Page{Title: title, Status: status}, view.SignIn(form))
}
