package publics

import (
	"context"

	"github.com/a-h/templ"

	publicsdb "veche/db/publics"
	"veche/domain/event"
	"veche/domain/publics"
	"veche/handlers"
	"veche/hub"
	view "veche/views/publics"
)

// Live registers the drawers of the area's regions. Each draws however many are
// wanted with one look at the database.
func (h *Handler) Live(s *handlers.Server) {
	s.Live("post", "counts", h.drawCounts)
	s.Live("post", "head", h.drawHeads)
	s.Live("post", "comment", h.drawComments)
	s.Live("comments", "post", h.drawOwnComments)
	s.Live("reactions", "post", h.drawOwnReactions)
}

type drawings = map[event.Region]hub.Drawing

func (h *Handler) drawCounts(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (drawings, error) {
	state, posts, err := h.store.Counts(ctx, handlers.Each(wanted, postOf))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		post, ok := posts[postOf(w.Region)]
		if !ok {
			return nil
		}
		return view.Counts(post, stamp)
	})
}

func (h *Handler) drawHeads(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (drawings, error) {
	state, heads, err := h.store.Heads(ctx, handlers.Each(wanted, postOf))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		post := postOf(w.Region)
		head, ok := heads[post]
		if !ok {
			return nil
		}
		return view.ListHead(view.Head{Slug: head.Slug, Post: post, Turns: head.Turns, Stamp: stamp})
	})
}

func (h *Handler) drawComments(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (drawings, error) {
	state, comments, err := h.store.Comments(ctx, handlers.Each(wanted, commentOf))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		said, ok := comments[commentOf(w.Region)]
		if !ok || said.Post != postOf(w.Region) {
			return nil
		}
		return view.Comment(view.Said{
			Slug:    said.Slug,
			Post:    said.Post,
			Thread:  said.Thread,
			Comment: said.Comment,
			Stamp:   stamp,
		})
	})
}

func (h *Handler) drawOwnComments(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (drawings, error) {
	state, own, err := h.store.Own(ctx, handlers.Each(wanted, ownKey))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		key := ownKey(w.Region)
		found, ok := own[key]
		if !ok {
			return nil
		}
		return view.OwnCommentsList(view.OwnComments{Slug: found.Slug, Post: key.Post, Comments: found.Comments, Stamp: stamp})
	})
}

func (h *Handler) drawOwnReactions(ctx context.Context, _ hub.Audience, wanted []hub.Wanted) (drawings, error) {
	state, liked, err := h.store.Liked(ctx, handlers.Each(wanted, ownKey))
	if err != nil {
		return nil, err
	}
	return handlers.DrawEach(ctx, wanted, state, func(w hub.Wanted, stamp event.Stamp) templ.Component {
		return view.OwnReaction(view.Reaction{Liked: liked[ownKey(w.Region)], Stamp: stamp})
	})
}

func postOf(r event.Region) publics.PostID {
	return handlers.ParseID[publics.PostID](r.Topic().ID())
}

func commentOf(r event.Region) publics.CommentID {
	return handlers.ParseID[publics.CommentID](r.Item())
}

func ownKey(r event.Region) publicsdb.OwnKey {
	return publicsdb.OwnKey{Account: r.Topic().ID(), Post: handlers.ParseID[publics.PostID](r.Item())}
}
