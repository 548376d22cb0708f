package words

import (
	"unicode"
	"unicode/utf8"
)

// Capital begins a sentence with words that stand in the middle of one elsewhere.
func Capital(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
