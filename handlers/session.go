package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

// LangCookie keeps the language the reader chose.
const LangCookie = "lang"

// yearSeconds is how long a choice of language or look is kept.
const yearSeconds = 365 * 24 * 60 * 60

// sessionCookie is the name of the cookie with the session's token. Over HTTPS
// the prefix makes the browser insist on Secure, on this host and on the whole
// path (RFC 6265bis §4.1.3).
func (s *Server) sessionCookie() string {
	if s.o.HTTPS {
		return "__Host-session"
	}
	return "session"
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
