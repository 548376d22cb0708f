package moderation

import (
	"regexp"
	"strings"
	"unicode"
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
	var found []Suspicion
	for _, rule := range []struct {
		why   Suspicion
		holds bool
	}{
		{Abuse, abusive.MatchString(text)},
		{Links, address.MatchString(mailbox.ReplaceAllString(text, " "))},
		{Contacts, mailbox.MatchString(text) || phone.MatchString(text)},
		{Adverts, adverts.MatchString(text)},
		{Shouting, shouts(text)},
		{Repeating, repeats(text)},
	} {
		if rule.holds {
			found = append(found, rule.why)
		}
	}
	return found
}

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
