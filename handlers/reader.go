package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// readerBytes is how much of the hash tells readers apart.
const readerBytes = 16

// Reader tells this reader from others, in a way that leads back to nobody without
// the portal's secret: a keyed hash of the account, or, for a guest, of the random
// visitor cookie, which is set when missing.
func (c *Ctx) Reader() string {
	who := c.csrfSeed()
	if c.Actor.SignedIn() {
		who = "account:" + c.Actor.Public // in whichever of their sessions
	}
	return c.server.readerOf(who)
}

// knownReader is the same for the live socket, which sets no cookie: "" for a guest
// who has none.
func (c *Ctx) knownReader() string {
	if !c.Actor.SignedIn() && c.Cookies(visitorCookie) == "" {
		return ""
	}
	return c.Reader()
}

func (s *Server) readerOf(who string) string {
	mac := hmac.New(sha256.New, s.o.Secret)
	mac.Write([]byte("reader\x00" + who))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:readerBytes])
}
