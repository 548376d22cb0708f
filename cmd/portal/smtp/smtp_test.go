package smtp_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"veche/cmd/portal/smtp"
	"veche/cmd/sim/inbox"
	"veche/cmd/sim/mail"
)

// A connection that is encrypted from the start (RFC 8314) may carry a password too.
func TestLetterGoesOverAConnectionEncryptedFromTheStart(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	box := inbox.NewBox(inbox.Ordinary, time.Now)
	config := mail.Config{User: "portal", Password: "secret"}
	relay, err := mail.New(config, tls.NewListener(listener, &tls.Config{Certificates: web.TLS.Certificates}), box, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- relay.Card().Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the mail server ended with %v", err)
		}
	}()
	sender, err := smtp.New(smtp.Options{
		Address: listener.Addr().String(), User: config.User, Password: config.Password, From: "Вече <no-reply@veche.example>",
	})
	if err != nil {
		t.Fatal(err)
	}
	smtp.SecuredFromStart(sender)
	letter := smtp.Letter{ID: "one@veche.example", To: "anna@test.test", Subject: "Письмо", Body: "."}
	if err := sender.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if n := len(box.Messages(inbox.Filter{})); n != 1 {
		t.Errorf("%d letters came", n)
	}
}
