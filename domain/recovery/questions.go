// Package recovery holds the rules by which a person who lost the way into their
// account gets it back: control questions (ID-02, REC-02) and the copy of an identity
// paper (REC-05).
//
// Neither opens an account alone. Answers can be found out by those who know the
// person, and a copy of a passport can be found in many drawers; they add to other
// proofs.
package recovery

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"veche/domain/accounts"
	"veche/domain/problem"
)

// Question names one of the questions that are offered; its wording stands in the
// catalogues.
type Question string

// Questions lists what is offered. They are about what a person keeps in mind and
// what no register, no document and no page about them tells. They are not the
// person's own: words of their own would tell whoever is asked them that there is
// such a person. What is offered once stays known for those who chose it.
var Questions = []Question{
	"first_pet",
	"first_teacher",
	"childhood_friend",
	"childhood_dream",
	"childhood_book",
	"first_trip",
	"first_dish",
	"first_wage",
	"first_concert",
	"favourite_toy",
	"summer_place",
	"parents_met",
}

// Offered says whether the question is one of those.
func (q Question) Offered() bool { return slices.Contains(Questions, q) }

// Needed is how many questions a person chooses.
const Needed = 3

// Bounds of an answer.
const (
	MinLetters = 3   // letters and digits of the folded answer
	MaxTyped   = 100 // characters as typed
)

// QuestionField is the name of the field in which a question is chosen, from 0.
func QuestionField(at int) string { return "question_" + digit(at) }

// AnswerField is the name of the field of an answer.
func AnswerField(at int) string { return QuestionField(at) + "_answer" }

func digit(at int) string { return string(rune('1' + at)) }

// Choice is a question with what a person typed as its answer.
type Choice struct {
	Question Question
	Typed    string
}

// Answer is a question with its folded answer.
type Answer struct {
	Question Question
	Text     accounts.Password
}

// Fold brings an answer into the one form in which it is compared: Unicode NFC,
// lower case, е for ё, letters and digits alone. People remember an answer, not how
// they once wrote it. It is a Password, so that no log gives it away.
func Fold(typed string) accounts.Password { return accounts.Password(fold(typed)) }

func fold(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'ё':
			return 'е'
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return r
		}
		return -1
	}, strings.ToLower(norm.NFC.String(typed)))
}

// Problems of the form; each stands at a field.
const (
	noQuestion   = "recovery.problem.no_question"
	sameQuestion = "recovery.problem.same_question"
	noAnswer     = "recovery.problem.no_answer"
	shortAnswer  = "recovery.problem.short_answer"
	longAnswer   = "recovery.problem.long_answer"
	sameAnswer   = "recovery.problem.same_answer"
	plainAnswer  = "recovery.problem.plain_answer"
)

// Problems of control questions.
var (
	ErrCheckForm = problem.New(problem.Invalid, "recovery.problem.check_form")
	ErrClosed    = problem.New(problem.TooMany, "recovery.problem.closed")
)

// ParseAnswers reads the form in which a person sets the questions. wording says a
// question in the person's language: a word of the question is no answer to it. The
// problem names every field that has to be corrected.
func ParseAnswers(chosen []Choice, wording func(Question) string) ([]Answer, error) {
	faults := map[string]string{}
	answers := make([]Answer, 0, Needed)
	for at := range Needed {
		var c Choice
		if at < len(chosen) {
			c = chosen[at]
		}
		answer := Answer{Question: c.Question, Text: Fold(c.Typed)}
		if fault := faultOfQuestion(answer, answers); fault != "" {
			faults[QuestionField(at)] = fault
		}
		if fault := faultOfAnswer(answer, c.Typed, answers, wording); fault != "" {
			faults[AnswerField(at)] = fault
		}
		answers = append(answers, answer)
	}
	if len(faults) > 0 {
		wrong := problem.New(problem.Invalid, ErrCheckForm.Message, "Letters", MinLetters)
		wrong.Fields = faults
		return nil, wrong
	}
	return answers, nil
}

func faultOfQuestion(answer Answer, before []Answer) string {
	switch {
	case !answer.Question.Offered():
		return noQuestion
	case slices.ContainsFunc(before, func(b Answer) bool { return b.Question == answer.Question }):
		return sameQuestion
	}
	return ""
}

func faultOfAnswer(answer Answer, typed string, before []Answer, wording func(Question) string) string {
	switch {
	case strings.TrimSpace(typed) == "":
		return noAnswer
	case utf8.RuneCountInString(typed) > MaxTyped:
		return longAnswer
	case different(string(answer.Text)) < 2 || utf8.RuneCountInString(string(answer.Text)) < MinLetters:
		return shortAnswer
	case slices.ContainsFunc(before, func(b Answer) bool { return b.Text == answer.Text }):
		return sameAnswer
	case answer.Question.Offered() && plain(string(answer.Text), wording(answer.Question)):
		return plainAnswer
	}
	return ""
}

// different counts the letters of which an answer is made.
func different(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// plain says whether the answer is the question, or a word of it.
func plain(answer, question string) bool {
	return answer == fold(question) || slices.ContainsFunc(strings.Fields(question), func(word string) bool {
		return fold(word) == answer
	})
}

// Chosen is what the portal tells a person of the questions they set. It can tell no
// answer: it does not know them.
type Chosen struct {
	Questions []Question // none when nothing is set
	SetAt     time.Time
}
