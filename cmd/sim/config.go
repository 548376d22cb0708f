package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/caarlos0/env/v11"

	"veche/cmd/sim/oidc"
)

// Config is everything an operator can set, by environment variables.
type Config struct {
	Port int            `env:"SIM_PORT" envDefault:"8090" help:"port of the web page and the HTTP APIs, on 127.0.0.1"`
	Zone *time.Location `env:"VECHE_TIMEZONE" envDefault:"Europe/Moscow" help:"time zone of the times on the page"`

	SMTPAddr     string `env:"VECHE_SMTP_ADDR" envDefault:"127.0.0.1:8025" help:"address of the mail server"`
	SMTPUser     string `env:"VECHE_SMTP_USER" help:"the only name the mail server accepts; empty: any name, or none"`
	SMTPPassword string `env:"VECHE_SMTP_PASSWORD" help:"the password that belongs to VECHE_SMTP_USER"`
	SMTPCert     string `env:"VECHE_SMTP_TLS_CERT" help:"PEM file with the mail server's certificate; empty: one is made at start"`
	SMTPKey      string `env:"VECHE_SMTP_TLS_KEY" help:"PEM file with the key of that certificate"`

	SMSToken         string        `env:"VECHE_SMS_TOKEN" envDefault:"demo-sms-token" help:"token that the senders of texts present"`
	SMSSecret        string        `env:"VECHE_SMS_SECRET" envDefault:"demo-sms-receipt-secret" help:"secret that signs delivery receipts"`
	SMSCallbackHosts []string      `env:"VECHE_SMS_CALLBACK_HOSTS" help:"hosts besides this machine that receipts may go to, with commas"`
	SMSLate          time.Duration `env:"VECHE_SMS_LATE" envDefault:"20s" help:"how late a text to the late number arrives"`

	PublicURL    string `env:"VECHE_PUBLIC_URL" envDefault:"http://127.0.0.1:8080" help:"address of the portal, which the identity providers know as their client"`
	OIDCClient   string `env:"VECHE_SIM_OIDC_CLIENT" envDefault:"veche-portal" help:"name of the portal at the identity providers (client_id)"`
	ESIASecret   string `env:"VECHE_SIM_ESIA_SECRET" envDefault:"demo-esia-secret" help:"the portal's secret at Demo State Services"`
	BankSecret   string `env:"VECHE_SIM_BANK_SECRET" envDefault:"demo-bank-secret" help:"the portal's secret at Demo Bank ID"`
	SocialSecret string `env:"VECHE_SIM_SOCIAL_SECRET" envDefault:"demo-social-secret" help:"the portal's secret at Demo Social Network"`

	RegistersAddr  string        `env:"VECHE_REGISTERS_ADDR" envDefault:"127.0.0.1:8026" help:"address of the register of identity papers, HTTPS for holders of its certificates"`
	RegistersDir   string        `env:"VECHE_REGISTERS_DIR" help:"folder for the register's certificates and the portal's; empty: one that goes with the program"`
	RegistersDelay time.Duration `env:"VECHE_REGISTERS_DELAY" envDefault:"3s" help:"how long the register thinks before it answers"`
}

// clients make the portal known to every identity provider.
func (c Config) clients() map[string][]oidc.Client {
	known := map[string][]oidc.Client{}
	for issuer, secret := range map[string]string{"esia": c.ESIASecret, "bank": c.BankSecret, "social": c.SocialSecret} {
		known[issuer] = []oidc.Client{oidc.Portal(c.PublicURL, issuer, c.OIDCClient, secret)}
	}
	return known
}

// readConfig takes the settings from the environment and checks them together.
func readConfig() (Config, error) {
	config, err := env.ParseAs[Config]()
	if err != nil {
		return Config{}, fmt.Errorf("the settings cannot be read: %w", err)
	}
	return config, config.check()
}

func (c Config) check() error {
	switch {
	case c.Port < 0 || c.Port > 65535:
		return fmt.Errorf("SIM_PORT is %d, but a port is a number from 0 to 65535", c.Port)
	case (c.SMTPUser == "") != (c.SMTPPassword == ""):
		return errors.New("VECHE_SMTP_USER and VECHE_SMTP_PASSWORD are given together or not at all")
	case (c.SMTPCert == "") != (c.SMTPKey == ""):
		return errors.New("VECHE_SMTP_TLS_CERT and VECHE_SMTP_TLS_KEY are given together or not at all")
	case c.SMSToken == "" || c.SMSSecret == "":
		return errors.New("VECHE_SMS_TOKEN and VECHE_SMS_SECRET must not be empty")
	case c.SMSLate <= 0:
		return errors.New("VECHE_SMS_LATE must be longer than nothing")
	case c.OIDCClient == "" || c.ESIASecret == "" || c.BankSecret == "" || c.SocialSecret == "":
		return errors.New("VECHE_SIM_OIDC_CLIENT, VECHE_SIM_ESIA_SECRET, VECHE_SIM_BANK_SECRET and VECHE_SIM_SOCIAL_SECRET must not be empty")
	case c.RegistersDelay < 0:
		return errors.New("VECHE_REGISTERS_DELAY must not be negative")
	}
	if public, err := url.Parse(c.PublicURL); err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" {
		return fmt.Errorf("VECHE_PUBLIC_URL is %q, but must be an address such as http://127.0.0.1:8080", c.PublicURL)
	}
	return nil
}

// writeHelp lists commands and settings.
func writeHelp(out io.Writer) error {
	fmt.Fprint(out, strings.TrimLeft(`
sim is the outside world of the portal: mail, text messages and the screen they arrive
on, the identity providers people sign in through, and state registers.

  sim        run until interrupted
  sim help   this text

Settings, by environment variables:

`, "\n"))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for field := range reflect.TypeFor[Config]().Fields() {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", field.Tag.Get("env"), field.Tag.Get("envDefault"), field.Tag.Get("help"))
	}
	return table.Flush()
}
