package accounts

import (
	"log/slog"

	"golang.org/x/text/unicode/norm"

	"veche/domain/problem"
)

// The names of the sign-in form's fields.
const (
	LoginField    = "login"
	PasswordField = "password"
)

// maxPassword bounds the work of hashing, in bytes. It is far beyond what anybody
// types.
const maxPassword = 1024

// Password is a secret as its owner typed it. It prints as a placeholder, so that
// no log and no error message gives it away.
type Password string

// NewPassword brings what was typed into the Unicode form NFC, in which the same
// letters are the same bytes on every keyboard (RFC 8265, 4.2.2), and changes
// nothing else: case counts, and so do spaces at either end.
func NewPassword(typed string) Password { return Password(norm.NFC.String(typed)) }

// String hides the password.
func (Password) String() string { return "[password]" }

// GoString hides the password.
func (Password) GoString() string { return "[password]" }

// LogValue hides the password.
func (Password) LogValue() slog.Value { return slog.StringValue("[password]") }

// MarshalText hides the password from JSON and its like.
func (Password) MarshalText() ([]byte, error) { return []byte("[password]"), nil }

// Credentials are what a person offers to prove who they are.
type Credentials struct {
	Login    Login
	Password Password
}

// ParseCredentials reads the sign-in form. Its problem names every field that has
// to be corrected.
func ParseCredentials(login, password string) (Credentials, error) {
	parsed, loginErr := ParseLogin(login)
	offered := NewPassword(password)
	var passwordErr error
	switch {
	case offered == "":
		passwordErr = ErrNoPassword
	case len(offered) > maxPassword:
		passwordErr = ErrLongPassword
	}
	switch {
	case loginErr != nil && passwordErr != nil:
		both := problem.New(problem.Invalid, "accounts.problem.check_form")
		both.Fields = map[string]string{
			LoginField:    messageOf(loginErr),
			PasswordField: messageOf(passwordErr),
		}
		return Credentials{}, both
	case loginErr != nil:
		return Credentials{}, loginErr
	case passwordErr != nil:
		return Credentials{}, passwordErr
	}
	return Credentials{Login: parsed, Password: offered}, nil
}

func messageOf(err error) string {
	if found, ok := problem.As(err); ok {
		return found.Message
	}
	return err.Error()
}
