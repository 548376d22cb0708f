package handlers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/a-h/templ"

	"veche/domain/event"
	"veche/hub"
	"veche/views/words"
)

// Stamps are the versions a page read before it read its state. In this order a
// change that falls in between is drawn again when the page joins, and lost never.
type Stamps struct {
	versions map[event.Topic]string
	passes   *hub.Passes
	audience hub.Audience
	visitor  hub.Visitor
}

// Stamps reads the versions of topics. Call it before reading what is shown.
func (c *Ctx) Stamps(topics ...event.Topic) Stamps {
	return Stamps{
		versions: c.server.versionsOf(c.ctx, topics),
		passes:   c.server.o.Passes,
		audience: c.Audience(),
		visitor:  c.visitor(),
	}
}

// versionTime bounds a question for versions that several pages wait for; the hub
// bounds it more tightly.
const versionTime = 5 * time.Second

// versionsOf reads the versions of topics, with those that other pages ask for at
// the same time. Who does not wait for them, or asks in vain, knows none.
func (s *Server) versionsOf(ctx context.Context, topics []event.Topic) map[event.Topic]string {
	if len(topics) == 0 { // nothing to wait for
		return nil
	}
	versions, _ := s.versions.AskAll(ctx, topics...)
	return versions
}

func (s *Server) readVersions(ctx context.Context, topics []event.Topic) (map[event.Topic]string, error) {
	return s.o.Hub.Versions(ctx, topics...), nil
}

// For stamps a region drawn from a state. The pass in it lets this visitor's page
// join the region; call it only for what the visitor may see.
func (s Stamps) For(region event.Region, state string) event.Stamp {
	stamp := s.Shared(region, state)
	stamp.Pass = s.passes.Mint(region, s.audience, s.visitor)
	return stamp
}

// Shared stamps a region for pages that have shown it and hold its pass already.
func (s Stamps) Shared(region event.Region, state string) event.Stamp {
	version, known := s.versions[region.Topic()]
	if !known {
		version = event.UnknownVersion
	}
	return event.Stamp{Region: region, Version: version, State: state}
}

// Live registers an area's drawer for a view of a kind of topic. The drawer's
// context carries the audience's language and the portal's zone.
func (s *Server) Live(kind, view string, draw hub.Drawer) {
	s.o.Hub.Handle(kind, view, func(ctx context.Context, audience hub.Audience, wanted []hub.Wanted) (map[event.Region]hub.Drawing, error) {
		ctx = words.WithZone(words.With(ctx, words.Lang(audience)), s.o.Zone)
		return draw(ctx, audience, wanted)
	})
}

// LivePresence registers an area's drawer for a view that says how many pages of a
// topic are in view. The context is as in Live.
func (s *Server) LivePresence(kind, view string, draw hub.PresenceDrawer) {
	s.o.Hub.HandlePresence(kind, view, func(ctx context.Context, audience hub.Audience, wanted []hub.Wanted, present map[event.Topic]int) (map[event.Region]hub.Drawing, error) {
		ctx = words.WithZone(words.With(ctx, words.Lang(audience)), s.o.Zone)
		return draw(ctx, audience, wanted, present)
	})
}

// CountPresence has those counted who follow a view of topics of a kind.
func (s *Server) CountPresence(kind, view string) { s.o.Hub.CountPresence(kind, view) }

// HandleBeats registers who hears for how long topics of a kind are looked at.
func (s *Server) HandleBeats(kind string, hear hub.Hearer) { s.o.Hub.HandleBeats(kind, hear) }

// Present answers how many pages of a topic are in view; known is false while that
// cannot be said. Call it after Stamps.
func (c *Ctx) Present(topic event.Topic) (present int, known bool) {
	return c.server.o.Hub.Present(c.ctx, topic)
}

// Draw draws a region for the hub: the same component as in pages.
func Draw(ctx context.Context, region templ.Component) (hub.Drawing, error) {
	var html bytes.Buffer
	if err := region.Render(ctx, &html); err != nil {
		return hub.Drawing{}, fmt.Errorf("draw: %w", err)
	}
	return hub.Drawing{HTML: html.Bytes()}, nil
}

// DrawEach draws wanted regions from one state. What draw answers nil for is gone.
func DrawEach(ctx context.Context, wanted []hub.Wanted, state string, draw func(hub.Wanted, event.Stamp) templ.Component) (map[event.Region]hub.Drawing, error) {
	drawings := make(map[event.Region]hub.Drawing, len(wanted))
	for _, w := range wanted {
		component := draw(w, event.Stamp{Region: w.Region, Version: w.Version, State: state})
		if component == nil {
			drawings[w.Region] = hub.Drawing{Gone: true}
			continue
		}
		drawing, err := Draw(ctx, component)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Region, err)
		}
		drawings[w.Region] = drawing
	}
	return drawings, nil
}

// Each reads something from the name of every region wanted. Passes let pages name
// only regions the portal made, so what names nothing is gone rather than an error.
func Each[T any](wanted []hub.Wanted, read func(event.Region) T) []T {
	all := make([]T, len(wanted))
	for i, w := range wanted {
		all[i] = read(w.Region)
	}
	return all
}

// Partial puts a drawn region into an answer to an action: htmx finds the region
// of the page by its id, and the page's guard drops it when a newer one stands
// there already.
func Partial(region event.Region, drawn templ.Component) templ.Component {
	return partial{target: region.ElementID(), swap: "outerMorph", inner: drawn}
}

// Fill puts content into the element with an id.
func Fill(id string, content templ.Component) templ.Component {
	return partial{target: id, swap: "innerHTML", inner: content}
}

// Prepend puts content before what stands in the element with an id.
func Prepend(id string, content templ.Component) templ.Component {
	return partial{target: id, swap: "afterbegin", inner: content}
}

type partial struct {
	target, swap string
	inner        templ.Component
}

// Render writes the hx-partial element.
func (p partial) Render(ctx context.Context, w io.Writer) error {
	if _, err := fmt.Fprintf(w, `<hx-partial hx-target="#%s" hx-swap="%s">`, p.target, p.swap); err != nil {
		return err
	}
	if err := p.inner.Render(ctx, w); err != nil {
		return err
	}
	_, err := io.WriteString(w, "</hx-partial>")
	return err
}
