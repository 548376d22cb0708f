package openid

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Trust is what a provider is to the portal: how far its word goes.
type Trust string

// The kinds of providers.
const (
	TrustState  Trust = "state"  // vouches for names, contacts and numbers of documents
	TrustBank   Trust = "bank"   // vouches for names and contacts
	TrustSocial Trust = "social" // vouches for nothing but that it is the same person again
)

// Provider is one row of the file. The secret is already read.
type Provider struct {
	Key        string   `toml:"key"`  // names it in addresses: /identities/<key>/callback
	Name       Name     `toml:"name"` // as the button says it
	Issuer     string   `toml:"issuer"`
	ClientID   string   `toml:"client_id"`
	Secret     string   `toml:"client_secret"`
	SecretFile string   `toml:"client_secret_file"`
	Scopes     []string `toml:"scopes"` // besides openid
	Trust      Trust    `toml:"trust"`
	ACR        []string `toml:"acr"`  // levels that are good enough, the best liked first; any when empty
	Icon       string   `toml:"icon"` // one of static/icons
}

// Name is a name in the languages of the portal.
type Name struct {
	RU string `toml:"ru"`
	EN string `toml:"en"`
}

// In is the name in a language.
func (n Name) In(lang string) string {
	if lang == "en" {
		return n.EN
	}
	return n.RU
}

// Read reads the file of providers, in its order. Its errors name the provider and the
// cure.
func Read(file string) ([]Provider, error) {
	text, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the file of providers cannot be read: %w", err)
	}
	defer func() { _ = text.Close() }()
	var read struct {
		Providers []Provider `toml:"provider"`
	}
	if err := toml.NewDecoder(text).DisallowUnknownFields().Decode(&read); err != nil {
		var strange *toml.StrictMissingError
		if errors.As(err, &strange) {
			return nil, fmt.Errorf("%s has lines that mean nothing here:\n%s", file, strange.String())
		}
		var broken *toml.DecodeError
		if errors.As(err, &broken) {
			row, column := broken.Position()
			return nil, fmt.Errorf("%s, line %d, column %d: %w", file, row, column, err)
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	keys, named := map[string]bool{}, map[string]bool{}
	for i := range read.Providers {
		one := &read.Providers[i]
		if err := one.complete(); err != nil {
			return nil, fmt.Errorf("%s, provider %d (%s): %w", file, i+1, one.Key, err)
		}
		if keys[one.Key] || named[one.Issuer] {
			return nil, fmt.Errorf("%s, provider %d (%s): its key or issuer is taken by one before it", file, i+1, one.Key)
		}
		keys[one.Key], named[one.Issuer] = true, true
	}
	return read.Providers, nil
}

var (
	keyForm  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	iconForm = regexp.MustCompile(`^[a-z0-9-]*$`)
)

// complete checks the row and reads the secret.
func (p *Provider) complete() error {
	switch {
	case !keyForm.MatchString(p.Key):
		return errors.New("key has 1 to 32 of a-z, 0-9 and -, and begins with a letter")
	case strings.TrimSpace(p.Name.RU) == "" || strings.TrimSpace(p.Name.EN) == "":
		return errors.New("name.ru and name.en are both needed")
	case p.ClientID == "":
		return errors.New("client_id is missing: it is the portal's name at the provider")
	case !slices.Contains([]Trust{TrustState, TrustBank, TrustSocial}, p.Trust):
		return fmt.Errorf("trust is %q, but must be state, bank or social", p.Trust)
	case !iconForm.MatchString(p.Icon):
		return fmt.Errorf("icon is %q, but must be the name of a drawing", p.Icon)
	case (p.Secret == "") == (p.SecretFile == ""):
		return errors.New("give client_secret or client_secret_file, one of them")
	}
	for _, word := range slices.Concat(p.Scopes, p.ACR) {
		if word == "" || strings.ContainsAny(word, " \t\n\"\\") {
			return fmt.Errorf("scopes and acr are lists of words, but have %q", word)
		}
	}
	if err := checkAddress(p.Issuer); err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	if p.SecretFile == "" {
		return nil
	}
	secret, err := os.ReadFile(p.SecretFile)
	if err != nil {
		return fmt.Errorf("client_secret_file cannot be read: %w", err)
	}
	if p.Secret = strings.TrimSpace(string(secret)); p.Secret == "" {
		return errors.New("client_secret_file is empty")
	}
	return nil
}

// checkAddress wants https, except on this very machine, where nothing leaves it.
func checkAddress(address string) error {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return fmt.Errorf("%q is no address such as https://id.example", address)
	}
	if parsed.Scheme == "https" || parsed.Scheme == "http" && here(parsed.Hostname()) {
		return nil
	}
	return fmt.Errorf("%q must begin with https://", address)
}

func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
