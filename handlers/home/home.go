// Package home serves «Главная страница» (HOME-01).
package home

import (
	"context"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/domain/publics"
	"veche/handlers"
	view "veche/views/home"
	pollsview "veche/views/polls"
	publicsview "veche/views/publics"
	"veche/views/words"
)

const (
	homePolls = 6
	homePosts = 6
)

// Polls gives the polls' part of the page.
type Polls interface {
	Pulse(c *handlers.Ctx) (templ.Component, error)
	ClosingSoon(c *handlers.Ctx, n int) ([]pollsview.Item, error)
}

// Posts gives the newest posts.
type Posts interface {
	Latest(ctx context.Context, n int) ([]publics.Latest, error)
}

// Waiting tells what waits for the person who asks (ID-19).
type Waiting interface {
	Waiting(c *handlers.Ctx) ([]view.Task, error)
}

// Handler serves the home page.
type Handler struct {
	polls   Polls
	posts   Posts
	waiting []Waiting
}

// New makes the handler.
func New(polls Polls, posts Posts) *Handler { return &Handler{polls: polls, posts: posts} }

// Add adds to what is told to a signed-in person that it waits for them, after what was
// added before.
func (h *Handler) Add(w ...Waiting) { h.waiting = append(h.waiting, w...) }

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodGet, Path: "/", Action: access.Read, Handle: h.show},
	}
}

func (h *Handler) show(c *handlers.Ctx) error {
	pulse, err := h.polls.Pulse(c)
	if err != nil {
		return err
	}
	soon, err := h.polls.ClosingSoon(c, homePolls)
	if err != nil {
		return err
	}
	latest, err := h.posts.Latest(c.Context(), homePosts)
	if err != nil {
		return err
	}
	page := view.Page{Name: firstName(c.Actor.Name), Pulse: pulse, Polls: soon}
	if c.Actor.SignedIn() && !c.Actor.MustChange { // with a temporary password nothing else waits
		for _, w := range h.waiting {
			tasks, err := w.Waiting(c)
			if err != nil {
				return err
			}
			page.Tasks = append(page.Tasks, tasks...)
		}
	}
	for _, post := range latest {
		page.Posts = append(page.Posts, publicsview.Card(post))
	}
	return c.Page(handlers.Page{Title: words.T(c.Context(), "home.title"), NoHeading: true}, view.Content(page))
}

// firstName is how a person is greeted.
func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}
