package codes_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"veche/domain/codes"
)

func TestCodeIsReadAsItIsTyped(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"123456":                  "123456",
		" 123 456 ":               "123456",
		"123-456":                 "123456",
		"\u200b123\u00a0456":      "123456",
		"":                        "",
		"12345":                   "",
		"1234567":                 "",
		"12345a":                  "",
		"１２３４５６":                  "",
		"\xff123456":              "",
		strings.Repeat(" ", 1000): "",
	} {
		got, err := codes.Parse(typed)
		if got != want || (want == "") != errors.Is(err, codes.ErrNoCode) {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("123 456")
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := codes.Parse(typed)
		if err == nil && (len(code) != codes.Digits || strings.Trim(code, "0123456789") != "") {
			t.Errorf("%q is read as %q", typed, code)
		}
	})
}

func TestAddressIsMasked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel       codes.Channel
		address, want string
	}{
		{codes.SMS, "+79441234567", "+7 ••• ••• 67"},
		{codes.SMS, "+7", "•••"},
		{codes.Mail, "анна@пример.рф", "а•••@пример.рф"},
		{codes.Mail, "", ""},
	} {
		if got := codes.Mask(c.channel, c.address); got != c.want {
			t.Errorf("%s is shown as %q", c.address, got)
		}
	}
}

func TestCodeMayBeSentAgainAfterAWhile(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if got := (codes.Code{Sends: 1, SentAt: at}).ResendAt(); !got.Equal(at.Add(codes.ResendAfter)) {
		t.Errorf("again at %s", got)
	}
	if got := (codes.Code{Sends: codes.MaxSends, SentAt: at}).ResendAt(); !got.IsZero() {
		t.Errorf("again at %s, after the last sending", got)
	}
}
