package oidc

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"veche/cmd/sim/site"
)

// oauthError is an error answer of the token endpoint (RFC 6749, 5.2).
type oauthError struct {
	Status int    `json:"-"`
	Code   string `json:"error"`
	Detail string `json:"error_description"`
}

var (
	errForm   = &oauthError{http.StatusBadRequest, "invalid_request", "the body is a form in which nothing is given twice"}
	errTwice  = &oauthError{http.StatusBadRequest, "invalid_request", "the client signs in in one way only"}
	errClient = &oauthError{http.StatusUnauthorized, "invalid_client", "the client is not known or its secret is wrong"}
	errKind   = &oauthError{http.StatusBadRequest, "unsupported_grant_type", "grant_type is authorization_code"}
	errGrant  = &oauthError{http.StatusBadRequest, "invalid_grant", "the code is wrong, spent or too old, or does not fit redirect_uri and code_verifier"}
)

type tokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Seconds int    `json:"expires_in"`
	ID      string `json:"id_token"`
	Scope   string `json:"scope"`
}

func (r *realm) token(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Pragma", "no-cache")
	given, why := r.exchange(w, req)
	if why != nil {
		if _, _, basic := req.BasicAuth(); basic && why.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="oidc"`)
		}
		site.WriteJSON(w, why.Status, why)
		return
	}
	site.WriteJSON(w, http.StatusOK, given)
}

func (r *realm) exchange(w http.ResponseWriter, req *http.Request) (*tokens, *oauthError) {
	req.Body = http.MaxBytesReader(w, req.Body, maxForm)
	if err := req.ParseForm(); err != nil {
		return nil, errForm
	}
	form := req.PostForm
	for _, values := range form {
		if len(values) > 1 {
			return nil, errForm
		}
	}
	client, why := r.authenticate(req, form)
	switch {
	case why != nil:
		return nil, why
	case form.Get("grant_type") != "authorization_code":
		return nil, errKind
	}
	now := r.now()
	given, access, ok := r.store.redeem(form.Get("code"), client.ID, now, func(one grant) bool {
		return one.redirect == form.Get("redirect_uri") && proves(form.Get("code_verifier"), one.challenge)
	})
	if !ok {
		return nil, errGrant
	}
	id, err := r.keys.sign("JWT", r.idClaims(given, access, now))
	if err != nil {
		r.log.Error("sign ID token", "error", err)
		return nil, &oauthError{http.StatusInternalServerError, "server_error", "the token could not be signed"}
	}
	return &tokens{
		Access: access, Type: "Bearer", Seconds: int(tokenLife / time.Second), ID: id, Scope: strings.Join(given.scopes, " "),
	}, nil
}

// authenticate checks the client's secret, sent in the header or in the form.
func (r *realm) authenticate(req *http.Request, form url.Values) (Client, *oauthError) {
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, basic := req.BasicAuth(); basic {
		if form.Has("client_secret") {
			return Client{}, errTwice
		}
		// Both halves are form-encoded before they are joined (RFC 6749, 2.3.1).
		var broken error
		if id, broken = url.QueryUnescape(user); broken != nil {
			return Client{}, errClient
		}
		if secret, broken = url.QueryUnescape(password); broken != nil {
			return Client{}, errClient
		}
		if named := form.Get("client_id"); named != "" && named != id {
			return Client{}, errClient
		}
	}
	known, found := r.clientOf(id)
	want, given := sha256.Sum256([]byte(known.Secret)), sha256.Sum256([]byte(secret))
	if !found || known.Secret == "" || subtle.ConstantTimeCompare(want[:], given[:]) != 1 {
		return Client{}, errClient
	}
	return known, nil
}

// proves says whether the verifier is the one behind a challenge (RFC 7636, 4.6).
func proves(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	made := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(made), []byte(challenge)) == 1
}

// idClaims are the claims of an ID token (OpenID Connect Core, 2 and 3.1.3.6).
func (r *realm) idClaims(given grant, access string, now time.Time) map[string]any {
	sum := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": r.URL, "sub": subject(r.Key, given.person.Key), "aud": given.client, "azp": given.client,
		"iat": now.Unix(), "exp": now.Add(idTokenLife).Unix(), "auth_time": given.since.Unix(),
		"acr": given.method.Level, "amr": []string{given.method.AMR}, "sid": given.sid,
		"at_hash": base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2]),
	}
	if given.nonce != "" {
		claims["nonce"] = given.nonce
	}
	return claims
}

// userinfo tells the bearer of an access token what the person allowed (OpenID Connect
// Core, 5.3; RFC 6750).
func (r *realm) userinfo(w http.ResponseWriter, req *http.Request) {
	scheme, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	given, known := r.store.bearer(token, r.now())
	if !strings.EqualFold(scheme, "Bearer") || !known {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		site.WriteProblem(w, site.Problem{Status: http.StatusUnauthorized, Code: "invalid_token", Detail: "the access token is missing, wrong or over"})
		return
	}
	site.WriteJSON(w, http.StatusOK, r.claims(given.person, given.scopes))
}
