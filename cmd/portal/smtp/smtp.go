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
	"slices"
	"strconv"
	"strings"
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

// RefusedError is an answer of the server. It leaves out what the server wrote, which
// may name the reader.
type RefusedError struct {
	Code     int    // RFC 5321
	Enhanced string // RFC 3463, "" when the server gives none
	// OfLetter says that it is this letter or its reader that the server does not
	// take. Otherwise it does not take the portal: its sender, or what it signs in with.
	OfLetter bool
}

// Error says how the server answered.
func (e RefusedError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the mail server answered with %d %s", e.Code, e.Enhanced))
}

// Final says that trying again is of no use: the letter is refused for good. What the
// operator can mend, such as a sign-in that is missing (x.7 is policy), is not.
func (e RefusedError) Final() bool {
	return e.Code >= 500 && e.Code != authRequired && e.OfLetter && !strings.HasPrefix(e.Enhanced, "5.7.")
}

// authRequired is what servers answer who want to be signed in to (RFC 4954).
const authRequired = 530

// SendTime bounds one attempt from the first packet to the last.
const SendTime = 20 * time.Second

// Sender sends letters. It is safe for concurrent use.
type Sender struct {
	o       Options
	host    string
	tls     *tls.Config
	secured bool // encrypted from the start
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
	s := &Sender{o: o, host: host, secured: number == submissions, letters: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "veche_mail_letters_total",
		Help: "Attempts to send a letter, by how they ended.",
	}, []string{"outcome"})}
	for _, outcome := range []string{sent, refused, failed} {
		s.letters.WithLabelValues(outcome)
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(s.letters)
	}
	s.tls = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: here(host)}
	s.options = append(s.options,
		mail.WithPort(number),
		mail.WithTimeout(SendTime),
		mail.WithTLSConfig(s.tls),
	)
	if o.User != "" {
		s.options = append(s.options,
			mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(o.User), mail.WithPassword(o.Password))
	}
	return s, nil
}

// submissions is the port that is encrypted from the start.
const submissions = 465

// policy is when STARTTLS is insisted on: where a password is sent, unless the
// connection is encrypted already.
func (s *Sender) policy() mail.TLSPolicy {
	if s.o.User != "" && !s.secured {
		return mail.TLSMandatory
	}
	return mail.TLSOpportunistic
}

// dial connects so that the connection ends with ctx: the library gives each step of
// the exchange a deadline of its own, and keeps a connection that it could not use.
func (s *Sender) dial(ctx context.Context) mail.DialContextFunc {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(dialing, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = conn.Close() })
		if !s.secured {
			return conn, nil
		}
		secured := tls.Client(conn, s.tls)
		return secured, secured.HandshakeContext(dialing)
	}
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
	ctx, cancel := context.WithTimeout(ctx, SendTime)
	defer cancel()
	client, err := mail.NewClient(s.host, slices.Concat(s.options, []mail.Option{
		mail.WithTLSPolicy(s.policy()),
		mail.WithDialContextFunc(s.dial(ctx)),
	})...)
	if err != nil {
		return fmt.Errorf("prepare the connection to the mail server: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	if err == nil || message.IsDelivered() { // how the server takes leave is of no interest
		return nil
	}
	return discreet(err)
}

func (s *Sender) message(letter Letter) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.From(s.o.From); err != nil {
		return nil, errors.New("the sender's address cannot be read")
	}
	if err := m.To(letter.To); err != nil {
		return nil, RefusedError{Code: badAddress, OfLetter: true}
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
			return RefusedError{
				Code:     code,
				Enhanced: answered.EnhancedStatusCode(),
				OfLetter: slices.Contains([]mail.SendErrReason{mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrSMTPDataClose}, answered.Reason),
			}
		}
		return fmt.Errorf("send a letter: %s", answered.Reason)
	}
	return fmt.Errorf("reach the mail server: %w", err)
}
