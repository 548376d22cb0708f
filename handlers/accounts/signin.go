package accounts

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/accounts"
	"veche/views/words"
)

// signInPage shows the form, or sends on a person who is in already.
func (h *Handler) signInPage(c *handlers.Ctx) error {
	next := handlers.NextPath(c.Query("next"))
	if c.Actor.SignedIn() {
		return c.See(next)
	}
	return h.showForm(c, fiber.StatusOK, view.SignInForm{Next: next, Ended: c.Query("ended") != ""})
}

// signIn checks the form and opens a session, or asks for the second proof.
func (h *Handler) signIn(c *handlers.Ctx) error {
	form := view.SignInForm{
		Login: c.FormValue(accounts.LoginField),
		Next:  handlers.NextPath(c.FormValue("next")),
	}
	from := c.Place()
	entry, err := h.admit(c, form.Login, c.FormValue(accounts.PasswordField), from)
	if refused, ok := problem.As(err); ok {
		form.Trouble = refused
		return h.showForm(c, handlers.Status(refused), form)
	}
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return h.entered(c, entry, from, form.Next)
}

// admit counts the try, and only then does the costly work of checking it.
func (h *Handler) admit(c *handlers.Ctx, login, password string, from accounts.Place) (accounts.Entry, error) {
	ctx, limiter := c.Context(), c.Limiter()
	if err := limiter.Allow(ctx, addressTries(c.IP()), addressLimit); err != nil {
		return accounts.Entry{}, err
	}
	offered, err := accounts.ParseCredentials(login, password)
	if err != nil {
		return accounts.Entry{}, err
	}
	tries := loginTries(offered.Login)
	if err := limiter.Allow(ctx, tries, loginLimit); err != nil {
		return accounts.Entry{}, err
	}
	entry, err := h.store.SignIn(ctx, c.Actor, offered, from)
	if err == nil {
		limiter.Forget(ctx, tries)
	}
	return entry, err
}

// entered gives the browser what came of a proof: a session, or the page that asks
// for the second one.
func (h *Handler) entered(c *handlers.Ctx, entry accounts.Entry, from accounts.Place, next string) error {
	return c.Entered(entry, from, next)
}

func (h *Handler) showForm(c *handlers.Ctx, status int, form view.SignInForm) error {
	if c.Demo() {
		form.Demo = accounts.Demo()
	}
	h.addWays(c, &form)
	title := words.T(c.Context(), "accounts.sign_in.title")
	return c.Page(handlers.Page{Title: title, Status: status}, view.SignIn(form))
}
