package sms

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options say which gateway takes the texts.
type Options struct {
	URL     string // where messages are posted; without https only on this machine
	Token   string // presented with each message
	Secret  string // at least MinSecret characters; signs receipts
	Metrics prometheus.Registerer
}

// MinSecret is how many characters the secret of receipts has at least.
const MinSecret = 16

// SendTime bounds one attempt from the first packet to the last.
const SendTime = 10 * time.Second

// Gateway sends texts and checks receipts. It is safe for concurrent use.
type Gateway struct {
	o        Options
	client   *http.Client
	messages *prometheus.CounterVec
	receipts *prometheus.CounterVec
}

// How an attempt to send ended; a receipt may be refused too.
const (
	sent    = "sent"
	refused = "refused"
	failed  = "failed"
)

// tokenForm is what a header can carry (RFC 6750, section 2.1).
var tokenForm = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// New makes the gateway and checks what it was told; nothing is sent yet. Its errors
// hold neither the token nor the secret.
func New(o Options) (*Gateway, error) {
	if err := checkURL(o.URL); err != nil {
		return nil, err
	}
	if !tokenForm.MatchString(o.Token) {
		return nil, errors.New("the token is no bearer token")
	}
	if len(o.Secret) < MinSecret {
		return nil, fmt.Errorf("the secret of receipts needs at least %d characters", MinSecret)
	}
	g := &Gateway{
		o:        o,
		messages: counter("veche_sms_messages_total", "Attempts to send a text message, by how they ended.", sent, refused, failed),
		receipts: counter("veche_sms_receipts_total", "Receipts for text messages, by what they said.", Delivered, Failed, refused),
		client: &http.Client{
			Timeout: SendTime,
			Transport: &http.Transport{
				Proxy:                  http.ProxyFromEnvironment,
				DialContext:            (&net.Dialer{Timeout: SendTime / 2}).DialContext,
				ForceAttemptHTTP2:      true,
				TLSHandshakeTimeout:    SendTime / 2,
				MaxIdleConnsPerHost:    16,
				IdleConnTimeout:        30 * time.Second,
				MaxResponseHeaderBytes: maxAnswer,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(g.messages, g.receipts)
	}
	return g, nil
}

func counter(name, help string, outcomes ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"outcome"})
	for _, outcome := range outcomes {
		c.WithLabelValues(outcome)
	}
	return c
}

// checkURL takes an address to which the token and people's numbers can be sent
// without strangers reading along.
func checkURL(address string) error {
	target, err := url.Parse(address)
	switch {
	case err != nil || target.Host == "" || target.User != nil || target.Fragment != "":
		return errors.New("the address of the gateway is no address such as https://sms.example/v1/messages")
	case target.Scheme == "https", target.Scheme == "http" && here(target.Hostname()):
		return nil
	}
	return errors.New("the address of the gateway has to begin with https:// unless it is on this machine")
}

// here says whether the gateway is on this machine.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
