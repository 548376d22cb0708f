package accounts

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"veche/domain/problem"
)

// NewPasswordField is the name of the field in which a new password is chosen.
const NewPasswordField = "new-password"

// How long a new password may be, in characters of its NFC form.
const (
	MinPassword = 8
	MaxPassword = 128
)

// PasswordRule is one thing asked of a new password (ID-07).
type PasswordRule string

// The rules of a new password.
const (
	RuleLength   PasswordRule = "length"   // at least MinPassword characters
	RuleLower    PasswordRule = "lower"    // a small letter of any script
	RuleUpper    PasswordRule = "upper"    // a capital letter of any script
	RuleDigit    PasswordRule = "digit"    // a digit
	RuleSpecial  PasswordRule = "special"  // a punctuation mark, a sign or a space
	RuleLong     PasswordRule = "long"     // at most MaxPassword characters
	RuleCommon   PasswordRule = "common"   // not among weak and leaked passwords
	RulePersonal PasswordRule = "personal" // not made of what is known of its owner
)

// TypedRules are the rules that a page can tick off while the password is typed.
var TypedRules = []PasswordRule{RuleLength, RuleLower, RuleUpper, RuleDigit, RuleSpecial}

// PasswordOwner is what others know about the person who chooses a password. Any
// of it may be empty.
type PasswordOwner struct {
	Name  string
	Email string
	Phone string
}

// PasswordPolicy decides which new passwords are good enough: at registration, at
// a change and after a recovery alike (ID-07; OWASP ASVS 5.0, 6.2.1 and 6.2.4). It
// is never asked at sign-in, where an older password still opens the account.
type PasswordPolicy struct {
	leaked func(word string) bool
}

// NewPasswordPolicy makes the policy over a list of leaked passwords; leaked is
// asked about words in small letters.
func NewPasswordPolicy(leaked func(word string) bool) PasswordPolicy {
	return PasswordPolicy{leaked}
}

// WeakPassword says which rules a password does not meet, in the order of their
// list. As a problem it names each of them in plain words.
type WeakPassword struct {
	Unmet []PasswordRule
}

// Error is for logs and tests; it never holds the password.
func (w *WeakPassword) Error() string { return w.problem().Error() }

// Unwrap is the problem that a person can read.
func (w *WeakPassword) Unwrap() error { return w.problem() }

func (w *WeakPassword) problem() *problem.Error {
	unmet := make(problem.Sentences, len(w.Unmet))
	for i, rule := range w.Unmet {
		unmet[i] = "accounts.password." + string(rule)
	}
	return problem.InField(NewPasswordField, "accounts.problem.weak_password", "Unmet", unmet)
}

// Check answers nil for a password that meets every rule and *WeakPassword for any
// other; for an empty one it answers ErrNoNewPassword.
func (p PasswordPolicy) Check(password Password, owner PasswordOwner) error {
	text := norm.NFC.String(string(password))
	if text == "" {
		return ErrNoNewPassword
	}
	length := utf8.RuneCountInString(text)
	if length > MaxPassword {
		return &WeakPassword{[]PasswordRule{RuleLong}}
	}
	var unmet []PasswordRule
	ask := func(met bool, rule PasswordRule) {
		if !met {
			unmet = append(unmet, rule)
		}
	}
	ask(length >= MinPassword, RuleLength)
	ask(strings.ContainsFunc(text, unicode.IsLower), RuleLower)
	ask(strings.ContainsFunc(text, unicode.IsUpper), RuleUpper)
	ask(strings.ContainsFunc(text, unicode.IsDigit), RuleDigit)
	ask(strings.ContainsFunc(text, special), RuleSpecial)
	readings := readingsOf(text)
	ask(!slices.ContainsFunc(readings, p.common), RuleCommon)
	ask(!personal(text, readings, owner), RulePersonal)
	if unmet != nil {
		return &WeakPassword{unmet}
	}
	return nil
}

func special(r rune) bool {
	return unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.Is(unicode.Zs, r)
}

// shortestWord is how many characters make a word worth looking for.
const shortestWord = 3

// common says whether a reading is a password that attackers try first, or repeats
// one, or repeats a few characters.
func (p PasswordPolicy) common(reading string) bool {
	if utf8.RuneCountInString(reading) <= shortestWord {
		return false
	}
	unit := repeated(reading)
	return utf8.RuneCountInString(unit) <= shortestWord || p.known(reading) || p.known(unit)
}

func (p PasswordPolicy) known(word string) bool { return russianWords()[word] || p.leaked(word) }

// repeated is the word of which a text is made by saying it again and again, or
// the text itself.
func repeated(text string) string {
	if text == "" {
		return ""
	}
	// A text made of repetitions is found in its own double before the end.
	if at := strings.Index((text + text)[1:], text) + 1; at < len(text) && utf8.RuneStart(text[at]) {
		return text[:at]
	}
	return text
}

// enoughLetters is how many letters of a password have to stay when what is known
// of its owner is taken out.
const enoughLetters = 4

// phoneTail is the part of a phone number by which neighbours know it.
const phoneTail = 7

// personal says whether a password is made of its owner's name, address or phone,
// or of the name of the portal.
func personal(text string, readings []string, owner PasswordOwner) bool {
	if phone := only(owner.Phone, isDigit); len(phone) >= phoneTail &&
		strings.Contains(only(text, isDigit), phone[len(phone)-phoneTail:]) {
		return true
	}
	known := ownWords(owner)
	return slices.ContainsFunc(readings, func(reading string) bool {
		rest := reading
		for _, word := range known {
			rest = strings.ReplaceAll(rest, word, "")
		}
		return rest != reading && utf8.RuneCountInString(only(rest, unicode.IsLetter)) < enoughLetters
	})
}

// ownWords are the words to look for, the longest first.
func ownWords(owner PasswordOwner) []string {
	local, _, _ := strings.Cut(owner.Email, "@")
	parts := strings.FieldsFunc(owner.Name+" "+local, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	var words []string
	for _, part := range append(parts, local, "вече", "veche") {
		for _, word := range spellings(fold(part)) {
			if utf8.RuneCountInString(word) >= shortestWord {
				words = append(words, word)
			}
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// only keeps of a text what is asked for.
func only(text string, keep func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if keep(r) {
			return r
		}
		return -1
	}, text)
}
