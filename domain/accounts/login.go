package accounts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// LoginKind is which of a person's identifiers a login is.
type LoginKind string

// The identifiers people sign in with (ID-05, ID-06).
const (
	ByEmail LoginKind = "email"
	ByPhone LoginKind = "phone"
	BySNILS LoginKind = "snils" // «СНИЛС», the number of social insurance
	ByINN   LoginKind = "inn"   // «ИНН», the number of a taxpayer
)

// Login is an identifier in the one spelling under which it is kept and compared.
type Login struct {
	Kind  LoginKind
	Value string
}

const (
	maxLogin      = 254 // bytes; the longest address of RFC 5321, 4.5.3.1.3
	minPhone      = 8   // digits with the country's code; shorter numbers are local ones
	maxPhone      = 15  // digits; E.164, 6.1
	russianDigits = 10  // digits after +7
)

// ParseLogin reads what a person typed: an e-mail in NFC and small letters, a phone
// in E.164, СНИЛС and ИНН as bare digits whose checksums are right. It fails with
// ErrNoLogin when nothing was typed and with ErrUnclearLogin when it is none of
// these.
//
// Eleven digits may be a phone (8… or 7…) and СНИЛС at once. Then the writing
// decides: 112-233-445 95 is СНИЛС, any other is a phone.
func ParseLogin(typed string) (Login, error) {
	text, err := clean(typed)
	switch {
	case err != nil:
		return Login{}, err
	case strings.Contains(text, "@"):
		return parseEmail(text)
	}
	return parseNumber(text)
}

// clean takes away what stands around and within a text unseen.
func clean(typed string) (string, error) {
	if !utf8.ValidString(typed) || len(typed) > 4*maxLogin {
		return "", ErrUnclearLogin
	}
	text := strings.TrimSpace(withoutInvisible(typed))
	if text == "" {
		return "", ErrNoLogin
	}
	return text, nil
}

func parseNumber(text string) (Login, error) {
	digits, _ := digitsOf(text)
	phone, err := parsePhone(text)
	switch {
	case validSNILS(digits) && (err != nil || snilsShape.MatchString(text)):
		return Login{BySNILS, digits}, nil
	case validINN(digits):
		return Login{ByINN, digits}, nil
	}
	return phone, err
}

// withoutInvisible drops what comes along when a number or an address is copied
// from elsewhere: direction marks, zero-width spaces, byte order marks.
func withoutInvisible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

func parseEmail(text string) (Login, error) {
	text = norm.NFC.String(strings.ToLower(norm.NFC.String(text)))
	at := strings.LastIndexByte(text, '@')
	broken := at == 0 || at == len(text)-1 || len(text) > maxLogin ||
		strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	if broken {
		return Login{}, ErrUnclearLogin
	}
	return Login{ByEmail, text}, nil
}

// parsePhone reads a Russian number however it is written ("8 (900) 123-45-67",
// "+7 900 …", "900 …"), and any other when it begins with a plus.
func parsePhone(text string) (Login, error) {
	abroad := strings.HasPrefix(text, "+")
	digits, clear := digitsOf(strings.TrimPrefix(text, "+"))
	switch {
	case !clear:
		return Login{}, ErrUnclearLogin
	case abroad && strings.HasPrefix(digits, "7"):
		digits = digits[1:]
	case abroad && len(digits) >= minPhone && len(digits) <= maxPhone && digits[0] != '0':
		return Login{ByPhone, "+" + digits}, nil
	case abroad:
		return Login{}, ErrUnclearLogin
	case len(digits) == russianDigits+1 && (digits[0] == '8' || digits[0] == '7'):
		digits = digits[1:]
	}
	// No code of area or operator begins with 0, 1 or 2.
	if len(digits) != russianDigits || digits[0] < '3' {
		return Login{}, ErrUnclearLogin
	}
	return Login{ByPhone, "+7" + digits}, nil
}

// digitsOf takes the digits out of a number, and answers false when anything else
// than digits and the usual marks between them stands there.
func digitsOf(text string) (digits string, clear bool) {
	var b strings.Builder
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case unicode.IsSpace(r), strings.ContainsRune("-().", r), unicode.Is(unicode.Pd, r):
		default:
			return "", false
		}
	}
	return b.String(), true
}
