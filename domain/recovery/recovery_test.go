package recovery_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/problem"
	"veche/domain/recovery"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Жучка":                    "жучка",
		"  жУчка! ":                "жучка",
		"Алёна Фёдоровна":          "аленафедоровна",
		"Е\u0308лка":               "елка", // ё of two marks
		"Нижний-Новгород":          "нижнийновгород",
		"нижний\u00a0новгород":     "нижнийновгород",
		"и\u0306од":                "йод",
		"Ма\u0301ша":               "маша", // with the stress marked
		"дом № 7":                  "дом7",
		"«Three  Men in a Boat»":   "threemeninaboat",
		"😀":                        "",
		"":                         "",
		"\u200bтайное\u202e слово": "тайноеслово",
	} {
		if got := string(recovery.Fold(typed)); got != want {
			t.Errorf("%q becomes %q, want %q", typed, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Ёлка, 2 шт.")
	f.Fuzz(func(t *testing.T, typed string) {
		once := recovery.Fold(typed)
		if again := recovery.Fold(string(once)); again != once {
			t.Errorf("%q becomes %q and then %q", typed, string(once), string(again))
		}
		if utf8.ValidString(typed) && !utf8.ValidString(string(once)) {
			t.Errorf("%q becomes %q", typed, string(once))
		}
	})
}

func TestAnswersDoNotPrint(t *testing.T) {
	t.Parallel()
	answer := recovery.Answer{Question: "first_pet", Text: recovery.Fold("Жучка")}
	if said := fmt.Sprintf("%v %+v %s %q", answer, answer, answer.Text, answer.Text); strings.Contains(said, "жучка") {
		t.Error(said)
	}
}

func wording(q recovery.Question) string {
	return map[recovery.Question]string{
		"first_pet":     "Как звали вашего первого питомца?",
		"first_teacher": "Как звали вашу первую учительницу?",
		"first_trip":    "Куда вы впервые поехали одни?",
	}[q]
}

func TestParseAnswers(t *testing.T) {
	t.Parallel()
	good := []recovery.Choice{{"first_pet", "Жучка"}, {"first_teacher", "Мария Ивановна"}, {"first_trip", "в Ялту"}}
	with := func(at int, c recovery.Choice) []recovery.Choice {
		changed := append([]recovery.Choice(nil), good...)
		changed[at] = c
		return changed
	}
	for name, c := range map[string]struct {
		chosen []recovery.Choice
		want   map[string]string // field to the end of its message
	}{
		"good":             {good, nil},
		"nothing":          {nil, map[string]string{"question_1": "no_question", "question_1_answer": "no_answer", "question_2": "no_question", "question_2_answer": "no_answer", "question_3": "no_question", "question_3_answer": "no_answer"}},
		"two":              {good[:2], map[string]string{"question_3": "no_question", "question_3_answer": "no_answer"}},
		"unknown question": {with(0, recovery.Choice{"mothers_maiden_name", "Жучка"}), map[string]string{"question_1": "no_question"}},
		"same question":    {with(2, recovery.Choice{"first_pet", "Тузик"}), map[string]string{"question_3": "same_question"}},
		"blank":            {with(1, recovery.Choice{"first_teacher", " \u00a0 "}), map[string]string{"question_2_answer": "no_answer"}},
		"two letters":      {with(1, recovery.Choice{"first_teacher", "Я. М."}), map[string]string{"question_2_answer": "short_answer"}},
		"one letter often": {with(1, recovery.Choice{"first_teacher", "ааааа"}), map[string]string{"question_2_answer": "short_answer"}},
		"signs alone":      {with(1, recovery.Choice{"first_teacher", "!!! ???"}), map[string]string{"question_2_answer": "short_answer"}},
		"three letters":    {with(1, recovery.Choice{"first_teacher", "Яна"}), nil},
		"as long as may":   {with(1, recovery.Choice{"first_teacher", strings.Repeat("ая", 50)}), nil},
		"too long":         {with(1, recovery.Choice{"first_teacher", strings.Repeat("ая", 50) + "я"}), map[string]string{"question_2_answer": "long_answer"}},
		"same answer":      {with(2, recovery.Choice{"first_trip", "ЖУЧКА!"}), map[string]string{"question_3_answer": "same_answer"}},
		"the question":     {with(0, recovery.Choice{"first_pet", "как звали вашего первого питомца"}), map[string]string{"question_1_answer": "plain_answer"}},
		"a word of it":     {with(0, recovery.Choice{"first_pet", "Питомца"}), map[string]string{"question_1_answer": "plain_answer"}},
		"more than asked":  {append(append([]recovery.Choice(nil), good...), recovery.Choice{"summer_place", ""}), nil},
	} {
		answers, err := recovery.ParseAnswers(c.chosen, wording)
		if c.want == nil {
			if err != nil || len(answers) != recovery.Needed {
				t.Errorf("%s: %d answers (%v)", name, len(answers), err)
			}
			continue
		}
		found, ok := problem.As(err)
		if !ok || !errors.Is(err, recovery.ErrCheckForm) || answers != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := map[string]string{}
		for field, message := range found.Fields {
			got[field] = strings.TrimPrefix(message, "recovery.problem.")
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestEventsWakeTheScreensAboutTheAccount(t *testing.T) {
	t.Parallel()
	for _, happened := range []event.Event{recovery.QuestionsSet{Account: "a1"}, recovery.QuestionsRemoved{Account: "a1"}} {
		want := []event.Change{{Topic: accounts.Topic("a1"), IDs: []string{"questions"}}}
		if diff := cmp.Diff(want, happened.Changes()); diff != "" {
			t.Errorf("%s: %s", happened.Name(), diff)
		}
	}
}
