package accounts

import (
	"time"

	"veche/domain/accounts"
	"veche/handlers"
	home "veche/views/home"
	"veche/views/words"
)

// Waiting is what the person should do about their account (ID-19, REC-11).
func (h *Handler) Waiting(c *handlers.Ctx) ([]home.Task, error) {
	now, err := h.store.Standing(c.Context(), c.Actor)
	if err != nil {
		return nil, err
	}
	var tasks []home.Task
	for _, t := range []struct {
		due              bool
		name, href, icon string
	}{
		{!now.EmailConfirmed && now.EmailWanted != "", "email", "/settings/contacts", "mail"},
		{!now.Identified, "confirm", "/confirm", "shield-check"},
		{now.Phone == "" && now.PhoneWanted == "" || now.Email == "" && now.EmailWanted == "", "contacts", "/settings/contacts", "smartphone"},
		{!now.SecondFactor, "second", secondFactorPath, "shield-check"},
		{accounts.OldPassword(now.PasswordSetAt, time.Now()), "password", handlers.ChangePasswordPath, "key-round"},
	} {
		if t.due {
			tasks = append(tasks, home.Task{
				Title: words.T(c.Context(), "register.tasks."+t.name),
				Text:  words.T(c.Context(), "register.tasks."+t.name+"_text"),
				Href:  t.href,
				Icon:  t.icon,
			})
		}
	}
	return tasks, nil
}

// secondFactorPath is where a second factor is switched on.
const secondFactorPath = "/settings/security"
