package identities

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
	"veche/domain/identities"
	"veche/domain/problem"
	"veche/handlers"
	view "veche/views/identities"
	"veche/views/words"
)

// limit bounds the ways of one address: behind it may be a house. Each asks the
// provider something.
var limit = handlers.Limit{Tries: 60, Period: time.Minute}

// allow counts a visit from an address. A network of IPv6 gives every line 2⁶⁴
// addresses, so that its first half is what counts.
func allow(c *handlers.Ctx) error {
	address := c.IP()
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() && !ip.Is4In6() {
		address = netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
	}
	return c.Limiter().Allow(c.Context(), "identities:address:"+address, limit)
}

// wayOf derives what has to come back unchanged. Who knows the state but not the
// browser's cookie, such as a reader of the database, cannot make it; and a state that
// comes back to another browser makes something else.
func wayOf(browser accounts.Token, state, lang string) Way {
	derive := func(what string) string {
		mac := hmac.New(sha256.New, []byte(browser))
		mac.Write([]byte(what + "\x00" + state))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) // 43 characters, as RFC 7636, 4.1 wants
	}
	return Way{State: state, Nonce: derive("nonce"), Verifier: derive("verifier"), Lang: lang}
}

// begin notes the way and answers where the browser goes.
func (h *Handler) begin(c *handlers.Ctx, client Client, errand identities.Errand) (string, error) {
	browser := c.Errand()
	if !browser.Valid() {
		browser = accounts.NewToken()
	}
	way := wayOf(browser, string(accounts.NewToken()), string(c.Lang()))
	address, err := client.Address(c.Context(), way)
	if err != nil {
		return "", err
	}
	if err := h.store.Begin(c.Context(), c.Actor, way.State, browser, errand); err != nil {
		return "", err
	}
	handlers.SetErrand(c, browser)
	return address, nil
}

// start leads to a provider to sign in.
func (h *Handler) start(c *handlers.Ctx) error {
	client, err := h.client(c.Params("provider"))
	if err != nil {
		return err
	}
	next := handlers.NextPath(c.Query("next"))
	if !c.Visits() || c.Actor.SignedIn() {
		return c.See(next)
	}
	if err := allow(c); err != nil {
		return err
	}
	errand := identities.Errand{Provider: client.Provider().Key, Purpose: identities.SignIn, Next: next}
	address, err := h.begin(c, client, errand)
	if err != nil {
		return h.trouble(c, client, errand, err)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(address, fiber.StatusSeeOther)
}

// callback takes who came back.
func (h *Handler) callback(c *handlers.Ctx) error {
	client, err := h.client(c.Params("provider"))
	if err != nil {
		return err
	}
	if !c.Visits() {
		return c.See("/")
	}
	if err := allow(c); err != nil {
		return err
	}
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer") // the address has a code
	key, browser, state := client.Provider().Key, c.Errand(), c.Query("state")
	errand, err := h.store.Take(c.Context(), c.Actor, key, state, browser)
	if err != nil {
		return h.trouble(c, client, identities.Errand{Provider: key, Purpose: identities.SignIn, Next: "/"}, err)
	}
	person, err := client.Person(c.Context(), Answer{
		Code: c.Query("code"), Issuer: c.Query("iss"), Problem: c.Query("error"),
	}, wayOf(browser, state, ""))
	if err != nil {
		return h.trouble(c, client, errand, err)
	}
	if errand.Purpose == identities.Link {
		return h.bound(c, client, errand, person)
	}
	return h.arrived(c, client, errand, person)
}

// arrived signs the person in, or offers to bind the provider to an account that they
// sign in to otherwise.
func (h *Handler) arrived(c *handlers.Ctx, client Client, errand identities.Errand, person identities.Person) error {
	from := c.Place()
	entry, arrival, err := h.store.Arrive(c.Context(), c.Actor, person, client.Provider().Trust, from)
	if err != nil {
		return h.trouble(c, client, errand, err)
	}
	if arrival.Step != identities.Offer {
		handlers.ClearOffer(c)
		return c.Entered(entry, from, errand.Next)
	}
	if err := h.keepOffer(c, offer{Person: person, Reason: arrival.Reason}); err != nil {
		return err
	}
	return c.See(view.OfferPath)
}

func (h *Handler) bound(c *handlers.Ctx, client Client, errand identities.Errand, person identities.Person) error {
	err := h.store.Bind(c.Context(), c.Actor, person, client.Provider().Trust, c.Place())
	if err != nil {
		return h.trouble(c, client, errand, err)
	}
	return c.See(view.After(view.Bound))
}

// trouble says what became of the way, and how to go on.
func (h *Handler) trouble(c *handlers.Ctx, client Client, errand identities.Errand, err error) error {
	found, known := problem.As(err)
	if !known || found.Kind == problem.NotFound || found.Kind == problem.Unauthenticated {
		return err
	}
	status := handlers.Status(found)
	if errors.Is(err, identities.ErrAway) {
		status = fiber.StatusBadGateway
	}
	ctx := c.Context()
	return c.Page(handlers.Page{Title: words.T(ctx, "identities.trouble.title"), Status: status}, view.Trouble(view.Lost{
		Provider: client.Provider(),
		Text:     words.T(ctx, found.Message, append(found.Values, "Provider", client.Provider().Name(string(c.Lang())))...),
		Next:     errand.Next,
		Settings: errand.Purpose == identities.Link,
	}))
}

// offerFor is how long a person has to sign in otherwise.
const offerFor = 30 * time.Minute

// offer is somebody who came back and is not bound yet. It is kept by their browser
// alone, sealed.
type offer struct {
	Person identities.Person
	Reason identities.Reason
	Until  time.Time
}

// offerLabel keeps what was sealed for something else from being taken for an offer.
var offerLabel = []byte("offer")

func (h *Handler) keepOffer(c *handlers.Ctx, o offer) error {
	o.Until = h.now().Add(offerFor)
	text, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("write an offer: %w", err)
	}
	handlers.SetOffer(c, base64.RawURLEncoding.EncodeToString(h.seal.Seal(nil, nil, text, offerLabel)), o.Until)
	return nil
}

// offered is the offer that the browser keeps.
func (h *Handler) offered(c *handlers.Ctx) (offer, bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(c.Offer())
	if err != nil || len(sealed) == 0 {
		return offer{}, false
	}
	var o offer
	text, err := h.seal.Open(nil, nil, sealed, offerLabel)
	if err != nil || json.Unmarshal(text, &o) != nil || h.now().After(o.Until) {
		return offer{}, false
	}
	if _, err := h.client(o.Person.Provider); err != nil {
		return offer{}, false
	}
	return o, true
}
