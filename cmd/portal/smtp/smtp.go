// Package smtp hands letters to the mail server of the town (RFC 5321). It stands
// beside the program because it speaks to the outside world and knows no area: who
// gets a letter, and what it says, is decided elsewhere.
//
// The connection is encrypted whenever the server offers it (RFC 3207), and the
// server's certificate is checked. A password is never sent otherwise. To a server on
// this very machine nothing leaves the machine: its certificate is not asked for.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	mail "github.com/wneessen/go-mail"
)

// Options say which server takes the letters.
type Options struct {
	Address  string // host:port; port 465 is encrypted from the start (RFC 8314)
	User     string // "" signs in nowhere
	Password string
	From     string // RFC 5322: «Вече <no-reply@veche.example>»
	Metrics  prometheus.Registerer
}

// Letter is a letter of plain text to one reader.
type Letter struct {
	ID      string // of the Message-ID: sent twice, a letter keeps it
	To      string
	Subject string
	Body    string
}

// RefusedError is an answer of the server: 4xx may be tried again, 5xx is final. It
// leaves out what the server wrote, which may name the reader.
type RefusedError struct{ Code int }

// Error says how the server answered.
func (e RefusedError) Error() string { return fmt.Sprintf("the mail server answered with %d", e.Code) }

// Final says that trying again is of no use.
func (e RefusedError) Final() bool { return e.Code >= 500 }

// sendTime bounds one attempt.
const sendTime = 20 * time.Second

// Sender sends letters. It is safe for concurrent use.
type Sender struct {
	o       Options
	host    string
	options []mail.Option
	letters *prometheus.CounterVec
}

// How an attempt ended.
const (
	sent    = "sent"
	refused = "refused"
	failed  = "failed"
)

// New makes the sender and checks what it was told; nothing is sent yet.
func New(o Options) (*Sender, error) {
	host, port, err := net.SplitHostPort(o.Address)
	if err != nil {
		return nil, fmt.Errorf("%q is not of the form host:port", o.Address)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("%q is no port", port)
	}
	if err := mail.NewMsg().From(o.From); err != nil {
		return nil, fmt.Errorf("%q is no sender of letters", o.From)
	}
	s := &Sender{o: o, host: host, letters: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "veche_mail_letters_total",
		Help: "Attempts to send a letter, by how they ended.",
	}, []string{"outcome"})}
	for _, outcome := range []string{sent, refused, failed} {
		s.letters.WithLabelValues(outcome)
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(s.letters)
	}
	s.options = append(s.options,
		mail.WithPort(number),
		mail.WithTimeout(sendTime),
		mail.WithTLSPolicy(policy(o)),
		mail.WithTLSConfig(&tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: here(host)}),
	)
	if port == "465" {
		s.options = append(s.options, mail.WithSSL())
	}
	if o.User != "" {
		s.options = append(s.options,
			mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(o.User), mail.WithPassword(o.Password))
	}
	return s, nil
}

// policy insists on encryption where a password is sent.
func policy(o Options) mail.TLSPolicy {
	if o.User != "" {
		return mail.TLSMandatory
	}
	return mail.TLSOpportunistic
}

// here says whether the server is on this machine.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands a letter over. It answers a RefusedError, or an error that holds
// nothing of the letter.
func (s *Sender) Send(ctx context.Context, letter Letter) error {
	err := s.send(ctx, letter)
	var answer RefusedError
	switch {
	case err == nil:
		s.letters.WithLabelValues(sent).Inc()
	case errors.As(err, &answer) && answer.Final():
		s.letters.WithLabelValues(refused).Inc()
	default:
		s.letters.WithLabelValues(failed).Inc()
	}
	return err
}

func (s *Sender) send(ctx context.Context, letter Letter) error {
	message, err := s.message(letter)
	if err != nil {
		return err
	}
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("prepare the connection to the mail server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return discreet(err)
	}
	return nil
}

func (s *Sender) message(letter Letter) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.From(s.o.From); err != nil {
		return nil, errors.New("the sender's address cannot be read")
	}
	if err := m.To(letter.To); err != nil {
		return nil, RefusedError{Code: badAddress}
	}
	m.SetMessageIDWithValue(letter.ID)
	m.SetDate()
	m.Subject(letter.Subject)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no machine answers
	m.SetBodyString(mail.TypeTextPlain, letter.Body)
	return m, nil
}

// badAddress is what servers answer to an address that is none.
const badAddress = 553

// discreet keeps of a failure what does not name the reader.
func discreet(err error) error {
	var answered *mail.SendError
	if errors.As(err, &answered) {
		if code := answered.ErrorCode(); code != 0 {
			return RefusedError{Code: code}
		}
		return fmt.Errorf("send a letter: %s", answered.Reason)
	}
	return fmt.Errorf("reach the mail server: %w", err)
}
