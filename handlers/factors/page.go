package factors

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/domain/factors"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/factors"
	"veche/views/ui"
	"veche/views/words"
)

// page shows the security settings.
func (h *Handler) page(c *handlers.Ctx) error {
	return h.show(c, fiber.StatusOK, nil)
}

// show draws the security settings, with what is wrong with the form that was sent.
func (h *Handler) show(c *handlers.Ctx, status int, trouble *problem.Error) error {
	seen, err := h.store.Overview(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	page := view.Page{
		Methods:  seen.Methods,
		Passkeys: seen.Passkeys,
		Place:    h.place(c),
		Trouble:  trouble,
	}
	if trouble == nil {
		page.Done = view.Outcome(c.Query("done"))
	}
	for _, draw := range h.sections {
		var section templ.Component
		if section, err = draw(c); err != nil {
			return err
		}
		if section != nil {
			page.Sections = append(page.Sections, section)
		}
	}
	return c.Page(handlers.Page{
		Title:  words.T(c.Context(), "factors.title"),
		Crumbs: crumbs(c)[:1],
		Status: status,
	}, view.SettingsPage(page))
}

// crumbs lead to the pages below the security settings.
func crumbs(c *handlers.Ctx) []ui.Crumb {
	return []ui.Crumb{
		{Label: words.T(c.Context(), "accounts.profile.title"), Href: "/profile"},
		{Label: words.T(c.Context(), "factors.title"), Href: view.Root},
	}
}

// place says whether the page stands where passkeys work, and where they do.
func (h *Handler) place(c *handlers.Ctx) view.Place {
	origin, offered := h.store.Passkeys()
	place := view.Place{Offered: offered}
	if offered && c.Numbered(origin) {
		place.Right = origin + view.Root
	}
	return place
}

// answer ends a form: with the page again when it was refused, with the page that
// tells of the outcome otherwise.
func (h *Handler) answer(c *handlers.Ctx, err error, done view.Outcome) error {
	if refused, ok := problem.As(err); ok && refused.Kind != problem.NotFound {
		return h.show(c, handlers.Status(refused), refused)
	}
	if err != nil {
		return err
	}
	return c.See(view.After(done))
}

// switchedOn shows what was switched on, with the backup codes that came with it.
func switchedOn(c *handlers.Ctx, method factors.Method, codes []factors.BackupCode) error {
	return c.Page(handlers.Page{
		Title:  words.T(c.Context(), "factors.on.page"),
		Crumbs: crumbs(c),
	}, view.CodesPage(view.Codes{On: method, Codes: codes}))
}
