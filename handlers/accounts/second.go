package accounts

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/domain/problem"
	"veche/domain/proofs"
	"veche/handlers"
	proofsview "veche/views/proofs"
	"veche/views/words"
)

// secondPage asks a person who knows the password for the second proof.
func (h *Handler) secondPage(c *handlers.Ctx) error {
	return h.askSecond(c, handlers.NextPath(c.Query("next")), "", nil)
}

// second checks the second proof and opens the session.
func (h *Handler) second(c *handlers.Ctx) error {
	next, answer := handlers.NextPath(c.FormValue("next")), answerOf(c)
	switch step := c.FormValue(proofs.StepField); {
	case step == proofs.StepResend:
		return h.askSecond(c, next, answer.Method, h.resendSecond(c, answer.Code))
	case step != "":
		return h.askSecond(c, next, proofs.Method(step), nil)
	}
	from := c.Place()
	entry, err := h.store.Enter(c.Context(), c.Actor, c.Pending(), answer, from)
	if err != nil {
		return h.askSecond(c, next, answer.Method, err)
	}
	return h.entered(c, entry, from, next)
}

func (h *Handler) resendSecond(c *handlers.Ctx, code string) error {
	who, err := h.store.Pending(c.Context(), c.Pending())
	if err != nil {
		return err
	}
	return h.proofs.Resend(c.Context(), who, code)
}

// askSecond shows the question, with what was wrong with the last answer. Whoever is
// waited for no longer begins anew.
func (h *Handler) askSecond(c *handlers.Ctx, next string, wanted proofs.Method, wrong error) error {
	trouble, known := problem.As(wrong)
	if wrong != nil && !known {
		return fmt.Errorf("second proof: %w", wrong)
	}
	who, err := h.store.Pending(c.Context(), c.Pending())
	if errors.Is(err, accounts.ErrTooLate) {
		return c.See(handlers.WithNext(signInPath, next))
	}
	if err != nil {
		return err
	}
	question, err := h.proofs.Ask(c.Context(), who, wanted)
	if err != nil {
		return err
	}
	return showQuestion(c, proofsview.Form{
		Action:   secondPath,
		Lead:     "proofs.lead.sign_in",
		Question: question,
		Trouble:  trouble,
		Kept:     []proofsview.Kept{{Name: "next", Value: next}},
		Inbox:    c.Inbox(),
		Cancel:   signInPath,
	}, fiber.StatusOK)
}

// showQuestion draws the page of a question. An answer that was wrong decides the
// status.
func showQuestion(c *handlers.Ctx, form proofsview.Form, status int) error {
	if form.Trouble != nil {
		status = handlers.Status(form.Trouble)
	}
	title := words.T(c.Context(), "proofs.title")
	return c.Page(handlers.Page{Title: title, Status: status}, proofsview.Question(form))
}

// answerOf reads the answer from the form.
func answerOf(c *handlers.Ctx) proofs.Answer {
	return proofs.Answer{
		Method: proofs.Method(c.FormValue(proofs.MethodField)),
		Code:   c.FormValue(proofs.CodeField),
		Typed:  c.FormValue(proofs.TypedField),
		Signed: c.FormValue(proofs.SignedField),
	}
}
