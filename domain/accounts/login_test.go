package accounts_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"veche/domain/accounts"
)

func TestLoginIsOneSpelling(t *testing.T) {
	t.Parallel()
	const mobile = "+79001234567"
	for typed, want := range map[string]accounts.Login{
		"anna@demo.test":               {Kind: accounts.ByEmail, Value: "anna@demo.test"},
		"  Anna@Demo.TEST\t":           {Kind: accounts.ByEmail, Value: "anna@demo.test"},
		"\u200banna@demo.test\ufeff":   {Kind: accounts.ByEmail, Value: "anna@demo.test"},
		"ПОЧТА@Пример.РФ":              {Kind: accounts.ByEmail, Value: "почта@пример.рф"},
		"и\u0306од@пример.рф":          {Kind: accounts.ByEmail, Value: "йод@пример.рф"},
		"И\u0306од@пример.рф":          {Kind: accounts.ByEmail, Value: "йод@пример.рф"},
		"a@b@demo.test":                {Kind: accounts.ByEmail, Value: "a@b@demo.test"},
		"+7 900 123-45-67":             {Kind: accounts.ByPhone, Value: mobile},
		"8 (900) 123-45-67":            {Kind: accounts.ByPhone, Value: mobile},
		"79001234567":                  {Kind: accounts.ByPhone, Value: mobile},
		"9001234567":                   {Kind: accounts.ByPhone, Value: mobile},
		"+7.900.123.45.67":             {Kind: accounts.ByPhone, Value: mobile},
		"8\u00a0900\u00a0123‑45–67":    {Kind: accounts.ByPhone, Value: mobile},
		"\u202a+7 900 123 45 67\u202c": {Kind: accounts.ByPhone, Value: mobile},
		"8 495 123 45 67":              {Kind: accounts.ByPhone, Value: "+74951234567"},
		"+375 29 123-45-67":            {Kind: accounts.ByPhone, Value: "+375291234567"},
		"112-233-445 95":               {Kind: accounts.BySNILS, Value: "11223344595"},
		"112‑233–445-95":               {Kind: accounts.BySNILS, Value: "11223344595"},
		" 11223344595 ":                {Kind: accounts.BySNILS, Value: "11223344595"},
		"112 233 445 95":               {Kind: accounts.BySNILS, Value: "11223344595"},
		"087-654-303 00":               {Kind: accounts.BySNILS, Value: "08765430300"},
		"112-233-199 00":               {Kind: accounts.BySNILS, Value: "11223319900"},
		"500100732259":                 {Kind: accounts.ByINN, Value: "500100732259"},
		"5001 0073 2259":               {Kind: accounts.ByINN, Value: "500100732259"},
		"+500100732259":                {Kind: accounts.ByPhone, Value: "+500100732259"},
	} {
		if got, err := accounts.ParseLogin(typed); err != nil || got != want {
			t.Errorf("%q: %+v (%v), want %+v", typed, got, err, want)
		}
	}
}

func TestUnclearLoginsAreRefused(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]error{
		"":                                 accounts.ErrNoLogin,
		" \t\u200b\u00a0":                  accounts.ErrNoLogin,
		"anna":                             accounts.ErrUnclearLogin,
		"@demo.test":                       accounts.ErrUnclearLogin,
		"anna@":                            accounts.ErrUnclearLogin,
		"anna @demo.test":                  accounts.ErrUnclearLogin,
		"anna\x00@demo.test":               accounts.ErrUnclearLogin,
		"anna\xff@demo.test":               accounts.ErrUnclearLogin,
		strings.Repeat("a", 250) + "@d.ru": accounts.ErrUnclearLogin,
		strings.Repeat("1", 5000):          accounts.ErrUnclearLogin,
		"112":                              accounts.ErrUnclearLogin,
		"123-45-67":                        accounts.ErrUnclearLogin,
		"8 100 123 45 67":                  accounts.ErrUnclearLogin,
		"+7 900 123 45 6":                  accounts.ErrUnclearLogin,
		"+7 900 123 45 678":                accounts.ErrUnclearLogin,
		"+0 900 123 45 67":                 accounts.ErrUnclearLogin,
		"+1234567890123456":                accounts.ErrUnclearLogin,
		"++79001234567":                    accounts.ErrUnclearLogin,
		"+":                                accounts.ErrUnclearLogin,
		"9001234567 доб. 5":                accounts.ErrUnclearLogin,
		"٩٠٠١٢٣٤٥٦٧":                       accounts.ErrUnclearLogin,
		"112-233-445 96":                   accounts.ErrUnclearLogin,
		"121-233-445 95":                   accounts.ErrUnclearLogin,
		"000-000-000 00":                   accounts.ErrUnclearLogin,
		"500100732258":                     accounts.ErrUnclearLogin,
		"500100732269":                     accounts.ErrUnclearLogin,
		"000000000000":                     accounts.ErrUnclearLogin,
	} {
		if got, err := accounts.ParseLogin(typed); !errors.Is(err, want) || got != (accounts.Login{}) {
			t.Errorf("%q: %+v, %v; want %v", typed, got, err, want)
		}
	}
}

// Eleven digits that are a Russian phone and СНИЛС at once are read as they are
// written; where the checksum fails, they are a phone however they are written.
func TestWritingDecidesBetweenPhoneAndSNILS(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]accounts.Login{
		"89001234578":       {Kind: accounts.ByPhone, Value: "+79001234578"},
		"8 (900) 123-45-78": {Kind: accounts.ByPhone, Value: "+79001234578"},
		"890-012-345 78":    {Kind: accounts.BySNILS, Value: "89001234578"},
		"890-012-345 30":    {Kind: accounts.ByPhone, Value: "+79001234530"},
		"+890-012-345 78":   {Kind: accounts.ByPhone, Value: "+89001234578"},
	} {
		if got, err := accounts.ParseLogin(typed); err != nil || got != want {
			t.Errorf("%q: %+v (%v), want %+v", typed, got, err, want)
		}
	}
}

func FuzzLogin(f *testing.F) {
	for _, seed := range []string{
		"anna@demo.test", "8 (900) 123-45-67", "+375291234567", "ПОЧТА@Пример.РФ", "И\u0306@й.рф",
		"112-233-445 95", "500100732259", "İ@ﬀ.test", "ẞ@ΌΣ.gr", "\u202a7\u202c", "@", "+7", "a@b\x00", "\xff@\xfe",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		login, err := accounts.ParseLogin(typed)
		if err != nil {
			if !errors.Is(err, accounts.ErrNoLogin) && !errors.Is(err, accounts.ErrUnclearLogin) {
				t.Fatalf("%q: %v is no problem of the form", typed, err)
			}
			return
		}
		written := login.Value
		if login.Kind == accounts.BySNILS {
			written = written[:3] + "-" + written[3:6] + "-" + written[6:9] + " " + written[9:]
		}
		again, err := accounts.ParseLogin(written)
		if err != nil || again != login {
			t.Errorf("%q is kept as %q, which reads as %q (%v)", typed, login.Value, again.Value, err)
		}
		v := login.Value
		if !utf8.ValidString(v) || !norm.NFC.IsNormalString(v) || strings.ContainsAny(v, "\x00 \t\n") {
			t.Errorf("%q is kept as %q", typed, v)
		}
		switch login.Kind {
		case accounts.ByEmail:
			if v != strings.ToLower(v) || len(v) > 254 {
				t.Errorf("%q is kept as %q", typed, v)
			}
		case accounts.ByPhone:
			if v[0] != '+' || len(v) < 9 || len(v) > 16 || strings.Trim(v[1:], "0123456789") != "" {
				t.Errorf("%q is kept as %q", typed, v)
			}
		case accounts.BySNILS, accounts.ByINN:
			if digits := map[accounts.LoginKind]int{accounts.BySNILS: 11, accounts.ByINN: 12}[login.Kind]; len(v) != digits || strings.Trim(v, "0123456789") != "" {
				t.Errorf("%q is kept as %q", typed, v)
			}
		default:
			t.Errorf("%q is of no kind", typed)
		}
	})
}
