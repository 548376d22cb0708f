package main

import (
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// providerRows are sim's identity providers as the portal's file has them. The names and
// secrets are those that sim has for the portal.
var providerRows = template.Must(template.New("").Parse(strings.TrimLeft(`
# Written anew at every start; VECHE_PROVIDERS_FILE names a file of your own.

[[provider]]
key = "esia"
name = { ru = "Демо-Госуслуги (ЕСИА)", en = "Demo State Services (ESIA)" }
issuer = "{{.Sim}}/oidc/esia"
client_id = {{printf "%q" .Client}}
client_secret = {{printf "%q" .ESIA}}
scopes = ["profile", "email", "phone", "address", "documents"]
trust = "state"
acr = ["urn:veche:loa:substantial", "urn:veche:loa:high"]
icon = "landmark"

[[provider]]
key = "bank"
name = { ru = "Демо-Банк ID", en = "Demo Bank ID" }
issuer = "{{.Sim}}/oidc/bank"
client_id = {{printf "%q" .Client}}
client_secret = {{printf "%q" .Bank}}
scopes = ["profile", "email", "phone"]
trust = "bank"
acr = ["urn:veche:loa:substantial"]
icon = "shield-check"

[[provider]]
key = "social"
name = { ru = "Демо-Соцсеть", en = "Demo Social Network" }
issuer = "{{.Sim}}/oidc/social"
client_id = {{printf "%q" .Client}}
client_secret = {{printf "%q" .Social}}
scopes = ["profile", "email"]
trust = "social"
icon = "users"
`, "\n")))

// providersFile tells the portal of sim's identity providers.
func (d *dev) providersFile() (string, error) {
	or := func(variable, usual string) string {
		if given := d.get(variable); given != "" {
			return given
		}
		return usual
	}
	var text strings.Builder
	err := providerRows.Execute(&text, map[string]string{
		"Sim":    "http://" + d.address(d.simPort),
		"Client": or("VECHE_SIM_OIDC_CLIENT", "veche-portal"),
		"ESIA":   or("VECHE_SIM_ESIA_SECRET", "demo-esia-secret"),
		"Bank":   or("VECHE_SIM_BANK_SECRET", "demo-bank-secret"),
		"Social": or("VECHE_SIM_SOCIAL_SECRET", "demo-social-secret"),
	})
	if err != nil {
		return "", err
	}
	path := filepath.Join(d.keep, "providers.toml")
	return path, os.WriteFile(path, []byte(text.String()), 0o600)
}
