package accounts

import (
	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/handlers"
	view "veche/views/accounts"
	"veche/views/layout"
	"veche/views/words"
)

// unlockPath is where a person proves that a closed account is theirs.
const unlockPath = "/unlock"

// alertsPage asks what the person wants to be told of.
func (h *Handler) alertsPage(c *handlers.Ctx) error {
	chosen, err := h.store.AlertSettings(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	title := words.T(c.Context(), "sessions.alerts.title")
	return c.Page(handlers.Page{Title: title}, view.AlertsPage(view.AlertSettings{Chosen: chosen, Saved: c.Query("saved") != ""}))
}

// chooseAlerts keeps it.
func (h *Handler) chooseAlerts(c *handlers.Ctx) error {
	wanted := accounts.AlertSettings{Browsers: c.FormValue("browsers") != "", Attempts: c.FormValue("attempts") != ""}
	if err := h.store.ChooseAlerts(c.Context(), c.Actor, wanted, c.Place()); err != nil {
		return err
	}
	return c.See(layout.AlertsPath + "?saved=1")
}

// ownAlert leads from the feed to the question.
func (h *Handler) ownAlert(c *handlers.Ctx) error {
	token, err := h.store.OwnAlert(c.Context(), c.Actor, c.Params("alert"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.See(view.AlertHref(token))
}

// alertPage asks whether it was the person. Whoever has the token may answer, also
// without a session: the letter may be read anywhere. Looking changes nothing, for
// mail programs look too.
func (h *Handler) alertPage(c *handlers.Ctx) error {
	token := accounts.Token(c.Params("token"))
	alert, err := h.store.Alert(c.Context(), token)
	if err != nil {
		return err
	}
	title := words.T(c.Context(), "sessions.alert.title")
	c.Set("Referrer-Policy", "no-referrer")
	return c.Page(handlers.Page{Title: title}, view.AlertPage(alert, token))
}

// answerAlert takes the answer.
func (h *Handler) answerAlert(c *handlers.Ctx) error {
	token, answer := accounts.Token(c.Params("token")), accounts.AlertAnswer(c.FormValue("answer"))
	if err := h.store.AnswerAlert(c.Context(), token, answer, c.Place()); err != nil {
		return err
	}
	if answer == accounts.NotMine {
		return c.See(unlockPath)
	}
	return c.See(view.AlertHref(token))
}
