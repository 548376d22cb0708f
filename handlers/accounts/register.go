package accounts

import (
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/accounts"
	"veche/views/words"
)

// registrationTicket names the cookie of a registration under way.
const registrationTicket = "registration"

// How often accounts are begun from one address, behind which many people may stand,
// and with one contact, which somebody is written to each time.
var (
	registerLimit = handlers.Limit{Tries: 40, Period: time.Hour}
	contactLimit  = handlers.Limit{Tries: 6, Period: time.Hour}
)

// registerPage asks for the data, with what was typed before.
func (h *Handler) registerPage(c *handlers.Ctx) error {
	if c.Actor.SignedIn() {
		return c.See("/")
	}
	var form view.RegisterForm
	draft, err := h.store.Draft(c.Context(), c.Ticket(registrationTicket))
	switch {
	case err == nil:
		form = view.RegisterForm{Name: draft.Name, Email: draft.Email, Phone: draft.Phone, Channel: draft.Channel, Consent: true}
	case !errors.Is(err, accounts.ErrNoDraft):
		return err
	}
	return h.showRegister(c, form)
}

func (h *Handler) showRegister(c *handlers.Ctx, form view.RegisterForm) error {
	return h.show(c, "register.title", form.Trouble, view.Register(form))
}

// register takes the data and has the code sent.
func (h *Handler) register(c *handlers.Ctx) error {
	form := view.RegisterForm{
		Name:    c.FormValue(accounts.NameField),
		Email:   c.FormValue(accounts.EmailField),
		Phone:   c.FormValue(accounts.PhoneField),
		Channel: accounts.ByText,
		Consent: c.FormValue(accounts.ConsentField) != "",
	}
	if c.FormValue("channel") == view.StepLetter {
		form.Channel = accounts.ByLetter
	}
	token, err := h.begin(c, form)
	if refused, ok := problem.As(err); ok {
		form.Trouble = refused
		return h.showRegister(c, form)
	}
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	handlers.SetTicket(c, registrationTicket, token, accounts.RegistrationFor)
	return c.See("/register/code")
}

func (h *Handler) begin(c *handlers.Ctx, form view.RegisterForm) (accounts.Token, error) {
	asked, err := accounts.ParseRegistration(form.Name, form.Email, form.Phone)
	if !form.Consent {
		err = withoutConsent(err)
	}
	if err != nil {
		return "", err
	}
	limiter := c.Limiter()
	if err := limiter.Allow(c.Context(), "register:"+addressTries(c.IP()), registerLimit); err != nil {
		return "", err
	}
	for _, contact := range []string{asked.Email, asked.Phone} {
		if err := limiter.Allow(c.Context(), "contact:"+contact, contactLimit); err != nil {
			return "", err
		}
	}
	return h.store.Begin(c.Context(), c.Actor, asked, form.Channel, string(c.Lang()))
}

// withoutConsent adds to what is wrong with a form that the consent is missing.
func withoutConsent(err error) error {
	found, ok := problem.As(err)
	if !ok {
		return errors.Join(err, accounts.ErrNoConsent)
	}
	both := problem.New(found.Kind, found.Message, found.Values...)
	both.Fields = map[string]string{accounts.ConsentField: accounts.ErrNoConsent.Message}
	for field, message := range found.Fields {
		both.Fields[field] = message
	}
	return both
}

// registerCodePage asks for the code.
func (h *Handler) registerCodePage(c *handlers.Ctx) error { return h.askRegister(c, nil) }

// registerCode checks it, or sends another.
func (h *Handler) registerCode(c *handlers.Ctx) error {
	token := c.Ticket(registrationTicket)
	draft, err := h.store.Draft(c.Context(), token)
	if errors.Is(err, accounts.ErrNoDraft) {
		return c.See("/register")
	}
	if err != nil {
		return err
	}
	switch by := accounts.Channel(c.FormValue(view.StepField)); {
	case by == view.StepResend:
		return h.askRegister(c, h.store.ResendDraft(c.Context(), token, draft.Channel))
	case by.Valid():
		if err := c.Limiter().Allow(c.Context(), "contact:"+draft.Address(), contactLimit); err != nil {
			return h.askRegister(c, err)
		}
		return h.askRegister(c, h.store.ResendDraft(c.Context(), token, by))
	}
	next, err := h.store.ConfirmDraft(c.Context(), token, c.FormValue(codes.Field))
	if err != nil {
		return h.askRegister(c, err)
	}
	handlers.SetTicket(c, registrationTicket, next, accounts.RegistrationFor)
	return c.See("/register/password")
}

// askRegister shows the question for the code. It tells the same whether or not the
// contact has an account.
func (h *Handler) askRegister(c *handlers.Ctx, wrong error) error {
	trouble, err := readable(wrong)
	if err != nil {
		return fmt.Errorf("confirm a contact: %w", err)
	}
	draft, err := h.store.Draft(c.Context(), c.Ticket(registrationTicket))
	switch {
	case errors.Is(err, accounts.ErrNoDraft):
		return c.See("/register")
	case err != nil:
		return err
	case draft.Confirmed:
		return c.See("/register/password")
	}
	sent, err := h.store.DraftCode(c.Context(), draft)
	if err != nil {
		return err
	}
	form := view.CodeForm{
		Action: "/register/code", Asked: asked(c, draft.Channel, draft.Address()), Sent: sent, Trouble: trouble,
		Other: view.StepLetter, Back: "/register", Hint: "register.code.not_coming", Inbox: c.Inbox(), Submit: "proofs.confirm",
	}
	if draft.Channel == accounts.ByLetter {
		form.Other = view.StepText
	}
	return h.show(c, "register.title", trouble, view.RegisterCode(form))
}

// asked says where a code went.
func asked(c *handlers.Ctx, by accounts.Channel, address string) string {
	return words.T(c.Context(), "proofs.asked."+string(by),
		"Address", codes.Mask(codes.Channel(by), address), "Minutes", int(codes.Lifetime.Minutes()))
}

// registerPasswordPage asks for the password.
func (h *Handler) registerPasswordPage(c *handlers.Ctx) error { return h.askPassword(c, nil) }

// registerPassword makes the account.
func (h *Handler) registerPassword(c *handlers.Ctx) error {
	token := c.Ticket(registrationTicket)
	draft, err := h.store.Draft(c.Context(), token)
	if errors.Is(err, accounts.ErrNoDraft) {
		return c.See("/register")
	}
	if err != nil {
		return err
	}
	chosen := accounts.NewPassword(c.FormValue(accounts.NewPasswordField))
	owner := accounts.PasswordOwner{Name: draft.Name, Email: draft.Email, Phone: draft.Phone}
	if err := h.policy.Check(chosen, owner); err != nil {
		return h.askPassword(c, err)
	}
	from := c.Place()
	entry, err := h.store.Finish(c.Context(), c.Actor, token, chosen, from)
	if err != nil {
		return h.askPassword(c, err)
	}
	handlers.ClearTicket(c, registrationTicket)
	handlers.ClearPending(c)
	handlers.KeepBrowser(c, from.Browser)
	handlers.SetSession(c, string(entry.Token), entry.Session.ExpiresAt)
	return c.See("/register/questions")
}

func (h *Handler) askPassword(c *handlers.Ctx, wrong error) error {
	trouble, err := readable(wrong)
	if err != nil {
		return fmt.Errorf("make an account: %w", err)
	}
	draft, err := h.store.Draft(c.Context(), c.Ticket(registrationTicket))
	switch {
	case errors.Is(err, accounts.ErrNoDraft):
		return c.See("/register")
	case err != nil:
		return err
	case !draft.Confirmed:
		return c.See("/register/code")
	}
	return h.show(c, "register.title", trouble, view.RegisterPassword(draft.Address(), trouble))
}

// registerQuestions is the last step, which may be postponed.
func (h *Handler) registerQuestions(c *handlers.Ctx) error {
	return h.show(c, "register.title", nil, view.RegisterQuestions())
}

func (h *Handler) registerDone(c *handlers.Ctx) error {
	now, err := h.store.Standing(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	return c.Page(handlers.Page{Title: words.T(c.Context(), "register.done"), NoHeading: true}, view.RegisterDone(now))
}

// readable takes a problem out of err; what is none is answered as it is.
func readable(err error) (*problem.Error, error) {
	if found, ok := problem.As(err); ok {
		return found, nil
	}
	return nil, err
}

// statusOf is the status of a page with what was wrong.
func statusOf(trouble *problem.Error) int {
	if trouble == nil {
		return fiber.StatusOK
	}
	return handlers.Status(trouble)
}
