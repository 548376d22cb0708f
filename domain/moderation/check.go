package moderation

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Patterns of the automatic stage. They err on the side of a look by a person.
var (
	address  = regexp.MustCompile(`(?i)(https?://|www\.|\b[a-z0-9-]+\.(ru|com|net|org|su|info|biz|xyz|online|shop|site|me|io)\b|[а-яё0-9]\.рф([^а-яё]|$))`)
	mailbox  = regexp.MustCompile(`(?i)[^\s@]+@[^\s@]+\.[a-zа-яё]{2,}`)
	phone    = regexp.MustCompile(`(\+7|\b8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}\b`)
	abusive  = regexp.MustCompile(`(?i)(^|[^а-яё])(идиот|дурак|дур[аыоу]([^а-яё]|$)|кретин|дебил|мраз|сволоч|ублюд|тварь|подонок|урод|скотин|придур)`)
	adverts  = regexp.MustCompile(`(?i)(скидк|распродаж|купи(те)? сейчас|заработок|казино|выигрыш|кредит без|звоните прямо|только сегодня|промокод)`)
	letters  = regexp.MustCompile(`\p{L}`)
	maxRun   = 6  // the same sign in a row
	shortest = 20 // letters below which capitals are no shouting
)

// Check is the automatic stage (MOD-03): why a text should be seen by a moderator
// before anybody else, nothing when it may be published at once.
func Check(text string) []Suspicion {
	read := plain(text)
	var found []Suspicion
	for _, rule := range []struct {
		why   Suspicion
		holds bool
	}{
		{Abuse, abusive.MatchString(lookalikes.Replace(read))},
		{Links, address.MatchString(mailbox.ReplaceAllString(read, " "))},
		{Contacts, mailbox.MatchString(read) || phone.MatchString(read)},
		{Adverts, adverts.MatchString(lookalikes.Replace(read))},
		{Shouting, shouts(text)},
		{Repeating, repeats(text)},
	} {
		if rule.holds {
			found = append(found, rule.why)
		}
	}
	return found
}

// plain is a text as the eye reads it: in Unicode's compatibility form, without signs
// that cannot be seen and without marks over letters, so that a word is the same word
// with something stuck into it.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.M) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
}

// lookalikes puts Cyrillic letters for the Latin ones that look the same.
var lookalikes = strings.NewReplacer(
	"a", "а", "c", "с", "e", "е", "k", "к", "m", "м", "o", "о", "p", "р", "t", "т", "u", "и", "x", "х", "y", "у",
	"A", "А", "B", "В", "C", "С", "E", "Е", "H", "Н", "K", "К", "M", "М", "O", "О", "P", "Р", "T", "Т", "X", "Х", "Y", "У",
)

func shouts(text string) bool {
	capitals := 0
	for _, r := range text {
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	all := len(letters.FindAllString(text, -1))
	return all >= shortest && capitals*10 > all*7
}

func repeats(text string) bool {
	run, last := 0, rune(-1)
	for _, r := range strings.ToLower(text) {
		if r != last || unicode.IsSpace(r) {
			run, last = 0, r
		}
		if run++; run >= maxRun {
			return true
		}
	}
	return false
}
