package openid

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const backChannelEvent = "http://schemas.openid.net/event/backchannel-logout"

// maxLogoutAge is how old a logout token may be, besides its own exp.
const maxLogoutAge = 5 * time.Minute

// Logout says who signed out at the provider. Subject or SessionID may be empty, not
// both: without a session all sessions of the person are meant.
type Logout struct {
	ID        string // jti: to be taken once until Expires
	Subject   string
	SessionID string
	IssuedAt  time.Time
	Expires   time.Time
}

// Logout reads the token that a provider posts to the back channel (Back-Channel Logout
// 1.0, 2.6). It fails with ErrForged when the token is not the provider's word to this
// portal to sign somebody out now, and with ErrAway when that cannot be told.
func (c *Client) Logout(ctx context.Context, token string) (Logout, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	known, err := c.describe(ctx)
	if err != nil {
		return Logout{}, err
	}
	said, err := known.verifier.VerifyLogout(oidc.ClientContext(ctx, c.http), token)
	if err != nil {
		return Logout{}, verifyError(err)
	}
	var more struct {
		Events map[string]json.RawMessage `json:"events"`
	}
	now := c.now()
	switch err := said.Claims(&more); {
	case err != nil, !bytes.HasPrefix(bytes.TrimSpace(more.Events[backChannelEvent]), []byte("{")):
		return Logout{}, fmt.Errorf("%w: it does not say that somebody signed out", ErrForged)
	case said.IssuedAt.IsZero(), said.IssuedAt.After(now.Add(skew)), now.Sub(said.IssuedAt) > maxLogoutAge+skew:
		return Logout{}, fmt.Errorf("%w: it is not of now", ErrForged)
	}
	return Logout{
		ID: said.TokenID, Subject: said.Subject, SessionID: said.SessionID, IssuedAt: said.IssuedAt, Expires: said.Expiry,
	}, nil
}
