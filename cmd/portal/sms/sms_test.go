package sms_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"veche/cmd/portal/sms"
	"veche/cmd/sim/inbox"
	"veche/cmd/sim/site"
	simsms "veche/cmd/sim/sms"
)

const (
	token  = "token-of-the-portal"
	secret = "secret of the receipts"
	number = "+79161234567"
	text   = "Вече: код 482913"
)

// message is the text of these tests under an id.
func message(id string) sms.Message { return sms.Message{ID: id, To: number, Text: text} }

func gateway(t *testing.T, address string) *sms.Gateway {
	t.Helper()
	g, err := sms.New(sms.Options{URL: address, Token: token, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// operator runs the gateway of the simulated world, and answers the phones and where it
// takes messages.
func operator(t *testing.T) (*inbox.Box, string) {
	t.Helper()
	box := inbox.NewBox(inbox.Ordinary, time.Now)
	log := slog.New(slog.DiscardHandler)
	config := simsms.Config{Token: token, Secret: secret, Late: time.Millisecond, Pauses: []time.Duration{time.Millisecond}}
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

// answering is a gateway that answers everything the same way, and counts.
func answering(t *testing.T, handle http.HandlerFunc) (address string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// discreetly fails when an error tells of whom a message is for or what it says.
func discreetly(t *testing.T, err error) {
	t.Helper()
	for _, hidden := range []string{number, number[1:], text, "482913", token, secret} {
		if err != nil && strings.Contains(err.Error(), hidden) {
			t.Errorf("the error tells %q: %v", hidden, err)
		}
	}
}

func TestMessageHandedOverTwiceIsOneOnThePhone(t *testing.T) {
	t.Parallel()
	box, address := operator(t)
	g := gateway(t, address)
	for range 2 {
		if err := g.Send(t.Context(), message("code-1")); err != nil {
			t.Fatal(err)
		}
	}
	got := box.Messages(inbox.Filter{To: number})
	if len(got) != 1 || got[0].Text != text {
		t.Errorf("on the phone: %+v", got)
	}
}

// What can be mended, or passes, waits; what is wrong with the message itself does not.
func TestOnlyWhatIsWrongWithTheMessageIsFinal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		code   string
		final  bool
	}{
		"the number is none":          {422, `{"code":"invalid_number"}`, "invalid_number", true},
		"the operator refuses it":     {422, `{"code":"number_refused"}`, "number_refused", true},
		"the id is another message's": {409, `{"code":"id_reused"}`, "id_reused", true},
		"refused without a code":      {422, ``, "", true},
		"refused in other words":      {422, `{"code":"` + number + ` is no number"}`, "", true},
		"the callback is not allowed": {422, `{"code":"callback_not_allowed"}`, "callback_not_allowed", false},
		"the token is wrong":          {401, `{"code":"invalid_token"}`, "invalid_token", false},
		"the account is empty":        {402, `no money, ` + text, "", false},
		"the address is wrong":        {404, `<html>`, "", false},
		"too many":                    {429, `{"code":"busy"}`, "busy", false},
		"the gateway is busy":         {503, `{"code":"busy"}`, "busy", false},
		"the gateway moved":           {307, ``, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, asked := answering(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			err := gateway(t, address).Send(t.Context(), message("code-1"))
			var refusal sms.RefusedError
			if !errors.As(err, &refusal) || refusal.Status != c.status || refusal.Code != c.code || refusal.Final() != c.final {
				t.Errorf("%v, final %t", err, refusal.Final())
			}
			discreetly(t, err)
			if n := asked.Load(); n != 1 {
				t.Errorf("the gateway was asked %d times", n)
			}
		})
	}
}

// The operator of the simulated world refuses in the words of the contract.
func TestOperatorsRefusalsAreUnderstood(t *testing.T) {
	t.Parallel()
	_, address := operator(t)
	for name, c := range map[string]struct {
		adjust func(*sms.Options, *sms.Message)
		code   string
		final  bool
	}{
		"a number of words":  {func(_ *sms.Options, m *sms.Message) { m.To = "8 916" }, "invalid_number", true},
		"an empty text":      {func(_ *sms.Options, m *sms.Message) { m.Text = " " }, "invalid_text", true},
		"an endless text":    {func(_ *sms.Options, m *sms.Message) { m.Text = strings.Repeat("я", 1000) }, "too_long", true},
		"a foreign callback": {func(_ *sms.Options, m *sms.Message) { m.Callback = "https://evil.example/" }, "callback_not_allowed", false},
		"another token":      {func(o *sms.Options, _ *sms.Message) { o.Token = "another" }, "invalid_token", false},
	} {
		options, given := sms.Options{URL: address, Token: token, Secret: secret}, message("code-1")
		c.adjust(&options, &given)
		g, err := sms.New(options)
		if err != nil {
			t.Fatal(err)
		}
		err = g.Send(t.Context(), given)
		var refusal sms.RefusedError
		if !errors.As(err, &refusal) || refusal.Code != c.code || refusal.Final() != c.final {
			t.Errorf("%s: %v, final %t", name, err, refusal.Final())
		}
	}
}

// A program that answers 202 to everything is not taken for the gateway, and none
// makes the portal read without end or tells its log what it likes.
func TestAnswersThatAreNoneOfTheGatewaysAreFailures(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202); _, _ = io.WriteString(w, "<html>") },
		"another message": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(202)
			_, _ = io.WriteString(w, `{"id":"x"}`)
		},
		"200 instead of 202":  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":"code-1"}`) },
		"an endless document": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202); endless(w) },
		"no HTTP": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 "+number+" "+text+"\r\n\r\n")
				_ = conn.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, _ := answering(t, handle)
			err := gateway(t, address).Send(t.Context(), message("code-1"))
			var refusal sms.RefusedError
			if err == nil || errors.As(err, &refusal) && refusal.Final() {
				t.Errorf("answered with %v", err)
			}
			discreetly(t, err)
		})
	}
}

// endless writes until the reader has enough.
func endless(w io.Writer) {
	piece := []byte(`{"id":"code-1",` + strings.Repeat(" ", 4<<10))
	for {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

// Nobody who has to stop waits for a gateway that says nothing.
func TestSilentGatewayIsLeft(t *testing.T) {
	t.Parallel()
	reached, let := make(chan struct{}), make(chan struct{})
	address, _ := answering(t, func(http.ResponseWriter, *http.Request) { close(reached); <-let })
	defer close(let)
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- gateway(t, address).Send(ctx, message("code-1")) }()
	<-reached
	leave()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("answered with %v", err)
		}
		discreetly(t, err)
	case <-time.After(sms.SendTime / 2):
		t.Error("still waiting")
	}
}

func TestGatewayThatIsAwayIsToldByItsAddressAlone(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	address := server.URL
	server.Close()
	err := gateway(t, address+"/?key=hidden").Send(t.Context(), message("code-1"))
	if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(address, "http://")) || strings.Contains(err.Error(), "hidden") {
		t.Errorf("answered with %v", err)
	}
	discreetly(t, err)
}

// A gateway under another's name is told neither the token nor a number.
func TestGatewayWithABadCertificateGetsNothing(t *testing.T) {
	t.Parallel()
	var asked atomic.Bool
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Store(true) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	err := gateway(t, server.URL).Send(t.Context(), message("code-1"))
	if err == nil || !strings.Contains(err.Error(), "certificate") || asked.Load() {
		t.Errorf("answered with %v, asked %t", err, asked.Load())
	}
}

func TestGatewayIsCheckedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	right := sms.Options{URL: "https://sms.example/v1/messages", Token: token, Secret: secret}
	if _, err := sms.New(right); err != nil {
		t.Fatal(err)
	}
	for name, adjust := range map[string]func(*sms.Options){
		"no address":             func(o *sms.Options) { o.URL = "" },
		"an address in words":    func(o *sms.Options) { o.URL = "the operator" },
		"not encrypted":          func(o *sms.Options) { o.URL = "http://sms.example/v1/messages" },
		"another protocol":       func(o *sms.Options) { o.URL = "ftp://127.0.0.1/" },
		"a password in it":       func(o *sms.Options) { o.URL = "https://portal:hidden@sms.example/" },
		"no token":               func(o *sms.Options) { o.Token = "" },
		"a token of two lines":   func(o *sms.Options) { o.Token = "hidden\r\nX-Forged: yes" },
		"no secret":              func(o *sms.Options) { o.Secret = "" },
		"a secret easily forged": func(o *sms.Options) { o.Secret = "hidden" },
	} {
		o := right
		adjust(&o)
		if _, err := sms.New(o); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAttemptsAreCountedByHowTheyEnded(t *testing.T) {
	t.Parallel()
	_, address := operator(t)
	registry := prometheus.NewRegistry()
	g, err := sms.New(sms.Options{URL: address, Token: token, Secret: secret, Metrics: registry})
	if err != nil {
		t.Fatal(err)
	}
	foreign := message("code-2")
	foreign.Callback = "https://evil.example/"
	for _, m := range []sms.Message{message("code-1"), {ID: "code-3", To: "8 916", Text: text}, foreign} {
		_ = g.Send(t.Context(), m)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		if family.GetName() == "veche_sms_messages_total" {
			for _, metric := range family.GetMetric() {
				got[metric.GetLabel()[0].GetValue()] = metric.GetCounter().GetValue()
			}
		}
	}
	if want := map[string]float64{"sent": 1, "refused": 1, "failed": 1}; !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}
