package oidc

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// request is an authorization request that may be put before a person.
type request struct {
	client    Client
	redirect  string
	state     string
	nonce     string
	challenge string
	scopes    []string
	levels    []string
	prompt    []string
	maxAge    time.Duration // unbounded when negative
	hint      string
}

// refusal is an answer to a request that will not be put before anybody (RFC 6749,
// 4.1.2.1). Shown stays here: where it would be sent cannot be trusted.
type refusal struct {
	Code   string
	Detail string
	Shown  bool
}

// challengeForm is what S256 makes (RFC 7636, 4.2).
var challengeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

const maxParameter = 2048

// examine checks an authorization request. What it answers beside a refusal that is not
// shown has client, redirect and state.
func (r *realm) examine(query url.Values) (request, *refusal) {
	asked := request{maxAge: -1}
	for name, values := range query {
		if len(values) > 1 || len(values[0]) > maxParameter {
			return asked, &refusal{Code: "invalid_request", Detail: name + " is given twice or is too long", Shown: true}
		}
	}
	known, found := r.clientOf(query.Get("client_id"))
	if !found {
		return asked, &refusal{Code: "invalid_client", Detail: "client_id is not known here", Shown: true}
	}
	asked.client, asked.redirect, asked.state = known, query.Get("redirect_uri"), query.Get("state")
	if !slices.Contains(known.Redirects, asked.redirect) {
		return asked, &refusal{Code: "invalid_request", Detail: "redirect_uri is not registered for this client", Shown: true}
	}
	asked.nonce, asked.challenge, asked.hint = query.Get("nonce"), query.Get("code_challenge"), query.Get("login_hint")
	asked.scopes = strings.Fields(query.Get("scope"))
	asked.levels = strings.Fields(query.Get("acr_values"))
	asked.prompt = strings.Fields(query.Get("prompt"))
	if age := query.Get("max_age"); age != "" {
		seconds, err := strconv.Atoi(age)
		if err != nil || seconds < 0 || seconds > int(sessionLife/time.Second) {
			return asked, &refusal{Code: "invalid_request", Detail: "max_age is a number of seconds, at most that of eight hours"}
		}
		asked.maxAge = time.Duration(seconds) * time.Second
	}
	return asked, r.refuse(query, asked)
}

func (r *realm) refuse(query url.Values, asked request) *refusal {
	switch {
	case query.Has("request"):
		return &refusal{Code: "request_not_supported", Detail: "request objects are not taken"}
	case query.Has("request_uri"):
		return &refusal{Code: "request_uri_not_supported", Detail: "request objects are not taken"}
	case query.Get("response_type") != "code":
		return &refusal{Code: "unsupported_response_type", Detail: "response_type is code"}
	case query.Get("response_mode") != "" && query.Get("response_mode") != "query":
		return &refusal{Code: "invalid_request", Detail: "response_mode is query"}
	case !slices.Contains(asked.scopes, "openid"):
		return &refusal{Code: "invalid_scope", Detail: "scope has openid among others"}
	case query.Get("code_challenge_method") != "S256" || !challengeForm.MatchString(asked.challenge):
		return &refusal{Code: "invalid_request", Detail: "code_challenge is required, with the method S256"}
	case slices.Contains(asked.prompt, "none") && len(asked.prompt) > 1:
		return &refusal{Code: "invalid_request", Detail: "prompt none stands alone"}
	case slices.ContainsFunc(asked.prompt, func(p string) bool { return !slices.Contains(prompts, p) }):
		return &refusal{Code: "invalid_request", Detail: "prompt is not known"}
	case len(r.reach(asked.levels)) == 0:
		return &refusal{Code: "unmet_authentication_requirements", Detail: "no level of acr_values can be reached here"}
	}
	return nil
}

var prompts = []string{"none", "login", "consent", "select_account"}

func (r *realm) clientOf(id string) (Client, bool) {
	at := slices.IndexFunc(r.clients, func(c Client) bool { return id != "" && c.ID == id })
	if at < 0 {
		return Client{}, false
	}
	return r.clients[at], true
}

// fits says whether somebody who is signed in may go on without showing anew who they
// are.
func (asked request) fits(known session, now time.Time) bool {
	return !slices.Contains(asked.prompt, "login") &&
		(asked.maxAge < 0 || now.Sub(known.Since) < asked.maxAge) &&
		satisfies(known.Method.Level, asked.levels)
}

// sendBack answers the client through the browser (RFC 6749, 4.1.2; RFC 9207).
func (r *realm) sendBack(w http.ResponseWriter, req *http.Request, asked request, values url.Values) {
	target, err := url.Parse(asked.redirect)
	if err != nil {
		r.refused.Render(w, req, http.StatusBadRequest, refusedView{Issuer: r.Key, Refusal: refusal{Code: "invalid_request", Detail: "redirect_uri is no address"}})
		return
	}
	query := target.Query()
	for name := range values {
		query.Set(name, values.Get(name))
	}
	if asked.state != "" {
		query.Set("state", asked.state)
	}
	query.Set("iss", r.URL)
	target.RawQuery = query.Encode()
	http.Redirect(w, req, target.String(), http.StatusSeeOther)
}

func (r *realm) sendRefusal(w http.ResponseWriter, req *http.Request, asked request, why refusal) {
	if why.Shown {
		r.refused.Render(w, req, http.StatusBadRequest, refusedView{Issuer: r.Key, Refusal: why})
		return
	}
	r.sendBack(w, req, asked, url.Values{"error": {why.Code}, "error_description": {why.Detail}})
}
