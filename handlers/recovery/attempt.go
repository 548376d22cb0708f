package recovery

import (
	"errors"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/domain/problem"
	"veche/domain/proofs"
	"veche/domain/recovery"
	"veche/handlers"
	proofsview "veche/views/proofs"
	view "veche/views/recovery"
	"veche/views/words"
)

// How often one address may begin, and one login be begun for. Logins that nobody has
// are counted alike.
var (
	addressLimit = handlers.Limit{Tries: 30, Period: 10 * time.Minute}
	loginLimit   = handlers.Limit{Tries: 5, Period: 10 * time.Minute}
	requestLimit = handlers.Limit{Tries: 5, Period: time.Hour}
	stepLimit    = handlers.Limit{Tries: 60, Period: 10 * time.Minute}
)

func (h *Handler) beginRecovery(c *handlers.Ctx) error {
	return h.showBegin(c, view.Begin{Intent: recovery.ForPassword})
}

func (h *Handler) beginUnlock(c *handlers.Ctx) error {
	return h.showBegin(c, view.Begin{Intent: recovery.ForUnlock})
}

func (h *Handler) recover(c *handlers.Ctx) error { return h.begin(c, recovery.ForPassword) }

func (h *Handler) unlock(c *handlers.Ctx) error { return h.begin(c, recovery.ForUnlock) }

// begin reads the login and has a code sent, if it belongs to somebody.
func (h *Handler) begin(c *handlers.Ctx, intent recovery.Intent) error {
	typed := c.FormValue(accounts.LoginField)
	token, err := h.tryBegin(c, intent, typed)
	if trouble, ok := problem.As(err); ok {
		return h.showBegin(c, view.Begin{Intent: intent, Login: typed, Trouble: trouble})
	}
	if err != nil {
		return err
	}
	handlers.SetRecovery(c, token, recovery.AttemptFor)
	return c.See(view.StepPath)
}

func (h *Handler) tryBegin(c *handlers.Ctx, intent recovery.Intent, typed string) (accounts.Token, error) {
	if err := c.Limiter().Allow(c.Context(), "recovery:address:"+c.IP(), addressLimit); err != nil {
		return "", err
	}
	login, err := accounts.ParseLogin(typed)
	if err != nil {
		return "", err
	}
	if err := c.Limiter().Allow(c.Context(), "recovery:login:"+string(login.Kind)+":"+login.Value, loginLimit); err != nil {
		return "", err
	}
	return h.store.Begin(c.Context(), c.Actor, intent, login, string(c.Lang()))
}

func (h *Handler) showBegin(c *handlers.Ctx, form view.Begin) error {
	return h.page(c, form.Intent, form.Trouble, view.BeginPage(form))
}

// page is a page on the way back in.
func (h *Handler) page(c *handlers.Ctx, intent recovery.Intent, trouble *problem.Error, body templ.Component) error {
	status := fiber.StatusOK
	if trouble != nil {
		status = handlers.Status(trouble)
	}
	title := words.T(c.Context(), "recovery.begin.title")
	if intent == recovery.ForUnlock {
		title = words.T(c.Context(), "recovery.unlock.title")
	}
	return c.Page(handlers.Page{Title: title, Status: status}, body)
}

// step shows what is asked for next.
func (h *Handler) step(c *handlers.Ctx) error { return h.show(c, nil, "") }

// toStep leads there from where a form came back.
func (h *Handler) toStep(c *handlers.Ctx) error { return c.See(view.StepPath) }

// takeStep takes what was asked for.
func (h *Handler) takeStep(c *handlers.Ctx) error {
	a, err := h.store.Attempt(c.Context(), c.Recovery())
	if err == nil {
		err = c.Limiter().Allow(c.Context(), "recovery:step:"+a.ID, stepLimit)
	}
	if err == nil && c.FormValue(proofs.StepField) != "" {
		return h.show(c, nil, proofs.Method(c.FormValue(proofs.StepField)))
	}
	if err == nil {
		err = h.take(c, a)
	}
	if trouble, ok := problem.As(err); ok {
		return h.show(c, trouble, proofs.Method(c.FormValue(proofs.MethodField)))
	}
	if err != nil {
		return err
	}
	return c.See(view.StepPath)
}

func (h *Handler) take(c *handlers.Ctx, a recovery.Attempt) error {
	ctx, token, from := c.Context(), c.Recovery(), placeOf(c)
	switch a.Step {
	case recovery.StepCode:
		switch c.FormValue(view.DoField) {
		case view.DoResend:
			return h.store.Resend(ctx, token)
		case view.DoSwitch:
			return h.store.Switch(ctx, token)
		}
		_, err := h.store.CheckCode(ctx, token, c.FormValue(view.CodeField), from)
		return err
	case recovery.StepQuestions:
		typed := make([]string, recovery.Needed)
		for at := range typed {
			typed[at] = c.FormValue(recovery.AnswerField(at))
		}
		_, err := h.store.Answer(ctx, token, typed, from)
		if errors.Is(err, recovery.ErrClosed) {
			return recovery.ErrClosed
		}
		if err == nil {
			h.follow(c)
		}
		return err
	case recovery.StepProof:
		return h.store.Prove(ctx, token, proofs.Answer{
			Method: proofs.Method(c.FormValue(proofs.MethodField)),
			Typed:  c.FormValue(proofs.TypedField),
			Signed: c.FormValue(proofs.SignedField),
		}, from)
	case recovery.StepPassword:
		return h.setPassword(c, token, from)
	}
	return nil
}

func (h *Handler) setPassword(c *handlers.Ctx, token accounts.Token, from accounts.Place) error {
	owner, err := h.store.Owner(c.Context(), token)
	if err != nil {
		return err
	}
	chosen := accounts.NewPassword(c.FormValue(accounts.NewPasswordField))
	if err := h.policy.Check(chosen, owner); err != nil {
		return err
	}
	return h.store.SetPassword(c.Context(), token, chosen, from)
}

// follow lets the browser follow a decision for as long as it may take.
func (h *Handler) follow(c *handlers.Ctx) { handlers.SetRecovery(c, c.Recovery(), recovery.FollowFor) }

// show draws the step that the attempt is at, with what was wrong with the last form.
// Without an attempt, it begins anew.
func (h *Handler) show(c *handlers.Ctx, trouble *problem.Error, wanted proofs.Method) error {
	ctx := c.Context()
	a, err := h.store.Attempt(ctx, c.Recovery())
	if errors.Is(err, recovery.ErrOver) {
		return c.See(view.RecoveryPath)
	}
	if err != nil {
		return err
	}
	switch a.Step {
	case recovery.StepQuestions:
		asked, err := h.store.AskedOf(ctx, c.Recovery())
		if err != nil {
			return err
		}
		return h.page(c, a.Intent, trouble, view.AnswersPage(asked, trouble))
	case recovery.StepProof:
		question, err := h.store.AskProof(ctx, c.Recovery(), wanted)
		if err != nil {
			return err
		}
		return h.page(c, a.Intent, trouble, view.ProofPage(proofsview.Form{
			Action: view.StepPath, Lead: "recovery.proof.lead", Question: question, Trouble: trouble,
		}))
	case recovery.StepPassword:
		return h.page(c, a.Intent, trouble, view.PasswordPage(trouble))
	case recovery.StepEvidence:
		return h.page(c, a.Intent, trouble, view.PaperPage(view.PaperForm{Kind: recovery.Passport, Trouble: trouble}))
	case recovery.StepWaiting:
		return h.showStatus(c, a)
	case recovery.StepDone:
		return c.Page(handlers.Page{Title: words.T(ctx, view.DoneTitle(a.Intent)), NoHeading: true}, view.DonePage(a.Intent))
	}
	return h.page(c, a.Intent, trouble, view.CodePage(view.Code{Attempt: a, Trouble: trouble, Inbox: c.Inbox()}))
}

func (h *Handler) showStatus(c *handlers.Ctx, a recovery.Attempt) error {
	stamps := c.Stamps(recovery.Topic(a.ID))
	state, found, err := h.store.Status(c.Context(), []string{a.ID})
	if err != nil {
		return err
	}
	return h.page(c, a.Intent, nil, view.StatusPage(found[a.ID], stamps.For(recovery.StatusOf(a.ID), state)))
}

func placeOf(c *handlers.Ctx) accounts.Place {
	return accounts.NewPlace(c.Get(fiber.HeaderUserAgent), c.IP())
}
