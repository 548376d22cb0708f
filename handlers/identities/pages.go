package identities

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"veche/domain/identities"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/identities"
	"veche/views/ui"
	"veche/views/words"
)

// SignInWay draws the providers below the form of sign-in.
func (h *Handler) SignInWay(_ *handlers.Ctx, next string) templ.Component {
	if len(h.clients) == 0 {
		return nil
	}
	return view.Providers(h.providers(), next)
}

// Section is the card of the page of security settings.
func (h *Handler) Section(*handlers.Ctx) (templ.Component, error) { return view.Section(), nil }

func (h *Handler) providers() []identities.Provider {
	var all []identities.Provider
	for _, client := range h.clients {
		all = append(all, client.Provider())
	}
	return all
}

// page shows by what the person signs in.
func (h *Handler) page(c *handlers.Ctx) error { return h.show(c, nil) }

func (h *Handler) show(c *handlers.Ctx, trouble *problem.Error) error {
	seen, err := h.store.Overview(c.Context(), c.Actor)
	if err != nil {
		return err
	}
	page := view.Page{Overview: seen, Trouble: trouble, Providers: h.providers()}
	for _, one := range seen.Identities {
		page.Bound = append(page.Bound, view.BoundOne{Identity: one, Provider: h.provider(one.Provider)})
	}
	if o, kept := h.offered(c); kept {
		provider := h.provider(o.Person.Provider)
		page.Offer = &provider
	}
	status := fiber.StatusOK
	if trouble != nil {
		status = handlers.Status(trouble)
	} else {
		page.Done = view.Outcome(c.Query("done"))
	}
	ctx := c.Context()
	return c.Page(handlers.Page{
		Title:  words.T(ctx, "identities.title"),
		Status: status,
		Crumbs: []ui.Crumb{
			{Label: words.T(ctx, "accounts.profile.title"), Href: "/profile"},
			{Label: words.T(ctx, "factors.title"), Href: view.SecurityPath},
		},
	}, view.SettingsPage(page))
}

// bind prepares the way to a provider. Browsers hold the policy for forms against where
// a form leads as well, so that the person goes on by a link.
func (h *Handler) bind(c *handlers.Ctx) error {
	client, err := h.client(c.Params("provider"))
	if err != nil {
		return err
	}
	if err := allow(c); err != nil {
		return err
	}
	errand := identities.Errand{Provider: client.Provider().Key, Purpose: identities.Link, Next: view.Root}
	address, err := h.begin(c, client, errand)
	if err != nil {
		return h.trouble(c, client, errand, err)
	}
	ctx := c.Context()
	return c.Page(handlers.Page{
		Title:  words.T(ctx, "identities.go.title", "Provider", client.Provider().Name(string(c.Lang()))),
		Crumbs: []ui.Crumb{{Label: words.T(ctx, "identities.title"), Href: view.Root}},
	}, view.Go(client.Provider(), address))
}

// remove unbinds a provider.
func (h *Handler) remove(c *handlers.Ctx) error {
	err := h.store.Unbind(c.Context(), c.Actor, c.Params("identity"), c.Place())
	if refused, ok := problem.As(err); ok && refused.Kind == problem.Conflict {
		return h.show(c, refused)
	}
	if err != nil {
		return err
	}
	return c.See(view.After(view.Removed))
}

// offerPage tells a guest to sign in otherwise first, and asks whoever is signed in
// whether the provider is to be bound.
func (h *Handler) offerPage(c *handlers.Ctx) error {
	o, kept := h.offered(c)
	if !kept {
		if c.Actor.SignedIn() {
			return c.See(view.Root)
		}
		return c.See("/sign-in")
	}
	return h.showOffer(c, o, fiber.StatusOK, nil)
}

func (h *Handler) showOffer(c *handlers.Ctx, o offer, status int, trouble *problem.Error) error {
	provider := h.provider(o.Person.Provider)
	shown := view.Offered{Provider: provider, Name: o.Person.Name, Reason: o.Reason, Trouble: trouble}
	title, body := "identities.first.title", view.First(shown)
	if c.Actor.SignedIn() {
		title, body = "identities.offer.title", view.Offer(shown)
	}
	name := words.T(c.Context(), title, "Provider", provider.Name(string(c.Lang())))
	return c.Page(handlers.Page{Title: name, Status: status}, body)
}

// acceptOffer binds the provider that was offered.
func (h *Handler) acceptOffer(c *handlers.Ctx) error {
	o, kept := h.offered(c)
	if !kept {
		return c.See(view.Root)
	}
	if c.FormValue("decline") != "" {
		handlers.ClearOffer(c)
		return c.See(view.Root)
	}
	err := h.store.Bind(c.Context(), c.Actor, o.Person, h.provider(o.Person.Provider).Trust, c.Place())
	if refused, ok := problem.As(err); ok && refused.Kind == problem.Conflict {
		return h.showOffer(c, o, handlers.Status(refused), refused)
	}
	if err != nil {
		return err
	}
	handlers.ClearOffer(c)
	return c.See(view.After(view.Bound))
}
