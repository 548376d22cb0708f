package openid

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// Patience bounds everything that one visit asks of a provider.
const Patience = 8 * time.Second

const (
	requestTime = 5 * time.Second
	restTime    = 3 * time.Second // after a failure, before the provider is asked again
	maxAnswer   = 1 << 20
)

// How dealings with a provider fail. None of them carries a secret or a person's data.
var (
	ErrAway    = errors.New("the provider cannot be reached")
	ErrRefused = errors.New("the provider refused")              // the code is spent, or the portal is not known there
	ErrForged  = errors.New("the provider's answer is not good") // it was not made for this visit, or not by the provider
	ErrLevel   = errors.New("the provider knows the person less well than was asked for")
)

// Client speaks to one provider. It is safe for concurrent use.
type Client struct {
	Provider
	redirect string
	now      func() time.Time
	http     *http.Client
	asking   singleflight.Group

	mu      sync.Mutex
	found   *description // nil until the provider was reached
	failure error
	failed  time.Time
}

// description is what the provider told of itself.
type description struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	oauth    oauth2.Config
	more     metadata
}

// metadata is the part of it that the library leaves to us.
type metadata struct {
	Authorize      string   `json:"authorization_endpoint"`
	Token          string   `json:"token_endpoint"`
	UserInfo       string   `json:"userinfo_endpoint"`
	Keys           string   `json:"jwks_uri"`
	EndSession     string   `json:"end_session_endpoint"`
	Authentication []string `json:"token_endpoint_auth_methods_supported"`
	IssuerAnswered bool     `json:"authorization_response_iss_parameter_supported"`
}

// New makes the client; the provider is not asked yet. public is the portal's address,
// without a slash at its end, as the provider knows it.
func New(provider Provider, public string, now func() time.Time) *Client {
	return &Client{
		Provider: provider,
		redirect: strings.TrimSuffix(public, "/") + "/identities/" + provider.Key + "/callback",
		now:      now,
		http: &http.Client{
			Timeout:   requestTime,
			Transport: bounded{http.DefaultTransport},
			// A provider is where its description says; nobody is led elsewhere with a secret.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// bounded reads no more of an answer than a provider has reason to say.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(request)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, maxAnswer), response.Body}
	}
	return response, err
}

// Request is one way to the provider and back. The caller keeps it for the browser that
// goes, under its state, and uses it once.
type Request struct {
	State    string
	Nonce    string
	Verifier string        // of PKCE
	ACR      []string      // levels that are good enough; those of the provider's row when nil
	MaxAge   time.Duration // how long ago the person may have shown who they are; any when 0
	Again    bool          // the person shows anew who they are
	Hint     string        // whom the portal expects, an e-mail or phone; "" says nothing
	Lang     string        // of the provider's page
}

// NewRequest is a request with secrets of its own.
func NewRequest() Request {
	return Request{State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier()}
}

func (c *Client) wanted(r Request) []string {
	if r.ACR == nil {
		return c.ACR
	}
	return r.ACR
}

// AuthURL is where the browser goes for a request. It fails with ErrAway while the
// provider has never been reached.
func (c *Client) AuthURL(ctx context.Context, r Request) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	known, err := c.describe(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(r.Nonce), oauth2.S256ChallengeOption(r.Verifier)}
	for name, value := range map[string]string{
		"acr_values": strings.Join(c.wanted(r), " "), "login_hint": r.Hint, "ui_locales": r.Lang,
	} {
		if value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	if r.MaxAge > 0 {
		options = append(options, oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(r.MaxAge/time.Second))))
	}
	if r.Again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return known.oauth.AuthCodeURL(r.State, options...), nil
}

// EndSessionURL is where a browser goes to sign out at the provider as well
// (RP-Initiated Logout 1.0), "" where the provider has no such place. idToken is
// Claims.IDToken; without it the provider asks the person. back is an address
// registered there, "" for none.
func (c *Client) EndSessionURL(ctx context.Context, idToken, back, state string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	known, err := c.describe(ctx)
	if err != nil || known.more.EndSession == "" {
		return "", err
	}
	target, err := url.Parse(known.more.EndSession)
	if err != nil {
		return "", fmt.Errorf("%w: its end_session_endpoint is no address", ErrAway)
	}
	query := target.Query()
	for name, value := range map[string]string{
		"id_token_hint": idToken, "post_logout_redirect_uri": back, "state": state, "client_id": c.ClientID,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	target.RawQuery = query.Encode()
	return target.String(), nil
}

// describe is what the provider told of itself, asked for when it is first needed. All
// who wait at the same moment wait for one answer, and a provider that is away gets a
// little rest.
func (c *Client) describe(ctx context.Context) (*description, error) {
	if known, err := c.remembered(); known != nil || err != nil {
		return known, err
	}
	answer := c.asking.DoChan("", func() (any, error) {
		// Not the visitor's context: others wait for the same answer.
		asking, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		return c.discover(asking)
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrAway, ctx.Err())
	case got := <-answer:
		if got.Err != nil {
			return nil, got.Err
		}
		return got.Val.(*description), nil
	}
}

func (c *Client) remembered() (*description, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.found != nil:
		return c.found, nil
	case c.failure != nil && c.now().Sub(c.failed) < restTime:
		return nil, c.failure
	}
	return nil, nil
}

func (c *Client) discover(ctx context.Context) (*description, error) {
	known, err := c.ask(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.failure, c.failed = fmt.Errorf("%w: %s: %w", ErrAway, c.Key, err), c.now()
		return nil, c.failure
	}
	c.found, c.failure = known, nil
	return known, nil
}

// ask fetches the description and checks that nothing in it is less safe than the
// issuer's own address.
func (c *Client) ask(ctx context.Context) (*description, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, c.http), c.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask for its description: %w", err)
	}
	known := &description{provider: provider, oauth: oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.Secret, RedirectURL: c.redirect, Endpoint: provider.Endpoint(),
		Scopes: append([]string{oidc.ScopeOpenID}, c.Scopes...),
	}}
	if err := provider.Claims(&known.more); err != nil {
		return nil, fmt.Errorf("read its description: %w", err)
	}
	for name, address := range map[string]string{
		"authorization_endpoint": known.more.Authorize, "token_endpoint": known.more.Token, "jwks_uri": known.more.Keys,
		"userinfo_endpoint": known.more.UserInfo, "end_session_endpoint": known.more.EndSession,
	} {
		optional := name == "userinfo_endpoint" || name == "end_session_endpoint"
		if optional && address == "" {
			continue
		}
		if err := safeAs(c.Issuer, address); err != nil {
			return nil, fmt.Errorf("its %s: %w", name, err)
		}
	}
	// Guessing would send a code twice. Without a word the header is meant (Discovery, 3).
	known.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if ways := known.more.Authentication; len(ways) > 0 && !slices.Contains(ways, "client_secret_basic") {
		known.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	known.verifier = provider.Verifier(&oidc.Config{ClientID: c.ClientID, Now: c.now})
	return known, nil
}

// safeAs wants https of every address of a provider that is not on this machine.
func safeAs(issuer, address string) error {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return fmt.Errorf("%q is no address", address)
	}
	if strings.HasPrefix(issuer, "https:") && parsed.Scheme != "https" {
		return fmt.Errorf("%q is not encrypted", address)
	}
	return nil
}
