package accounts_test

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"veche/domain/accounts"
)

func TestTokensAreRandomAndCheckedByForm(t *testing.T) {
	t.Parallel()
	token, other := accounts.NewToken(), accounts.NewToken()
	if token == other || len(token) != 43 {
		t.Errorf("tokens %q and %q", token, other)
	}
	if want := sha256.Sum256([]byte(token)); !bytes.Equal(token.Hash(), want[:]) {
		t.Error("the hash is not SHA-256 of the token")
	}
	text := string(token)
	for given, want := range map[string]bool{
		text:                         true,
		"":                           false,
		text[:42]:                    false,
		text + "A":                   false,
		text + "=":                   false,
		text[:42] + "\n":             false,
		text + "\n":                  false,
		text[:20] + "\n" + text[20:]: false,
		text[:42] + "+":              false,
		strings.Repeat("B", 43):      false, // bits beyond the last byte
		strings.Repeat("A", 1<<16):   false,
	} {
		if got := accounts.Token(given).Valid(); got != want {
			t.Errorf("%.60q: valid %v, want %v", given, got, want)
		}
	}
}

func TestPublicIDsMayStandInTopics(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		id := accounts.NewPublicID()
		if seen[id] {
			t.Fatalf("%q came twice", id)
		}
		seen[id] = true
		if !accounts.Topic(id).Valid() || !accounts.SessionTopic(id).Valid() {
			t.Fatalf("%q may not stand in a topic", id)
		}
	}
}

func TestSessionRunsOut(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	ended := now.Add(-time.Minute)
	for _, c := range []struct {
		name    string
		session accounts.Session
		want    bool
	}{
		{"runs", accounts.Session{SeenAt: now, ExpiresAt: now.Add(time.Second)}, true},
		{"nobody uses it", accounts.Session{SeenAt: now.Add(-accounts.IdleLimit), ExpiresAt: now.Add(time.Hour)}, false},
		{"runs out this moment", accounts.Session{SeenAt: now, ExpiresAt: now}, false},
		{"was ended", accounts.Session{SeenAt: now, ExpiresAt: now.Add(time.Hour), EndedAt: &ended}, false},
	} {
		if got := c.session.Active(now); got != c.want {
			t.Errorf("%s: active %v", c.name, got)
		}
	}
}

func TestPlaceIsCutToWhatIsShown(t *testing.T) {
	t.Parallel()
	got := accounts.NewPlace(" Mozilla\x00/5.0\r\n\u202e(X11)\xff ", "::1\n")
	if got.Device != "Mozilla/5.0(X11)" || got.Address != "::1" {
		t.Errorf("%+q", got)
	}
	long := accounts.NewPlace(strings.Repeat("я", 10_000), strings.Repeat("1", 10_000))
	if utf8.RuneCountInString(long.Device) != 400 || len(long.Address) != 64 {
		t.Errorf("kept %d and %d characters", utf8.RuneCountInString(long.Device), len(long.Address))
	}
}

func TestDeviceIsNamed(t *testing.T) {
	t.Parallel()
	const mozilla, webkit = "Mozilla/5.0 ", "AppleWebKit/537.36 (KHTML, like Gecko) "
	for device, want := range map[string][2]string{
		mozilla + "(Windows NT 10.0; Win64; x64) " + webkit + "Chrome/130.0 Safari/537.36":                           {"Chrome", "Windows"},
		mozilla + "(Windows NT 10.0; Win64; x64) " + webkit + "Chrome/130.0 Safari/537.36 Edg/130.0":                 {"Edge", "Windows"},
		mozilla + "(Windows NT 10.0; Win64; x64) " + webkit + "Chrome/128.0 YaBrowser/24.10 Safari/537.36":           {"Яндекс Браузер", "Windows"},
		mozilla + "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15":            {"Safari", "macOS"},
		mozilla + "(iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1": {"Safari", "iPhone"},
		mozilla + "(Linux; Android 14; K) " + webkit + "Chrome/130.0 Mobile Safari/537.36":                           {"Chrome", "Android"},
		mozilla + "(X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0":                                       {"Firefox", "Linux"},
		"curl/8.5.0": {"", ""},
		"":           {"", ""},
	} {
		session := accounts.Session{Device: device}
		if got := [2]string{session.Browser(), session.System()}; got != want {
			t.Errorf("%s: %q, want %q", device, got, want)
		}
	}
}
