// Package identities serves sign-in through providers that vouch for people, the page
// «Способы входа», and the providers' own word that somebody signed out there.
//
// A person goes to a provider by a link and comes back by another site's, so that the
// ways to and fro carry no token of a form. What binds them is a state that is good
// once, for the browser that went: who is led here with somebody else's answer is told
// so, and is not signed in. To bind a provider begins with a form.
package identities

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	identitiesdb "veche/db/identities"
	"veche/domain/access"
	"veche/domain/identities"
	"veche/handlers"
	view "veche/views/identities"
)

// Way is what has to come back unchanged from a provider.
type Way struct {
	State    string
	Nonce    string
	Verifier string
	Lang     string // of the provider's page
}

// Answer is what the browser brought back.
type Answer struct {
	Code    string
	Issuer  string
	Problem string // the provider's code for why there is none
}

// Client speaks to one provider. Its problems are identities.ErrAway, ErrRefused,
// ErrForged and ErrLevel.
type Client interface {
	Provider() identities.Provider
	Issuer() string
	// Address is where the browser goes.
	Address(ctx context.Context, way Way) (string, error)
	// Person is who came back.
	Person(ctx context.Context, answer Answer, way Way) (identities.Person, error)
	// Logout reads what the provider posts when somebody signs out there.
	Logout(ctx context.Context, token string) (identities.Logout, error)
	// Exit is where a person signs out at the provider, "" where it has no such place.
	Exit(ctx context.Context) (string, error)
}

// Handler serves identities.
type Handler struct {
	store   *identitiesdb.Store
	clients []Client
	seal    cipher.AEAD
	now     func() time.Time
}

// New makes the handler. Offers are sealed with a key that follows from the portal's
// secret.
func New(store *identitiesdb.Store, secret []byte, now func() time.Time, clients ...Client) (*Handler, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "veche identities offer 1", sha256.Size) // RFC 5869
	if err != nil {
		return nil, fmt.Errorf("derive the key of offers: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("prepare the cipher: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("prepare the cipher: %w", err)
	}
	return &Handler{store: store, clients: clients, seal: seal, now: now}, nil
}

// client finds a provider by its key.
func (h *Handler) client(key string) (Client, error) {
	for _, client := range h.clients {
		if client.Provider().Key == key {
			return client, nil
		}
	}
	return nil, identities.ErrUnknownProvider
}

// provider is a provider by its key; of one that is no longer configured the key alone
// is known.
func (h *Handler) provider(key string) identities.Provider {
	client, err := h.client(key)
	if err != nil {
		return identities.Provider{Key: key, Names: map[string]string{"ru": key, "en": key}}
	}
	return client.Provider()
}

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	const at, sample, bind = "/identities/:provider", "/identities/sample", view.Root + "/:provider/bind"
	routes := []handlers.Route{
		{Method: fiber.MethodGet, Path: at + "/start", Action: access.SignIn, Handle: h.start, Sample: sample + "/start", Personal: true},
		{Method: fiber.MethodGet, Path: at + "/callback", Action: access.SignIn, Handle: h.callback, Sample: sample + "/callback", Personal: true},
		{Method: fiber.MethodGet, Path: at + "/left", Action: access.SignOut, Handle: h.left, Sample: sample + "/left", Personal: true},
		{Method: fiber.MethodGet, Path: at + "/exit", Action: access.SignOut, Handle: h.exit, Sample: sample + "/exit", Personal: true},
		{Method: fiber.MethodGet, Path: view.OfferPath, Action: access.SignIn, Handle: h.offerPage},
		{Method: fiber.MethodPost, Path: view.OfferPath, Action: access.ChangeIdentities, Handle: h.acceptOffer},
		{Method: fiber.MethodGet, Path: view.Root, Action: access.ReadSecurity, Handle: h.page},
		{Method: fiber.MethodPost, Path: bind, Action: access.ChangeIdentities, Handle: h.bind, Sample: view.Root + "/sample/bind", Personal: true},
		{Method: fiber.MethodPost, Path: view.Root + "/:identity/remove", Action: access.ChangeIdentities, Handle: h.remove, Sample: view.Root + "/sample/remove", Personal: true},
	}
	// What a form answered with is not there to be visited again.
	for _, path := range []string{"/sample/bind", "/sample/remove"} {
		routes = append(routes, handlers.Route{
			Method: fiber.MethodGet, Path: view.Root + "/:provider" + path[len("/sample"):], Action: access.ReadSecurity, Handle: toPage, Sample: view.Root + path,
		})
	}
	if len(h.clients) > 0 {
		routes = append(routes, handlers.Route{
			Method: fiber.MethodPost, Path: at + "/logout", Action: access.EndVouched, Handle: h.logout, Machine: true,
			Sample: "/identities/" + h.clients[0].Provider().Key + "/logout",
		})
	}
	return routes
}

func toPage(c *handlers.Ctx) error { return c.See(view.Root) }
