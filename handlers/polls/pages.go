package polls

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	pollsdb "veche/db/polls"
	"veche/domain/event"
	"veche/domain/polls"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/polls"
	"veche/views/ui"
	"veche/views/words"
)

// list shows the polls, newest first, by status and by words (VOTE-01, VOTE-02).
func (h *Handler) list(c *handlers.Ctx) error {
	filter, wrong := polls.ParseFilter(c.Query("status"), c.Query("q"), handlers.ParseID[int64](c.Query("before")))
	list := view.List{Filter: filter, Search: c.Query("q")}
	status := fiber.StatusOK
	if wrong != nil {
		refused, ok := problem.As(wrong)
		if !ok {
			return wrong
		}
		// The list stays, unsearched, below the sentence about the search.
		list.Error, list.Filter.Search, status = words.T(c.Context(), refused.Message, refused.Values...), "", handlers.Status(refused)
	}

	stamps := c.Stamps(polls.TopicAll)
	state, keys, err := h.store.Newest(c.Context(), []polls.Status{filter.Status}, headKeys)
	if err != nil {
		return err
	}
	list.Head = view.Head{
		Status: filter.Status,
		Keys:   keys[filter.Status],
		Stamp:  stamps.For(headRegion(filter.Status), state),
	}
	page, err := h.store.List(c.Context(), list.Filter)
	if err != nil {
		return err
	}
	list.Next = page.Next
	if list.Items, err = h.cards(c, page.IDs); err != nil {
		return err
	}
	return c.Page(handlers.Page{Title: words.T(c.Context(), "polls.list.title"), Status: status}, view.ListPage(list))
}

// cards draws polls as they stand in lists: versions first, state second.
func (h *Handler) cards(c *handlers.Ctx, ids []polls.ID) ([]view.Item, error) {
	topics := make([]event.Topic, len(ids))
	for i, id := range ids {
		topics[i] = polls.TopicOf(id)
	}
	stamps := c.Stamps(topics...)
	state, found, tallies, err := h.store.Polls(c.Context(), ids)
	if err != nil {
		return nil, err
	}
	items := make([]view.Item, len(ids))
	for i, id := range ids {
		items[i] = view.Item{Poll: found[id], Tally: tallies[id], Stamp: stamps.For(cardRegion(id), state)}
	}
	return items, nil
}

// ClosingSoon makes the cards of the polls that end first, for other pages.
func (h *Handler) ClosingSoon(c *handlers.Ctx, n int) ([]view.Item, error) {
	ids, err := h.store.ClosingSoon(c.Context(), n)
	if err != nil {
		return nil, err
	}
	return h.cards(c, ids)
}

// Pulse draws what is going on in all open polls together, for other pages.
func (h *Handler) Pulse(c *handlers.Ctx) (templ.Component, error) {
	stamps := c.Stamps(polls.TopicPulse)
	state, pulse, err := h.store.Pulse(c.Context())
	if err != nil {
		return nil, err
	}
	return view.Pulse(pulse, stamps.For(pulseRegion, state)), nil
}

// sheet shows a poll.
func (h *Handler) sheet(c *handlers.Ctx) error {
	id, err := pollID(c)
	if err != nil {
		return err
	}
	return h.show(c, id, fiber.StatusOK, view.Form{})
}

// toSheet leads from the address of the vote, at which a form that came back
// stands, to the page of its poll: reloading or changing the language asks for it.
func (h *Handler) toSheet(c *handlers.Ctx) error {
	id, err := pollID(c)
	if err != nil {
		return err
	}
	return c.See(view.Href(id))
}

// show answers with the page of a poll, its form fresh or with what came back.
func (h *Handler) show(c *handlers.Ctx, id polls.ID, status int, form view.Form) error {
	sheet, stamps, err := h.read(c, id)
	if err != nil {
		return err
	}
	if form.Request == "" {
		form.Request = handlers.NewKey()
	}
	form = formOf(c, sheet, form)
	page := view.Sheet{
		Poll:    sheet.Poll,
		Tally:   sheet.Tally,
		Turnout: sheet.Turnout,
		Status:  stamps.For(statusRegion(id), sheet.State),
		Bars:    stamps.For(tallyRegion(id), sheet.State),
		Line:    stamps.For(turnoutRegion(id), sheet.State),
		Days:    stamps.For(daysRegion(id), sheet.State),
		Form:    form,
		SignIn:  handlers.SignInPath(view.Href(id)),
	}
	if c.Actor.SignedIn() {
		page.Ballot = ownBallot(c, sheet, stamps)
		page.Unconfirmed = !c.Actor.Confirmed
	}
	ctx := c.Context()
	return c.Page(handlers.Page{
		Title:  sheet.Poll.Question,
		Status: status,
		Crumbs: []ui.Crumb{{Label: words.T(ctx, "polls.list.title"), Href: "/polls"}},
	}, view.Page(page))
}

// formOf is the form of a poll as this person sends it.
func formOf(c *handlers.Ctx, sheet pollsdb.Sheet, form view.Form) view.Form {
	form.Poll = sheet.Poll
	form.Answer = ballotRegion(c.Actor.Public, sheet.Poll.ID).ElementID()
	return form
}

// read reads the page of a poll: versions first, state second.
func (h *Handler) read(c *handlers.Ctx, id polls.ID) (pollsdb.Sheet, handlers.Stamps, error) {
	topics := []event.Topic{polls.TopicOf(id)}
	if c.Actor.SignedIn() {
		topics = append(topics, polls.TopicBallots(c.Actor.Public))
	}
	stamps := c.Stamps(topics...)
	sheet, err := h.store.Sheet(c.Context(), c.Actor, id)
	return sheet, stamps, err
}

func ownBallot(c *handlers.Ctx, sheet pollsdb.Sheet, stamps handlers.Stamps) *view.Ballot {
	region := ballotRegion(c.Actor.Public, sheet.Poll.ID)
	return &view.Ballot{Poll: sheet.Poll, Choice: sheet.Choice, Stamp: stamps.For(region, sheet.State)}
}

// regions are the live parts of a poll's page, drawn anew for an answer.
func (h *Handler) regions(c *handlers.Ctx, sheet pollsdb.Sheet, stamps handlers.Stamps) ([]templ.Component, error) {
	shared, err := h.answers.regions(c, sheet, stamps)
	if err != nil {
		return nil, err
	}
	parts := []templ.Component{shared}
	if c.Actor.SignedIn() {
		own := ownBallot(c, sheet, stamps)
		parts = append(parts, handlers.Partial(own.Stamp.Region, view.OwnBallot(*own)))
	}
	return parts, nil
}

func pollID(c *handlers.Ctx) (polls.ID, error) {
	id := handlers.ParseID[polls.ID](c.Params("poll"))
	if id == 0 {
		return 0, polls.ErrNotFound
	}
	return id, nil
}
