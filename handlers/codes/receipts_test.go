package codes_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"veche/domain/accounts"
	"veche/domain/problem"
	"veche/handlers"
	"veche/handlers/codes"
	"veche/handlers/webtest"
)

// signed is what the gateway of these tests signs everything with; how a real one
// signs is tested where it is spoken to.
const signed = "signed by the gateway"

// ledger notes what receipts say.
type ledger struct {
	mu    sync.Mutex
	noted map[string]string
	told  []string // bodies, as they came
	fails error    // what noting answers
}

func (l *ledger) Verify(signature string, body []byte) (messageID, state string, err error) {
	if signature != signed {
		return "", "", errors.New("hunter2 did not sign this")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, string(body))
	return "code-1", "delivered", nil
}

func (l *ledger) Delivered(_ context.Context, messageID, state string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fails == nil {
		l.noted[messageID] = state
	}
	return l.fails
}

func newSite(t *testing.T, fails error) (*webtest.Site, *ledger) {
	t.Helper()
	l := &ledger{noted: map[string]string{}, fails: fails}
	quietly := func(o *handlers.Options) { o.Log = slog.New(slog.DiscardHandler) }
	return webtest.New(t, func(s *webtest.Site) { s.Server.Mount(codes.New(l).Routes()) }, quietly), l
}

// bring posts a receipt as a gateway does, and answers the status, what was said, and
// the cookies.
func bring(t *testing.T, site *webtest.Site, signature, body string, header ...string) (int, string, []*http.Cookie) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site.URL+codes.Path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(codes.SignatureHeader, signature)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text), answer.Cookies()
}

// receipt has bytes that a reader of JSON would not give back as they came.
const receipt = "{ \"id\":\"code-1\",\r\n\t\"status\":\"delivered\", \"name\":\"Ёж\\u00e9\" }\n"

func TestSignedReceiptIsNotedWithoutSessionAndToken(t *testing.T) {
	t.Parallel()
	site, l := newSite(t, nil)
	for range 2 { // a gateway that missed the answer comes again
		if status, _, cookies := bring(t, site, signed, receipt); status != http.StatusNoContent || len(cookies) != 0 {
			t.Errorf("%d with %d cookies", status, len(cookies))
		}
	}
	if len(l.noted) != 1 || l.noted["code-1"] != "delivered" {
		t.Errorf("noted %v", l.noted)
	}
	if len(l.told) != 2 || l.told[0] != receipt {
		t.Errorf("the signature was asked of %q", l.told)
	}
}

// Neither a stranger nor somebody's own browser gets a receipt noted.
func TestReceiptWithoutTheGatewaysSignatureIsRefused(t *testing.T) {
	t.Parallel()
	site, l := newSite(t, nil)
	for _, signature := range []string{"", "nonsense"} {
		for _, cookie := range []string{"", "session=forged; visitor=forged"} {
			status, said, cookies := bring(t, site, signature, receipt, "Cookie", cookie)
			if status != http.StatusForbidden || len(cookies) != 0 || strings.Contains(said, "<") || strings.Contains(said, "hunter2") {
				t.Errorf("%q, cookie %q: %d %q with %d cookies", signature, cookie, status, said, len(cookies))
			}
		}
	}
	admin, _ := site.Person(accounts.Grant{Role: accounts.RoleAdmin})
	admin.Header.Set("X-CSRF-Token", site.CSRFOf(admin, "/nowhere"))
	if answer := admin.Post(codes.Path, url.Values{"id": {"code-1"}, "status": {"delivered"}}); answer.Status != http.StatusForbidden {
		t.Errorf("a person's form: %d", answer.Status)
	}
	if len(l.noted) != 0 {
		t.Errorf("noted %v", l.noted)
	}
}

func TestReceiptLongerThanAnyIsNotEvenChecked(t *testing.T) {
	t.Parallel()
	site, l := newSite(t, nil)
	long := `{"id":"code-1","status":"delivered","reason":"` + strings.Repeat("a", 17<<10) + `"}`
	if status, _, _ := bring(t, site, signed, long); status != http.StatusRequestEntityTooLarge || len(l.noted) != 0 {
		t.Errorf("%d, noted %v", status, l.noted)
	}
}

// Whether the gateway comes again is decided by the answer, which a program reads: a
// line, and nothing of the inside.
func TestAnswerTellsTheGatewayWhetherToComeAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails error
		want  int
	}{
		"no such message":    {problem.New(problem.NotFound, "problems.not_found"), http.StatusGone},
		"it cannot be noted": {errors.New("hunter2 is away"), http.StatusInternalServerError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site, _ := newSite(t, c.fails)
			status, said, cookies := bring(t, site, signed, receipt)
			if status != c.want || len(cookies) != 0 || strings.Contains(said, "<") || strings.Contains(said, "hunter2") {
				t.Errorf("%d %q with %d cookies", status, said, len(cookies))
			}
		})
	}
}

// What only reads has no address here.
func TestReceiptsAreNotRead(t *testing.T) {
	t.Parallel()
	site, _ := newSite(t, nil)
	if answer := site.Guest().Get(codes.Path); answer.Status != http.StatusMethodNotAllowed && answer.Status != http.StatusNotFound {
		t.Errorf("%d", answer.Status)
	}
}
