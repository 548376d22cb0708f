package inbox_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"veche/cmd/sim/inbox"
)

func TestCodesAreToldFromOtherNumbers(t *testing.T) {
	for text, want := range map[string][]string{
		"Ваш код: 482913. Никому его не говорите.": {"482913"},
		"482913 — код подтверждения":               {"482913"},
		"Код 7731, а запасной 7732":                {"7731", "7732"},
		"Код 482913, повторяем: 482913":            {"482913"},
		"Код:12345678":   {"12345678"},
		"(004512)":       {"004512"},
		"Код 123":        {},
		"Счёт 123456789": {},
		"Звоните 8 800 555-35-35 или +7 495 123-4567":      {},
		"Номер обращения 2026-000123":                      {},
		"Дело № 123456, дело №123456, тикет #123456":       {},
		"Пошлина 2500 ₽, пени 1500 руб., скидка 1000%":     {},
		"Закроется 14 декабря 2026 и 14.12.2026 в 10:3000": {},
		"Ваш код подтверждения: 2026":                      {"2026"},
		"С 2026 года": {},
		"Проголосовали 12 345 678 человек":            {},
		"http://127.0.0.1:8080/polls/123456?n=654321": {},
		"Код 555123: http://x.test/123456.":           {"555123"},
		"a1234b и x_123456":                           {},
		"mail1234@demo.test 123456@demo.test":         {},
		"":                                            {},
	} {
		if got := inbox.Codes(text); !slices.Equal(got, want) {
			t.Errorf("%q: codes %q, want %q", text, got, want)
		}
	}
}

func TestLinksComeFromTextAndMarkup(t *testing.T) {
	got := inbox.Links("Смотрите http://a.test/1, ещё http://a.test/1 и (https://b.test/x?y=1).",
		`<a href="https://c.test/?a=1&amp;b=2">там</a><a href="javascript:alert(1)">зло</a><a href="http://a.test/1">снова</a><a>нет</a>`)
	want := []string{"http://a.test/1", "https://b.test/x?y=1", "https://c.test/?a=1&b=2"}
	if !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
}

func TestPlainTextIsWhatAPersonReads(t *testing.T) {
	got := inbox.PlainText("<head><title>нет</title><style>p{}</style></head><body><h1>При<b>вет</b>,\n Анна!</h1>" +
		"<script>alert(1)</script><p>Код&nbsp;482913</p><p></p><p></p>\n<ul><li>раз<li>два</ul>a &lt;b&gt;</body>")
	want := "Привет, Анна!\n\nКод\u00a0482913\n\nраз\nдва\na <b>"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzSpansKeepTheText(f *testing.F) {
	for _, seed := range []string{"Код 482913", "http://a.test/1.", "№ 1234 1234", "\xff1234\xff", "2026 г.", "код 2026"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var joined strings.Builder
		for _, span := range inbox.Spans(text) {
			joined.WriteString(span.Text)
			if span.Code && (len(span.Text) < 4 || len(span.Text) > 8 || strings.Trim(span.Text, "0123456789") != "") {
				t.Errorf("%q is no code", span.Text)
			}
		}
		if joined.String() != text {
			t.Errorf("spans of %q join to %q", text, joined.String())
		}
		if plain := inbox.PlainText(text); utf8.ValidString(text) && !utf8.ValidString(plain) {
			t.Errorf("plain text of %q is broken: %q", text, plain)
		}
	})
}
