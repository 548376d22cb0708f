package words_test

import (
	"context"
	"testing"
	"time"

	"veche/domain/problem"
	"veche/views/words"
)

// readers are the same moment for a Russian and an English reader in Moscow.
func readers() (ru, en context.Context) {
	zone := time.FixedZone("MSK", 3*60*60)
	ctx := words.WithZone(context.Background(), zone)
	return words.With(ctx, words.Russian), words.With(ctx, words.English)
}

func TestLanguageFallsBackToRussian(t *testing.T) {
	if got := words.Of(context.Background()); got != words.Russian {
		t.Errorf("language of an empty context: %q", got)
	}
	ctx := words.With(context.Background(), "fr")
	if got := words.T(ctx, "common.save"); got != "Сохранить" {
		t.Errorf("a language nobody speaks: %q", got)
	}
}

func TestUnknownIDComesBackAsItIs(t *testing.T) {
	for _, lang := range words.Langs {
		ctx := words.With(context.Background(), lang)
		if got := words.T(ctx, "common.no_such_sentence"); got != "common.no_such_sentence" {
			t.Errorf("%s: %q", lang, got)
		}
		if got := words.N(ctx, "common.no_such_sentence", 3); got != "common.no_such_sentence" {
			t.Errorf("%s, counted: %q", lang, got)
		}
	}
}

func TestPluralsFollowTheLanguage(t *testing.T) {
	ru, en := readers()
	for count, want := range map[int][2]string{
		1:     {"1 день назад", "1 day ago"},
		2:     {"2 дня назад", "2 days ago"},
		5:     {"5 дней назад", "5 days ago"},
		11:    {"11 дней назад", "11 days ago"},
		21:    {"21 день назад", "21 days ago"},
		1_102: {"1\u00a0102 дня назад", "1,102 days ago"},
	} {
		if got := words.N(ru, "common.ago.days", count); got != want[0] {
			t.Errorf("ru %d: %q", count, got)
		}
		if got := words.N(en, "common.ago.days", count); got != want[1] {
			t.Errorf("en %d: %q", count, got)
		}
	}
}

func TestFormsKeepThePlaceOfTheNumber(t *testing.T) {
	ru, en := readers()
	if got := words.Forms(ru, "common.ago.days"); got["one"] != "{n} день назад" || got["many"] != "{n} дней назад" || len(got) != 4 {
		t.Errorf("ru: %v", got)
	}
	if got := words.Forms(en, "common.ago.days"); got["one"] != "{n} day ago" || got["other"] != "{n} days ago" || len(got) != 2 {
		t.Errorf("en: %v", got)
	}
}

func TestNumbers(t *testing.T) {
	ru, en := readers()
	for n, want := range map[int][2]string{
		0:         {"0", "0"},
		999:       {"999", "999"},
		1234:      {"1\u00a0234", "1,234"},
		1_234_567: {"1\u00a0234\u00a0567", "1,234,567"},
		-45_000:   {"−45\u00a0000", "−45,000"},
	} {
		if got := words.Number(ru, n); got != want[0] {
			t.Errorf("ru %d: %q", n, got)
		}
		if got := words.Number(en, n); got != want[1] {
			t.Errorf("en %d: %q", n, got)
		}
	}
}

func TestPercents(t *testing.T) {
	ru, en := readers()
	nan := 0.0
	for _, test := range []struct {
		share  float64
		ru, en string
	}{
		{0, "0\u00a0%", "0%"},
		{0.125, "12,5\u00a0%", "12.5%"},
		{0.5, "50\u00a0%", "50%"},
		{0.6666, "66,7\u00a0%", "66.7%"},
		{1, "100\u00a0%", "100%"},
		{-0.021, "−2,1\u00a0%", "−2.1%"},
		{nan / nan, "0\u00a0%", "0%"},
	} {
		if got := words.Percent(ru, test.share); got != test.ru {
			t.Errorf("ru %v: %q", test.share, got)
		}
		if got := words.Percent(en, test.share); got != test.en {
			t.Errorf("en %v: %q", test.share, got)
		}
	}
}

func TestDatesStandInTheReadersZone(t *testing.T) {
	ru, en := readers()
	late := time.Date(2026, time.November, 20, 22, 5, 0, 0, time.UTC)
	if got := words.DateTime(ru, late); got != "21\u00a0ноября\u00a02026, 01:05" {
		t.Errorf("ru: %q", got)
	}
	if got := words.DateTime(en, late); got != "21\u00a0November\u00a02026, 01:05" {
		t.Errorf("en: %q", got)
	}
	if got := words.Time(words.WithZone(ru, time.UTC), late); got != "22:05" {
		t.Errorf("ru, in UTC: %q", got)
	}
}

func TestRelativeTimes(t *testing.T) {
	ru, en := readers()
	now := time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		away   time.Duration
		ru, en string
	}{
		{10 * time.Second, "сейчас", "now"},
		{20 * time.Minute, "через 20 минут", "in 20 minutes"},
		{3 * time.Hour, "через 3 часа", "in 3 hours"},
		{26 * time.Hour, "завтра", "tomorrow"},
		{48 * time.Hour, "через 2 дня", "in 2 days"},
		{60 * 24 * time.Hour, "20\u00a0января\u00a02027", "20\u00a0January\u00a02027"},
		{-10 * time.Second, "только что", "just now"},
		{-time.Minute, "1 минуту назад", "1 minute ago"},
		{-5 * time.Hour, "5 часов назад", "5 hours ago"},
		{-26 * time.Hour, "вчера", "yesterday"},
		{-72 * time.Hour, "3 дня назад", "3 days ago"},
		{-40 * 24 * time.Hour, "12\u00a0октября\u00a02026", "12\u00a0October\u00a02026"},
	} {
		say := words.Until
		if test.away < 0 {
			say = words.Ago
		}
		if got := say(ru, now.Add(test.away), now); got != test.ru {
			t.Errorf("ru %v: %q", test.away, got)
		}
		if got := say(en, now.Add(test.away), now); got != test.en {
			t.Errorf("en %v: %q", test.away, got)
		}
	}
}

func TestSentencesWithinASentenceAreSaid(t *testing.T) {
	unmet := problem.Sentences{"accounts.password.digit", "accounts.password.common"}
	said := words.T(context.Background(), "accounts.problem.weak_password", "Unmet", unmet)
	want := "Этот пароль не подходит. Добавьте цифру. Такой пароль подбирают первым: выберите не слово и не ряд клавиш."
	if said != want {
		t.Errorf("the sentence is %q", said)
	}
}
