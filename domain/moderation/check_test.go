package moderation_test

import (
	"slices"
	"testing"

	"veche/domain/moderation"
)

func TestCheckNamesWhatItSuspects(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]moderation.Suspicion{
		"Спасибо, дорожку наконец починили!":                     nil,
		"Автобус № 8 ходит раз в 40 минут, а в 18:30 не приехал": nil,
		"Дурацкая разметка, но сделали быстро":                   nil,
		"Кто это придумал, идиоты?":                              {moderation.Abuse},
		"Подробности на www.example.ru/dom":                      {moderation.Links},
		"Смотрите пример.рф":                                     {moderation.Links},
		"Пишите на anna@example.ru":                              {moderation.Contacts},
		"Звоните +7 (912) 345-67-89":                             {moderation.Contacts},
		"Только сегодня скидки на окна":                          {moderation.Adverts},
		"КОГДА УЖЕ ПОЧИНЯТ ЭТОТ ФОНАРЬ":                          {moderation.Shouting},
		"Ааааааааа, сколько можно":                               {moderation.Repeating},
		// What is stuck into a word, or put for a letter, hides it from nobody.
		"Ну ты и\u200dди\u200bот":          {moderation.Abuse},
		"и\u0336д\u0336и\u0336о\u0336т":    {moderation.Abuse},
		"идиoт и кpeтин, обе o латинские":  {moderation.Abuse},
		"ｗｗｗ．ｅｘａｍｐｌｅ．ｒｕ":                   {moderation.Links},
		"Cкидки на окна":                   {moderation.Adverts},
		"Не знаю… Подождём……":              nil,
		"This is a comment about the park": nil,
		"":                                 nil,
	} {
		if got := moderation.Check(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("Спасибо! www.example.ru +7 912 345 67 89")
	f.Add("\xff\x00ААААААААААААААААААААААААА")
	f.Fuzz(func(t *testing.T, text string) {
		if !slices.Equal(moderation.Check(text), moderation.Check(text)) {
			t.Error("the same text is suspected differently")
		}
	})
}
