package accounts

import (
	"errors"
	"fmt"
	"time"

	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/handlers"
	view "veche/views/accounts"
	"veche/views/words"
)

// phoneTicket names the cookie of a sign-in by phone that waits for its code.
const phoneTicket = "phone"

// phoneLimit bounds how often one number is sent codes for signing in, whoever asks.
var phoneLimit = handlers.Limit{Tries: 5, Period: 15 * time.Minute}

// phonePage asks for the number.
func (h *Handler) phonePage(c *handlers.Ctx) error {
	next := handlers.NextPath(c.Query("next"))
	if c.Actor.SignedIn() {
		return c.See(next)
	}
	return h.askPhone(c, view.PhoneForm{Next: next}, nil)
}

// phone has the code sent, where the number may be signed in with, and says the same
// where it may not.
func (h *Handler) phone(c *handlers.Ctx) error {
	form := view.PhoneForm{Phone: c.FormValue(accounts.PhoneField), Next: handlers.NextPath(c.FormValue("next"))}
	token, err := h.callIn(c, form.Phone)
	if err != nil {
		return h.askPhone(c, form, err)
	}
	handlers.SetTicket(c, phoneTicket, token, accounts.PendingFor)
	return c.See(handlers.WithNext("/sign-in/phone/code", form.Next))
}

func (h *Handler) callIn(c *handlers.Ctx, typed string) (accounts.Token, error) {
	number, err := accounts.ParsePhone(typed)
	if err != nil {
		return "", err
	}
	limiter := c.Limiter()
	if err := limiter.Allow(c.Context(), addressTries(c.IP()), addressLimit); err != nil {
		return "", err
	}
	if err := limiter.Allow(c.Context(), "phone:"+number, phoneLimit); err != nil {
		return "", err
	}
	return h.store.CallIn(c.Context(), c.Actor, number, c.Place())
}

func (h *Handler) askPhone(c *handlers.Ctx, form view.PhoneForm, wrong error) error {
	var err error
	if form.Trouble, err = readable(wrong); err != nil {
		return fmt.Errorf("sign in by phone: %w", err)
	}
	return h.show(c, "register.phone_page.title", form.Trouble, view.Phone(form))
}

// phoneCodePage asks for the code.
func (h *Handler) phoneCodePage(c *handlers.Ctx) error {
	return h.askPhoneCode(c, handlers.NextPath(c.Query("next")), nil)
}

// phoneCode checks it and opens the session, or asks for the second proof.
func (h *Handler) phoneCode(c *handlers.Ctx) error {
	next, token := handlers.NextPath(c.FormValue("next")), c.Ticket(phoneTicket)
	if c.FormValue(view.StepField) == view.StepResend {
		return h.askPhoneCode(c, next, h.store.CallAgain(c.Context(), token))
	}
	from := c.Place()
	entry, err := h.store.Answer(c.Context(), c.Actor, token, c.FormValue(codes.Field), from)
	if err != nil {
		return h.askPhoneCode(c, next, err)
	}
	handlers.ClearTicket(c, phoneTicket)
	return h.entered(c, entry, from, next)
}

func (h *Handler) askPhoneCode(c *handlers.Ctx, next string, wrong error) error {
	trouble, err := readable(wrong)
	if err != nil {
		return fmt.Errorf("sign in by phone: %w", err)
	}
	waiting, err := h.store.Calling(c.Context(), c.Ticket(phoneTicket))
	if errors.Is(err, accounts.ErrTooLate) {
		return h.askPhone(c, view.PhoneForm{Next: next}, err)
	}
	if err != nil {
		return err
	}
	form := view.CodeForm{
		Action: "/sign-in/phone/code", Sent: waiting.Code, Trouble: trouble, Next: next,
		Asked: words.T(c.Context(), "proofs.asked.sms", "Address", waiting.Shown, "Minutes", int(codes.Lifetime.Minutes())),
		Back:  "/sign-in/phone", Hint: "register.phone_page.not_coming", Inbox: c.Inbox(), Submit: "accounts.sign_in.submit",
	}
	return h.show(c, "register.phone_page.title", trouble, view.PhoneCode(form))
}
