package sms

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// signatureHeader carries the receipt's signature.
const signatureHeader = "SMS-Signature"

// receipt is the body of a callback; see the package comment.
type receipt struct {
	Message string    `json:"message"`
	ID      string    `json:"id"`
	To      string    `json:"to"`
	Status  Status    `json:"status"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
}

// sign makes the value of the signature header for a body sent at a moment.
func sign(secret string, at time.Time, body []byte) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

var (
	errCallback        = errors.New("callback is an absolute http or https URL without a user name")
	errCallbackAddress = errors.New("callback names a host that receipts may not go to")
	errNotLoopback     = errors.New("the address is not loopback")
)

// courier takes receipts to callbacks.
type courier struct {
	secret  string
	hosts   []string // host names that need not be loopback, lower case
	pauses  []time.Duration
	now     func() time.Time
	client  *http.Client
	working chan struct{} // holds one place for each request under way
}

func newCourier(config Config, now func() time.Time) *courier {
	c := &courier{
		secret: config.Secret, pauses: config.Pauses, now: now, working: make(chan struct{}, 16),
	}
	for _, host := range config.CallbackHosts {
		c.hosts = append(c.hosts, strings.ToLower(strings.TrimSpace(host)))
	}
	c.client = &http.Client{
		Timeout: 5 * time.Second,
		Transport: &http.Transport{
			DialContext: c.dial, TLSHandshakeTimeout: 3 * time.Second,
			MaxIdleConns: 16, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// check refuses a callback that receipts may not go to.
func (c *courier) check(callback string) error {
	target, err := url.Parse(callback)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" || target.User != nil {
		return errCallback
	}
	host := strings.ToLower(target.Hostname())
	if host == "localhost" || slices.Contains(c.hosts, host) {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	return errCallbackAddress
}

// dial connects configured hosts wherever they are and everybody else only to
// loopback, by the address really used and not by what a name promised.
func (c *courier) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 3 * time.Second}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("split %q: %w", address, err)
	}
	if !slices.Contains(c.hosts, strings.ToLower(host)) {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !at.Addr().Unmap().IsLoopback() {
				return errNotLoopback
			}
			return nil
		}
	}
	return dialer.DialContext(ctx, network, address)
}

// carry brings the receipt to the callback, trying again as the package comment
// says. It returns nil once the receiver has taken it.
func (c *courier) carry(ctx context.Context, callback string, r receipt) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write receipt %s: %w", r.Message, err)
	}
	for attempt := 0; ; attempt++ {
		done, err := c.try(ctx, callback, body)
		if done || attempt == len(c.pauses) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(c.pauses[attempt]):
		}
	}
}

// try posts once; done says that trying again is of no use.
func (c *courier) try(ctx context.Context, callback string, body []byte) (done bool, err error) {
	select {
	case c.working <- struct{}{}:
		defer func() { <-c.working }()
	case <-ctx.Done():
		return true, ctx.Err()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, callback, bytes.NewReader(body))
	if err != nil {
		return true, fmt.Errorf("address receipt: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "veche-sim-sms/1")
	request.Header.Set(signatureHeader, sign(c.secret, c.now(), body))
	answer, err := c.client.Do(request)
	if err != nil {
		return errors.Is(err, errNotLoopback), fmt.Errorf("post receipt: %w", err)
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return true, nil
	case answer.StatusCode == http.StatusGone:
		return true, fmt.Errorf("the receiver refused the receipt: %s", answer.Status)
	}
	return false, fmt.Errorf("the receiver answered %s", answer.Status)
}
