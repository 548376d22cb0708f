package registers

import (
	"fmt"
	"strings"

	"veche/domain/accounts"
)

// Series of papers that are there to be tried.
const (
	demoSeries   = "4400" // the demo people's own
	anyoneSeries = "4498" // each belongs to whoever is named
	trialSeries  = "4499" // the special ones
)

// Holder is a person of the demo with their passport.
type Holder struct {
	Surname, Name, Patronymic string
	Birthdate                 string
	Series, Number            string
}

// Title is the full name, as a page says it.
func (h Holder) Title() string { return strings.Join([]string{h.Surname, h.Name, h.Patronymic}, " ") }

// Holders lists the passports of the demo people who have a full name.
func Holders() []Holder {
	var holders []Holder
	for at, person := range accounts.Demo() {
		names := strings.Fields(person.Name)
		if len(names) != 3 || person.Email == "admin@demo.test" {
			continue
		}
		holders = append(holders, Holder{
			Name: names[0], Patronymic: names[1], Surname: names[2],
			Birthdate: fmt.Sprintf("19%d-%02d-%02d", 70+3*at, 1+at, 10+at),
			Series:    demoSeries,
			Number:    fmt.Sprintf("%06d", at+1),
		})
	}
	return holders
}

// Trial is a paper with a fate of its own, whoever is said to hold it.
type Trial struct {
	Key    string // names it in the catalogues: registers.trial.lost
	Series string
	Number string // "" is every number of the series
	reason Reason
	never  bool // no answer ever comes
	away   bool // the register cannot be asked
	slow   bool
}

var trials = []Trial{
	{Key: "anyone", Series: anyoneSeries},
	{Key: "lost", Series: trialSeries, Number: "000001", reason: Invalid},
	{Key: "foreign", Series: trialSeries, Number: "000002", reason: OtherName},
	{Key: "slow", Series: trialSeries, Number: "000003", slow: true},
	{Key: "never", Series: trialSeries, Number: "000004", never: true},
	{Key: "away", Series: trialSeries, Number: "000005", away: true},
}

func trialOf(series, number string) (Trial, bool) {
	for _, t := range trials {
		if t.Series == series && (t.Number == "" || t.Number == number) {
			return t, true
		}
	}
	return Trial{}, false
}

// compare says what the register knows against the paper, "" when nothing.
func compare(asked checkRequest) Reason {
	if trial, ok := trialOf(asked.Series, asked.Number); ok {
		return trial.reason
	}
	for _, h := range Holders() {
		if h.Series != asked.Series || h.Number != asked.Number {
			continue
		}
		same := alike(h.Surname, asked.Surname) && alike(h.Name, asked.Name) && alike(h.Patronymic, asked.Patronymic)
		switch {
		case !same:
			return OtherName
		case asked.Birthdate != "" && asked.Birthdate != h.Birthdate:
			return OtherBirthdate
		}
		return ""
	}
	return Unknown
}

var withoutYo = strings.NewReplacer("ё", "е")

func alike(a, b string) bool { return folded(a) == folded(b) }

func folded(name string) string {
	return withoutYo.Replace(strings.Join(strings.Fields(strings.ToLower(name)), " "))
}
