package openid_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veche/cmd/portal/openid"
)

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "providers.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const esia = `
[[provider]]
key = "esia"
name = { ru = "Госуслуги", en = "State Services" }
issuer = "https://esia.example/oidc"
client_id = "portal"
client_secret = "s1"
scopes = ["profile", "documents"]
trust = "state"
acr = ["high"]
icon = "landmark"
`

func TestProvidersAreRowsOfAFile(t *testing.T) {
	t.Parallel()
	secret := file(t, "of the bank\n")
	got, err := openid.Read(file(t, esia+`
[[provider]]
key = "bank"
name = { ru = "Банк", en = "Bank" }
issuer = "http://127.0.0.1:8090/oidc/bank"
client_id = "portal"
client_secret_file = "`+filepath.ToSlash(secret)+`"
trust = "bank"
`))
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	if got[0].Key != "esia" || got[0].Name.In("ru") != "Госуслуги" || got[0].Name.In("en") != "State Services" || got[0].Secret != "s1" ||
		got[0].Trust != openid.TrustState || strings.Join(got[0].ACR, " ") != "high" || got[0].Icon != "landmark" {
		t.Errorf("%+v", got[0])
	}
	if got[1].Secret != "of the bank" {
		t.Errorf("the secret of the file is %q", got[1].Secret)
	}
	if none, err := openid.Read(file(t, "# nobody yet\n")); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
}

func TestMistakesInTheFileNameThePlaceAndTheCure(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) string { return strings.Replace(esia, old, with, 1) }
	for name, c := range map[string]struct{ text, want string }{
		"no TOML":          {"provider = [", "line 1"},
		"a strange line":   {replace("icon =", "colour ="), "colour"},
		"no key":           {replace(`key = "esia"`, ""), "key has"},
		"a key with slash": {replace(`"esia"`, `"../esia"`), "key has"},
		"one language":     {replace(`, en = "State Services"`, ""), "name.en"},
		"no client":        {replace(`client_id = "portal"`, ""), "client_id"},
		"no secret":        {replace(`client_secret = "s1"`, ""), "client_secret_file"},
		"two secrets":      {replace(`client_secret = "s1"`, "client_secret = \"s1\"\nclient_secret_file = \"x\""), "one of them"},
		"secret is away":   {replace(`client_secret = "s1"`, `client_secret_file = "/nowhere/secret"`), "cannot be read"},
		"unknown trust":    {replace(`"state"`, `"friend"`), "state, bank or social"},
		"open address":     {replace("https://esia", "http://esia"), "https://"},
		"no address":       {replace("https://esia.example/oidc", "esia"), "issuer"},
		"address with ?":   {replace("example/oidc", "example/oidc?x=1"), "issuer"},
		"scopes as one":    {replace(`["profile", "documents"]`, `["profile documents"]`), "lists of words"},
		"an icon's path":   {replace(`"landmark"`, `"../x.svg"`), "icon"},
		"twice the same":   {esia + esia, "provider 2 (esia)"},
	} {
		if got, err := openid.Read(file(t, c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		} else if strings.Contains(err.Error(), "s1") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
	if _, err := openid.Read(filepath.Join(t.TempDir(), "nowhere.toml")); err == nil {
		t.Error("a file that is not there is read")
	}
}
