package accounts

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"veche/domain/problem"
)

// The names of the registration form's fields.
const (
	NameField  = "name"
	EmailField = "email"
	PhoneField = "phone"

	ConsentField = "consent" // to the processing of personal data
	SNILSField   = "snils"
)

// Registration is what somebody gives to get an account (ID-01), each value in the
// one spelling under which it is kept.
type Registration struct {
	Name  string
	Email string
	Phone string // E.164
}

// ParseRegistration reads the registration form. Its problem names every field that
// has to be corrected.
func ParseRegistration(name, email, phone string) (Registration, error) {
	var read Registration
	wrong := problem.New(problem.Invalid, "accounts.problem.check_form")
	wrong.Fields = map[string]string{}
	fill := func(field string, into *string, parse func(string) (string, error), typed string) {
		value, err := parse(typed)
		if err != nil {
			wrong.Fields[field] = messageOf(err)
		}
		*into = value
	}
	fill(NameField, &read.Name, ParseFullName, name)
	fill(EmailField, &read.Email, ParseEmail, email)
	fill(PhoneField, &read.Phone, ParsePhone, phone)
	if len(wrong.Fields) > 0 {
		return Registration{}, wrong
	}
	return read, nil
}

// How long a full name may be, in characters, and of how many parts.
const (
	maxName  = 120
	minParts = 2
	maxParts = 4
)

// ParseFullName reads a person's full name: two to four parts of letters of any
// script, with hyphens and apostrophes inside them. It is kept in NFC with single
// spaces, plain hyphens and plain apostrophes. It fails with ErrNoName,
// ErrUnclearName or ErrLongName.
func ParseFullName(typed string) (string, error) {
	if len(typed) > 16*maxName {
		return "", ErrLongName
	}
	if !utf8.ValidString(typed) {
		return "", ErrUnclearName
	}
	parts := strings.Fields(plainMarks.Replace(norm.NFC.String(withoutInvisible(typed))))
	name := norm.NFC.String(strings.Join(parts, " "))
	switch {
	case name == "":
		return "", ErrNoName
	case utf8.RuneCountInString(name) > maxName:
		return "", ErrLongName
	case len(parts) < minParts || len(parts) > maxParts || !allOf(parts, namePart):
		return "", ErrUnclearName
	}
	return name, nil
}

// plainMarks brings the hyphens and apostrophes of different keyboards together.
var plainMarks = strings.NewReplacer("‐", "-", "‑", "-", "’", "'", "ʼ", "'", "`", "'")

// namePart says whether letters stand at both ends of a part and around each mark.
func namePart(part string) bool {
	return allOf(strings.FieldsFunc(part, nameMark), letters) && len(part) > 0 &&
		strings.Count(part, "-")+strings.Count(part, "'")+1 == len(strings.FieldsFunc(part, nameMark))
}

func nameMark(r rune) bool { return r == '-' || r == '\'' }

func letters(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(first) && !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r)
	})
}

func allOf(texts []string, is func(string) bool) bool {
	return !slices.ContainsFunc(texts, func(text string) bool { return !is(text) })
}

const maxLocalPart = 64 // bytes; RFC 5321, 4.5.3.1.1

// ParseEmail reads an address to which letters can go: NFC, small letters, a part
// before "@" and a host name with a dot. It fails with ErrNoEmail or
// ErrUnclearEmail.
func ParseEmail(typed string) (string, error) {
	login, err := ParseLogin(typed)
	switch {
	case err == ErrNoLogin:
		return "", ErrNoEmail
	case err != nil || login.Kind != ByEmail:
		return "", ErrUnclearEmail
	}
	local, host, _ := strings.Cut(login.Value, "@")
	if len(local) > maxLocalPart || !dotted(local, 1, localRune) || !dotted(host, 2, hostRune) {
		return "", ErrUnclearEmail
	}
	return login.Value, nil
}

// dotted says whether a text is made of at least some parts between dots, none of
// them empty, of the allowed characters.
func dotted(text string, least int, allowed func(rune) bool) bool {
	parts := strings.Split(text, ".")
	return len(parts) >= least && allOf(parts, func(part string) bool {
		return part != "" && !strings.ContainsFunc(part, func(r rune) bool { return !allowed(r) })
	})
}

// localRune takes what RFC 5322, 3.2.3 allows unquoted, and letters of any script
// (RFC 6531, 3.3).
func localRune(r rune) bool {
	return hostRune(r) || strings.ContainsRune("!#$%&'*+/=?^_`{|}~", r)
}

func hostRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '-'
}

// ParsePhone reads a phone number, however it is written, into E.164. It fails with
// ErrNoPhone or ErrUnclearPhone.
func ParsePhone(typed string) (string, error) {
	text, err := clean(typed)
	if err == ErrNoLogin {
		return "", ErrNoPhone
	}
	if err != nil {
		return "", ErrUnclearPhone
	}
	login, err := parsePhone(text)
	if err != nil {
		return "", ErrUnclearPhone
	}
	return login.Value, nil
}
