package factors

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/domain/factors"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/factors"
	"veche/views/words"
)

// choose switches the second factor on and off and changes its method. A method that
// has to be set up first leads to its set-up.
func (h *Handler) choose(c *handlers.Ctx) error {
	method := factors.Method(c.FormValue(factors.MethodField))
	codes, err := h.store.Prefer(c.Context(), c.Actor, method)
	switch {
	case errors.Is(err, factors.ErrNoTOTP):
		return h.setUpApp(c)
	case errors.Is(err, factors.ErrNoPasskey) && h.place(c) == (view.Place{Offered: true}):
		return h.newPasskey(c)
	case err != nil:
		return h.answer(c, err, "")
	case len(codes) > 0:
		return switchedOn(c, method, codes)
	case method == factors.Off:
		return c.See(view.After(view.SwitchedOff))
	}
	return c.See(view.After(view.Chosen))
}

// setUpApp shows the key to the person's app.
func (h *Handler) setUpApp(c *handlers.Ctx) error { return h.showSetup(c, fiber.StatusOK, nil) }

func (h *Handler) showSetup(c *handlers.Ctx, status int, trouble *problem.Error) error {
	setup, err := h.store.BeginTOTP(c.Context(), c.Actor)
	if err != nil {
		return h.answer(c, err, "")
	}
	return c.Page(handlers.Page{
		Title:  words.T(c.Context(), "factors.setup.title"),
		Crumbs: crumbs(c),
		Status: status,
	}, view.SetupPage(view.Setup{Key: setup.Key, URI: setup.URI, QR: setup.QR, Trouble: trouble}))
}

// confirmApp takes the first code of the app.
func (h *Handler) confirmApp(c *handlers.Ctx) error {
	codes, err := h.store.ConfirmTOTP(c.Context(), c.Actor, c.FormValue(factors.CodeField))
	if refused, ok := problem.As(err); ok && refused.Kind == problem.Invalid {
		return h.showSetup(c, handlers.Status(refused), refused)
	}
	if err != nil {
		return h.answer(c, err, "")
	}
	return switchedOn(c, factors.TOTP, codes)
}

// removeApp forgets the app.
func (h *Handler) removeApp(c *handlers.Ctx) error {
	return h.answer(c, h.store.RemoveTOTP(c.Context(), c.Actor), view.NoApp)
}

// newPasskey asks the person's device for a passkey.
func (h *Handler) newPasskey(c *handlers.Ctx) error {
	name := accounts.Session{Device: c.Get(fiber.HeaderUserAgent)}.System()
	if name == "" {
		name = words.T(c.Context(), "factors.passkeys.usual_name")
	}
	return h.showNewPasskey(c, fiber.StatusOK, view.NewPasskey{Name: name})
}

func (h *Handler) showNewPasskey(c *handlers.Ctx, status int, form view.NewPasskey) error {
	var err error
	if form.Options, err = h.store.BeginPasskey(c.Context(), c.Actor); err != nil {
		return h.answer(c, err, "")
	}
	return c.Page(handlers.Page{
		Title:  words.T(c.Context(), "factors.passkeys.new_title"),
		Crumbs: crumbs(c),
		Status: status,
	}, view.NewPasskeyPage(form))
}

// addPasskey takes the passkey that the device made. What is refused is asked for
// anew, since an answer is good once.
func (h *Handler) addPasskey(c *handlers.Ctx) error {
	name := c.FormValue(factors.NameField)
	err := h.store.FinishPasskey(c.Context(), c.Actor, name, c.FormValue(factors.CredentialField))
	if refused, ok := problem.As(err); ok {
		return h.showNewPasskey(c, handlers.Status(refused), view.NewPasskey{Name: name, Trouble: refused})
	}
	return h.answer(c, err, view.KeyAdded)
}

// renamePasskey gives a passkey another name.
func (h *Handler) renamePasskey(c *handlers.Ctx) error {
	err := h.store.RenamePasskey(c.Context(), c.Actor, c.Params("passkey"), c.FormValue(factors.NameField))
	return h.answer(c, err, view.KeyNamed)
}

// removePasskey forgets a passkey.
func (h *Handler) removePasskey(c *handlers.Ctx) error {
	return h.answer(c, h.store.RemovePasskey(c.Context(), c.Actor, c.Params("passkey")), view.KeyRemoved)
}

// makeCodes shows new backup codes, once.
func (h *Handler) makeCodes(c *handlers.Ctx) error {
	codes, err := h.store.MakeBackupCodes(c.Context(), c.Actor)
	if err != nil {
		return h.answer(c, err, "")
	}
	return c.Page(handlers.Page{
		Title:  words.T(c.Context(), "factors.codes.made"),
		Crumbs: crumbs(c),
	}, view.CodesPage(view.Codes{Codes: codes}))
}
