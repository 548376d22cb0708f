package mail_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"strings"
	"testing"
	"time"

	client "github.com/wneessen/go-mail"

	"veche/cmd/sim/inbox"
	"veche/cmd/sim/mail"
	"veche/cmd/sim/site"
)

// relay is a running relay, its box, and the certificate authority a careful
// client trusts.
type relay struct {
	box   *inbox.Box
	host  string
	port  int
	trust *x509.CertPool
}

func start(t *testing.T, config mail.Config) relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := inbox.NewBox(inbox.Ordinary, time.Now)
	log := slog.New(slog.DiscardHandler)
	part, err := mail.New(config, listener, box, log)
	if err != nil {
		t.Fatal(err)
	}
	card := part.Card()
	frame, err := site.New(time.UTC, log, card)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- card.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the relay ended with %v", err)
		}
	})

	recorder := httptest.NewRecorder()
	frame.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/mail/certificate.pem", nil))
	trust := x509.NewCertPool()
	if !trust.AppendCertsFromPEM(recorder.Body.Bytes()) {
		t.Fatalf("no certificate in %q", recorder.Body)
	}
	address := listener.Addr().(*net.TCPAddr)
	return relay{box: box, host: "127.0.0.1", port: address.Port, trust: trust}
}

// send sends with a client that insists on TLS with the relay's certificate.
func (r relay) send(t *testing.T, message *client.Msg, options ...client.Option) error {
	t.Helper()
	options = append([]client.Option{
		client.WithPort(r.port), client.WithTimeout(10 * time.Second), client.WithTLSPolicy(client.TLSMandatory),
		client.WithTLSConfig(&tls.Config{RootCAs: r.trust, ServerName: "localhost", MinVersion: tls.VersionTLS12}),
	}, options...)
	mailer, err := client.NewClient(r.host, options...)
	if err != nil {
		t.Fatal(err)
	}
	return mailer.DialAndSendWithContext(t.Context(), message)
}

func login(kind client.SMTPAuthType, user, password string) []client.Option {
	return []client.Option{client.WithSMTPAuth(kind), client.WithUsername(user), client.WithPassword(password)}
}

func compose(t *testing.T, to ...string) *client.Msg {
	t.Helper()
	message := client.NewMsg()
	if err := errors.Join(message.FromFormat("Вече · Демоград", "no-reply@veche.test"), message.To(to...)); err != nil {
		t.Fatal(err)
	}
	message.Subject("Код для входа: 482913, действует десять минут, никому его не сообщайте")
	message.SetBodyString(client.TypeTextPlain, "Здравствуйте, Анна!\nВаш код: 482913.\n.точка в начале строки\n")
	return message
}

func (r relay) newest(t *testing.T) *inbox.Message {
	t.Helper()
	messages := r.box.Messages(inbox.Filter{Limit: 1})
	if len(messages) == 0 {
		t.Fatal("nothing arrived")
	}
	return messages[0]
}

func TestLetterArrivesOverTLSWithEitherSignIn(t *testing.T) {
	r := start(t, mail.Config{})
	for name, options := range map[string][]client.Option{
		"PLAIN":   login(client.SMTPAuthPlain, "any", "thing"),
		"LOGIN":   login(client.SMTPAuthLogin, "any", "thing"),
		"no sign": nil,
	} {
		t.Run(name, func(t *testing.T) {
			if err := r.send(t, compose(t, "anna@demo.test"), options...); err != nil {
				t.Fatal(err)
			}
			got := r.newest(t)
			if got.Kind != inbox.Mail || got.To != "anna@demo.test" || got.From != "Вече · Демоград <no-reply@veche.test>" {
				t.Errorf("kind %q, to %q, from %q", got.Kind, got.To, got.From)
			}
			if got.Subject != "Код для входа: 482913, действует десять минут, никому его не сообщайте" {
				t.Errorf("subject %q", got.Subject)
			}
			if got.Text != "Здравствуйте, Анна!\nВаш код: 482913.\n.точка в начале строки\n" {
				t.Errorf("text %q", got.Text)
			}
			if len(got.Codes) != 1 || got.Codes[0] != "482913" {
				t.Errorf("codes %q", got.Codes)
			}
			r.box.Forget(inbox.Filter{})
		})
	}
}

func TestBothFormsAndAttachmentsAreRead(t *testing.T) {
	r := start(t, mail.Config{})
	message := compose(t, "anna@demo.test")
	message.AddAlternativeString(client.TypeTextHTML, "<p>Ваш код: <b>482913</b></p>")
	content := bytes.Repeat([]byte("справка\x00\xff"), 5000)
	if err := message.AttachReader("Справка о голосовании № 7.pdf", bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if err := r.send(t, message); err != nil {
		t.Fatal(err)
	}
	got := r.newest(t)
	if !strings.Contains(got.Text, "Здравствуйте") || got.HTML != "<p>Ваш код: <b>482913</b></p>" {
		t.Errorf("text %q, html %q", got.Text, got.HTML)
	}
	if len(got.Attachments) != 1 {
		t.Fatalf("attachments %v", got.Attachments)
	}
	file := got.Attachments[0]
	if file.Name != "Справка о голосовании № 7.pdf" || file.Type != "application/pdf" || file.Size != len(content) || !bytes.Equal(file.Content, content) {
		t.Errorf("attachment %q %q of %d bytes", file.Name, file.Type, file.Size)
	}
}

func TestEveryMailboxGetsTheLetter(t *testing.T) {
	r := start(t, mail.Config{})
	message := compose(t, "anna@demo.test", "boris@demo.test")
	if err := message.Bcc("hidden@demo.test", "anna@demo.test"); err != nil {
		t.Fatal(err)
	}
	if err := r.send(t, message); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"anna@demo.test", "boris@demo.test", "hidden@demo.test"} {
		if got := len(r.box.Messages(inbox.Filter{To: to})); got != 1 {
			t.Errorf("%s has %d letters, want 1", to, got)
		}
	}
}

func TestConfiguredCredentialsAreTheOnlyOnes(t *testing.T) {
	r := start(t, mail.Config{User: "portal", Password: "secret"})
	for name, options := range map[string][]client.Option{
		"no sign-in":     nil,
		"wrong password": login(client.SMTPAuthPlain, "portal", "secrets"),
		"wrong name":     login(client.SMTPAuthLogin, "portals", "secret"),
	} {
		if err := r.send(t, compose(t, "anna@demo.test"), options...); err == nil {
			t.Errorf("%s: the letter was taken", name)
		}
	}
	if got := r.box.Messages(inbox.Filter{}); len(got) != 0 {
		t.Errorf("%d letters arrived", len(got))
	}
	for _, kind := range []client.SMTPAuthType{client.SMTPAuthPlain, client.SMTPAuthLogin} {
		if err := r.send(t, compose(t, "anna@demo.test"), login(kind, "portal", "secret")...); err != nil {
			t.Errorf("%s with the right pair: %v", kind, err)
		}
	}
}

// dial opens a bare conversation, for what a well-behaved client does not do.
func (r relay) dial(t *testing.T) *smtp.Client {
	t.Helper()
	address := net.JoinHostPort(r.host, itoa(r.port))
	conversation, err := smtp.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conversation.Close() })
	if err := conversation.Hello("test"); err != nil {
		t.Fatal(err)
	}
	return conversation
}

func itoa(port int) string { return (&net.TCPAddr{Port: port}).String()[1:] }

func TestPasswordsAreNotTakenInTheClear(t *testing.T) {
	conversation := start(t, mail.Config{}).dial(t)
	if has, _ := conversation.Extension("AUTH"); has {
		t.Error("AUTH is offered before STARTTLS")
	}
	if has, _ := conversation.Extension("STARTTLS"); !has {
		t.Error("STARTTLS is not offered")
	}
	id, err := conversation.Text.Cmd("AUTH PLAIN AHVzZXIAcGFzcw==")
	if err != nil {
		t.Fatal(err)
	}
	conversation.Text.StartResponse(id)
	defer conversation.Text.EndResponse(id)
	if _, _, err := conversation.Text.ReadResponse(523); err != nil {
		t.Errorf("answer to AUTH in the clear: %v", err)
	}
}

func TestLetterPastTheSizeIsRefused(t *testing.T) {
	r := start(t, mail.Config{})
	conversation := r.dial(t)
	if _, limit := conversation.Extension("SIZE"); limit != "26214400" {
		t.Errorf("announced size %q, want 25 MB", limit)
	}
	command := func(line string, want int) {
		t.Helper()
		id, err := conversation.Text.Cmd("%s", line)
		if err != nil {
			t.Fatal(err)
		}
		conversation.Text.StartResponse(id)
		defer conversation.Text.EndResponse(id)
		if _, _, err := conversation.Text.ReadResponse(want); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	command("MAIL FROM:<a@x.test> SIZE=26214401", 552)
	command("MAIL FROM:<a@x.test>", 250)
	command("RCPT TO:<b@x.test>", 250)
	command("BDAT 26214401 LAST", 552)
}

func TestLetterWithoutReadableHeaderIsRefused(t *testing.T) {
	conversation := start(t, mail.Config{}).dial(t)
	if err := errors.Join(conversation.Mail("a@x.test"), conversation.Rcpt("b@x.test")); err != nil {
		t.Fatal(err)
	}
	body, err := conversation.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(body, "this is no header\r\n\r\ntext\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := body.Close(); err == nil || !strings.HasPrefix(err.Error(), "554") {
		t.Errorf("answer %v, want 554", err)
	}
}

func TestCertificateFilesAreUsedWhenGiven(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, err = mail.New(mail.Config{CertFile: "nowhere.pem", KeyFile: "nowhere.key"}, listener,
		inbox.NewBox(inbox.Ordinary, time.Now), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "nowhere.pem") {
		t.Errorf("err = %v", err)
	}
}
