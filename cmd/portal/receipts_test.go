package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"veche/cmd/portal/sms"
	"veche/cmd/sim/inbox"
	"veche/cmd/sim/site"
	simsms "veche/cmd/sim/sms"
	codesweb "veche/handlers/codes"
	"veche/handlers/webtest"
)

const (
	smsToken  = "token-of-the-portal"
	smsSecret = "secret of the receipts"
)

// operator runs the SMS gateway of the simulated world, and answers the phones and
// where it takes messages.
func operator(t *testing.T) (*inbox.Box, string) {
	t.Helper()
	box := inbox.NewBox(inbox.Ordinary, time.Now)
	log := slog.New(slog.DiscardHandler)
	config := simsms.Config{Token: smsToken, Secret: smsSecret, Late: time.Millisecond, Pauses: []time.Duration{time.Millisecond}}
	card := simsms.New(config, "http://sim.test", box, time.Now, log).Card()
	frame, err := site.New(time.UTC, log, card)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(frame)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- card.Run(ctx) }()
	t.Cleanup(func() {
		server.Close()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the operator ended with %v", err)
		}
	})
	return box, server.URL + "/sms/v1/messages"
}

// deliveries is what receipts said, in the order in which it was noted.
type deliveries struct {
	mu    sync.Mutex
	noted []string
}

func (d *deliveries) note(_ context.Context, code string, sending int, delivered bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noted = append(d.noted, fmt.Sprintf("%s %d %t", code, sending, delivered))
	return nil
}

func (d *deliveries) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.noted, ", ")
}

// takingReceipts is a portal that takes the receipts of a gateway.
func takingReceipts(t *testing.T, address string) (*webtest.Site, *sms.Gateway, *deliveries) {
	t.Helper()
	gateway, err := sms.New(sms.Options{URL: address, Token: smsToken, Secret: smsSecret})
	if err != nil {
		t.Fatal(err)
	}
	d := &deliveries{}
	return webtest.New(t, func(s *webtest.Site) {
		s.Server.Mount(codesweb.New(receipts{gateway, d.note}).Routes())
	}), gateway, d
}

// A text goes to the operator, comes to the phone or does not, and the portal hears
// which.
func TestPortalHearsWhatBecameOfAText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to, want string
		phones   int
	}{
		"a phone that is on":          {"+79161234567", "a-code 2 true", 1},
		"a phone that is unreached":   {"+79990000001", "a-code 2 false", 0},
		"a phone that is on but late": {"+79990000002", "a-code 2 true", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, address := operator(t)
			portal, gateway, d := takingReceipts(t, address)
			err := gateway.Send(t.Context(), sms.Message{ID: "a-code-2", To: c.to, Text: "Вече: код 482913", Callback: portal.URL + codesweb.Path})
			if err != nil {
				t.Fatal(err)
			}
			await(t, "the receipt is noted", func() bool { return d.said() != "" })
			if got := d.said(); got != c.want {
				t.Errorf("noted %q, want %q", got, c.want)
			}
			if n := len(box.Messages(inbox.Filter{})); n != c.phones {
				t.Errorf("%d messages on phones", n)
			}
		})
	}
}

// A receipt is believed when the gateway signed it a moment ago, and only of a message
// that the portal could have named.
func TestReceiptsAreTakenFromTheGatewayAlone(t *testing.T) {
	t.Parallel()
	portal, _, d := takingReceipts(t, "https://sms.example/")
	now := time.Now()
	const body = `{"id":"a-code-1","status":"delivered"}`
	for name, c := range map[string]struct {
		key  string
		at   time.Time
		body string
		want int
	}{
		"another's key":        {"another secret than that", now, body, http.StatusForbidden},
		"recorded an hour ago": {smsSecret, now.Add(-time.Hour), body, http.StatusForbidden},
		"no receipt":           {smsSecret, now, `{}`, http.StatusForbidden},
		"no number of sending": {smsSecret, now, `{"id":"code","status":"failed"}`, http.StatusGone},
		"a number of words":    {smsSecret, now, `{"id":"a-code","status":"failed"}`, http.StatusGone},
		"a number below one":   {smsSecret, now, `{"id":"a-0","status":"failed"}`, http.StatusGone},
		"a number without end": {smsSecret, now, `{"id":"a-99999999999999999999","status":"failed"}`, http.StatusGone},
		"no code":              {smsSecret, now, `{"id":"-1","status":"failed"}`, http.StatusGone},
	} {
		if status := bringReceipt(t, portal.URL, c.key, c.at, c.body); status != c.want {
			t.Errorf("%s: %d", name, status)
		}
	}
	if got := d.said(); got != "" {
		t.Errorf("noted %q", got)
	}
	if status := bringReceipt(t, portal.URL, smsSecret, now, body); status != http.StatusNoContent || d.said() != "a-code 1 true" {
		t.Errorf("a good one: %d, noted %q", status, d.said())
	}
}

// bringReceipt posts a receipt signed by a key at a moment.
func bringReceipt(t *testing.T, portal, key string, at time.Time, body string) int {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, portal+codesweb.Path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(sms.SignatureHeader, fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil))))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
