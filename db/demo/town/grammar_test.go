package town

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func speaking(t *testing.T) *speech {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	saturday := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	return newSpeech(&c, rand.New(rand.NewPCG(1, 2)), saturday)
}

func TestSay(t *testing.T) {
	t.Parallel()
	for grammar, want := range map[string]string{
		"просто текст":                           "просто текст",
		"{да|да}, {конечно|конечно}":             "да, конечно",
		"{{а|а}б|аб}":                            "аб",
		"[number 2 2 стол стола столов]":         "2 стола",
		"[number 11 11 стол стола столов]":       "11 столов",
		"[number 21 21 новый_стол новых столов]": "21 новый стол",
		"[number 112 112 год года лет]":          "112 лет",
		"[number 7 7]":      "7",
		"[On 2], [day 10]":  "В понедельник, 23 ноября, 1 декабря",
		"[saturday]":        "в субботу, 28 ноября",
		"в [hour 9 9]":      "в 9:00",
		"[g пришёл пришла]": "пришёл",
		"строка\n   другая": "строка другая",
		"{на месте|на месте}{!|!} [g был был_тут].": "на месте! был.",
	} {
		got, err := speaking(t).say(grammar)
		if err != nil {
			t.Errorf("%s: %v", grammar, err)
		}
		if want != "" && got != want {
			t.Errorf("%s: %q, want %q", grammar, got, want)
		}
	}
}

func TestSayRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, grammar := range []string{
		"{да|нет", "да}", "[street", "[]", "[planet.of]", "[street.into]", "[number 1 2 стол]", "[g один]", "[hour 9]", "а|б",
	} {
		if got, err := speaking(t).say(grammar); err == nil {
			t.Errorf("%s is said as %q", grammar, got)
		}
	}
}

func TestNamedSlotsStayTheSame(t *testing.T) {
	t.Parallel()
	for range 40 {
		s := speaking(t)
		got, err := s.say("[street.name]/[street.name]/[street2.name]/[woman]/[woman]")
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(got, "/")
		if parts[0] != parts[1] || parts[0] == parts[2] || parts[3] != parts[4] {
			t.Fatal(got)
		}
	}
}

func TestEveryAlternativeHasItsTurn(t *testing.T) {
	t.Parallel()
	s := speaking(t)
	seen := map[string]int{}
	for range 9 {
		got, err := s.say("{раз|два|три}")
		if err != nil {
			t.Fatal(err)
		}
		seen[got]++
	}
	if len(seen) != 3 || seen["раз"] != 3 || seen["два"] != 3 {
		t.Errorf("%v", seen)
	}
}

func TestFeminineNames(t *testing.T) {
	t.Parallel()
	for surname, want := range map[string]string{
		"Берёзкин": "Берёзкина", "Глухарёв": "Глухарёва", "Ольховский": "Ольховская", "Дворецкий": "Дворецкая",
		"Подгорный": "Подгорная", "Лозовой": "Лозовая", "Ковальчук": "Ковальчук", "Черных": "Черных", "Тимченко": "Тимченко",
	} {
		if got := feminine(surname); got != want {
			t.Errorf("%s: %s, want %s", surname, got, want)
		}
	}
	if got := daughterOf("Сергеевич"); got != "Сергеевна" {
		t.Error(got)
	}
}
