package accounts

import (
	"errors"
	"fmt"
	"time"

	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/handlers"
	view "veche/views/accounts"
)

// passwordLimit bounds guesses at the current password in a session that somebody left
// open.
var passwordLimit = handlers.Limit{Tries: 5, Period: 15 * time.Minute}

// contactsPage shows «Контактные данные».
func (h *Handler) contactsPage(c *handlers.Ctx) error {
	return h.showContacts(c, view.ContactsForm{}, nil)
}

// contacts begins the change of a contact (C-18).
func (h *Handler) contacts(c *handlers.Ctx) error {
	form := view.ContactsForm{Email: c.FormValue(accounts.EmailField), Phone: c.FormValue(accounts.PhoneField)}
	by, parse, typed := accounts.ByText, accounts.ParsePhone, form.Phone
	if c.FormValue("channel") == view.StepLetter {
		by, parse, typed = accounts.ByLetter, accounts.ParseEmail, form.Email
	}
	address, err := parse(typed)
	if err == nil {
		err = h.claim(c, by, address)
	}
	if err != nil {
		return h.showContacts(c, form, err)
	}
	return c.See("/settings/contacts/code?channel=" + string(by))
}

func (h *Handler) claim(c *handlers.Ctx, by accounts.Channel, address string) error {
	for _, key := range []string{"contact:" + address, "claims:" + c.Actor.Public} {
		if err := c.Limiter().Allow(c.Context(), key, contactLimit); err != nil {
			return err
		}
	}
	return h.store.Claim(c.Context(), c.Actor, by, address, string(c.Lang()))
}

func (h *Handler) showContacts(c *handlers.Ctx, form view.ContactsForm, wrong error) error {
	var err error
	if form.Trouble, err = readable(wrong); err != nil {
		return fmt.Errorf("change a contact: %w", err)
	}
	if form.Standing, err = h.store.Standing(c.Context(), c.Actor); err != nil {
		return err
	}
	return h.show(c, "register.contacts.title", form.Trouble, view.Contacts(form))
}

// channelOf is the channel that a page is about.
func channelOf(asked string) accounts.Channel {
	if by := accounts.Channel(asked); by.Valid() {
		return by
	}
	return accounts.ByText
}

// contactCodePage asks for the code that went to the new contact.
func (h *Handler) contactCodePage(c *handlers.Ctx) error {
	return h.askContact(c, channelOf(c.Query("channel")), "", nil)
}

// contactCode takes it, or sends it once more.
func (h *Handler) contactCode(c *handlers.Ctx) error {
	by, sent := channelOf(c.FormValue("channel")), c.FormValue(view.SentField)
	if c.FormValue(view.StepField) == view.StepResend {
		return h.askContact(c, by, sent, h.store.SendAgain(c.Context(), c.Actor, sent))
	}
	if err := h.store.TakeContact(c.Context(), c.Actor, by, sent, c.FormValue(codes.Field), c.Place()); err != nil {
		return h.askContact(c, by, sent, err)
	}
	return c.See("/profile?saved=" + string(by))
}

func (h *Handler) askContact(c *handlers.Ctx, by accounts.Channel, named string, wrong error) error {
	trouble, err := readable(wrong)
	if err != nil {
		return fmt.Errorf("change a contact: %w", err)
	}
	if errors.Is(wrong, accounts.ErrLink) { // another one is wanted by now
		return h.showContacts(c, view.ContactsForm{}, wrong)
	}
	now, err := h.store.Standing(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	sent, found, err := h.store.Sent(c.Context(), c.Actor, codes.ForContact, by, named)
	if err != nil {
		return err
	}
	if !found {
		return h.showContacts(c, view.ContactsForm{}, wrong)
	}
	return h.show(c, "register.contacts.title", trouble, view.ContactCode(view.CodeForm{
		Action: "/settings/contacts/code", Asked: asked(c, by, now.To(by)), Sent: sent, Named: true, Trouble: trouble,
		Back: "/settings/contacts", Hint: "register.code.not_coming", Inbox: c.Inbox(), Submit: "proofs.confirm",
	}, by))
}

// passwordPage asks for another password.
func (h *Handler) passwordPage(c *handlers.Ctx) error { return h.askChange(c, nil) }

// password changes it. Every other session ends.
func (h *Handler) password(c *handlers.Ctx) error {
	entry, err := h.change(c)
	if err != nil {
		return h.askChange(c, err)
	}
	handlers.SetSession(c, string(entry.Token), entry.Session.ExpiresAt)
	return c.See("/profile?saved=password")
}

func (h *Handler) change(c *handlers.Ctx) (accounts.Entry, error) {
	now, name, err := h.store.Owner(c.Context(), c.Actor)
	if err != nil {
		return accounts.Entry{}, err
	}
	current := accounts.NewPassword(c.FormValue(accounts.PasswordField))
	if current == "" && !c.Actor.MustChange {
		return accounts.Entry{}, accounts.ErrNoPassword
	}
	chosen := accounts.NewPassword(c.FormValue(accounts.NewPasswordField))
	if err := h.policy.Check(chosen, accounts.PasswordOwner{Name: name, Email: now.Email, Phone: now.Phone}); err != nil {
		return accounts.Entry{}, err
	}
	tries := "password:" + c.Actor.Public
	if err := c.Limiter().Allow(c.Context(), tries, passwordLimit); err != nil {
		return accounts.Entry{}, err
	}
	entry, err := h.store.ChangePassword(c.Context(), c.Actor, current, chosen, c.Place())
	if err == nil {
		c.Limiter().Forget(c.Context(), tries)
	}
	return entry, err
}

func (h *Handler) askChange(c *handlers.Ctx, wrong error) error {
	trouble, err := readable(wrong)
	if err != nil {
		return fmt.Errorf("change a password: %w", err)
	}
	now, _, err := h.store.Owner(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	login := now.Email
	if login == "" {
		login = now.Phone
	}
	return h.show(c, "register.password_page.title", trouble, view.ChangePassword(login, c.Actor.MustChange, trouble))
}

// waysPage shows the ways of signing in that a person may switch.
func (h *Handler) waysPage(c *handlers.Ctx) error {
	now, err := h.store.Standing(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	return h.show(c, "register.ways.title", nil, view.WaysIn(now, c.Query("saved") != ""))
}

// ways switches them.
func (h *Handler) ways(c *handlers.Ctx) error {
	if err := h.store.AllowCalls(c.Context(), c.Actor, c.FormValue("phone_sign_in") != "", c.Place()); err != nil {
		return fmt.Errorf("switch a way of signing in: %w", err)
	}
	return c.See("/settings/sign-in?saved=1")
}
