package publics

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	publicsdb "veche/db/publics"
	"veche/domain/publics"
	"veche/handlers"
	view "veche/views/publics"
)

// reactLimit bounds how often one person may like and think better of it.
var reactLimit = handlers.Limit{Tries: 60, Period: time.Minute}

// react takes a like, or takes it back: the form says which of the two is wanted.
func (h *Handler) react(c *handlers.Ctx) error {
	id, err := postID(c)
	if err != nil {
		return err
	}
	if err := c.Limiter().Allow(c.Context(), "react:"+c.Actor.Public, reactLimit); err != nil {
		return err
	}
	slug := c.Params("public")
	like := c.FormValue(view.ReactionField) == view.WantLike
	if err := h.store.React(c.Context(), c.Actor, slug, id, like); err != nil {
		return fmt.Errorf("react to post %d: %w", id, err)
	}
	if !c.HTMX() {
		return c.See(view.PostHref(slug, id))
	}
	return h.reacted(c, id)
}

// reacted shows the person's button and the post's counts as they are now.
func (h *Handler) reacted(c *handlers.Ctx, id publics.PostID) error {
	button, counts := publics.OwnReactionOf(c.Actor.Public, id), publics.CountsOf(id)
	stamps := c.Stamps(button.Topic(), counts.Topic())
	ownState, liked, err := h.store.Liked(c.Context(), []publicsdb.OwnKey{ownKey(button)})
	if err != nil {
		return err
	}
	state, posts, err := h.store.Counts(c.Context(), []publics.PostID{id})
	if err != nil {
		return err
	}
	reaction := view.Reaction{Liked: liked[ownKey(button)], Stamp: stamps.For(button, ownState)}
	return c.Fragment(fiber.StatusOK,
		handlers.Partial(button, view.OwnReaction(reaction)),
		handlers.Partial(counts, view.Counts(posts[id], stamps.For(counts, state))),
		handlers.Fill("problem", handlers.Nothing))
}
