package openid_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veche/cmd/portal/openid"
	"veche/cmd/sim/oidc"
)

func TestPersonIsKnownAsFarAsTheProviderMayBeBelieved(t *testing.T) {
	t.Parallel()
	w := start(t)
	nina := oidc.People()[8]
	born, err := time.Parse(time.DateOnly, nina.Birthdate)
	if err != nil {
		t.Fatal(err)
	}
	for issuer, c := range map[string]struct {
		method string
		want   openid.Claims
	}{
		"esia": {"token", openid.Claims{
			Provider: "esia", Name: "Нина Петровна Астахова", GivenName: "Нина", MiddleName: "Петровна", FamilyName: "Астахова",
			Email: "nina@demo.test", EmailVerified: true, Phone: "+79440000009", PhoneVerified: true,
			SNILS: nina.SNILS, INN: nina.INN, Birthdate: born, Address: nina.Address, Trusted: true,
			ACR: oidc.LevelHigh, AMR: []string{"hwk"},
		}},
		"bank": {"otp", openid.Claims{
			Provider: "bank", Name: "Нина Петровна Астахова", GivenName: "Нина", MiddleName: "Петровна", FamilyName: "Астахова",
			Email: "nina@demo.test", Phone: "+79440000009", PhoneVerified: true, Birthdate: born,
			ACR: oidc.LevelSubstantial, AMR: []string{"otp"},
		}},
		"social": {"otp", openid.Claims{
			Provider: "social", Name: "Нина Петровна Астахова", Email: "nina@demo.test", ACR: oidc.LevelLow, AMR: []string{"otp"},
		}},
	} {
		t.Run(issuer, func(t *testing.T) {
			client, request := w.client(issuer), openid.NewRequest()
			before := time.Now().Add(-time.Second)
			got, err := client.Exchange(t.Context(), goes(t, browser(t), client, request, "nina", c.method), request)
			if err != nil {
				t.Fatal(err)
			}
			if got.Issuer != w.url+"/oidc/"+issuer || got.Subject == "" || got.SessionID == "" || got.IDToken == "" || got.AuthTime.Before(before) {
				t.Errorf("it says %+v", got)
			}
			got.Issuer, got.Subject, got.SessionID, got.IDToken, got.AuthTime = "", "", "", "", time.Time{}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a network or a bank says of documents is not believed, whatever it says.
func TestProviderIsNotBelievedBeyondItsTrust(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.intercept(func(path string, answer map[string]any) {
		if strings.HasSuffix(path, "/userinfo") {
			answer["snils"], answer["inn"], answer["trusted"] = "00100100128", "000000000111", true
			answer["email_verified"], answer["phone_number"], answer["phone_number_verified"] = "true", "+7 (944) 000-00-01", true
			answer["name"] = "Анна\u0000\u202e Лебедева\n"
		}
	})
	for issuer, verified := range map[string]bool{"social": false, "bank": true} {
		client, request := w.client(issuer), openid.NewRequest()
		got, err := client.Exchange(t.Context(), goes(t, browser(t), client, request, "anna", "otp"), request)
		if err != nil {
			t.Fatal(err)
		}
		if got.SNILS != "" || got.INN != "" || got.Trusted || got.EmailVerified != verified || got.PhoneVerified != verified {
			t.Errorf("%s is believed in %+v", issuer, got)
		}
		if got.Phone != "+79440000001" || got.Name != "Анна Лебедева" {
			t.Errorf("phone %q, name %q", got.Phone, got.Name)
		}
	}
}

func TestAddressAsksForWhatTheRequestWants(t *testing.T) {
	t.Parallel()
	w := start(t)
	row := w.row("esia")
	row.ACR = []string{oidc.LevelSubstantial, oidc.LevelHigh}
	client := openid.New(row, portalURL+"/", time.Now)
	request := openid.NewRequest()
	request.Hint, request.Lang, request.Again, request.MaxAge = "anna@demo.test", "en", true, 5*time.Minute
	address, err := client.AuthURL(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	for name, want := range map[string]string{
		"client_id": "portal", "redirect_uri": portalURL + "/identities/esia/callback", "response_type": "code",
		"scope": "openid profile email phone address documents", "state": request.State, "nonce": request.Nonce,
		"code_challenge_method": "S256", "acr_values": oidc.LevelSubstantial + " " + oidc.LevelHigh,
		"login_hint": "anna@demo.test", "ui_locales": "en", "prompt": "login", "max_age": "300",
	} {
		if query.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, query.Get(name), want)
		}
	}
	if strings.Contains(address, request.Verifier) || strings.Contains(address, "secret") {
		t.Error("the address gives a secret away")
	}
	if again := openid.NewRequest(); again.State == request.State || again.Nonce == request.Nonce || again.Verifier == request.Verifier {
		t.Error("two requests share a secret")
	}
}

func TestProviderThatIsAwayIsAClearErrorAndIsFoundLater(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.takeDown(true)
	now := time.Now()
	var mu sync.Mutex
	client := openid.New(w.row("bank"), portalURL, func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := client.AuthURL(t.Context(), openid.NewRequest()); !errors.Is(err, openid.ErrAway) {
				t.Errorf("away: %v", err)
			}
		})
	}
	group.Wait()
	if _, err := client.Exchange(t.Context(), openid.Answer{Code: "x"}, openid.NewRequest()); !errors.Is(err, openid.ErrAway) {
		t.Errorf("exchange: %v", err)
	}
	if _, err := client.Logout(t.Context(), "x"); !errors.Is(err, openid.ErrAway) {
		t.Errorf("logout: %v", err)
	}
	if n := w.visits("/oidc/bank/.well-known/openid-configuration"); n != 1 {
		t.Errorf("a provider that is away was asked %d times", n)
	}
	w.takeDown(false)
	mu.Lock()
	now = now.Add(4 * time.Second)
	mu.Unlock()
	if _, err := client.AuthURL(t.Context(), openid.NewRequest()); err != nil {
		t.Errorf("back again: %v", err)
	}
}

func TestProviderThatGoesAwayInTheMiddleIsAway(t *testing.T) {
	t.Parallel()
	w := start(t)
	client, request := w.client("bank"), openid.NewRequest()
	answer := goes(t, browser(t), client, request, "anna", "otp")
	w.takeDown(true)
	if _, err := client.Exchange(t.Context(), answer, request); !errors.Is(err, openid.ErrAway) {
		t.Errorf("err = %v", err)
	}
	w.takeDown(false)
	got, err := client.Exchange(t.Context(), answer, request)
	if err != nil || got.Subject == "" {
		t.Errorf("back again: %v", err)
	}
}

func TestDescriptionThatWouldSendSecretsInTheOpenIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	for name, change := range map[string]func(map[string]any){
		"token address in the open": func(d map[string]any) { d["token_endpoint"] = "http://id.example/token" },
		"keys in the open":          func(d map[string]any) { d["jwks_uri"] = "http://id.example/keys" },
		"no keys":                   func(d map[string]any) { delete(d, "jwks_uri") },
		"a strange scheme":          func(d map[string]any) { d["authorization_endpoint"] = "javascript:alert(1)" },
		"another issuer":            func(d map[string]any) { d["issuer"] = "https://evil.example" },
	} {
		described := map[string]any{}
		mux := http.NewServeMux()
		mux.HandleFunc("/.well-known/openid-configuration", func(out http.ResponseWriter, _ *http.Request) { writeJSON(out, described) })
		one := httptest.NewTLSServer(mux)
		t.Cleanup(one.Close)
		for _, key := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri"} {
			described[key] = one.URL + "/" + key
		}
		described["issuer"] = one.URL
		client := openid.New(openid.Provider{Key: "x", Issuer: one.URL, ClientID: "portal", Secret: "s"}, portalURL, time.Now)
		openid.SetTransport(client, one.Client().Transport)
		if _, err := client.AuthURL(t.Context(), openid.NewRequest()); err != nil {
			t.Fatalf("%s, before the change: %v", name, err)
		}
		change(described)
		client = openid.New(openid.Provider{Key: "x", Issuer: one.URL, ClientID: "portal", Secret: "s"}, portalURL, time.Now)
		openid.SetTransport(client, one.Client().Transport)
		if address, err := client.AuthURL(t.Context(), openid.NewRequest()); !errors.Is(err, openid.ErrAway) {
			t.Errorf("%s: %s, %v", name, address, err)
		}
	}
}

// What is more than a provider has reason to say is not read, however true it is.
func TestAnswerWithoutEndIsCutOff(t *testing.T) {
	t.Parallel()
	for padding, away := range map[int]bool{1 << 10: false, 2 << 20: true} {
		mux := http.NewServeMux()
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		mux.HandleFunc("/.well-known/openid-configuration", func(out http.ResponseWriter, _ *http.Request) {
			writeJSON(out, map[string]any{
				"issuer": server.URL, "authorization_endpoint": server.URL + "/a", "token_endpoint": server.URL + "/t",
				"jwks_uri": server.URL + "/k", "padding": strings.Repeat(" ", padding),
			})
		})
		client := openid.New(openid.Provider{Key: "x", Issuer: server.URL, ClientID: "portal", Secret: "s"}, portalURL, time.Now)
		if _, err := client.AuthURL(t.Context(), openid.NewRequest()); errors.Is(err, openid.ErrAway) != away {
			t.Errorf("%d bytes: %v", padding, err)
		}
	}
}

func TestSigningOutAtTheProviderAsWellLeadsBack(t *testing.T) {
	t.Parallel()
	w := start(t)
	client, request, b := w.client("esia"), openid.NewRequest(), browser(t)
	claims, err := client.Exchange(t.Context(), goes(t, b, client, request, "anna", "otp"), request)
	if err != nil {
		t.Fatal(err)
	}
	address, err := client.EndSessionURL(t.Context(), claims.IDToken, portalURL+"/sign-in", "bye")
	if err != nil {
		t.Fatal(err)
	}
	response, err := b.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if led, err := response.Location(); err != nil || led.String() != portalURL+"/sign-in?state=bye" {
		t.Errorf("led to %v, %v", led, err)
	}
}
