package oidc_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	client "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"veche/cmd/sim/oidc"
	"veche/domain/accounts"
)

func TestClientOfTheTradeSignsPeopleInThroughEveryIssuer(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, c := range []struct {
		issuer, method, acr, amr string
		knows                    []string
		email, phone             any // vouched for
	}{
		{
			"esia", "face", oidc.LevelHigh, "face",
			[]string{
				"address", "birthdate", "demo", "email", "email_verified", "family_name", "given_name", "inn", "middle_name", "name",
				"phone_number", "phone_number_verified", "snils", "sub", "trusted",
			}, true, true,
		},
		{
			"bank", "otp", oidc.LevelSubstantial, "otp",
			[]string{
				"birthdate", "demo", "email", "email_verified", "family_name", "given_name", "middle_name", "name",
				"phone_number", "phone_number_verified", "sub",
			}, false, true,
		},
		{"social", "otp", oidc.LevelLow, "otp", []string{"demo", "email", "email_verified", "name", "sub"}, false, nil},
	} {
		t.Run(c.issuer, func(t *testing.T) {
			v := w.visit(newBrowser(t), c.issuer, "anna", c.method)
			if v.came.query("state") != "the-state" || v.came.query("iss") != w.url+"/oidc/"+c.issuer {
				t.Errorf("came back to %s", v.came.location)
			}
			token, id, _ := w.redeem(c.issuer, v)
			if err := id.VerifyAccessToken(token.AccessToken); err != nil {
				t.Error(err)
			}
			var said struct {
				ACR  string
				AMR  []string
				SID  string
				AZP  string
				Auth int64 `json:"auth_time"`
				Name string
			}
			if err := id.Claims(&said); err != nil {
				t.Fatal(err)
			}
			if id.Nonce != "the-nonce" || said.ACR != c.acr || !slices.Equal(said.AMR, []string{c.amr}) ||
				said.SID == "" || said.AZP != "portal" || said.Auth != w.clock().Unix() {
				t.Errorf("the ID token says %+v, nonce %q", said, id.Nonce)
			}
			if said.Name != "" {
				t.Error("the ID token carries the name")
			}
			found, _ := w.site(c.issuer)
			told, err := found.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
			if err != nil {
				t.Fatal(err)
			}
			claims := map[string]any{}
			if err := told.Claims(&claims); err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(maps.Keys(claims)); !slices.Equal(got, c.knows) {
				t.Errorf("userinfo tells %q, want %q", got, c.knows)
			}
			if told.Subject != id.Subject || claims["name"] != "Анна Сергеевна Лебедева" || claims["email"] != "anna@demo.test" {
				t.Errorf("userinfo tells of %v", claims)
			}
			if claims["email_verified"] != c.email || claims["phone_number_verified"] != c.phone {
				t.Errorf("vouched for: e-mail %v, phone %v", claims["email_verified"], claims["phone_number_verified"])
			}
		})
	}
}

func TestScopesThatWereNotAskedForAreNotTold(t *testing.T) {
	t.Parallel()
	w := start(t)
	v := w.visit(newBrowser(t), "esia", "anna", "otp", "scope", "openid email")
	token, _, _ := w.redeem("esia", v)
	found, _ := w.site("esia")
	told, err := found.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := told.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(claims)); !slices.Equal(got, []string{"demo", "email", "email_verified", "sub"}) {
		t.Errorf("userinfo tells %q", got)
	}
}

func TestSubjectsDifferBetweenIssuersAndStayTheSameWithinOne(t *testing.T) {
	t.Parallel()
	one, two := start(t), start(t)
	seen := map[string]string{}
	for _, issuer := range oidc.Issuers() {
		_, id, _ := one.redeem(issuer, one.visit(newBrowser(t), issuer, "boris", "otp"))
		_, again, _ := two.redeem(issuer, two.visit(newBrowser(t), issuer, "boris", "otp"))
		if id.Subject != again.Subject {
			t.Errorf("%s: a restart changed the subject", issuer)
		}
		if before := seen[id.Subject]; before != "" {
			t.Errorf("%s and %s use one subject", before, issuer)
		}
		seen[id.Subject] = issuer
	}
}

func TestBothWaysOfSendingTheSecretAreTaken(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams} {
		_, config := w.site("bank")
		config.Endpoint.AuthStyle = style
		v := w.visit(newBrowser(t), "bank", "anna", "otp")
		if _, err := config.Exchange(t.Context(), v.came.query("code"), oauth2.VerifierOption(v.verifier)); err != nil {
			t.Errorf("style %d: %v", style, err)
		}
	}
}

func TestKeyIsChangedWhileOldTokensStayGood(t *testing.T) {
	t.Parallel()
	w := start(t)
	found, _ := w.site("esia")
	verifier := found.Verifier(&client.Config{ClientID: "portal", Now: w.clock})
	_, _, before := w.redeem("esia", w.visit(newBrowser(t), "esia", "anna", "otp"))
	if got := newBrowser(t).send(w.url + "/oidc/esia/keys"); got.status != http.StatusSeeOther {
		t.Fatalf("changing the key answered %d", got.status)
	}
	_, _, after := w.redeem("esia", w.visit(newBrowser(t), "esia", "anna", "otp"))
	if strings.Split(before, ".")[0] == strings.Split(after, ".")[0] {
		t.Error("both tokens are signed with one key")
	}
	for name, token := range map[string]string{"old": before, "new": after} {
		if _, err := verifier.Verify(t.Context(), token); err != nil {
			t.Errorf("the %s token: %v", name, err)
		}
	}
}

func TestPeopleAreThoseOfThePortalAndTwoMore(t *testing.T) {
	t.Parallel()
	people := oidc.People()
	if len(people) != len(accounts.Demo())+2 {
		t.Fatalf("%d people", len(people))
	}
	seen := map[string]bool{}
	for i, person := range people {
		if i < len(accounts.Demo()) && (person.Email != accounts.Demo()[i].Email || person.Phone != accounts.Demo()[i].Phone) {
			t.Errorf("%s is not the portal's %s", person.Name, accounts.Demo()[i].Name)
		}
		if !validSNILS(person.SNILS) || !validINN(person.INN) {
			t.Errorf("%s: SNILS %s, INN %s", person.Name, person.SNILS, person.INN)
		}
		// Nobody was ever given numbers of these ranges.
		if person.SNILS[:9] > "001001998" || person.INN[:2] != "98" {
			t.Errorf("%s may have the papers of somebody real", person.Name)
		}
		if _, err := time.Parse(time.DateOnly, person.Birthdate); err != nil {
			t.Error(err)
		}
		for _, own := range []string{person.SNILS, person.INN, person.Email, person.Phone} {
			if seen[own] {
				t.Errorf("%s belongs to two people", own)
			}
			seen[own] = true
		}
	}
}

func validSNILS(number string) bool {
	sum := 0
	for i := range 9 {
		sum += int(number[i]-'0') * (9 - i)
	}
	sum %= 101
	return len(number) == 11 && number[9:] == fmt.Sprintf("%02d", sum%100)
}

func validINN(number string) bool {
	if len(number) != 12 {
		return false
	}
	for length, weights := range map[int][]int{10: {7, 2, 4, 10, 3, 5, 9, 4, 6, 8}, 11: {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8}} {
		sum := 0
		for i, weight := range weights {
			sum += weight * int(number[i]-'0')
		}
		if int(number[length]-'0') != sum%11%10 {
			return false
		}
	}
	return true
}
