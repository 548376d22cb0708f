package openid

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// skew is how far the provider's clock may be from ours.
const skew = time.Minute

// Answer is what the browser brought back. Problem is the provider's error code
// (RFC 6749, 4.1.2.1), such as "access_denied"; then there is no code.
type Answer struct {
	Code    string
	Issuer  string // iss, "" when it was not sent (RFC 9207)
	Problem string
}

// RefusedError is a refusal with the provider's own code for it: "access_denied" is the
// person's decision, "login_required" and "unmet_authentication_requirements" say that
// the person cannot do what was asked.
type RefusedError struct{ Code string }

// Error tells the code.
func (e RefusedError) Error() string { return ErrRefused.Error() + ": " + e.Code }

// Unwrap makes it an ErrRefused.
func (e RefusedError) Unwrap() error { return ErrRefused }

// Exchange turns an answer into what the provider says of the person. It fails with
// ErrAway, ErrRefused (a RefusedError where the provider gave a code), ErrForged or
// ErrLevel; in none of these cases may anybody be let in.
func (c *Client) Exchange(ctx context.Context, answer Answer, r Request) (Claims, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	known, err := c.describe(ctx)
	if err != nil {
		return Claims{}, err
	}
	ctx = oidc.ClientContext(ctx, c.http)
	switch {
	case answer.Issuer != "" && answer.Issuer != c.Issuer, answer.Issuer == "" && known.more.IssuerAnswered:
		return Claims{}, fmt.Errorf("%w: it comes from another provider", ErrForged)
	case answer.Problem != "":
		return Claims{}, RefusedError{Code: wellFormed(answer.Problem)}
	case answer.Code == "" || r.Nonce == "" || r.Verifier == "":
		return Claims{}, fmt.Errorf("%w: there is no code, or nobody asked for it", ErrForged)
	}
	token, err := known.oauth.Exchange(ctx, answer.Code, oauth2.VerifierOption(r.Verifier))
	if err != nil {
		return Claims{}, exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := known.verifier.Verify(ctx, raw)
	if err != nil {
		return Claims{}, verifyError(err)
	}
	var said statement
	if err := id.Claims(&said); err != nil {
		return Claims{}, fmt.Errorf("%w: its claims cannot be read", ErrForged)
	}
	if err := c.check(id, said, token.AccessToken, r); err != nil {
		return Claims{}, err
	}
	var told profile
	if err := id.Claims(&told); err != nil {
		return Claims{}, fmt.Errorf("%w: its claims cannot be read", ErrForged)
	}
	if known.more.UserInfo != "" {
		if err := userInfo(ctx, known, token, id.Subject, &told); err != nil {
			return Claims{}, err
		}
	}
	return c.claims(id, said, told, raw), nil
}

// wellFormed keeps an error code to the characters it may have.
func wellFormed(code string) string {
	if !codeForm.MatchString(code) {
		return "unknown"
	}
	return code
}

// exchangeError leaves out what the provider wrote, which may name the person.
func exchangeError(err error) error {
	var answered *oauth2.RetrieveError
	switch {
	case !errors.As(err, &answered):
		return fmt.Errorf("%w: %w", ErrAway, err)
	case answered.Response != nil && answered.Response.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("%w: it answered with %d", ErrAway, answered.Response.StatusCode)
	}
	return RefusedError{Code: wellFormed(answered.ErrorCode)}
}

// verifyError tells a token that is not good from keys that could not be had. The
// library says so in its text alone.
func verifyError(err error) error {
	if strings.Contains(err.Error(), "fetching keys") {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return fmt.Errorf("%w: %w", ErrForged, err)
}

// statement is what an ID token says of the sign-in itself.
type statement struct {
	Party     string   `json:"azp"`
	ACR       string   `json:"acr"`
	AMR       []string `json:"amr"`
	SessionID string   `json:"sid"`
	AuthTime  int64    `json:"auth_time"`
}

// check is what the library leaves to its user (OpenID Connect Core, 3.1.3.7).
func (c *Client) check(id *oidc.IDToken, said statement, access string, r Request) error {
	now := c.now()
	wanted := c.wanted(r)
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(r.Nonce)) != 1:
		return fmt.Errorf("%w: the nonce is another one", ErrForged)
	case said.Party != "" && said.Party != c.ClientID, said.Party == "" && len(id.Audience) > 1:
		return fmt.Errorf("%w: it was made for somebody else", ErrForged)
	case id.IssuedAt.After(now.Add(skew)):
		return fmt.Errorf("%w: it is of the future", ErrForged)
	case id.Subject == "" || len(id.Subject) > 255:
		return fmt.Errorf("%w: it names nobody", ErrForged)
	case id.AccessTokenHash != "" && id.VerifyAccessToken(access) != nil:
		return fmt.Errorf("%w: the access token is another one", ErrForged)
	case len(wanted) > 0 && !slices.Contains(wanted, said.ACR):
		return ErrLevel
	case r.MaxAge > 0 && now.Sub(time.Unix(said.AuthTime, 0)) > r.MaxAge+skew:
		return fmt.Errorf("%w: the sign-in is too old", ErrLevel)
	}
	return nil
}

// userInfo adds what the provider tells of the person beside the ID token. It counts
// only when it is about the same person (OpenID Connect Core, 5.3.2).
func userInfo(ctx context.Context, known *description, token *oauth2.Token, subject string, told *profile) error {
	info, err := known.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	switch {
	case err != nil:
		return fmt.Errorf("%w: it does not tell of the person", ErrAway)
	case info.Subject != subject:
		return fmt.Errorf("%w: it tells of somebody else", ErrForged)
	}
	if err := info.Claims(told); err != nil {
		return fmt.Errorf("%w: what it tells of the person cannot be read", ErrForged)
	}
	return nil
}
