package accounts

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// readingsOf are the words as which a password may have been meant, in small
// letters: as typed and on the other keyboard layout, with and without the digits
// and signs around it, with and without signs that stand for letters, and in Latin
// letters. An attacker's program tries the same.
func readingsOf(password string) []string {
	var readings []string
	for _, layout := range []string{password, toCyrillic.Replace(password), toLatin.Replace(password)} {
		folded := fold(layout)
		for _, peel := range peelings {
			core := peel(folded)
			for _, read := range []string{core, asI.Replace(core), asL.Replace(core)} {
				readings = append(readings, spellings(read)...)
			}
		}
	}
	slices.Sort(readings)
	return slices.Compact(readings)
}

// fold brings a text into small letters of the form NFC; ё counts as е, as people
// write it.
func fold(text string) string {
	return norm.NFC.String(strings.ReplaceAll(strings.ToLower(norm.NFC.String(text)), "ё", "е"))
}

// peelings take away what people put around a word. The signs @ and $ may stand for
// letters, so that they are kept once on either side.
var peelings = []func(string) string{
	func(s string) string { return s },
	func(s string) string { return strings.TrimFunc(s, isSign) },
	func(s string) string { return strings.TrimFunc(s, around) },
	func(s string) string { return strings.TrimFunc(s, aroundLetters) },
	func(s string) string { return strings.TrimRightFunc(strings.TrimLeftFunc(s, aroundLetters), around) },
	func(s string) string { return strings.TrimRightFunc(strings.TrimLeftFunc(s, around), aroundLetters) },
	func(s string) string { return strings.TrimRightFunc(s, around) },
	func(s string) string { return strings.TrimLeftFunc(s, around) },
}

func isSign(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }

func around(r rune) bool { return unicode.IsDigit(r) || isSign(r) }

func aroundLetters(r rune) bool { return around(r) && r != '@' && r != '$' }

// Digits and signs that are typed for letters of their shape; 1 is read as either
// of two.
var (
	asI = strings.NewReplacer("0", "o", "@", "a", "1", "i", "3", "e", "4", "a", "$", "s", "5", "s", "7", "t")
	asL = strings.NewReplacer("0", "o", "@", "a", "1", "l", "3", "e", "4", "a", "$", "s", "5", "s", "7", "t")
)

// The same keys in the two layouts of a Russian keyboard.
var toCyrillic, toLatin = layouts(
	"`qwertyuiop[]asdfghjkl;'zxcvbnm,.~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>",
	"ёйцукенгшщзхъфывапролджэячсмитьбюЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ",
)

func layouts(latin, cyrillic string) (toCyrillic, toLatin *strings.Replacer) {
	keys := []rune(cyrillic)
	var there, back []string
	for i, key := range []rune(latin) {
		there = append(there, string(key), string(keys[i]))
		back = append(back, string(keys[i]), string(key))
	}
	return strings.NewReplacer(there...), strings.NewReplacer(back...)
}

// spellings are a word as it stands and in Latin letters: as passports write it
// (ICAO Doc 9303, part 3, section 6) and as people do.
func spellings(word string) []string {
	return []string{word, passport.Replace(word), popular.Replace(word)}
}

var passport, popular = alphabet("iu", "ia", "i"), alphabet("yu", "ya", "y")

func alphabet(yu, ya, short string) *strings.Replacer {
	return strings.NewReplacer("а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ж", "zh", "з", "z", "и", "i",
		"й", short, "к", "k", "л", "l", "м", "m", "н", "n", "о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u",
		"ф", "f", "х", "kh", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "shch", "ъ", "", "ы", "y", "ь", "", "э", "e", "ю", yu, "я", ya)
}

// russianWords are passwords that people in Russia choose first, in every spelling;
// international lists know few of them.
var russianWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(`
		пароль парольпароль мойпароль новыйпароль секрет тайна доступ вход войти привет приветик здравствуй админ
		администратор пользователь гость тест тестовый демо россия москва питер петербург казань сибирь родина держава
		отечество победа президент госуслуги портал гражданин город любовь любимая любимый люблю люблютебя ялюблютебя
		солнце солнышко звезда звездочка зайка зайчик котик котенок кошка кошечка собака медведь мишка тигр дракон волк
		лисичка рыбка ласточка бабочка ангел ангелочек принцесса королева король красотка малыш малышка мамочка мама папа
		бабушка дедушка семья дочка сынок брат братишка сестра друг подруга дружба счастье удача надежда мечта свобода
		весна лето осень зима январь февраль март апрель июнь июль август сентябрь октябрь ноябрь декабрь понедельник
		пятница спартак зенит динамо локомотив футбол хоккей машина мотоцикл компьютер интернет телефон работа деньги
		миллион водка шоколад клубника вишенка апельсин картошка александр алексей андрей антон артем виктор владимир
		дмитрий евгений иван кирилл максим михаил николай павел роман сергей анастасия анна виктория дарья екатерина
		елена ирина ксения марина мария наталья ольга светлана татьяна юлия наташа настя катя сережа саша вова димка
		йцукен йцукенг йцукенгшщз йцуке фыва фывапро фывапролдж ячсмить ячсмитьбю йфяцыч
		абвгд абвгде абвгдейка клавиатура непомню забыл хрензнает нескажу`) {
		for _, spelling := range spellings(fold(word)) {
			words[spelling] = true
		}
	}
	return words
})
