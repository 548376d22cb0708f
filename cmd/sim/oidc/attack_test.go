package oidc_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// exchange sends a form to the token endpoint as anybody could.
func exchange(t *testing.T, w *town, issuer, id, password string, form url.Values) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/oidc/"+issuer+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if id != "" {
		request.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(password))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]any{}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if response.Header.Get("Cache-Control") != "no-store" {
		t.Error("the answer may be stored")
	}
	return response.StatusCode, answer
}

func (w *town) form(v visit, issuer string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {v.came.query("code")}, "code_verifier": {v.verifier},
		"redirect_uri": {w.portal.url + "/identities/" + issuer + "/callback"},
	}
}

func TestStolenCodeIsOfNoUse(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, c := range []struct {
		name         string
		id, password string
		change       func(url.Values)
		wait         time.Duration
		status       int
		code         string
		spent        bool // the rightful owner cannot use it any more either
	}{
		{"wrong verifier", "portal", secret, func(f url.Values) { f.Set("code_verifier", oauth2.GenerateVerifier()) }, 0, 400, "invalid_grant", true},
		{"no verifier", "portal", secret, func(f url.Values) { f.Del("code_verifier") }, 0, 400, "invalid_grant", true},
		{"wrong address", "portal", secret, func(f url.Values) { f.Set("redirect_uri", "https://evil.example/") }, 0, 400, "invalid_grant", true},
		{"no address", "portal", secret, func(f url.Values) { f.Del("redirect_uri") }, 0, 400, "invalid_grant", true},
		{"too late", "portal", secret, func(url.Values) {}, 61 * time.Second, 400, "invalid_grant", true},
		{"another client", "other", "another secret", func(url.Values) {}, 0, 400, "invalid_grant", false},
		{"foreign secret", "portal", "another secret", func(url.Values) {}, 0, 401, "invalid_client", false},
		{"no secret", "portal", "", func(url.Values) {}, 0, 401, "invalid_client", false},
		{"nobody", "", "", func(url.Values) {}, 0, 401, "invalid_client", false},
		{"secret in both places", "portal", secret, func(f url.Values) { f.Set("client_secret", secret) }, 0, 400, "invalid_request", false},
		{"two names", "portal", secret, func(f url.Values) { f.Set("client_id", "other") }, 0, 401, "invalid_client", false},
		{"another kind", "portal", secret, func(f url.Values) { f.Set("grant_type", "password") }, 0, 400, "unsupported_grant_type", false},
		{"two codes", "portal", secret, func(f url.Values) { f.Add("code", "x") }, 0, 400, "invalid_request", false},
		{"made-up code", "portal", secret, func(f url.Values) { f.Set("code", "x") }, 0, 400, "invalid_grant", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := w.visit(newBrowser(t), "bank", "anna", "otp")
			form := w.form(v, "bank")
			c.change(form)
			w.later(c.wait)
			status, answer := exchange(t, w, "bank", c.id, c.password, form)
			if status != c.status || answer["error"] != c.code || answer["access_token"] != nil || answer["id_token"] != nil {
				t.Errorf("answered %d %v", status, answer)
			}
			status, _ = exchange(t, w, "bank", "portal", secret, w.form(v, "bank"))
			if c.spent != (status != http.StatusOK) {
				t.Errorf("afterwards the owner gets %d", status)
			}
		})
	}
}

func TestCodeOfAnotherIssuerIsNotTaken(t *testing.T) {
	t.Parallel()
	w := start(t)
	v := w.visit(newBrowser(t), "social", "anna", "otp")
	if status, answer := exchange(t, w, "esia", "portal", secret, w.form(v, "social")); status != 400 || answer["error"] != "invalid_grant" {
		t.Errorf("answered %d %v", status, answer)
	}
}

func TestReplayedCodeIsRefusedAndTakesBackWhatItGave(t *testing.T) {
	t.Parallel()
	w := start(t)
	v := w.visit(newBrowser(t), "esia", "anna", "otp")
	token, _, _ := w.redeem("esia", v)
	found, _ := w.site("esia")
	source := oauth2.StaticTokenSource(token)
	if _, err := found.UserInfo(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	if status, answer := exchange(t, w, "esia", "portal", secret, w.form(v, "esia")); status != 400 || answer["error"] != "invalid_grant" {
		t.Errorf("answered %d %v", status, answer)
	}
	if _, err := found.UserInfo(t.Context(), source); err == nil {
		t.Error("the token of a code that was used twice still opens userinfo")
	}
}

func TestCodeSentManyTimesAtOnceIsGoodOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	v := w.visit(newBrowser(t), "esia", "anna", "otp")
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		good  int
	)
	for range 8 {
		group.Go(func() {
			status, _ := exchange(t, w, "esia", "portal", secret, w.form(v, "esia"))
			mu.Lock()
			defer mu.Unlock()
			if status == http.StatusOK {
				good++
			}
		})
	}
	group.Wait()
	if good != 1 {
		t.Errorf("%d exchanges of one code succeeded", good)
	}
}

func TestAccessTokenEnds(t *testing.T) {
	t.Parallel()
	w := start(t)
	token, _, _ := w.redeem("bank", w.visit(newBrowser(t), "bank", "anna", "otp"))
	found, _ := w.site("bank")
	w.later(10*time.Minute + time.Second)
	for _, bearer := range []string{token.AccessToken, "", "made up"} {
		if _, err := found.UserInfo(t.Context(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: bearer})); err == nil {
			t.Errorf("userinfo opened to %q", bearer)
		}
	}
}

func TestWhoCannotBeTrustedIsNotSentPeople(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, config := w.site("esia")
	good := config.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	b := newBrowser(t)
	for name, address := range map[string]string{
		"unknown client":     with(t, good, "client_id", "stranger"),
		"no client":          with(t, good, "client_id", "-"),
		"address elsewhere":  with(t, good, "redirect_uri", "https://evil.example/"),
		"longer address":     with(t, good, "redirect_uri", config.RedirectURL+"/../x"),
		"address with query": with(t, good, "redirect_uri", config.RedirectURL+"?a=1"),
		"no address":         with(t, good, "redirect_uri", "-"),
		"other's address":    with(t, good, "redirect_uri", "https://other.example/identities/esia/callback"),
		"two addresses":      good + "&redirect_uri=https%3A%2F%2Fevil.example",
	} {
		for _, got := range []page{b.open(address), b.send(address, "decision", "enter", "person", "anna", "method", "otp"), b.send(address, "decision", "refuse")} {
			if got.status != http.StatusBadRequest || got.location != nil || !strings.Contains(got.text, "Войти не получится") {
				t.Errorf("%s: status %d, led to %v", name, got.status, got.location)
			}
		}
	}
}

func TestRequestsThatCannotBeServedGoBackWithTheirCause(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, config := w.site("bank")
	good := config.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	b := newBrowser(t)
	for name, c := range map[string]struct{ address, code string }{
		"no challenge":     {with(t, good, "code_challenge", "-"), "invalid_request"},
		"plain challenge":  {with(t, good, "code_challenge_method", "plain"), "invalid_request"},
		"no method":        {with(t, good, "code_challenge_method", "-"), "invalid_request"},
		"short challenge":  {with(t, good, "code_challenge", "abc"), "invalid_request"},
		"token in the URL": {with(t, good, "response_type", "id_token token"), "unsupported_response_type"},
		"fragment":         {with(t, good, "response_mode", "fragment"), "invalid_request"},
		"no openid":        {with(t, good, "scope", "profile"), "invalid_scope"},
		"request object":   {with(t, good, "request", "eyJhbGciOiJub25lIn0.e30."), "request_not_supported"},
		"request by URL":   {with(t, good, "request_uri", "http://169.254.169.254/"), "request_uri_not_supported"},
		"none and login":   {with(t, good, "prompt", "none login"), "invalid_request"},
		"strange prompt":   {with(t, good, "prompt", "dance"), "invalid_request"},
		"strange age":      {with(t, good, "max_age", "-1"), "invalid_request"},
		"level not had":    {with(t, good, "acr_values", "urn:veche:loa:high"), "unmet_authentication_requirements"},
		"level of others":  {with(t, good, "acr_values", "urn:else:7"), "unmet_authentication_requirements"},
		"nobody to ask":    {with(t, good, "prompt", "none"), "login_required"},
	} {
		got := b.open(c.address)
		if got.status != http.StatusSeeOther || got.query("error") != c.code || got.query("state") != "s" || got.query("code") != "" {
			t.Errorf("%s: status %d, led to %v", name, got.status, got.location)
		}
		if !strings.HasPrefix(got.header.Get("Location"), config.RedirectURL+"?") {
			t.Errorf("%s: sent to %s", name, got.location)
		}
	}
}
