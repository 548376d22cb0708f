package accounts_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"veche/domain/accounts"
	"veche/domain/problem"
)

func TestFullNameIsOneSpelling(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Анна Лебедева":                      "Анна Лебедева",
		"  Анна \t Сергеевна\u00a0Лебедева ": "Анна Сергеевна Лебедева",
		"И\u0306ода Петров":                  "Йода Петров",
		"Анна Римская‑Корсакова":             "Анна Римская-Корсакова",
		"Жанна д’Арк":                        "Жанна д'Арк",
		"Shaquille O'Neal":                   "Shaquille O'Neal",
		"Али Вели оглы Мамедов":              "Али Вели оглы Мамедов",
		"О Ён":                      "О Ён",
		"小林 花子":                     "小林 花子",
		"\u200bАнна Лебедева\ufeff": "Анна Лебедева",
	} {
		if got, err := accounts.ParseFullName(typed); err != nil || got != want {
			t.Errorf("%q: %q (%v), want %q", typed, got, err, want)
		}
	}
	long := strings.Repeat("я", 59) + " " + strings.Repeat("й", 60)
	if got, err := accounts.ParseFullName(long); err != nil || got != long {
		t.Errorf("120 characters: %v", err)
	}
	for typed, want := range map[string]error{
		"":               accounts.ErrNoName,
		" \u200b\t":      accounts.ErrNoName,
		"Анна":           accounts.ErrUnclearName,
		"А. С. Лебедева": accounts.ErrUnclearName,
		"Анна Петрова 2": accounts.ErrUnclearName,
		"Анна Петрова-":  accounts.ErrUnclearName,
		"Анна -Петрова":  accounts.ErrUnclearName,
		"Анна Римская--Корсакова": accounts.ErrUnclearName,
		"Анна - Петрова":          accounts.ErrUnclearName,
		"Анна <b>Петрова</b>":     accounts.ErrUnclearName,
		"Анна \u0301Петрова":      accounts.ErrUnclearName,
		"Анна\x00 Петрова":        accounts.ErrUnclearName,
		"Анна \xffПетрова":        accounts.ErrUnclearName,
		"а б в г д":               accounts.ErrUnclearName,
		"Анна 😀":                  accounts.ErrUnclearName,
		long + "я":                accounts.ErrLongName,
		strings.Repeat("я", 5000): accounts.ErrLongName,
	} {
		if got, err := accounts.ParseFullName(typed); !errors.Is(err, want) || got != "" {
			t.Errorf("%q: %q, %v; want %v", typed, got, err, want)
		}
	}
}

func TestAddressesToWhichNothingCanGoAreRefused(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"anna@demo.test", "a.b+c@demo.test", "почта@пример.рф", "o'neil_1@a-b.co.uk"} {
		if got, err := accounts.ParseEmail(typed); err != nil || got != typed {
			t.Errorf("%q: %q (%v)", typed, got, err)
		}
	}
	for typed, want := range map[string]error{
		"":                                     accounts.ErrNoEmail,
		"anna":                                 accounts.ErrUnclearEmail,
		"+79001234567":                         accounts.ErrUnclearEmail,
		"anna@demo":                            accounts.ErrUnclearEmail,
		"anna@demo..test":                      accounts.ErrUnclearEmail,
		"anna@demo.test.":                      accounts.ErrUnclearEmail,
		".anna@demo.test":                      accounts.ErrUnclearEmail,
		"a@b@demo.test":                        accounts.ErrUnclearEmail,
		"anna@demo.test,boris@demo.test":       accounts.ErrUnclearEmail,
		"<anna@demo.test>":                     accounts.ErrUnclearEmail,
		"anna@demo.test\r\nBcc:b@demo.test":    accounts.ErrUnclearEmail,
		strings.Repeat("a", 65) + "@demo.test": accounts.ErrUnclearEmail,
	} {
		if got, err := accounts.ParseEmail(typed); !errors.Is(err, want) || got != "" {
			t.Errorf("%q: %q, %v; want %v", typed, got, err, want)
		}
	}
}

func TestRegistrationNamesEveryFieldToCorrect(t *testing.T) {
	t.Parallel()
	got, err := accounts.ParseRegistration(" Анна  Лебедева ", "Anna@Demo.TEST", "8 (900) 123-45-67")
	want := accounts.Registration{Name: "Анна Лебедева", Email: "anna@demo.test", Phone: "+79001234567"}
	if err != nil || got != want {
		t.Errorf("%+v (%v), want %+v", got, err, want)
	}
	const name, email, phone = accounts.NameField, accounts.EmailField, accounts.PhoneField
	for _, c := range []struct {
		name, email, phone string
		want               map[string]string
	}{
		{"", "", "", map[string]string{name: "accounts.problem.no_name", email: "accounts.problem.no_email", phone: "accounts.problem.no_phone"}},
		{"Анна", "anna", "112-233-445 95", map[string]string{name: "accounts.problem.unclear_name", email: "accounts.problem.unclear_email", phone: "accounts.problem.unclear_phone"}},
		{"Анна Лебедева", "anna@demo.test", "500100732259", map[string]string{phone: "accounts.problem.unclear_phone"}},
		{"Анна Лебедева", "anna@demo", "89001234567", map[string]string{email: "accounts.problem.unclear_email"}},
	} {
		got, err := accounts.ParseRegistration(c.name, c.email, c.phone)
		trouble, ok := problem.As(err)
		if !ok || trouble.Kind != problem.Invalid || got != (accounts.Registration{}) {
			t.Errorf("%+v: %+v, %v", c, got, err)
			continue
		}
		if diff := cmp.Diff(c.want, trouble.Fields); diff != "" {
			t.Errorf("%+v: %s", c, diff)
		}
	}
}

func FuzzRegistration(f *testing.F) {
	f.Add("Анна Лебедева", "anna@demo.test", "8 900 123-45-67")
	f.Add("И\u0306 й’й", "почта@пример.рф", "112-233-445 95")
	f.Add("\u0301 ‐\u200b", "a@b.c\x00", "+")
	f.Add("\xff \u00a0", "@.", "\u202a7")
	f.Fuzz(func(t *testing.T, name, email, phone string) {
		got, err := accounts.ParseRegistration(name, email, phone)
		if err != nil {
			if trouble, ok := problem.As(err); !ok || len(trouble.Fields) == 0 {
				t.Errorf("%v names no field", err)
			}
			return
		}
		if again, err := accounts.ParseRegistration(got.Name, got.Email, got.Phone); err != nil || again != got {
			t.Errorf("%+v reads as %+v (%v)", got, again, err)
		}
		if !norm.NFC.IsNormalString(got.Name) || utf8.RuneCountInString(got.Name) > 120 || strings.ContainsAny(got.Name, "<>&\x00\n\t\"") {
			t.Errorf("%q is kept as %q", name, got.Name)
		}
		if strings.ContainsAny(got.Email, " <>,;:\"()\r\n") || strings.Count(got.Email, "@") != 1 {
			t.Errorf("%q is kept as %q", email, got.Email)
		}
	})
}
