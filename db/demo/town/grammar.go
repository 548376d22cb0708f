package town

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A text is written with choices and slots:
//
//	{утром|вечером}           one of the two; choices may hold choices and slots
//	[street.at]               a street of the town, «на Мельничной улице»
//	[street2.of]              another one; a name means the same throughout a text
//	[Street.at]               the same with a capital letter
//	[number 3 12 скамья скамьи скамей]   «7 скамей»; a bare [number 3 12] has no noun,
//	                          a noun of several words is joined: новый_фонарь
//	[on 3], [On 3]            «в субботу, 24 ноября», days after the text's own day
//	[saturday]                «в субботу, 24 ноября», the next but those too near
//	[day -14]                 «10 ноября»
//	[hour 9 18]               «14:00»
//	[g пошёл пошла]           by who speaks
//	[woman], [man]            somebody's name and surname
//
// What a slot named is kept in the speech, so that one text is of one piece.
type speech struct {
	c      *content
	random *rand.Rand
	day    time.Time // the day the text speaks from
	female bool      // who speaks
	said   map[string]any
}

func newSpeech(c *content, random *rand.Rand, day time.Time) *speech {
	return &speech{c: c, random: random, day: day, said: map[string]any{}}
}

// say writes one text from its grammar.
func (s *speech) say(grammar string) (string, error) {
	text, rest, err := s.sequence(oneLine(grammar), "")
	if err == nil && rest != "" {
		err = fmt.Errorf("%q is left over", rest)
	}
	if err != nil {
		return "", fmt.Errorf("say %q: %w", grammar, err)
	}
	return text, nil
}

// sequence writes plain words, choices and slots up to one of the letters in
// until, which is left in rest.
func (s *speech) sequence(grammar, until string) (text, rest string, err error) {
	var b strings.Builder
	for grammar != "" && !strings.ContainsRune(until, rune(grammar[0])) {
		switch grammar[0] {
		case '{':
			text, grammar, err = s.choice(grammar[1:])
		case '[':
			text, grammar, err = s.slot(grammar[1:])
		default:
			end := strings.IndexAny(grammar, "{[|}")
			if end < 0 {
				end = len(grammar)
			}
			if end == 0 {
				return "", "", fmt.Errorf("%q stands outside a choice", grammar[0])
			}
			text, grammar = grammar[:end], grammar[end:]
		}
		if err != nil {
			return "", "", err
		}
		b.WriteString(text)
	}
	return b.String(), grammar, nil
}

// choice writes all alternatives and keeps one of them.
func (s *speech) choice(grammar string) (text, rest string, err error) {
	ends, depth := []int{}, 0
	for i := 0; i < len(grammar); i++ {
		switch grammar[i] {
		case '{':
			depth++
		case '|':
			if depth == 0 {
				ends = append(ends, i)
			}
		case '}':
			if depth > 0 {
				depth--
				continue
			}
			ends = append(ends, i)
			which := s.c.turns.next(s.random, grammar[:i], len(ends))
			from := 0
			if which > 0 {
				from = ends[which-1] + 1
			}
			text, left, err := s.sequence(grammar[from:ends[which]], "")
			if err == nil && left != "" {
				err = fmt.Errorf("%q is left over", left)
			}
			return text, grammar[i+1:], err
		}
	}
	return "", "", fmt.Errorf("a choice is not closed")
}

func (s *speech) slot(grammar string) (text, rest string, err error) {
	inside, rest, closed := strings.Cut(grammar, "]")
	words := strings.Fields(inside)
	if !closed || len(words) == 0 {
		return "", "", fmt.Errorf("a slot is not closed")
	}
	text, err = s.fill(words[0], words[1:])
	if err != nil {
		return "", "", fmt.Errorf("slot [%s]: %w", inside, err)
	}
	return text, rest, nil
}

func (s *speech) fill(name string, args []string) (string, error) {
	switch name {
	case "g":
		if len(args) != 2 {
			return "", fmt.Errorf("wants a form for him and one for her")
		}
		if s.female {
			return spaced(args[1]), nil
		}
		return spaced(args[0]), nil
	case "saturday":
		day := s.day.AddDate(0, 0, 2)
		return on(day.AddDate(0, 0, (int(time.Saturday)-int(day.Weekday())+7)%7)), nil
	case "woman", "man":
		return s.person(name), nil
	case "town":
		return s.c.Town, nil
	}
	if place, form, found := strings.Cut(name, "."); found {
		return s.place(place, form)
	}
	if lower := strings.ToLower(name); lower != name {
		text, err := s.fill(lower, args)
		return capital(text), err
	}
	numbers, nouns, err := leadingNumbers(args)
	if err != nil {
		return "", err
	}
	switch {
	case name == "number" && len(numbers) == 2:
		return counted(s.between(numbers), nouns)
	case name == "hour" && len(numbers) == 2:
		return fmt.Sprintf("%d:00", s.between(numbers)), nil
	case name == "day" && len(numbers) == 1:
		return dayOf(s.day.AddDate(0, 0, numbers[0])), nil
	case name == "on" && len(numbers) == 1:
		return on(s.day.AddDate(0, 0, numbers[0])), nil
	}
	return "", fmt.Errorf("is not known")
}

// leadingNumbers parts the numbers of a slot from the words after them.
func leadingNumbers(args []string) (numbers []int, words []string, err error) {
	for i, arg := range args {
		n, err := strconv.Atoi(arg)
		if err != nil {
			return numbers, args[i:], nil
		}
		numbers = append(numbers, n)
	}
	return numbers, nil, nil
}

func (s *speech) between(bounds []int) int {
	return bounds[0] + s.random.IntN(bounds[1]-bounds[0]+1)
}

// place names a street or a district; "street2" is another than "street".
func (s *speech) place(name, form string) (string, error) {
	key := strings.ToLower(name)
	kind := strings.TrimRight(key, "0123456789")
	known, ok := s.said[key].(place)
	if !ok {
		var all []place
		switch kind {
		case "street":
			all = s.c.Streets
		case "district":
			all = s.c.Districts
		default:
			return "", fmt.Errorf("is no place")
		}
		for known = pick(s.random, all); s.named(kind, known); {
			known = pick(s.random, all)
		}
		s.said[key] = known
	}
	text, ok := known.form(form)
	if !ok {
		return "", fmt.Errorf("has no form %s", form)
	}
	if key != name {
		text = capital(text)
	}
	return text, nil
}

// named says whether a place was named in this text already.
func (s *speech) named(kind string, p place) bool {
	for key, said := range s.said {
		if strings.HasPrefix(key, kind) && said == p {
			return true
		}
	}
	return false
}

func (s *speech) person(name string) string {
	if known, ok := s.said[name].(string); ok {
		return known
	}
	given, surname := pick(s.random, s.c.Men), pick(s.random, s.c.Surnames)
	if strings.HasPrefix(name, "woman") {
		given, surname = pick(s.random, s.c.Women), feminine(surname)
	}
	s.said[name] = given + " " + surname
	return given + " " + surname
}

// counted writes a number with its noun in the right form, as in «1 скамья, 2
// скамьи, 5 скамей».
func counted(n int, forms []string) (string, error) {
	switch {
	case len(forms) == 0:
		return strconv.Itoa(n), nil
	case len(forms) != 3:
		return "", fmt.Errorf("wants three forms of a noun")
	case n%10 == 1 && n%100 != 11:
		return fmt.Sprintf("%d %s", n, spaced(forms[0])), nil
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return fmt.Sprintf("%d %s", n, spaced(forms[1])), nil
	}
	return fmt.Sprintf("%d %s", n, spaced(forms[2])), nil
}

// spaced gives back the spaces of a form of several words: новый_фонарь.
func spaced(form string) string { return strings.ReplaceAll(form, "_", " ") }

var onWeekday = [7]string{
	"в воскресенье", "в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу",
}

var months = [12]string{
	"января", "февраля", "марта", "апреля", "мая", "июня",
	"июля", "августа", "сентября", "октября", "ноября", "декабря",
}

func on(t time.Time) string { return onWeekday[t.Weekday()] + ", " + dayOf(t) }

func dayOf(t time.Time) string { return fmt.Sprintf("%d %s", t.Day(), months[t.Month()-1]) }

func capital(s string) string {
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// turns remembers which alternatives were taken, so that all are before one comes
// again: texts told twice differ as much as they can.
type turns map[string][]int

// next answers one of the least used alternatives of a choice.
func (t turns) next(random *rand.Rand, choice string, alternatives int) int {
	used := t[choice]
	if used == nil {
		used = make([]int, alternatives)
		t[choice] = used
	}
	least := slices.Min(used)
	var open []int
	for i, n := range used {
		if n == least {
			open = append(open, i)
		}
	}
	which := pick(random, open)
	used[which]++
	return which
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }
