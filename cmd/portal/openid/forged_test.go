package openid_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"veche/cmd/portal/openid"
	"veche/cmd/sim/oidc"
)

func writeJSON(out http.ResponseWriter, value any) {
	out.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(out).Encode(value)
}

func TestForgedTokensOpenNothing(t *testing.T) {
	t.Parallel()
	w := start(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	payload := func(token any) []byte {
		raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token.(string), ".")[1])
		if err != nil {
			t.Error(err)
		}
		return raw
	}
	header := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	otherBrowser := func() string {
		// A token that the provider really made, for its other client.
		other := w.row("esia")
		other.ClientID, other.Secret = "other", "other secret"
		client, request := openid.New(other, portalURL, time.Now), openid.NewRequest()
		claims, err := client.Exchange(t.Context(), goes(t, browser(t), client, request, "admin", "token"), request)
		if err != nil {
			t.Fatal(err)
		}
		return claims.IDToken
	}()
	for name, change := range map[string]func(token map[string]any){
		"wrong key": func(a map[string]any) { a["id_token"] = sign(t, jose.RS256, stranger, "", payload(a["id_token"])) },
		"wrong key under a known name": func(a map[string]any) {
			id := strings.Split(a["id_token"].(string), ".")[0]
			raw, _ := base64.RawURLEncoding.DecodeString(id)
			var known struct{ Kid string }
			_ = json.Unmarshal(raw, &known)
			a["id_token"] = sign(t, jose.RS256, stranger, known.Kid, payload(a["id_token"]))
		},
		"signed with the public secret": func(a map[string]any) {
			a["id_token"] = sign(t, jose.HS256, []byte("secret-secret-secret-secret-secret"), "", payload(a["id_token"]))
		},
		"alg none": func(a map[string]any) {
			a["id_token"] = header(`{"alg":"none","typ":"JWT"}`) + "." + strings.Split(a["id_token"].(string), ".")[1] + "."
		},
		"alg none with a signature": func(a map[string]any) {
			parts := strings.Split(a["id_token"].(string), ".")
			a["id_token"] = header(`{"alg":"none"}`) + "." + parts[1] + "." + parts[2]
		},
		"changed words": func(a map[string]any) {
			parts := strings.Split(a["id_token"].(string), ".")
			words := strings.Replace(string(payload(a["id_token"])), `"amr"`, `"xmr"`, 1)
			a["id_token"] = parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(words)) + "." + parts[2]
		},
		"somebody else's, for another client": func(a map[string]any) { a["id_token"] = otherBrowser },
		"another access token":                func(a map[string]any) { a["access_token"] = "changed" },
		"no token":                            func(a map[string]any) { delete(a, "id_token") },
		"not a token":                         func(a map[string]any) { a["id_token"] = 7 },
	} {
		t.Run(name, func(t *testing.T) {
			client, request := w.client("esia"), openid.NewRequest()
			answer := goes(t, browser(t), client, request, "anna", "otp")
			w.intercept(func(path string, token map[string]any) {
				if strings.HasSuffix(path, "/token") {
					change(token)
				}
			})
			defer w.intercept(nil)
			claims, err := client.Exchange(t.Context(), answer, request)
			if !errors.Is(err, openid.ErrForged) || claims.Subject != "" {
				t.Errorf("%q came in: %v", claims.Name, err)
			}
		})
	}
}

func sign(t *testing.T, algorithm jose.SignatureAlgorithm, key any, kid string, payload []byte) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if kid != "" {
		options = options.WithHeader("kid", kid)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnswerGoodForAnotherVisitOpensNothing(t *testing.T) {
	t.Parallel()
	w := start(t)
	for name, c := range map[string]struct {
		change func(*openid.Answer, *openid.Request)
		later  time.Duration // of the portal's clock
		want   error
	}{
		"another nonce":    {func(_ *openid.Answer, r *openid.Request) { r.Nonce = openid.NewRequest().Nonce }, 0, openid.ErrForged},
		"no nonce":         {func(_ *openid.Answer, r *openid.Request) { r.Nonce = "" }, 0, openid.ErrForged},
		"another verifier": {func(_ *openid.Answer, r *openid.Request) { r.Verifier = openid.NewRequest().Verifier }, 0, openid.ErrRefused},
		"no verifier":      {func(_ *openid.Answer, r *openid.Request) { r.Verifier = "" }, 0, openid.ErrForged},
		"another code":     {func(a *openid.Answer, _ *openid.Request) { a.Code = "made up" }, 0, openid.ErrRefused},
		"no code":          {func(a *openid.Answer, _ *openid.Request) { a.Code = "" }, 0, openid.ErrForged},
		"another issuer":   {func(a *openid.Answer, _ *openid.Request) { a.Issuer = "https://evil.example" }, 0, openid.ErrForged},
		"no issuer":        {func(a *openid.Answer, _ *openid.Request) { a.Issuer = "" }, 0, openid.ErrForged},
		"a refusal":        {func(a *openid.Answer, _ *openid.Request) { a.Problem = "access_denied" }, 0, openid.ErrRefused},
		"an expired token": {func(*openid.Answer, *openid.Request) {}, 6 * time.Minute, openid.ErrForged},
		"one of tomorrow":  {func(*openid.Answer, *openid.Request) {}, -time.Hour, openid.ErrForged},
		"higher level":     {func(_ *openid.Answer, r *openid.Request) { r.ACR = []string{oidc.LevelHigh} }, 0, openid.ErrLevel},
		"old sign-in":      {func(_ *openid.Answer, r *openid.Request) { r.MaxAge = time.Minute }, 3 * time.Minute, openid.ErrLevel},
	} {
		t.Run(name, func(t *testing.T) {
			client := openid.New(w.row("esia"), portalURL, func() time.Time { return time.Now().Add(c.later) })
			request := openid.NewRequest()
			answer := goes(t, browser(t), client, request, "anna", "otp")
			c.change(&answer, &request)
			claims, err := client.Exchange(t.Context(), answer, request)
			if !errors.Is(err, c.want) || claims.Subject != "" {
				t.Errorf("%q came in: %v", claims.Name, err)
			}
		})
	}
}

func TestCodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	client, request := w.client("bank"), openid.NewRequest()
	answer := goes(t, browser(t), client, request, "anna", "otp")
	if _, err := client.Exchange(t.Context(), answer, request); err != nil {
		t.Fatal(err)
	}
	_, err := client.Exchange(t.Context(), answer, request)
	var refused openid.RefusedError
	if !errors.As(err, &refused) || refused.Code != "invalid_grant" {
		t.Errorf("err = %v", err)
	}
}

func TestRefusalKeepsItsCause(t *testing.T) {
	t.Parallel()
	w := start(t)
	client, request := w.client("esia"), openid.NewRequest()
	address, err := client.AuthURL(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	answer := decides(t, browser(t), address, url.Values{"decision": {"refuse"}}, request.State)
	for problem, want := range map[string]string{answer.Problem: "access_denied", "<script>": "unknown"} {
		answer.Problem = problem
		_, err := client.Exchange(t.Context(), answer, request)
		var refused openid.RefusedError
		if !errors.As(err, &refused) || refused.Code != want {
			t.Errorf("%q: %v", problem, err)
		}
	}
}

func TestUserinfoOfSomebodyElseIsNotTaken(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.intercept(func(path string, answer map[string]any) {
		if strings.HasSuffix(path, "/userinfo") {
			answer["sub"] = "somebody-else"
		}
	})
	client, request := w.client("esia"), openid.NewRequest()
	_, err := client.Exchange(t.Context(), goes(t, browser(t), client, request, "anna", "otp"), request)
	if !errors.Is(err, openid.ErrForged) {
		t.Errorf("err = %v", err)
	}
}

// forger is a provider that signs whatever it is told to.
type forger struct {
	url   string
	key   *rsa.PrivateKey
	token *string // the ID token that its token endpoint answers with
}

func newForger(t *testing.T) forger {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("/.well-known/openid-configuration", func(out http.ResponseWriter, _ *http.Request) {
		writeJSON(out, map[string]any{
			"issuer": server.URL, "authorization_endpoint": server.URL + "/a", "token_endpoint": server.URL + "/t",
			"jwks_uri": server.URL + "/k", "id_token_signing_alg_values_supported": []string{"RS256"},
			"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
		})
	})
	mux.HandleFunc("/k", func(out http.ResponseWriter, _ *http.Request) {
		writeJSON(out, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	token := new(string)
	mux.HandleFunc("/t", func(out http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("client_secret") != "s" || r.PostFormValue("code_verifier") == "" {
			out.WriteHeader(http.StatusUnauthorized)
		}
		writeJSON(out, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": *token})
	})
	return forger{url: server.URL, key: key, token: token}
}

// Tokens that the provider did sign, though not for us.
func TestTokenMadeForSomebodyElseOpensNothing(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	client := openid.New(openid.Provider{Key: "x", Issuer: f.url, ClientID: "portal", Secret: "s"}, portalURL, time.Now)
	now := time.Now()
	request := openid.NewRequest()
	whole := map[string]any{
		"iss": f.url, "aud": "portal", "sub": "anna", "nonce": request.Nonce, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}
	for name, c := range map[string]struct {
		change map[string]any
		good   bool
	}{
		"for us":                    {nil, true},
		"for us among others":       {map[string]any{"aud": []string{"portal", "other"}, "azp": "portal"}, true},
		"for others through us":     {map[string]any{"aud": []string{"portal", "other"}}, false},
		"to another party":          {map[string]any{"azp": "other"}, false},
		"for another site":          {map[string]any{"aud": "other"}, false},
		"by another issuer":         {map[string]any{"iss": "https://evil.example"}, false},
		"of nobody":                 {map[string]any{"sub": ""}, false},
		"without a nonce":           {map[string]any{"nonce": ""}, false},
		"another access token":      {map[string]any{"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, false},
		"a name that is too long":   {map[string]any{"sub": strings.Repeat("a", 256)}, false},
		"what is said is not words": {map[string]any{"acr": 7}, false},
	} {
		claims := maps.Clone(whole)
		maps.Copy(claims, c.change)
		*f.token = f.sign(t, claims)
		got, err := client.Exchange(t.Context(), openid.Answer{Code: "c"}, request)
		if c.good && (err != nil || got.Subject != "anna") || !c.good && !errors.Is(err, openid.ErrForged) {
			t.Errorf("%s: %q, %v", name, got.Subject, err)
		}
	}
}

func (f forger) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return sign(t, jose.RS256, f.key, "k", payload)
}

func TestOnlyWholeLogoutTokensSignPeopleOut(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	client := openid.New(openid.Provider{Key: "x", Issuer: f.url, ClientID: "portal", Secret: "s"}, portalURL, time.Now)
	now := time.Now()
	const event = "http://schemas.openid.net/event/backchannel-logout"
	whole := map[string]any{
		"iss": f.url, "aud": "portal", "sub": "anna", "sid": "one", "jti": "t1",
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "events": map[string]any{event: map[string]any{}},
	}
	got, err := client.Logout(t.Context(), f.sign(t, whole))
	if err != nil || got.Subject != "anna" || got.SessionID != "one" || got.ID != "t1" || got.Expires.Unix() != now.Add(time.Minute).Unix() {
		t.Fatalf("%+v, %v", got, err)
	}
	for name, change := range map[string]map[string]any{
		"without events":   {"events": nil},
		"another event":    {"events": map[string]any{"http://schemas.openid.net/event/other": map[string]any{}}},
		"an empty event":   {"events": map[string]any{event: nil}},
		"a word for event": {"events": map[string]any{event: "yes"}},
		"with a nonce":     {"nonce": "n"},
		"without jti":      {"jti": nil},
		"without iat":      {"iat": nil},
		"without exp":      {"exp": nil},
		"of nobody":        {"sub": nil, "sid": nil},
		"for another site": {"aud": "other"},
		"another issuer":   {"iss": "https://evil.example"},
		"expired":          {"exp": now.Add(-time.Minute).Unix()},
		"made long ago":    {"iat": now.Add(-time.Hour).Unix()},
		"of tomorrow":      {"iat": now.Add(time.Hour).Unix()},
	} {
		claims := maps.Clone(whole)
		for key, value := range change {
			if claims[key] = value; value == nil {
				delete(claims, key)
			}
		}
		if got, err := client.Logout(t.Context(), f.sign(t, claims)); !errors.Is(err, openid.ErrForged) || got.ID != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	forged := f
	if forged.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(f.sign(t, whole), ".")
	for name, token := range map[string]string{
		"wrong key": forged.sign(t, whole),
		"alg none":  base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"nothing":   "",
	} {
		if _, err := client.Logout(t.Context(), token); !errors.Is(err, openid.ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIDTokenIsNoLogoutToken(t *testing.T) {
	t.Parallel()
	w := start(t)
	client, request := w.client("esia"), openid.NewRequest()
	claims, err := client.Exchange(t.Context(), goes(t, browser(t), client, request, "anna", "otp"), request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Logout(t.Context(), claims.IDToken); !errors.Is(err, openid.ErrForged) {
		t.Errorf("err = %v", err)
	}
}

func TestLogoutTokenThatCannotBeCheckedIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w := start(t)
	client := w.client("esia")
	if _, err := client.AuthURL(t.Context(), openid.NewRequest()); err != nil {
		t.Fatal(err)
	}
	w.takeDown(true)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Logout(t.Context(), sign(t, jose.RS256, key, "k", []byte(`{}`))); !errors.Is(err, openid.ErrAway) {
		t.Errorf("err = %v", err)
	}
}
