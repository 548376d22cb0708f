package mail

import (
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"slices"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"veche/cmd/sim/inbox"
)

var errUnreadable = &smtp.SMTPError{
	Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "The header of the letter cannot be read",
}

// session is one client's conversation.
type session struct {
	config     Config
	box        *inbox.Box
	known      bool // the client has given the right credentials
	from       string
	recipients []string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return s.admit(user, password) }), nil
	case sasl.Login:
		return &loginServer{admit: s.admit}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *session) admit(user, password string) error {
	if s.config.User != "" && !(same(user, s.config.User) && same(password, s.config.Password)) {
		return smtp.ErrAuthFailed
	}
	s.known = true
	return nil
}

// same compares in a time that tells nothing about either text, its length
// included.
func same(a, b string) bool {
	left, right := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(left[:], right[:]) == 1
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.config.User != "" && !s.known {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !slices.Contains(s.recipients, to) {
		s.recipients = append(s.recipients, to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	letter, err := parse(raw)
	if err != nil {
		return errUnreadable
	}
	if letter.From == "" {
		letter.From = s.from
	}
	s.box.Deliver(letter, s.recipients...)
	return nil
}

func (s *session) Reset() { s.from, s.recipients = "", nil }

func (s *session) Logout() error { return nil }

// loginServer is the server's half of AUTH LOGIN
// (draft-murchison-sasl-login), which older mailers still need.
type loginServer struct {
	admit   func(user, password string) error
	asked   bool
	user    string
	hasUser bool
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil && !l.asked:
		l.asked = true
		return []byte("Username:"), false, nil
	case !l.hasUser:
		l.user, l.hasUser = string(response), true
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.admit(l.user, string(response))
	}
}
