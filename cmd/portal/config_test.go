package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVariablesThatMakeNoSenseAreNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ variable, value string }{
		"no database":                  {"VECHE_DATABASE_URL", ""},
		"no Redis":                     {"VECHE_REDIS_URL", ""},
		"a short secret":               {"VECHE_SECRET", "short"},
		"a secret that is not there":   {"VECHE_SECRET_FILE", filepath.Join(t.TempDir(), "nowhere")},
		"a zone of no country":         {"VECHE_TIMEZONE", "Europe/Kitezh"},
		"a time without a unit":        {"VECHE_DRAIN", "5"},
		"a time before now":            {"VECHE_DRAIN", "-5s"},
		"no connections":               {"VECHE_DATABASE_CONNS", "0"},
		"an address without a scheme":  {"VECHE_PUBLIC_URL", "veche.example"},
		"an address without a host":    {"VECHE_PUBLIC_URL", "https://"},
		"an address of something else": {"VECHE_PUBLIC_URL", "ftp://veche.example"},
		"providers that are not there": {"VECHE_PROVIDERS_FILE", filepath.Join(t.TempDir(), "nowhere")},
	} {
		config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:", c.variable, c.value))
		if err == nil {
			err = config.checkServe()
		}
		if err == nil || !strings.Contains(err.Error(), c.variable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProvidersNeedToKnowWhereThePortalIs(t *testing.T) {
	t.Parallel()
	told := vouched(t, "http://127.0.0.1:1", "")
	config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:", told...))
	if err == nil {
		err = config.checkServe()
	}
	if err == nil || !strings.Contains(err.Error(), "VECHE_PUBLIC_URL") || !strings.Contains(err.Error(), "VECHE_PROVIDERS_FILE") {
		t.Errorf("%v", err)
	}
}

func TestPublicAddressDecidesAboutHTTPS(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct {
		https  bool
		origin string
	}{
		"":                             {false, ""},
		"http://127.0.0.1:8080":        {false, "127.0.0.1:8080"},
		"https://veche.example":        {true, "veche.example"},
		"HTTPS://veche.example:8443/x": {true, "veche.example:8443"},
	} {
		config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:", "VECHE_PUBLIC_URL", address))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(config.origins(), " "); config.https() != want.https || got != want.origin {
			t.Errorf("%q: https %v, origins %q", address, config.https(), got)
		}
	}
}

func TestSecretMayComeFromAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("a secret in a file, long enough for us\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:", "VECHE_SECRET", "", "VECHE_SECRET_FILE", file))
	if err != nil || config.Secret != "a secret in a file, long enough for us" {
		t.Errorf("the secret is %q (%v)", config.Secret, err)
	}
}

func TestHelpListsEveryVariable(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	if err := run(t.Context(), []string{"help"}, &said, nil); err != nil {
		t.Fatal(err)
	}
	for name := range environmentOf("", "", "", "VECHE_PUBLIC_URL", "", "VECHE_SECRET_FILE", "", "VECHE_DEMO", "", "VECHE_PROVIDERS_FILE", "") {
		if !strings.Contains(said.String(), name) {
			t.Errorf("portal help does not tell of %s", name)
		}
	}
}

func TestLettersNeedAServerAndASenderThatMakeSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		more []string
		want string // "" when there is nothing wrong
	}{
		"none":                {nil, ""},
		"a server":            {[]string{"VECHE_SMTP_ADDR", "mail.example:587"}, ""},
		"no port":             {[]string{"VECHE_SMTP_ADDR", "mail.example"}, "VECHE_SMTP_ADDR"},
		"a port in words":     {[]string{"VECHE_SMTP_ADDR", "mail.example:smtp"}, "VECHE_SMTP_ADDR"},
		"a sender in words":   {[]string{"VECHE_SMTP_ADDR", "mail.example:587", "VECHE_MAIL_FROM", "the town"}, "VECHE_MAIL_FROM"},
		"a name alone":        {[]string{"VECHE_SMTP_USER", "portal"}, "VECHE_SMTP_PASSWORD"},
		"a file that is away": {[]string{"VECHE_SMTP_PASSWORD_FILE", "/nowhere/password"}, "VECHE_SMTP_PASSWORD_FILE"},
	} {
		config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:", c.more...))
		if err == nil {
			_, err = config.letters(nil)
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRegisterNeedsItsCertificatesAtTheStart(t *testing.T) {
	t.Parallel()
	good := registerFiles(t)
	for name, c := range map[string]struct {
		more []string
		want string // "" when there is nothing wrong
	}{
		"none":           {nil, ""},
		"all":            {good, ""},
		"an open line":   {append(good[2:], "VECHE_REGISTERS_URL", "http://register.example"), "VECHE_REGISTERS_URL"},
		"no certificate": {good[:4], "VECHE_REGISTERS_URL"},
	} {
		config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:", c.more...))
		if err == nil {
			_, err = config.papers(nil)
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPasswordOfTheMailServerMayComeFromAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("of the relay\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:", "VECHE_SMTP_USER", "portal", "VECHE_SMTP_PASSWORD_FILE", file))
	if err != nil || config.SMTPPass != "of the relay" {
		t.Errorf("the password is %q (%v)", config.SMTPPass, err)
	}
}

func TestTextsNeedAGatewayThatCanBeTrusted(t *testing.T) {
	t.Parallel()
	whole := []string{"VECHE_SMS_URL", "https://sms.example/v1/messages", "VECHE_SMS_TOKEN", "token", "VECHE_SMS_SECRET", "secret of the receipts"}
	for name, c := range map[string]struct {
		more []string
		want string // "" when there is nothing wrong
	}{
		"none":                  {nil, ""},
		"a gateway":             {whole, ""},
		"an address alone":      {whole[:2], "VECHE_SMS_TOKEN"},
		"no secret":             {whole[:4], "VECHE_SMS_SECRET"},
		"no address":            {whole[2:], "VECHE_SMS_URL"},
		"not encrypted":         {append(whole[:6:6], "VECHE_SMS_URL", "http://sms.example/"), "VECHE_SMS_URL"},
		"a short secret":        {append(whole[:6:6], "VECHE_SMS_SECRET", "short"), "VECHE_SMS_SECRET"},
		"a file that is away":   {append(whole[:6:6], "VECHE_SMS_TOKEN_FILE", "/nowhere/token"), "VECHE_SMS_TOKEN_FILE"},
		"a secret that is away": {append(whole[:6:6], "VECHE_SMS_SECRET_FILE", "/nowhere/secret"), "VECHE_SMS_SECRET_FILE"},
	} {
		config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:", c.more...))
		if err == nil {
			_, err = config.texts(nil)
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTokenAndSecretOfTheGatewayMayComeFromFiles(t *testing.T) {
	t.Parallel()
	token, secret := filepath.Join(t.TempDir(), "token"), filepath.Join(t.TempDir(), "secret")
	for file, text := range map[string]string{token: "of the portal\n", secret: "of the receipts, long enough\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:",
		"VECHE_SMS_URL", "https://sms.example/", "VECHE_SMS_TOKEN_FILE", token, "VECHE_SMS_SECRET_FILE", secret))
	if err != nil || config.SMSToken != "of the portal" || config.SMSSecret != "of the receipts, long enough" {
		t.Errorf("token %q, secret %q (%v)", config.SMSToken, config.SMSSecret, err)
	}
}

func TestProvidersComeFromTheirFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "providers.toml")
	const row = `provider = [{key = "esia", name = {ru = "Г", en = "S"}, issuer = "https://id.example", client_id = "p", client_secret = "s", trust = "state"}]`
	if err := os.WriteFile(file, []byte(row), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := readConfig(environmentOf("postgres://localhost/veche", "redis://localhost", "test:", "VECHE_PROVIDERS_FILE", file))
	if err != nil || len(config.providers) != 1 || config.providers[0].Key != "esia" {
		t.Errorf("%+v, %v", config.providers, err)
	}
}
