package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"veche/domain/accounts"
)

// LangCookie keeps the language the reader chose.
const LangCookie = "lang"

// yearSeconds is how long a choice of language or look is kept.
const yearSeconds = 365 * 24 * 60 * 60

// sessionCookie is the name of the cookie with the session's token.
func (s *Server) sessionCookie() string { return s.hostCookie("session") }

// The cookies of sign-in besides the session's.
const (
	browserCookie = "browser" // by which a browser is known again
	pendingCookie = "pending" // a sign-in that waits for its second proof
	deviceCookie  = "device"  // by which a bound device is known
)

// hostCookie is the name of a cookie that only this very host may set. Over HTTPS the
// prefix makes the browser insist on Secure, on this host and on the whole path
// (RFC 6265bis §4.1.3).
func (s *Server) hostCookie(name string) string {
	if s.o.HTTPS {
		return "__Host-" + name
	}
	return name
}

// Browser is what this browser is known by, a new token when it has none. Keep it with
// KeepBrowser once somebody was signed in.
func (c *Ctx) Browser() accounts.Token {
	if token := accounts.Token(c.Cookies(c.server.hostCookie(browserCookie))); token.Valid() {
		return token
	}
	return accounts.NewToken()
}

// KeepBrowser has the browser known again for a year.
func KeepBrowser(c *Ctx, token accounts.Token) {
	Remember(c, c.server.hostCookie(browserCookie), string(token))
}

// Device is the token by which a bound device is known, "" of others.
func (c *Ctx) Device() accounts.Token {
	return accounts.Token(c.Cookies(c.server.hostCookie(deviceCookie)))
}

// KeepDevice has a bound device known for a year.
func KeepDevice(c *Ctx, token accounts.Token) {
	Remember(c, c.server.hostCookie(deviceCookie), string(token))
}

// Pending is the token of the sign-in that waits for its second proof here.
func (c *Ctx) Pending() accounts.Token {
	return accounts.Token(c.Cookies(c.server.hostCookie(pendingCookie)))
}

// SetPending keeps that token while the second proof is waited for.
func SetPending(c *Ctx, token accounts.Token) {
	c.Cookie(c.server.cookie(c.server.hostCookie(pendingCookie), string(token), time.Now().Add(accounts.PendingFor)))
}

// ClearPending forgets it.
func ClearPending(c *Ctx) {
	c.Cookie(c.server.cookie(c.server.hostCookie(pendingCookie), "", time.Unix(1, 0)))
}

// Ticket is the token of something that was begun in this browser and is not done yet,
// such as a registration.
func (c *Ctx) Ticket(name string) accounts.Token {
	return accounts.Token(c.Cookies(c.server.hostCookie(name)))
}

// SetTicket keeps that token for a while.
func SetTicket(c *Ctx, name string, token accounts.Token, lasts time.Duration) {
	c.Cookie(c.server.cookie(c.server.hostCookie(name), string(token), time.Now().Add(lasts)))
}

// ClearTicket forgets it.
func ClearTicket(c *Ctx, name string) {
	c.Cookie(c.server.cookie(c.server.hostCookie(name), "", time.Unix(1, 0)))
}

// SetSession gives the browser a session's token.
func SetSession(c *Ctx, token string, expires time.Time) {
	c.Cookie(c.server.cookie(c.server.sessionCookie(), token, expires))
}

// ClearSession takes the session's token from the browser.
func ClearSession(c *Ctx) {
	c.Cookie(c.server.cookie(c.server.sessionCookie(), "", time.Unix(1, 0)))
}

// Remember keeps a choice of the reader, such as the language, for a year.
func Remember(c *Ctx, name, value string) {
	cookie := c.server.cookie(name, value, time.Time{})
	cookie.MaxAge = yearSeconds
	c.Cookie(cookie)
}

func (s *Server) cookie(name, value string, expires time.Time) *fiber.Cookie {
	return &fiber.Cookie{
		Name:     name,
		Value:    value,
		Path:     "/",
		Expires:  expires,
		Secure:   s.o.HTTPS,
		HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode,
	}
}
