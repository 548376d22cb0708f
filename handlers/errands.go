package handlers

import (
	"net/url"
	"time"

	"veche/domain/accounts"
	"veche/domain/identities"
)

// The cookies of ways to a provider of identities.
const (
	errandCookie = "errand" // by which the browser is known that went
	offerCookie  = "offer"  // who came back and is not bound yet, sealed
)

// Errand is by what the browser is known that went to a provider, "" when it did not.
func (c *Ctx) Errand() accounts.Token {
	return accounts.Token(c.Cookies(c.server.hostCookie(errandCookie)))
}

// SetErrand keeps that until the browser has to be back.
func SetErrand(c *Ctx, token accounts.Token) {
	c.Cookie(c.server.cookie(c.server.hostCookie(errandCookie), string(token), time.Now().Add(identities.ErrandFor)))
}

// Offer is what was kept with SetOffer.
func (c *Ctx) Offer() string { return c.Cookies(c.server.hostCookie(offerCookie)) }

// SetOffer keeps a sealed offer to bind a provider.
func SetOffer(c *Ctx, sealed string, until time.Time) {
	c.Cookie(c.server.cookie(c.server.hostCookie(offerCookie), sealed, until))
}

// ClearOffer forgets it.
func ClearOffer(c *Ctx) {
	c.Cookie(c.server.cookie(c.server.hostCookie(offerCookie), "", time.Unix(1, 0)))
}

// Numbered says whether the page is open under a number, while origin is its name on
// this very machine: the one under which a browser takes an unprotected connection for
// a safe one (Secure Contexts, 3.1) and knows passkeys. A portal anywhere else is
// reached under its name, whatever a proxy calls it.
func (c *Ctx) Numbered(origin string) bool {
	const localhost = "localhost"
	named, err := url.Parse(origin)
	if err != nil || named.Hostname() != localhost {
		return false
	}
	here := url.URL{Host: string(c.Request().Host())}
	return here.Hostname() != localhost
}
