package recovery

import (
	"errors"
	"strings"

	"veche/domain/problem"
)

// The fields of the form with which a paper is shown.
const (
	KindField   = "kind"
	SeriesField = "series"
	NumberField = "number"
)

// Paper is what is typed of an identity paper.
type Paper struct {
	Kind   EvidenceKind
	Series string
	Number string
}

const (
	seriesDigits = 4
	numberDigits = 6
	maxNumber    = 30 // characters of the number of another paper
)

// ParsePaper reads series and number. Those of a passport are digits, with whatever
// stands between them; other papers are numbered in many ways.
func ParsePaper(kind, series, number string) (Paper, error) {
	paper := Paper{Kind: EvidenceKind(kind), Series: bare(series), Number: bare(number)}
	wrong := problem.New(problem.Invalid, "recovery.problem.check_paper")
	wrong.Fields = map[string]string{}
	switch paper.Kind {
	case Passport:
		if len(paper.Series) != seriesDigits || !digits(paper.Series) {
			wrong.Fields[SeriesField] = "recovery.problem.passport_series"
		}
		if len(paper.Number) != numberDigits || !digits(paper.Number) {
			wrong.Fields[NumberField] = "recovery.problem.passport_number"
		}
	case OtherPaper:
		if paper.Number == "" || len([]rune(paper.Series+paper.Number)) > maxNumber {
			wrong.Fields[NumberField] = "recovery.problem.paper_number"
		}
	default:
		wrong.Fields[KindField] = "recovery.problem.paper_kind"
	}
	if len(wrong.Fields) > 0 {
		return Paper{}, wrong
	}
	return paper, nil
}

// bare takes away what people put between digits.
func bare(typed string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\u00a0-–№", r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(typed, ""))
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// PaperCheck is a paper as the register is asked about it.
type PaperCheck struct {
	ID    string // of the question: asked again with it, it is the same
	Name  string // of the account's holder
	Paper Paper
	Copy  [32]byte // SHA-256
}

// Finding is what the register says.
type Finding struct {
	Final  bool
	Match  bool
	Reason string // of a mismatch; PaperReasons has words for those known
}

// PaperReasons are the reasons for which a paper is refused; any other is told as
// ReasonOther.
var PaperReasons = []string{"unknown", "invalid", "name", "birthdate"}

// ReasonOther is a reason that has no words of its own.
const ReasonOther = "other"

// Status is how far the decision about a paper has come.
type Status struct {
	Attempt string // public id
	State   State
	Reason  string // of a refusal: one of PaperReasons, or what an operator wrote
}

// ErrNotTaken says that the register will never take a question about this paper.
var ErrNotTaken = errors.New("the register does not take the question about a paper")
