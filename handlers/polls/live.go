package polls

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	pollsdb "veche/db/polls"
	"veche/domain/event"
	"veche/domain/polls"
	"veche/handlers"
	"veche/hub"
	view "veche/views/polls"
)

// headKeys is how many of the newest polls a list's head names.
const headKeys = 30

func statusRegion(id polls.ID) event.Region  { return event.NewRegion(polls.TopicOf(id), "status") }
func tallyRegion(id polls.ID) event.Region   { return event.NewRegion(polls.TopicOf(id), "tally") }
func turnoutRegion(id polls.ID) event.Region { return event.NewRegion(polls.TopicOf(id), "turnout") }
func daysRegion(id polls.ID) event.Region    { return event.NewRegion(polls.TopicOf(id), "days") }
func cardRegion(id polls.ID) event.Region    { return event.NewRegion(polls.TopicOf(id), "card") }

// pulseRegion is what is going on in all open polls together.
var pulseRegion = event.NewRegion(polls.TopicPulse, "open")

func headRegion(status polls.Status) event.Region {
	return event.NewItem(polls.TopicAll, "head", view.HeadItem(status))
}

func ballotRegion(account string, id polls.ID) event.Region {
	return event.NewItem(polls.TopicBallots(account), "poll", strconv.FormatInt(int64(id), 10))
}

// Live registers the drawers of the area's regions.
func (h *Handler) Live(s *handlers.Server) {
	s.Live("poll", "status", h.draw(func(p polls.Poll, _ polls.Tally, stamp event.Stamp) templ.Component {
		return view.Status(p, stamp)
	}))
	s.Live("poll", "tally", h.draw(func(_ polls.Poll, t polls.Tally, stamp event.Stamp) templ.Component {
		return view.Tally(t, stamp)
	}))
	s.Live("poll", "card", h.draw(func(p polls.Poll, t polls.Tally, stamp event.Stamp) templ.Component {
		return view.Card(view.Item{Poll: p, Tally: t, Stamp: stamp})
	}))
	s.Live("poll", "turnout", h.drawTurnouts(view.Turnout))
	s.Live("poll", "days", h.drawTurnouts(func(_ polls.Tally, line []polls.TurnoutPoint, stamp event.Stamp) templ.Component {
		return view.Days(line, stamp)
	}))
	s.Live("ballots", "poll", h.drawBallots)
	s.Live("polls", "head", h.drawHeads)
	s.Live("polls", "open", h.drawPulse)
}

// draw makes the drawer of a view of polls with their results.
func (h *Handler) draw(region func(polls.Poll, polls.Tally, event.Stamp) templ.Component) hub.Drawer {
	return func(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
		state, found, tallies, err := h.store.Polls(ctx, handlers.Each(wanted, pollOf))
		if err != nil {
			return nil, err
		}
		return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
			poll, ok := found[pollOf(w.Region)]
			if !ok {
				return nil
			}
			return region(poll, tallies[poll.ID], stamp)
		})
	}
}

// drawTurnouts makes the drawer of a view of how turnout grew.
func (h *Handler) drawTurnouts(region func(polls.Tally, []polls.TurnoutPoint, event.Stamp) templ.Component) hub.Drawer {
	return func(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
		state, tallies, lines, err := h.store.Turnouts(ctx, handlers.Each(wanted, pollOf))
		if err != nil {
			return nil, err
		}
		return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
			tally, ok := tallies[pollOf(w.Region)]
			if !ok {
				return nil
			}
			return region(tally, lines[tally.Poll], stamp)
		})
	}
}

func (h *Handler) drawBallots(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, found, choices, err := h.store.Choices(ctx, handlers.Each(wanted, ballotKey))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		key := ballotKey(w.Region)
		poll, ok := found[key.Poll]
		if !ok {
			return nil
		}
		return view.OwnBallot(view.Ballot{Poll: poll, Choice: choices[key], Stamp: stamp})
	})
}

func (h *Handler) drawHeads(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, keys, err := h.store.Newest(ctx, handlers.Each(wanted, headStatus), headKeys)
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		status := headStatus(w.Region)
		return view.ListHead(view.Head{Status: status, Keys: keys[status], Stamp: stamp})
	})
}

func (h *Handler) drawPulse(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
	state, pulse, err := h.store.Pulse(ctx)
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(_ hub.Wanted, stamp event.Stamp) templ.Component {
		return view.Pulse(pulse, stamp)
	})
}

func headStatus(r event.Region) polls.Status {
	if r.Item() == view.HeadItem("") {
		return ""
	}
	return polls.Status(r.Item())
}

func ballotKey(r event.Region) pollsdb.BallotKey {
	return pollsdb.BallotKey{Account: r.Topic().ID(), Poll: handlers.ParseID[polls.ID](r.Item())}
}

func pollOf(r event.Region) polls.ID { return handlers.ParseID[polls.ID](r.Topic().ID()) }
