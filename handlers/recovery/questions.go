package recovery

import (
	"github.com/gofiber/fiber/v2"

	"veche/domain/problem"
	"veche/domain/recovery"
	"veche/handlers"
	view "veche/views/recovery"
	"veche/views/ui"
	"veche/views/words"
)

// questions shows which questions are set, and the form that sets them.
func (h *Handler) questions(c *handlers.Ctx) error {
	return h.showQuestions(c, fiber.StatusOK, view.Questions{
		Change:  c.Query("change") != "",
		Saved:   c.Query("saved") != "",
		Removed: c.Query("removed") != "",
	})
}

// setQuestions keeps the questions of the form.
func (h *Handler) setQuestions(c *handlers.Ctx) error {
	var page view.Questions
	for at := range page.Typed {
		page.Typed[at] = recovery.Choice{
			Question: recovery.Question(c.FormValue(recovery.QuestionField(at))),
			Typed:    c.FormValue(recovery.AnswerField(at)),
		}
	}
	answers, err := recovery.ParseAnswers(page.Typed[:], func(q recovery.Question) string {
		return view.Wording(c.Context(), q)
	})
	if err == nil {
		err = h.store.Set(c.Context(), c.Actor, answers)
	}
	if wrong, ok := problem.As(err); ok && wrong.Kind == problem.Invalid {
		page.Change, page.Trouble = true, wrong
		return h.showQuestions(c, handlers.Status(wrong), page)
	}
	if err != nil {
		return err
	}
	return c.See(view.QuestionsPath + "?saved=1")
}

// removeQuestions forgets them.
func (h *Handler) removeQuestions(c *handlers.Ctx) error {
	if err := h.store.Remove(c.Context(), c.Actor); err != nil {
		return err
	}
	return c.See(view.QuestionsPath + "?removed=1")
}

func (h *Handler) showQuestions(c *handlers.Ctx, status int, page view.Questions) error {
	set, err := h.store.Chosen(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	page.Set = set
	page.Saved = page.Saved && len(set.Questions) > 0
	page.Removed = page.Removed && len(set.Questions) == 0
	ctx := c.Context()
	return c.Page(handlers.Page{
		Title:  words.T(ctx, "recovery.questions.title"),
		Status: status,
		Crumbs: []ui.Crumb{{Label: words.T(ctx, "accounts.profile.title"), Href: "/profile"}},
	}, view.QuestionsPage(page))
}
