package accounts

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	accountsdb "veche/db/accounts"
	"veche/domain/problem"
	"veche/domain/proofs"
	"veche/handlers"
	proofsview "veche/views/proofs"
)

// Prove asks for a second proof before something sensitive. The question stands in a
// form that carries what the person had typed along, hidden, to the very address it
// was sent to: with a good proof the action goes on as if nothing had come between
// (SEC-06). Nothing of it is stored. A password is not carried; it is typed again.
func (h *Handler) Prove(c *handlers.Ctx) (proved bool, err error) {
	form := proofsview.Form{Action: provePath, Lead: "proofs.lead.step_up", Inbox: c.Inbox()}
	wanted := proofs.Method("")
	if c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		form.Kept = []proofsview.Kept{{Name: "next", Value: handlers.LocalPath(c.OriginalURL())}}
	} else {
		form.Action, form.Kept = handlers.LocalPath(c.OriginalURL()), kept(c)
		if c.FormValue(proofs.MethodField) != "" {
			proved, wanted, form.Trouble, err = h.answered(c)
			if proved || err != nil {
				return proved, err
			}
		}
	}
	return false, h.ask(c, form, wanted)
}

// provePage is where a page that was asked for leads to, and proveFirst where its
// question is answered.
func (h *Handler) proveFirst(c *handlers.Ctx) error {
	next := handlers.NextPath(c.FormValue("next"))
	proved, wanted, trouble, err := h.answered(c)
	if err != nil {
		return err
	}
	if proved {
		return c.See(next)
	}
	return h.ask(c, proofsview.Form{
		Action: provePath, Lead: "proofs.lead.step_up", Inbox: c.Inbox(), Trouble: trouble,
		Kept: []proofsview.Kept{{Name: "next", Value: next}},
	}, wanted)
}

// answered checks the answer in the request, or does what else the form was sent for.
func (h *Handler) answered(c *handlers.Ctx) (proved bool, wanted proofs.Method, trouble *problem.Error, err error) {
	answer := answerOf(c)
	switch step := c.FormValue(proofs.StepField); {
	case step == proofs.StepResend:
		wanted, err = answer.Method, h.proofs.Resend(c.Context(), accountsdb.WhoIn(c.Actor), answer.Code)
	case step != "":
		return false, proofs.Method(step), nil, nil
	default:
		wanted, err = answer.Method, h.store.Prove(c.Context(), c.Actor, answer)
		proved = err == nil
	}
	if found, ok := problem.As(err); ok && found.Kind != problem.Unauthenticated {
		return false, wanted, found, nil
	}
	return proved, wanted, nil, err
}

func (h *Handler) ask(c *handlers.Ctx, form proofsview.Form, wanted proofs.Method) error {
	question, err := h.proofs.Ask(c.Context(), accountsdb.WhoIn(c.Actor), wanted)
	if err != nil {
		return fmt.Errorf("ask for a second proof: %w", err)
	}
	form.Question = question
	if c.HTMX() { // the question takes the place of the page, whatever part was asked for
		c.Set("HX-Retarget", "#content")
		c.Set("HX-Reselect", "#content")
		c.Set("HX-Reswap", "outerSync show:top showTarget:body")
	}
	return showQuestion(c, form, fiber.StatusForbidden)
}

// kept are the fields of the form that was sent, but for those of the question, the
// token, which the page has its own of, and passwords.
func kept(c *handlers.Ctx) []proofsview.Kept {
	var fields []proofsview.Kept
	for name, value := range c.Request().PostArgs().All() {
		name := string(name)
		if name == "csrf" || strings.HasPrefix(name, proofs.TypedField) || name == proofs.SignedField || strings.Contains(name, "password") {
			continue
		}
		fields = append(fields, proofsview.Kept{Name: name, Value: string(value)})
	}
	return fields
}
