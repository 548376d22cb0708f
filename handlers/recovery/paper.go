package recovery

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"veche/domain/event"
	"veche/domain/problem"
	"veche/domain/recovery"
	"veche/handlers"
	"veche/hub"
	view "veche/views/recovery"
)

// showPaper takes the copy of a paper (REC-05). What it is, its content says.
func (h *Handler) showPaper(c *handlers.Ctx) error {
	form := view.PaperForm{
		Kind:   recovery.EvidenceKind(c.FormValue(recovery.KindField)),
		Series: c.FormValue(recovery.SeriesField),
		Number: c.FormValue(recovery.NumberField),
	}
	a, err := h.store.Attempt(c.Context(), c.Recovery())
	if err == nil {
		err = c.Limiter().Allow(c.Context(), "recovery:step:"+a.ID, stepLimit)
	}
	if err == nil {
		err = h.keepPaper(c, form)
	}
	if trouble, ok := problem.As(err); ok {
		if a.Step != recovery.StepEvidence {
			return c.See(view.StepPath)
		}
		form.Trouble = trouble
		return h.page(c, a.Intent, trouble, view.PaperPage(form))
	}
	if err != nil {
		return err
	}
	h.follow(c)
	return c.See(view.StepPath)
}

func (h *Handler) keepPaper(c *handlers.Ctx, form view.PaperForm) error {
	paper, err := recovery.ParsePaper(string(form.Kind), form.Series, form.Number)
	if err != nil {
		return err
	}
	sent, err := c.FormFile(recovery.EvidenceField)
	if err != nil {
		return recovery.ErrNoEvidence
	}
	if sent.Size > recovery.MaxEvidence {
		return recovery.ErrLargeEvidence
	}
	file, err := sent.Open()
	if err != nil {
		return recovery.ErrBrokenEvidence
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, recovery.MaxEvidence+1))
	if err != nil {
		return recovery.ErrBrokenEvidence
	}
	_, err = h.store.ShowPaper(c.Context(), c.Recovery(), paper, content, placeOf(c))
	return err
}

// Live registers the drawers of the area's regions.
func (h *Handler) Live(s *handlers.Server) {
	s.Live("recovery", "status", h.drawStatus)
	s.Live("recoveries", "head", h.drawHead)
	s.Live("recoveries", "card", h.drawCards)
}

func (h *Handler) drawStatus(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, found, err := h.store.Status(ctx, handlers.Each(wanted, func(r event.Region) string { return r.Topic().ID() }))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		status, ok := found[w.Region.Topic().ID()]
		if !ok {
			return nil
		}
		return view.Status(status, stamp)
	})
}

func (h *Handler) drawHead(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, newest, err := h.store.Newest(ctx)
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(_ hub.Wanted, stamp event.Stamp) templ.Component {
		return view.DeskHead(newest, stamp)
	})
}

func (h *Handler) drawCards(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, found, err := h.store.Requests(ctx, handlers.Each(wanted, requestOf))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		request, ok := found[requestOf(w.Region)]
		if !ok || request.State != recovery.RequestWaiting {
			return nil
		}
		return view.Card(request, stamp)
	})
}

func requestOf(r event.Region) recovery.RequestID {
	return handlers.ParseID[recovery.RequestID](r.Item())
}
