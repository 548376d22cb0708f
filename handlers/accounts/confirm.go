package accounts

import (
	"errors"
	"fmt"
	"time"

	"github.com/a-h/templ"

	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/accounts"
	"veche/views/words"
)

// How often one person asks for letters with links, and tries numbers of social
// insurance: which of them others have is not to be found out here.
var (
	linkLimit    = handlers.Limit{Tries: 5, Period: time.Hour}
	confirmLimit = handlers.Limit{Tries: 10, Period: 24 * time.Hour}
)

// confirmPage asks for the code that confirms the account (ID-03).
func (h *Handler) confirmPage(c *handlers.Ctx) error { return h.askConfirm(c, nil) }

// confirm sends the code, or takes it.
func (h *Handler) confirm(c *handlers.Ctx) error {
	var err error
	switch c.FormValue(view.StepField) {
	case view.StepSend:
		err = h.sendConfirmation(c)
	case view.StepResend:
		err = h.store.SendAgain(c.Context(), c.Actor, c.FormValue(view.SentField))
		if errors.Is(err, codes.ErrUsedUp) {
			err = h.sendConfirmation(c)
		}
	default:
		if err = h.identify(c); err == nil {
			return c.See("/confirm/done")
		}
	}
	return h.askConfirm(c, err)
}

func (h *Handler) sendConfirmation(c *handlers.Ctx) error {
	if err := c.Limiter().Allow(c.Context(), "confirm:"+c.Actor.Public, contactLimit); err != nil {
		return err
	}
	return h.store.SendConfirmation(c.Context(), c.Actor, string(c.Lang()))
}

func (h *Handler) identify(c *handlers.Ctx) error {
	now, err := h.store.Standing(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	var snils string
	if !now.SNILS {
		if snils, err = accounts.ParseSNILS(c.FormValue(accounts.SNILSField)); err != nil {
			return err
		}
	}
	if err := c.Limiter().Allow(c.Context(), "snils:"+c.Actor.Public, confirmLimit); err != nil {
		return err
	}
	return h.store.Identify(c.Context(), c.Actor, c.FormValue(view.SentField), c.FormValue(codes.Field), snils, c.Place())
}

func (h *Handler) askConfirm(c *handlers.Ctx, wrong error) error {
	trouble, err := readable(wrong)
	if err != nil {
		return fmt.Errorf("confirm an account: %w", err)
	}
	now, err := h.store.Standing(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	if now.Identified {
		return c.See("/confirm/done")
	}
	next := handlers.NextPath(c.Query("next"))
	if c.FormValue("next") != "" {
		next = handlers.NextPath(c.FormValue("next"))
	}
	phone := now.To(accounts.ByText)
	named := c.FormValue(view.SentField)
	if c.FormValue(view.StepField) != "" {
		named = "" // a new one may be on its way
	}
	sent, _, err := h.store.Sent(c.Context(), c.Actor, codes.ForConfirm, accounts.ByText, named)
	if err != nil {
		return err
	}
	return h.show(c, "register.confirm_page.title", trouble, view.Confirm(view.ConfirmForm{
		Code: view.CodeForm{
			Action: "/confirm", Asked: asked(c, accounts.ByText, phone), Sent: sent, Named: true, Trouble: trouble, Next: next,
			Hint: "register.code.not_coming", Inbox: c.Inbox(), Submit: "proofs.confirm",
		},
		Phone:     codes.Mask(codes.SMS, phone),
		AskSNILS:  !now.SNILS,
		SNILS:     c.FormValue(accounts.SNILSField),
		Postpones: true,
	}))
}

func (h *Handler) confirmDone(c *handlers.Ctx) error {
	now, err := h.store.Standing(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	if !now.Identified {
		return c.See("/confirm")
	}
	title := words.T(c.Context(), "register.confirm_page.done")
	return c.Page(handlers.Page{Title: title, NoHeading: true}, view.Confirmed(now))
}

// sendLink has the letter sent once more that confirms the e-mail (ID-17).
func (h *Handler) sendLink(c *handlers.Ctx) error {
	var email string
	err := c.Limiter().Allow(c.Context(), "link:"+c.Actor.Public, linkLimit)
	if err == nil {
		email, err = h.store.AskForLink(c.Context(), c.Actor)
	}
	trouble, err := readable(err)
	if err != nil {
		return fmt.Errorf("send a link: %w", err)
	}
	return h.show(c, "register.link.title", trouble, view.EmailSent(email, c.Inbox(), trouble))
}

// linkPage asks for a press of a button: programs that look through letters come here
// too.
func (h *Handler) linkPage(c *handlers.Ctx) error {
	token := accounts.Token(c.Params("token"))
	link, err := h.store.Link(c.Context(), token)
	if err != nil {
		return err
	}
	others := c.Actor.SignedIn() && c.Actor.Account != link.Account
	return h.show(c, "register.link.title", nil, view.EmailLink(view.LinkPath(token), link.Email, link.Owner, others))
}

// followLink confirms the e-mail.
func (h *Handler) followLink(c *handlers.Ctx) error {
	err := h.store.FollowLink(c.Context(), c.Actor, accounts.Token(c.Params("token")), c.Place())
	if err != nil {
		return fmt.Errorf("follow a link: %w", err)
	}
	c.Actor.EmailWaits = false
	title := words.T(c.Context(), "register.link.done")
	return c.Page(handlers.Page{Title: title, NoHeading: true}, view.EmailConfirmed())
}

// show draws a page of the area with what was wrong.
func (h *Handler) show(c *handlers.Ctx, title string, trouble *problem.Error, body templ.Component) error {
	return c.Page(handlers.Page{Title: words.T(c.Context(), title), Status: statusOf(trouble)}, body)
}
