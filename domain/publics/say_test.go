package publics_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"veche/domain/problem"
	"veche/domain/publics"
)

func TestBodyIsReadAsItWasMeant(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"  Спасибо!\r\n":                                  "Спасибо!",
		"Раз.\r\n\r\nДва.\rТри.":                          "Раз.\n\nДва.\nТри.",
		"и\u0306од":                                       "йод", // two signs become one
		"\u00a0столбик:\t1\u2003":                         "столбик:\t1",
		"\ufeffс\u200bло\u00adво\u2060":                   "слово", // copied from elsewhere
		"а\u0301б\u0301":                                  "а\u0301б\u0301",
		"👨‍👩‍👧 за":                                        "👨‍👩‍👧 за",
		strings.Repeat("ё", publics.MaxBody):              strings.Repeat("ё", publics.MaxBody),
		strings.Repeat("е\u0308", publics.MaxBody) + "\n": strings.Repeat("ё", publics.MaxBody),
	} {
		if got, err := publics.ParseBody(typed); err != nil || got != want {
			t.Errorf("%.40q is read as %.40q, %v", typed, got, err)
		}
	}
}

func TestBodyThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]error{
		"":                                publics.ErrNothingSaid,
		" \n\t\u00a0":                     publics.ErrNothingSaid,
		"\u200b\u200b":                    publics.ErrNothingSaid, // spaces of no width
		"\u200b \ufeff":                   publics.ErrNothingSaid,
		"\u3164\u2800":                    publics.ErrNothingSaid, // letters that show nothing
		"\u0301\ufe0f":                    publics.ErrNothingSaid, // marks over nothing
		"а" + strings.Repeat("\u0335", 5): publics.ErrUnreadable,
		"ноль\x00":                        publics.ErrUnreadable,
		"звонок\a":                        publics.ErrUnreadable,
		"\x1b[31mкрасным":                 publics.ErrUnreadable,
		"\xff\xfe":                        publics.ErrUnreadable,
		"\u202eторобоан":                  publics.ErrUnreadable,
		"\u2066внутри\u2069":              publics.ErrUnreadable,
		"конец строки\u0085здесь":              publics.ErrUnreadable,
		strings.Repeat("ё", publics.MaxBody+1): problem.InField(publics.BodyField, "publics.problem.too_much_said"),
	} {
		_, err := publics.ParseBody(typed)
		if !errors.Is(err, want) {
			t.Errorf("%.40q: %v, want %v", typed, err, want)
		}
		if found, ok := problem.As(err); !ok || found.Fields[publics.BodyField] == "" {
			t.Errorf("%.40q: the trouble is at no field", typed)
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add("Спасибо!\r\nЙод")
	f.Add("\u202e\x00\xff")
	f.Fuzz(func(t *testing.T, typed string) {
		body, err := publics.ParseBody(typed)
		if err != nil {
			return
		}
		again, err := publics.ParseBody(body)
		switch {
		case err != nil || again != body:
			t.Errorf("%q is read as %q, and that as %q, %v", typed, body, again, err)
		case !norm.NFC.IsNormalString(body), strings.ContainsAny(body, "\x00\r"), body != strings.TrimSpace(body):
			t.Errorf("%q is read as %q", typed, body)
		case body == "" || utf8.RuneCountInString(body) > publics.MaxBody:
			t.Errorf("%d signs are let through", utf8.RuneCountInString(body))
		}
	})
}

func TestDecisionIsPromisedWithinADay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	if got, want := (publics.Own{CreatedAt: at}).DecidedBy(), at.Add(24*time.Hour); !got.Equal(want) {
		t.Errorf("decided by %s, want %s", got, want)
	}
}
