package oidc

import (
	"maps"
	"net/http"
	"slices"

	"veche/cmd/sim/site"
)

// metadata is the discovery document (OpenID Connect Discovery 1.0, 3; Back-Channel
// Logout 1.0, 2.1; RFC 9207, 3).
type metadata struct {
	Issuer         string   `json:"issuer"`
	Authorize      string   `json:"authorization_endpoint"`
	Token          string   `json:"token_endpoint"`
	UserInfo       string   `json:"userinfo_endpoint"`
	Keys           string   `json:"jwks_uri"`
	EndSession     string   `json:"end_session_endpoint"`
	Scopes         []string `json:"scopes_supported"`
	Claims         []string `json:"claims_supported"`
	Levels         []string `json:"acr_values_supported"`
	ResponseTypes  []string `json:"response_types_supported"`
	ResponseModes  []string `json:"response_modes_supported"`
	GrantTypes     []string `json:"grant_types_supported"`
	Subjects       []string `json:"subject_types_supported"`
	Algorithms     []string `json:"id_token_signing_alg_values_supported"`
	Authentication []string `json:"token_endpoint_auth_methods_supported"`
	Challenges     []string `json:"code_challenge_methods_supported"`
	Prompts        []string `json:"prompt_values_supported"`
	Locales        []string `json:"ui_locales_supported"`
	BackChannel    bool     `json:"backchannel_logout_supported"`
	BackChannelSID bool     `json:"backchannel_logout_session_supported"`
	IssuerAnswered bool     `json:"authorization_response_iss_parameter_supported"`
	Request        bool     `json:"request_parameter_supported"`
	RequestURI     bool     `json:"request_uri_parameter_supported"`
	ClaimsAsked    bool     `json:"claims_parameter_supported"`
}

func (r *realm) discover(w http.ResponseWriter, _ *http.Request) {
	claims := []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid", "at_hash"}
	scopes := slices.Sorted(maps.Keys(r.scopes))
	for _, scope := range scopes {
		claims = append(claims, r.scopes[scope]...)
	}
	site.WriteJSON(w, http.StatusOK, metadata{
		Issuer: r.URL, Authorize: r.URL + "/authorize", Token: r.URL + "/token", UserInfo: r.URL + "/userinfo",
		Keys: r.URL + "/keys", EndSession: r.URL + "/logout",
		Scopes: append([]string{"openid"}, scopes...), Claims: claims, Levels: r.reachable(),
		ResponseTypes: []string{"code"}, ResponseModes: []string{"query"}, GrantTypes: []string{"authorization_code"},
		Subjects: []string{"public"}, Algorithms: []string{"RS256"},
		Authentication: []string{"client_secret_basic", "client_secret_post"},
		Challenges:     []string{"S256"}, Prompts: prompts, Locales: []string{"ru", "en"},
		BackChannel: true, BackChannelSID: true, IssuerAnswered: true,
	})
}

func (r *realm) showKeys(w http.ResponseWriter, _ *http.Request) {
	keys, err := r.keys.public()
	if err != nil {
		r.log.Error("publish keys", "error", err)
		http.Error(w, "There are no keys.", http.StatusInternalServerError)
		return
	}
	site.WriteJSON(w, http.StatusOK, keys)
}
