package handlers

import (
	"time"

	"veche/domain/accounts"
)

// recoveryCookie holds the token of somebody on the way back into an account.
const recoveryCookie = "recovery"

// Recovery is the token of the recovery that goes on in this browser.
func (c *Ctx) Recovery() accounts.Token {
	return accounts.Token(c.Cookies(c.server.hostCookie(recoveryCookie)))
}

// SetRecovery keeps it for a while.
func SetRecovery(c *Ctx, token accounts.Token, keep time.Duration) {
	c.Cookie(c.server.cookie(c.server.hostCookie(recoveryCookie), string(token), time.Now().Add(keep)))
}
