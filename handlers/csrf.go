package handlers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"veche/domain/problem"
)

// A form is accepted when it comes from a page of this portal (Sec-Fetch-Site or
// Origin) and carries the token written into that page. The token is an HMAC over
// the session, or over a random visitor cookie before sign-in, so nothing is
// stored and any process can check it. OWASP ASVS 5.0, 3.5.

const (
	csrfField     = "csrf"
	csrfHeader    = "X-CSRF-Token"
	visitorCookie = "visitor"
	maskSize      = 16
)

var errCSRF = problem.New(problem.Forbidden, "problems.csrf")

// CSRF is the token for the forms of this page. It is masked anew each time, so
// that compression of the page does not give it away.
func (c *Ctx) CSRF() string {
	mask := make([]byte, maskSize)
	_, _ = rand.Read(mask)
	return base64.RawURLEncoding.EncodeToString(append(mask, xor(c.csrfMAC(c.csrfSeed()), mask)...))
}

// csrfSeed is the session, or the visitor cookie, which is set when missing.
func (c *Ctx) csrfSeed() string {
	if c.Actor.SignedIn() {
		return "session:" + c.Actor.Session
	}
	visitor := c.Cookies(visitorCookie)
	if visitor == "" {
		if made, ok := c.Locals(visitorCookie).(string); ok {
			return "visitor:" + made
		}
		visitor = rand.Text()
		c.Locals(visitorCookie, visitor)
		c.Cookie(c.server.cookie(visitorCookie, visitor, time.Time{}))
	}
	return "visitor:" + visitor
}

func (c *Ctx) csrfMAC(seed string) []byte {
	mac := hmac.New(sha256.New, c.server.o.Secret)
	mac.Write([]byte("csrf\x00" + seed))
	return mac.Sum(nil)
}

func (c *Ctx) checkCSRF() error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return nil
	}
	if !c.sameOrigin() {
		return errCSRF
	}
	token := c.Get(csrfHeader)
	if token == "" {
		token = c.FormValue(csrfField)
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != maskSize+sha256.Size {
		return errCSRF
	}
	sent := xor(raw[maskSize:], raw[:maskSize])
	if subtle.ConstantTimeCompare(sent, c.csrfMAC(c.csrfSeed())) != 1 {
		return errCSRF
	}
	return nil
}

// sameOrigin believes Sec-Fetch-Site, which every current browser sends and no
// page can forge; older ones are asked for their Origin.
func (c *Ctx) sameOrigin() bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true // the token decides
	}
	from, err := url.Parse(origin)
	return err == nil && from.Host == string(c.Ctx.Request().Host())
}

func xor(data, mask []byte) []byte {
	out := make([]byte, len(data))
	for i := range data {
		out[i] = data[i] ^ mask[i%len(mask)]
	}
	return out
}
