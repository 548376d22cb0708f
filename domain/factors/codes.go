package factors

import (
	"crypto/rand"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// BackupCodes is how many codes a person gets at a time (SEC-04).
const BackupCodes = 10

// BackupCode is one of the codes on paper: 40 random bits in eight letters and
// digits, in two groups. It prints as a placeholder, so that no log gives it away.
type BackupCode string

// alphabet has 32 letters and digits that cannot be taken for one another on paper
// (Crockford's base 32, in small letters).
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

const codeLength = 8

// NewBackupCodes makes a set of codes, no two alike.
func NewBackupCodes() []BackupCode {
	codes := make([]BackupCode, 0, BackupCodes)
	seen := map[BackupCode]bool{}
	for len(codes) < BackupCodes {
		if code := newBackupCode(); !seen[code] {
			seen[code] = true
			codes = append(codes, code)
		}
	}
	return codes
}

func newBackupCode() BackupCode {
	var random [codeLength]byte
	_, _ = rand.Read(random[:]) // never fails: the program ends when there is no randomness
	for i, b := range random {
		random[i] = alphabet[b%32] // 256 is a multiple of 32: every letter is as likely
	}
	return BackupCode(random[:])
}

// Shown is the code as a person reads it: xxxx-xxxx.
func (c BackupCode) Shown() string { return string(c[:codeLength/2]) + "-" + string(c[codeLength/2:]) }

// String hides the code.
func (BackupCode) String() string { return "[backup code]" }

// GoString hides the code.
func (BackupCode) GoString() string { return "[backup code]" }

// LogValue hides the code.
func (BackupCode) LogValue() slog.Value { return slog.StringValue("[backup code]") }

// lookalikes are what people type for a letter or digit of the alphabet: letters that
// it leaves out because of their looks, and those of the Russian keyboard.
var lookalikes = map[rune]rune{
	'o': '0', 'i': '1', 'l': '1',
	'а': 'a', 'в': 'b', 'с': 'c', 'е': 'e', 'н': 'h', 'к': 'k', 'м': 'm',
	'о': '0', 'р': 'p', 'т': 't', 'х': 'x', 'у': 'y',
}

// maxTyped bounds what is read of a code, in bytes.
const maxTyped = 64

// ParseBackupCode reads a code as it was typed: in capitals or not, with or without
// what stands between the groups. What cannot be one is the same problem as one that
// nobody has.
func ParseBackupCode(typed string) (BackupCode, error) {
	if len(typed) > maxTyped || !utf8.ValidString(typed) {
		return "", ErrWrongBackup
	}
	var code strings.Builder
	for _, r := range strings.ToLower(typed) {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			continue
		}
		if meant, known := lookalikes[r]; known {
			r = meant
		}
		if !strings.ContainsRune(alphabet, r) {
			return "", ErrWrongBackup
		}
		code.WriteRune(r)
	}
	if code.Len() != codeLength {
		return "", ErrWrongBackup
	}
	return BackupCode(code.String()), nil
}

// ParseCode reads the digits that an app shows, as they were typed: apps set them in
// groups, and people type the gap too.
func ParseCode(typed string) (digits string, err error) {
	if len(typed) > maxTyped {
		return "", ErrWrongCode
	}
	digits = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, typed)
	if len(digits) != codeDigits || strings.Trim(digits, "0123456789") != "" {
		return "", ErrWrongCode
	}
	return digits, nil
}

// codeDigits is how many digits apps show.
const codeDigits = 6

// ParseName reads what a person calls a passkey.
func ParseName(typed string) (string, error) {
	name := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(typed, ""), func(r rune) bool {
		return !unicode.IsPrint(r) || unicode.IsSpace(r)
	}), " ")
	switch {
	case name == "":
		return "", ErrNoName
	case utf8.RuneCountInString(name) > MostName:
		return "", ErrLongName
	}
	return name, nil
}
