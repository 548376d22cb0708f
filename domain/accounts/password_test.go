package accounts_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"veche/domain/accounts"
	"veche/domain/problem"
)

var leaked = []string{"password", "qwerty", "dragon", "sunshine", "iloveyou", "aa123456", "1qaz2wsx"}

func policy() accounts.PasswordPolicy {
	return accounts.NewPasswordPolicy(func(word string) bool { return slices.Contains(leaked, word) })
}

var anna = accounts.PasswordOwner{Name: "Анна Сергеевна Юсупова", Email: "lapka.77@demo.test", Phone: "+79440317526"}

// unmet are the rules that a password does not meet.
func unmet(t *testing.T, typed string) []accounts.PasswordRule {
	t.Helper()
	err := policy().Check(accounts.NewPassword(typed), anna)
	if err == nil {
		return nil
	}
	var weak *accounts.WeakPassword
	if !errors.As(err, &weak) || len(weak.Unmet) == 0 {
		t.Fatalf("%q: %v names no rule", typed, err)
	}
	return weak.Unmet
}

func TestEveryUnmetRuleIsNamed(t *testing.T) {
	t.Parallel()
	const length, lower, upper, digit, special = accounts.RuleLength, accounts.RuleLower, accounts.RuleUpper, accounts.RuleDigit, accounts.RuleSpecial
	for typed, want := range map[string][]accounts.PasswordRule{
		"kX7!mquz":                             nil,
		"Жёлтый-трамвай-7":                     nil,
		"ΛόγοςΝέοςΧ4 ":                         nil,
		"Снег И 3 Реки":                        nil, // a space is a special character
		"kX7!mqu":                              {length},
		"KX7!MQUZ":                             {lower},
		"kx7!mquz":                             {upper},
		"kXz!mquz":                             {digit},
		"kX7zmquz":                             {special},
		"рельсыснег":                           {upper, digit, special},
		"_":                                    {length, lower, upper, digit},
		"И\u0306и\u0306Й7!zq":                  {length}, // counted as composed letters: seven
		"kX7!" + strings.Repeat("mquzъ", 25):   {accounts.RuleLong},
		"kX7!" + strings.Repeat("mъuzъ", 24):   nil, // 124 characters in more than 128 bytes
		"kX7!" + strings.Repeat("m\u0439", 62): nil, // 128 characters exactly
	} {
		if got := unmet(t, typed); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", typed, got, want)
		}
	}
}

func TestCommonPasswordsAreRefusedHoweverDressed(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"Password1!", "PASSword!!2026", "2026-Password", "P@ssw0rd-2026", "P4$$w0rd#1", "pa55WORD_9", "Password@1",
		"Qwerty123!", "$Unshine1!", "Sun5hine-77", "!1loveY0u!", "Aa123456!", "1Qaz2wsx!",
		"PasswordPassword1!", "DragonDragon?7", "Abababab1!", "Zzzzzzzz1!",
		"Пароль-2026!", "пАРОЛЬ_1985", "Gfhjkm123!", "Йцукен123!", "Parol-2026", "Привет-2026!", "П@р0ль-77", "Lyubov-1985!", "K.,jdm-1985",
	} {
		if got := unmet(t, typed); !slices.Contains(got, accounts.RuleCommon) {
			t.Errorf("%q: %v", typed, got)
		}
	}
}

func TestPasswordsOfWhatIsKnownAreRefused(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"Anna1985!", "Анна-1985", "@nna-1985A", "Fyyf1985!", "Юсупова.77", "Yusupova-77", "Iusupova-77", "Анна_Юсупова_5",
		"Sergeevna#12", "Lapka.77!", "Lapka-2026!", "7Lapka!2026", "Xq!9440317526z", "Kxzm-031-75-26!Q", "Veche-2026!", "Вече_2026", "АннаВече-1",
	} {
		if got := unmet(t, typed); !slices.Contains(got, accounts.RulePersonal) {
			t.Errorf("%q: %v", typed, got)
		}
	}
	for _, typed := range []string{"Саванна-Моя-73!", "Вечерний-Снег-4", "Рельсы-и-Снег-4"} {
		if got := unmet(t, typed); got != nil {
			t.Errorf("%q, which only contains a short name, is refused: %v", typed, got)
		}
	}
	if err := policy().Check("Lapka-2026!", accounts.PasswordOwner{}); err != nil {
		t.Errorf("what is known of one person is held against another: %v", err)
	}
}

func TestWeakPasswordIsAProblemOfItsField(t *testing.T) {
	t.Parallel()
	err := policy().Check("qwerty", anna)
	trouble, ok := problem.As(err)
	if !ok || trouble.Kind != problem.Invalid || trouble.Fields[accounts.NewPasswordField] == "" {
		t.Fatalf("%v is no problem of the field", err)
	}
	want := []any{"Unmet", problem.Sentences{
		"accounts.password.length", "accounts.password.upper", "accounts.password.digit",
		"accounts.password.special", "accounts.password.common",
	}}
	if diff := cmp.Diff(want, trouble.Values); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(err.Error(), "qwerty") {
		t.Errorf("the problem gives the password away: %v", err)
	}
	if err := policy().Check("", anna); !errors.Is(err, accounts.ErrNoNewPassword) {
		t.Errorf("an empty password: %v", err)
	}
}

func FuzzNewPassword(f *testing.F) {
	for _, seed := range []string{"Password1!", "Жёлтый-трамвай-7", "И\u0306", "\xff\xfe", "\u0301", "K.,jdm", "İıſK", "'\"][{}", strings.Repeat("ab", 70)} {
		f.Add(seed, "Анна", "anna@demo.test", "+79440317526")
		f.Add(seed, seed, seed, seed)
	}
	f.Fuzz(func(t *testing.T, typed, name, email, phone string) {
		owner := accounts.PasswordOwner{Name: name, Email: email, Phone: phone}
		err := policy().Check(accounts.NewPassword(typed), owner)
		if again := policy().Check(accounts.Password(norm.NFD.String(typed)), owner); utf8.ValidString(typed) && !sameRules(err, again) {
			t.Errorf("%q: %v, decomposed: %v", typed, err, again)
		}
		if err != nil {
			if _, ok := problem.As(err); !ok {
				t.Errorf("%q: %v is no problem", typed, err)
			}
			return
		}
		text := norm.NFC.String(typed)
		if n := utf8.RuneCountInString(text); n < 8 || n > 128 {
			t.Errorf("%q of %d characters passes", typed, n)
		}
		for _, kind := range []func(rune) bool{unicode.IsLower, unicode.IsUpper, unicode.IsDigit} {
			if !strings.ContainsFunc(text, kind) {
				t.Errorf("%q passes", typed)
			}
		}
		if slices.Contains(leaked, strings.ToLower(strings.Trim(text, "0123456789!-_.?#"))) {
			t.Errorf("%q passes, a leaked password", typed)
		}
	})
}

func sameRules(a, b error) bool {
	var one, other *accounts.WeakPassword
	if errors.As(a, &one) && errors.As(b, &other) {
		return slices.Equal(one.Unmet, other.Unmet)
	}
	return errors.Is(a, b)
}
