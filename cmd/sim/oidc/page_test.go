package oidc_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	client "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"veche/cmd/sim/oidc"
)

func (w *town) address(issuer string, more ...string) string {
	w.t.Helper()
	_, config := w.site(issuer)
	return with(w.t, config.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()), client.Nonce("n")), more...)
}

func TestPageOffersPeopleAndMayLeadOnlyBackToTheSite(t *testing.T) {
	t.Parallel()
	w := start(t)
	got := newBrowser(t).open(w.address("esia", "login_hint", "+7 944 000-00-09"))
	people := got.find(t, "input[name=person]")
	if got.status != http.StatusOK || people.Length() != 10 {
		t.Fatalf("status %d, %d people", got.status, people.Length())
	}
	if chosen, _ := got.find(t, "input[name=person][checked]").Attr("value"); chosen != "nina" {
		t.Errorf("the hint chose %q", chosen)
	}
	if text := got.find(t, "main").Text(); !strings.Contains(text, "юридической силы") || !strings.Contains(text, "СНИЛС") {
		t.Errorf("the page says %s", text)
	}
	if badge := got.find(t, ".badge").Text(); badge != "Демо-контур" {
		t.Errorf("badge %q", badge)
	}
	policy := got.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "form-action 'self' "+w.portal.url+";") {
		t.Errorf("policy %s", policy)
	}
	for _, more := range [][]string{{"lang", "en"}, {"ui_locales", "fr en"}, {"ui_locales", "ru", "lang", "en"}} {
		if english := newBrowser(t).open(w.address("esia", more...)); !strings.Contains(english.text, "Demo State Services") {
			t.Errorf("%q: the page is not English", more)
		}
	}
}

func TestPersonMayRefuse(t *testing.T) {
	t.Parallel()
	w := start(t)
	got := newBrowser(t).send(w.address("esia"), "decision", "refuse", "person", "anna", "method", "otp")
	if got.query("error") != "access_denied" || got.query("state") != "s" || got.query("code") != "" {
		t.Errorf("led to %v", got.location)
	}
}

func TestHalfFilledPageComesBack(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := newBrowser(t)
	for name, form := range map[string][]string{
		"nobody chosen":   {"decision", "enter", "method", "otp"},
		"no method":       {"decision", "enter", "person", "anna"},
		"stranger":        {"decision", "enter", "person", "ivan", "method", "otp"},
		"strange method":  {"decision", "enter", "person", "anna", "method", "telepathy"},
		"no decision":     {"person", "anna", "method", "otp"},
		"going on unseen": {"decision", "continue"},
	} {
		got := b.send(w.address("esia"), form...)
		if got.status != http.StatusUnprocessableEntity || got.location != nil || got.find(t, "[role=alert]").Length() != 1 {
			t.Errorf("%s: status %d, led to %v", name, got.status, got.location)
		}
	}
	if got := b.open(w.url + "/oidc/esia"); !strings.Contains(got.text, "Сейчас никто не вошёл") {
		t.Error("somebody got in")
	}
}

func TestLevelsDecideWhichMethodsAreOffered(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := newBrowser(t)
	for levels, want := range map[string]string{
		"":                                    "[otp face token]",
		oidc.LevelHigh:                        "[face token]",
		oidc.LevelLow:                         "[otp face token]",
		"urn:else:7 " + oidc.LevelSubstantial: "[otp face token]",
	} {
		var offered []string
		got := b.open(w.address("esia", "acr_values", levels))
		for _, input := range got.find(t, "input[name=method]").EachIter() {
			offered = append(offered, input.AttrOr("value", ""))
		}
		if fmt.Sprint(offered) != want {
			t.Errorf("%q: offered %v", levels, offered)
		}
	}
	// What is not offered is not taken either.
	got := b.send(w.address("esia", "acr_values", oidc.LevelHigh), "decision", "enter", "person", "anna", "method", "otp")
	if got.status != http.StatusUnprocessableEntity {
		t.Errorf("a weak method passed: %d, %v", got.status, got.location)
	}
}

func TestSignedInPersonGoesOnWithoutChoosingAgain(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := newBrowser(t)
	first := w.visit(b, "esia", "vera", "otp")
	_, before, _ := w.redeem("esia", first)

	w.later(time.Minute)
	got := b.open(w.address("esia"))
	if button := got.find(t, "button[value=continue]").Text(); button != "Продолжить как Вера Павловна Соколова" {
		t.Errorf("button %q", button)
	}
	again := visit{verifier: oauth2.GenerateVerifier()}
	_, config := w.site("esia")
	again.came = b.send(config.AuthCodeURL("s", oauth2.S256ChallengeOption(again.verifier)), "decision", "continue")
	_, after, _ := w.redeem("esia", again)
	var one, two struct {
		SID  string
		Auth int64 `json:"auth_time"`
	}
	if err := before.Claims(&one); err != nil {
		t.Fatal(err)
	}
	if err := after.Claims(&two); err != nil {
		t.Fatal(err)
	}
	if one != two || before.Subject != after.Subject {
		t.Errorf("first %+v, then %+v", one, two)
	}

	silent := b.open(w.address("esia", "prompt", "none"))
	if silent.query("code") == "" {
		t.Errorf("prompt=none led to %v", silent.location)
	}
	// Each of these wants the person to show anew who they are.
	for name, address := range map[string]string{
		"login":        w.address("esia", "prompt", "login"),
		"too long ago": w.address("esia", "max_age", "59"),
		"just now":     w.address("esia", "max_age", "0"),
		"higher level": w.address("esia", "acr_values", oidc.LevelHigh),
		"other issuer": w.address("bank"),
	} {
		if got := b.open(address); got.find(t, "button[value=continue]").Length() != 0 || got.status != http.StatusOK {
			t.Errorf("%s: going on is offered", name)
		}
		if got := b.send(address, "decision", "continue"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: going on is taken: %v", name, got.location)
		}
	}
	for name, address := range map[string]string{
		"too long ago": w.address("esia", "prompt", "none", "max_age", "59"),
		"higher level": w.address("esia", "prompt", "none", "acr_values", oidc.LevelHigh),
		"other person": w.address("esia", "prompt", "none", "login_hint", "anna@demo.test"),
	} {
		if got := b.open(address); got.query("error") != "login_required" {
			t.Errorf("%s: led to %v", name, got.location)
		}
	}
	w.later(8 * time.Hour)
	if got := b.open(w.address("esia", "prompt", "none")); got.query("error") != "login_required" {
		t.Errorf("the session has no end: %v", got.location)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, address := range []string{w.address("esia"), w.url + "/oidc/esia/keys", w.url + "/oidc/esia/logout"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("decision=enter&person=anna&method=otp"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		b := newBrowser(t)
		if got := b.read(b.Do(request)); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", address, got.status)
		}
	}
}
