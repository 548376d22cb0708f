package main

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"reflect"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/prometheus/client_golang/prometheus"

	"veche/cmd/portal/openid"
	"veche/cmd/portal/sms"
	"veche/cmd/portal/smtp"
)

// config is everything the environment decides. It is read whole and checked
// before anything starts.
type config struct {
	Port          string `env:"PORT" envDefault:"8080" help:"port of the web server"`
	Host          string `env:"VECHE_HOST" envDefault:"127.0.0.1" help:"address the web server listens on"`
	PublicURL     string `env:"VECHE_PUBLIC_URL" help:"where people reach the portal; https makes cookies Secure, passkeys are bound to its host name"`
	DatabaseURL   string `env:"VECHE_DATABASE_URL" help:"Postgres, postgres://user:password@host/database"`
	RedisURL      string `env:"VECHE_REDIS_URL" help:"Redis or Valkey, redis://host:6379"`
	RedisPrefix   string `env:"VECHE_REDIS_PREFIX" envDefault:"veche:" help:"begins every key and channel in Redis"`
	Secret        string `env:"VECHE_SECRET" help:"at least 32 characters, the same for all processes; signs passes and forms, seals what proves people"`
	SecretFile    string `env:"VECHE_SECRET_FILE" help:"file with the secret, instead of VECHE_SECRET"`
	Timezone      string `env:"VECHE_TIMEZONE" envDefault:"Europe/Moscow" help:"zone of the portal's times"`
	TrustProxy    bool   `env:"VECHE_TRUST_PROXY" help:"take visitors' addresses from X-Forwarded-For; only behind a proxy that sets it"`
	MaxConns      int32  `env:"VECHE_DATABASE_CONNS" envDefault:"24" help:"connections to Postgres"`
	DrainFor      string `env:"VECHE_DRAIN" envDefault:"5s" help:"over how long open pages are sent away when the server stops"`
	LogLevel      string `env:"VECHE_LOG" envDefault:"info" help:"debug, info, warn or error"`
	SMTPAddr      string `env:"VECHE_SMTP_ADDR" help:"mail server that takes letters, host:port; without it the portal sends none"`
	SMTPUser      string `env:"VECHE_SMTP_USER" help:"name to sign in to the mail server with; then the connection must be encrypted"`
	SMTPPass      string `env:"VECHE_SMTP_PASSWORD" help:"password that belongs to VECHE_SMTP_USER"`
	SMTPFile      string `env:"VECHE_SMTP_PASSWORD_FILE" help:"file with that password, instead of VECHE_SMTP_PASSWORD"`
	MailFrom      string `env:"VECHE_MAIL_FROM" help:"sender of letters, address or «Name <address>» (no-reply at the host of VECHE_PUBLIC_URL)"`
	SMSURL        string `env:"VECHE_SMS_URL" help:"gateway that takes text messages, as docs/operations.md says; without it the portal sends none"`
	SMSToken      string `env:"VECHE_SMS_TOKEN" help:"token to present to the gateway"`
	SMSTokFile    string `env:"VECHE_SMS_TOKEN_FILE" help:"file with the token, instead of VECHE_SMS_TOKEN"`
	SMSSecret     string `env:"VECHE_SMS_SECRET" help:"at least 16 characters, shared with the gateway; signs its receipts"`
	SMSSecFile    string `env:"VECHE_SMS_SECRET_FILE" help:"file with that secret, instead of VECHE_SMS_SECRET"`
	Providers     string `env:"VECHE_PROVIDERS_FILE" help:"TOML file with the identity providers that people may sign in through; without it none is offered"`
	Demo          bool   `env:"VECHE_DEMO" help:"show the badge and the people of the demo data"`
	Inbox         string `env:"VECHE_DEMO_INBOX" help:"page where letters and texts of the demo arrive, shown where a code is asked for"`
	Dev           bool   `env:"VECHE_DEV" help:"development: serve /styleguide"`
	RegistersURL  string `env:"VECHE_REGISTERS_URL" help:"state register of identity papers, https://host:port; without it copies of papers are for people to look at"`
	RegistersCA   string `env:"VECHE_REGISTERS_CA_FILE" help:"PEM file: whom the portal trusts to vouch for the register"`
	RegistersCert string `env:"VECHE_REGISTERS_CERT_FILE" help:"PEM file: the certificate that the portal shows the register"`
	RegistersKey  string `env:"VECHE_REGISTERS_KEY_FILE" help:"PEM file: the key of that certificate"`

	zone   *time.Location
	drain  time.Duration
	public *url.URL // its host is "" when VECHE_PUBLIC_URL is

	providers []openid.Provider
}

const minSecret = 32

func environment() map[string]string {
	vars := map[string]string{}
	for _, line := range os.Environ() {
		name, value, _ := strings.Cut(line, "=")
		vars[name] = value
	}
	return vars
}

// readConfig reads and checks the environment. Its errors name the variable and
// the cure.
func readConfig(vars map[string]string) (config, error) {
	var c config
	if err := env.ParseWithOptions(&c, env.Options{Environment: vars}); err != nil {
		return c, fmt.Errorf("the environment cannot be read: %w", err)
	}
	if c.DatabaseURL == "" {
		return c, fmt.Errorf("VECHE_DATABASE_URL is not set; make run starts a private Postgres by itself")
	}
	var err error
	if c.Secret, err = fromFile("VECHE_SECRET_FILE", c.SecretFile, c.Secret); err != nil {
		return c, err
	}
	if c.SMTPPass, err = fromFile("VECHE_SMTP_PASSWORD_FILE", c.SMTPFile, c.SMTPPass); err != nil {
		return c, err
	}
	if c.SMSToken, err = fromFile("VECHE_SMS_TOKEN_FILE", c.SMSTokFile, c.SMSToken); err != nil {
		return c, err
	}
	if c.SMSSecret, err = fromFile("VECHE_SMS_SECRET_FILE", c.SMSSecFile, c.SMSSecret); err != nil {
		return c, err
	}
	if (c.SMSURL == "") != (c.SMSToken == "") || (c.SMSURL == "") != (c.SMSSecret == "") {
		return c, fmt.Errorf("VECHE_SMS_URL, VECHE_SMS_TOKEN and VECHE_SMS_SECRET are given together or not at all")
	}
	if (c.SMTPUser == "") != (c.SMTPPass == "") {
		return c, fmt.Errorf("VECHE_SMTP_USER and VECHE_SMTP_PASSWORD are given together or not at all")
	}
	if c.zone, err = time.LoadLocation(c.Timezone); err != nil {
		return c, fmt.Errorf("VECHE_TIMEZONE is no known zone: %w", err)
	}
	if c.drain, err = time.ParseDuration(c.DrainFor); err != nil {
		return c, fmt.Errorf("VECHE_DRAIN is no duration: %w", err)
	}
	if c.drain < 0 {
		return c, fmt.Errorf("VECHE_DRAIN is %s, but must not be negative", c.DrainFor)
	}
	if c.MaxConns < 1 {
		return c, fmt.Errorf("VECHE_DATABASE_CONNS is %d, but at least one connection is needed", c.MaxConns)
	}
	if c.public, err = parsePublic(c.PublicURL); err != nil {
		return c, err
	}
	if c.Providers != "" {
		if c.providers, err = openid.Read(c.Providers); err != nil {
			return c, fmt.Errorf("VECHE_PROVIDERS_FILE: %w", err)
		}
	}
	return c, nil
}

// fromFile is the secret in a file, and given where no file is named.
func fromFile(variable, file, given string) (string, error) {
	if file == "" {
		return given, nil
	}
	secret, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", variable, err)
	}
	return strings.TrimSpace(string(secret)), nil
}

// checkServe is what only the server needs.
func (c config) checkServe() error {
	if c.RedisURL == "" {
		return fmt.Errorf("VECHE_REDIS_URL is not set; make run starts a private Redis by itself")
	}
	if len(c.Secret) < minSecret {
		return fmt.Errorf("VECHE_SECRET needs at least %d characters; openssl rand -hex 32 makes one", minSecret)
	}
	if len(c.providers) > 0 && c.public.Host == "" {
		return fmt.Errorf("VECHE_PUBLIC_URL is not set, but VECHE_PROVIDERS_FILE names providers, which send people back there")
	}
	return nil
}

// parsePublic reads the address people use; nothing is known of it when it is "".
// Without a scheme it would quietly turn the safety of https off.
func parsePublic(address string) (*url.URL, error) {
	if address == "" {
		return &url.URL{}, nil
	}
	public, err := url.Parse(address)
	if err != nil || public.Host == "" || public.Scheme != "https" && public.Scheme != "http" {
		return nil, fmt.Errorf("VECHE_PUBLIC_URL is %q, but must be an address such as https://veche.example", address)
	}
	return public, nil
}

func (c config) https() bool { return c.public.Scheme == "https" }

// origins are further hosts whose pages may open sockets: the public one, when a
// proxy stands before the server.
func (c config) origins() []string {
	if c.public.Host == "" {
		return nil
	}
	return []string{c.public.Host}
}

// absolute is the address of a page of the portal for readers of letters.
func (c config) absolute(path string) string {
	if c.public.Host == "" {
		return "http://" + net.JoinHostPort(c.Host, c.Port) + path
	}
	return c.public.Scheme + "://" + c.public.Host + path
}

// mailDomain is whose letters these are, as far as their readers know.
func (c config) mailDomain() string {
	if host := c.public.Hostname(); host != "" {
		return host
	}
	return "localhost"
}

// letters prepares sending letters; without a mail server it is nil.
func (c config) letters(metrics prometheus.Registerer) (*smtp.Sender, error) {
	if c.SMTPAddr == "" {
		return nil, nil
	}
	from := c.MailFrom
	if from == "" {
		from = "no-reply@" + c.mailDomain()
	}
	sender, err := smtp.New(smtp.Options{Address: c.SMTPAddr, User: c.SMTPUser, Password: c.SMTPPass, From: from, Metrics: metrics})
	if err != nil {
		return nil, fmt.Errorf("VECHE_SMTP_ADDR or VECHE_MAIL_FROM: %w", err)
	}
	return sender, nil
}

// texts prepares sending text messages; without a gateway it is nil.
func (c config) texts(metrics prometheus.Registerer) (*sms.Gateway, error) {
	if c.SMSURL == "" {
		return nil, nil
	}
	gateway, err := sms.New(sms.Options{URL: c.SMSURL, Token: c.SMSToken, Secret: c.SMSSecret, Metrics: metrics})
	if err != nil {
		return nil, fmt.Errorf("VECHE_SMS_URL, VECHE_SMS_TOKEN or VECHE_SMS_SECRET: %w", err)
	}
	return gateway, nil
}

// describeConfig lists the variables from the struct itself, so that none is
// forgotten.
func describeConfig() string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fields := reflect.TypeFor[config]()
	for i := range fields.NumField() {
		tag := fields.Field(i).Tag
		name := tag.Get("env")
		if name == "" {
			continue
		}
		text := tag.Get("help")
		if usual := tag.Get("envDefault"); usual != "" {
			text += " (" + usual + ")"
		}
		fmt.Fprintf(table, "  %s\t%s\n", name, text)
	}
	_ = table.Flush()
	return b.String()
}
