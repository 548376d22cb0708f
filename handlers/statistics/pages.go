package statistics

import (
	"veche/domain/publics"
	"veche/domain/statistics"
	"veche/handlers"
	publicsview "veche/views/publics"
	view "veche/views/statistics"
	"veche/views/ui"
	"veche/views/words"
)

// sheet shows the statistics of a post.
func (h *Handler) sheet(c *handlers.Ctx) error {
	id, slug := handlers.ParseID[publics.PostID](c.Params("post")), c.Params("public")
	if id == 0 || !publics.ValidSlug(slug) {
		return publics.ErrNoPost
	}
	stamps := c.Stamps(statistics.TopicOf(id), statistics.TopicViewers(id), publics.TopicOf(id))
	sheet, err := h.store.Sheet(c.Context(), c.Actor, slug, id)
	if err != nil {
		return err
	}
	present, known := c.Present(statistics.TopicViewers(id))
	ctx := c.Context()
	return c.Page(handlers.Page{
		Title: words.T(ctx, "statistics.title"),
		Crumbs: []ui.Crumb{
			{Label: words.T(ctx, "publics.title"), Href: publicsview.Root},
			{Label: sheet.Public, Href: publicsview.Href(slug)},
		},
	}, view.Page(view.Sheet{
		Public:    slug,
		Post:      id,
		Title:     sheet.Title,
		Present:   view.Present{Pages: present, Known: known},
		Figures:   sheet.Figures,
		Reactions: sheet.Reactions,
		Now:       stamps.For(statistics.NowOf(id), ""),
		Totals:    stamps.For(statistics.TotalsOf(id), sheet.State),
		Curve:     stamps.For(statistics.CurveOf(id), sheet.State),
		Hours:     stamps.For(statistics.HoursOf(id), sheet.State),
		Did:       stamps.For(statistics.FiguresOf(id), sheet.State),
	}))
}
