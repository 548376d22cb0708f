package town

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"veche/domain/accounts"
)

// Person is somebody who lives in the town.
type Person struct {
	PublicID  string
	Name      string // given name, patronymic, surname
	Female    bool
	Email     string
	Phone     string // "" when none is known, as the numbers below
	SNILS     string
	INN       string
	Confirmed bool
	Demo      bool // one of the people the demo is told through
	Grants    []accounts.Grant
	CreatedAt time.Time
}

// Residents is how many people live in the town beside the demo people.
const Residents = 2400

const (
	confirmedShare = 0.93
	firstCame      = 720 * 24 * time.Hour // before now
	lastCame       = 100 * 24 * time.Hour // before now: older than anything they did
)

// people makes the residents. No two have the same given name and surname.
func people(c *content, random *rand.Rand, now time.Time) []Person {
	all := make([]Person, 0, Residents)
	names, logins := map[string]bool{}, map[string]int{}
	for len(all) < Residents {
		female := random.IntN(100) < 54
		given, patronymic, surname := pick(random, c.Men), pick(random, c.Patronymics), pick(random, c.Surnames)
		if female {
			given, patronymic, surname = pick(random, c.Women), daughterOf(patronymic), feminine(surname)
		}
		if names[given+surname] {
			continue
		}
		names[given+surname] = true
		all = append(all, Person{
			PublicID:  code(random, 26),
			Name:      given + " " + patronymic + " " + surname,
			Female:    female,
			Email:     login(given, surname, logins) + "@demo.test",
			Confirmed: random.Float64() < confirmedShare,
			CreatedAt: now.Add(-lastCame - time.Duration(random.Int64N(int64(firstCame-lastCame)))).Truncate(time.Second),
		})
	}
	return all
}

// daughterOf turns Сергеевич into Сергеевна.
func daughterOf(patronymic string) string { return strings.TrimSuffix(patronymic, "ич") + "на" }

// feminine turns a surname into its feminine form, or leaves one that has none.
func feminine(surname string) string {
	for _, rule := range [][2]string{
		{"ский", "ская"}, {"цкий", "цкая"}, {"ный", "ная"}, {"ной", "ная"}, {"вой", "вая"},
	} {
		if stem, found := strings.CutSuffix(surname, rule[0]); found {
			return stem + rule[1]
		}
	}
	for _, ending := range []string{"ов", "ев", "ёв", "ин", "ын"} {
		if strings.HasSuffix(surname, ending) {
			return surname + "а"
		}
	}
	return surname
}

// login is a name in Latin letters; people who share one get a number.
func login(given, surname string, taken map[string]int) string {
	name := latin(given) + "." + latin(surname)
	taken[name]++
	if n := taken[name]; n > 1 {
		return name + strconv.Itoa(n)
	}
	return name
}

var latinLetters = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z",
	'и': "i", 'й': "y", 'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r",
	'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "sch",
	'ы': "y", 'э': "e", 'ю': "yu", 'я': "ya",
}

func latin(s string) string {
	var b strings.Builder
	for _, letter := range strings.ToLower(s) {
		b.WriteString(latinLetters[letter])
	}
	return b.String()
}

// code is a string of letters and digits as the portal's random ids are.
func code(random *rand.Rand, length int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	b := make([]byte, length)
	for i := range b {
		b[i] = letters[random.IntN(len(letters))]
	}
	return string(b)
}

// demoPeople are those the demo is told through.
func demoPeople(random *rand.Rand, now time.Time, demo []accounts.DemoPerson) []Person {
	all := make([]Person, len(demo))
	for i, p := range demo {
		all[i] = Person{
			PublicID:  code(random, 26),
			Name:      p.Name,
			Female:    strings.Contains(p.Name, "вна "),
			Email:     p.Email,
			Phone:     p.Phone,
			SNILS:     p.SNILS,
			INN:       p.INN,
			Confirmed: p.Confirmed,
			Demo:      true,
			Grants:    p.Grants,
			CreatedAt: now.Add(-firstCame - time.Duration(i)*time.Hour).Truncate(time.Second),
		}
	}
	return all
}
