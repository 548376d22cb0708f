package main

import (
	"os"
	"slices"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"veche/cmd/sim/oidc"
)

func TestPortalIsToldOfEveryProviderOfTheSimulator(t *testing.T) {
	t.Parallel()
	d := &dev{config: config{keep: t.TempDir(), simPort: 8299, environ: []string{`VECHE_SIM_BANK_SECRET=of "the" bank`}}}
	file, err := d.providersFile()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Provider []struct {
			Key    string
			Issuer string
			Client string `toml:"client_id"`
			Secret string `toml:"client_secret"`
		}
	}
	if err := toml.Unmarshal(text, &told); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var keys []string
	for _, row := range told.Provider {
		keys = append(keys, row.Key)
		if row.Issuer != "http://127.0.0.1:8299/oidc/"+row.Key || row.Client != "veche-portal" {
			t.Errorf("%+v", row)
		}
		if want := map[string]string{"bank": `of "the" bank`}[row.Key]; want != "" && row.Secret != want {
			t.Errorf("the secret of %s is %s", row.Key, row.Secret)
		}
	}
	if !slices.Equal(keys, oidc.Issuers()) {
		t.Errorf("the portal is told of %q, the simulator has %q", keys, oidc.Issuers())
	}
}
