package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"veche/db/dbtest"
	"veche/db/given"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/handlers"
	"veche/hub/localredis"
)

// town runs the portal on the demo town, and answers its table of routes.
func town(t *testing.T, more ...string) (*program, []handlers.Route) {
	t.Helper()
	redisURL, prefix := localredis.ForTest(t)
	told := append([]string{"VECHE_DEMO", "true"}, withTexts("http://127.0.0.1:1/")...)
	told = append(told, vouched(t, "http://127.0.0.1:1", "http://127.0.0.1:8080")...)
	env := environmentOf(dbtest.URL(t), redisURL, prefix, append(told, more...)...)
	if err := run(t.Context(), []string{"seed"}, io.Discard, env); err != nil {
		t.Fatal(err)
	}
	config, err := readConfig(env)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPortal(t.Context(), config, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return startWith(t, env), p.server.Routes()
}

// client is a visitor without scripts.
func client(t *testing.T, site *program, token accounts.Token) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		address, err := url.Parse(site.URL)
		if err != nil {
			t.Fatal(err)
		}
		jar.SetCookies(address, []*http.Cookie{{Name: "session", Value: string(token), Path: "/"}})
	}
	return &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func send(t *testing.T, c *http.Client, method, address string, form url.Values, header http.Header) (status int, body, location string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method != http.MethodGet {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := c.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text), response.Header.Get("Location")
}

// tokenOf is the CSRF token in the pages a visitor gets.
func tokenOf(t *testing.T, c *http.Client, site *program) string {
	t.Helper()
	_, page, _ := send(t, c, http.MethodGet, site.URL+"/polls", nil, nil)
	_, rest, found := strings.Cut(page, "X-CSRF-Token&#34;:&#34;")
	token, _, closed := strings.Cut(rest, "&#34;")
	if !found || !closed {
		t.Fatal("the page carries no token")
	}
	return token
}

func change(t *testing.T, site *program, statement string, args ...any) {
	t.Helper()
	if _, err := site.DB.Pool().Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// Every route is asked by a guest, by a person without confirmed identity, by a
// citizen, also on a restricted device, with a temporary password or with an old proof,
// and by every role, and lets in those whom the rules let in.
func TestEveryRouteAsEveryRole(t *testing.T) {
	t.Parallel()
	site, routes := town(t)
	who := map[string]func() (access.Actor, accounts.Token){
		"guest":       func() (access.Actor, accounts.Token) { return access.Guest(), "" },
		"unconfirmed": func() (access.Actor, accounts.Token) { return given.Unconfirmed(t, site.DB) },
		"citizen":     func() (access.Actor, accounts.Token) { return given.Person(t, site.DB) },
	}
	who["citizen on a device that may only look"] = func() (access.Actor, accounts.Token) {
		actor, token := given.Person(t, site.DB)
		actor.Reach = accounts.ReachView
		change(t, site, `
			WITH device AS (
				INSERT INTO devices (public_id, account_id, kind, reach, bound_at) VALUES ($2, $1, 'phone', 'view', now()) RETURNING id
			)
			UPDATE sessions SET device_id = (SELECT id FROM device) WHERE account_id = $1`, actor.Account, accounts.NewPublicID())
		return actor, token
	}
	who["citizen with a temporary password"] = func() (access.Actor, accounts.Token) {
		actor, token := given.Person(t, site.DB)
		actor.MustChange = true
		change(t, site, `UPDATE accounts SET password_until = now() + interval '1 hour' WHERE id = $1`, actor.Account)
		return actor, token
	}
	who["citizen who proved it long ago"] = func() (access.Actor, accounts.Token) {
		actor, token := given.Person(t, site.DB)
		actor.Fresh = false
		change(t, site, `UPDATE sessions SET proved_at = NULL WHERE account_id = $1`, actor.Account)
		return actor, token
	}
	for _, role := range accounts.Roles {
		who[string(role)] = func() (access.Actor, accounts.Token) {
			return given.Person(t, site.DB, accounts.Grant{Role: role})
		}
	}
	for name, make := range who {
		reader, token := make()
		reading := client(t, site, token)
		for _, route := range routes {
			if route.Path == "/live" {
				continue // a socket, not a page; the hub's tests ask it
			}
			actor, visitor, form := reader, reading, url.Values{}
			if route.Method != http.MethodGet {
				// A session of its own: signing out is one of the routes.
				actor, token = make()
				visitor = client(t, site, token)
				form.Set("csrf", tokenOf(t, visitor, site))
			}
			status, _, location := send(t, visitor, route.Method, site.URL+route.Sample, form, nil)
			denied := status == http.StatusForbidden || status == http.StatusUnauthorized ||
				strings.HasPrefix(location, "/sign-in?next=") ||
				actor.MustChange && location == handlers.ChangePasswordPath
			if route.Machine {
				if !denied {
					t.Errorf("%s %s believes a %s who signed nothing: %d", route.Method, route.Sample, name, status)
				}
				continue
			}
			switch may := access.May(actor, route.Action); {
			case may != nil && !denied:
				t.Errorf("%s %s lets in a %s: %d", route.Method, route.Sample, name, status)
			case may == nil && denied:
				t.Errorf("%s %s keeps out a %s: %d", route.Method, route.Sample, name, status)
			case status >= http.StatusInternalServerError || status == http.StatusNotFound && !route.Personal:
				t.Errorf("%s %s answers a %s with %d", route.Method, route.Sample, name, status)
			}
		}
	}
}

// A form without the token of this very session, or from another site, changes
// nothing on any route. One with the token is no signature, where programs have to sign.
func TestForgedFormsAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	site, routes := town(t)
	_, token := given.Person(t, site.DB, accounts.Grant{Role: accounts.RoleAdmin})
	_, other := given.Person(t, site.DB)
	visitor := client(t, site, token)
	own, stolen := tokenOf(t, visitor, site), tokenOf(t, client(t, site, other), site)
	tampered := own[:len(own)-4] + "AAAA"
	posts := 0
	for _, route := range routes {
		if route.Method == http.MethodGet {
			continue
		}
		posts++
		for name, forged := range map[string]struct {
			token  string
			header http.Header
		}{
			"without a token":       {"", nil},
			"with nonsense":         {"nonsense", nil},
			"with a tampered token": {tampered, nil},
			"with another's token":  {stolen, nil},
			"from another site":     {own, http.Header{"Sec-Fetch-Site": {"cross-site"}}},
			"from a sibling site":   {own, http.Header{"Sec-Fetch-Site": {"same-site"}}},
			"with a foreign Origin": {own, http.Header{"Origin": {"https://evil.example"}}},
			"with an opaque Origin": {own, http.Header{"Origin": {"null"}}},
		} {
			status, _, _ := send(t, visitor, route.Method, site.URL+route.Sample, url.Values{"csrf": {forged.token}}, forged.header)
			if status != http.StatusForbidden {
				t.Errorf("%s %s %s: %d", route.Method, route.Sample, name, status)
			}
		}
	}
	for _, route := range routes {
		if !route.Machine {
			continue
		}
		status, _, _ := send(t, visitor, route.Method, site.URL+route.Sample, url.Values{"csrf": {own}}, nil)
		if status != http.StatusForbidden {
			t.Errorf("%s %s takes a form for a signed call: %d", route.Method, route.Sample, status)
		}
	}
	if posts < 4 {
		t.Errorf("only %d routes take forms", posts)
	}
}

func TestEveryAnswerCarriesTheSafetyHeaders(t *testing.T) {
	t.Parallel()
	site, _ := town(t, "VECHE_PUBLIC_URL", "https://veche.example")
	visitor := client(t, site, "")
	for _, path := range []string{"/", "/polls/1", "/sign-in", "/nowhere", "/static/nowhere.js"} {
		response, err := visitor.Get(site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		csp := response.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options":    "nosniff",
			"Referrer-Policy":           "same-origin",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		for _, cookie := range response.Cookies() {
			if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s: cookie %s lacks a guard: %+v", path, cookie.Name, cookie)
			}
		}
	}
}

func TestMetricsHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	site, _ := town(t)
	visitor := client(t, site, "")
	send(t, visitor, http.MethodGet, site.URL+"/polls?q=%D1%82%D0%B0%D0%B9%D0%BD%D0%B0", nil, nil)
	_, metrics, _ := send(t, visitor, http.MethodGet, site.URL+"/metrics", nil, nil)
	if !strings.Contains(metrics, "veche_outbox_publish_seconds") || !strings.Contains(metrics, "go_goroutines") {
		t.Error("the metrics lack the portal's own or the runtime's")
	}
	for _, personal := range []string{"demo.test", "тайна", "%D1%82", "Лебедева"} {
		if strings.Contains(metrics, personal) {
			t.Errorf("the metrics tell %q", personal)
		}
	}
}
