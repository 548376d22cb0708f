package registers

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// AskTime bounds one exchange from the first packet to the last.
const AskTime = 10 * time.Second

const (
	checksPath = "/registers/passports/v1/checks"
	maxAnswer  = 16 << 10
)

// Options say where the register is and what the portal proves itself with.
type Options struct {
	URL      string // https://host[:port]
	CAFile   string // PEM: whom the portal trusts to vouch for the register
	CertFile string // PEM: the portal's certificate, with those between it and its authority
	KeyFile  string // PEM: the key of that certificate
	Metrics  prometheus.Registerer
}

// Client asks the register. It is safe for concurrent use.
type Client struct {
	o      Options
	base   string
	http   *http.Client
	checks *prometheus.CounterVec
}

// How an exchange ended.
const (
	answered = "answered"
	refused  = "refused"
	away     = "away"
)

// New makes the client and checks what it was told; nothing is asked yet.
func New(o Options) (*Client, error) {
	address, err := url.Parse(o.URL)
	if err != nil || address.Scheme != "https" || address.Host == "" || strings.Trim(address.Path, "/") != "" ||
		address.RawQuery != "" || address.User != nil {
		return nil, fmt.Errorf("%q is not of the form https://host:port", o.URL)
	}
	if _, err := o.identity(); err != nil {
		return nil, err
	}
	c := &Client{o: o, base: "https://" + address.Host + checksPath, checks: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "veche_registers_requests_total",
		Help: "Exchanges with the register of identity papers, by how they ended.",
	}, []string{"outcome"})}
	for _, outcome := range []string{answered, refused, away} {
		c.checks.WithLabelValues(outcome)
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(c.checks)
	}
	c.http = &http.Client{
		Timeout: AskTime,
		Transport: &http.Transport{
			DialTLSContext:      c.dial, // no proxy: what the portal says here is for the register alone
			MaxConnsPerHost:     8,
			IdleConnTimeout:     time.Minute,
			TLSHandshakeTimeout: AskTime,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// identity reads the files as they are now.
func (o Options) identity() (*tls.Config, error) {
	authority, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the register's authority: %w", err)
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s holds no certificate", o.CAFile)
	}
	own, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("load the portal's certificate: %w", err)
	}
	return &tls.Config{
		RootCAs:      trusted,
		Certificates: []tls.Certificate{own},
		MinVersion:   tls.VersionTLS13,
	}, nil
}

// dial opens a connection on which both sides have shown a certificate.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	config, err := c.o.identity()
	if err != nil {
		return nil, err
	}
	dialer := tls.Dialer{Config: config}
	return dialer.DialContext(ctx, network, address)
}

// Check asks whether a paper is good. Asked again with the same id, it is the same
// check.
func (c *Client) Check(ctx context.Context, asked Request) (Check, error) {
	body, err := json.Marshal(asked.wire())
	if err != nil {
		return Check{}, errors.New("write the question to the register")
	}
	return c.exchange(ctx, http.MethodPost, "", body, http.StatusAccepted)
}

// Result asks how far a check has come.
func (c *Client) Result(ctx context.Context, id string) (Check, error) {
	if !checkID.MatchString(id) {
		return Check{}, ErrUnknown
	}
	return c.exchange(ctx, http.MethodGet, "/"+id, nil, http.StatusOK)
}

func (c *Client) exchange(ctx context.Context, method, path string, body []byte, want int) (Check, error) {
	check, err := c.do(ctx, method, path, body, want)
	switch {
	case err == nil:
		c.checks.WithLabelValues(answered).Inc()
	case errors.Is(err, ErrAway):
		c.checks.WithLabelValues(away).Inc()
	default:
		c.checks.WithLabelValues(refused).Inc()
	}
	return check, err
}

func (c *Client) do(ctx context.Context, method, path string, body []byte, want int) (Check, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return Check{}, errors.New("address the register")
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Check{}, fmt.Errorf("%w: %w", ErrAway, bare(err))
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil || len(text) > maxAnswer {
		return Check{}, fmt.Errorf("%w: its answer could not be taken whole", ErrAway)
	}
	if response.StatusCode != want {
		return Check{}, refusal(response.StatusCode, text)
	}
	return readCheck(text)
}

// bare takes the address off an error: a check's id need not stand in logs.
func bare(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		return asked.Err
	}
	return err
}

var code = regexp.MustCompile(`^[a-z_]{1,40}$`)

func refusal(status int, text []byte) error {
	switch {
	case status == http.StatusNotFound:
		return ErrUnknown
	case status == http.StatusTooManyRequests || status >= 500 || status < 400:
		return fmt.Errorf("%w: it answered with %d", ErrAway, status)
	}
	var document struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(text, &document) != nil || !code.MatchString(document.Code) {
		document.Code = ""
	}
	return RefusedError{Status: status, Code: document.Code}
}
