package sms_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veche/cmd/sim/inbox"
	"veche/cmd/sim/site"
	"veche/cmd/sim/sms"
)

const (
	token  = "test-token"
	secret = "test-secret"
)

type gateway struct {
	box *inbox.Box
	url string
}

func start(t *testing.T, adjust ...func(*sms.Config)) gateway {
	t.Helper()
	config := sms.Config{
		Token: token, Secret: secret, Late: 50 * time.Millisecond,
		Pauses: []time.Duration{time.Millisecond, time.Millisecond},
	}
	for _, change := range adjust {
		change(&config)
	}
	box := inbox.NewBox(inbox.Ordinary, time.Now)
	log := slog.New(slog.DiscardHandler)
	card := sms.New(config, "http://sim.test", box, time.Now, log).Card()
	frame, err := site.New(time.UTC, log, card)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(frame)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- card.Run(ctx) }()
	t.Cleanup(func() {
		server.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the gateway ended with %v", err)
		}
	})
	return gateway{box: box, url: server.URL}
}

// reply is an answer of the gateway, of either kind.
type reply struct {
	status   int
	header   http.Header
	Message  string
	ID       string
	Status   any // a word, or the number of a problem document
	Reason   string
	Segments int
	Code     string
}

func (g gateway) post(t *testing.T, body string, headers ...string) reply {
	t.Helper()
	return g.ask(t, http.MethodPost, "/sms/v1/messages", body, headers...)
}

func (g gateway) ask(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, g.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := reply{status: response.StatusCode, header: response.Header}
	if err := json.Unmarshal(content, &got); err != nil {
		t.Fatalf("%s: %v", content, err)
	}
	return got
}

func body(t *testing.T, id, to, text, callback string) string {
	t.Helper()
	content, err := json.Marshal(map[string]string{"id": id, "to": to, "text": text, "callback": callback})
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestMessageIsOnThePhoneWhenItIsAccepted(t *testing.T) {
	g := start(t)
	got := g.post(t, `{"id":"login-1","to":"+79161234567","text":"Ваш код: 482913"}`)
	if got.status != http.StatusAccepted || got.ID != "login-1" || got.Status != "accepted" || got.Segments != 1 || got.Message == "" {
		t.Fatalf("answer %+v", got)
	}
	messages := g.box.Messages(inbox.Filter{To: "+79161234567", Kind: inbox.SMS})
	if len(messages) != 1 || messages[0].Text != "Ваш код: 482913" || messages[0].Codes[0] != "482913" {
		t.Fatalf("phone has %v", messages)
	}
	now := g.ask(t, http.MethodGet, "/sms/v1/messages/"+got.Message, "")
	if now.status != http.StatusOK || now.Status != "delivered" {
		t.Errorf("status later %+v", now)
	}
}

func TestRepeatedSendIsDeliveredOnce(t *testing.T) {
	g := start(t)
	first := g.post(t, body(t, "a", "+79161234567", "раз", ""))
	again := g.post(t, body(t, "a", "+79161234567", "раз", ""))
	if again.status != http.StatusAccepted || again.Message != first.Message || again.header.Get("Idempotent-Replay") != "true" {
		t.Errorf("repeat answered %+v", again)
	}
	if first.header.Get("Idempotent-Replay") != "" {
		t.Error("the first send calls itself a replay")
	}
	for _, other := range []string{
		body(t, "a", "+79161234567", "два", ""), body(t, "a", "+79161234568", "раз", ""),
		body(t, "a", "+79161234567", "раз", "http://127.0.0.1:1/x"),
	} {
		if got := g.post(t, other); got.status != http.StatusConflict || got.Code != "id_reused" {
			t.Errorf("%s: %+v", other, got)
		}
	}
	if got := len(g.box.Messages(inbox.Filter{})); got != 1 {
		t.Errorf("%d messages delivered, want 1", got)
	}
}

func TestForgedTokenIsRefused(t *testing.T) {
	g := start(t)
	sent := g.post(t, body(t, "known", "+79161234567", "x", ""))
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Bearer " + token + "x", "Basic " + token, token} {
		got := g.post(t, body(t, "forged", "+79161234567", "x", ""), "Authorization", header)
		if got.status != http.StatusUnauthorized || got.Code != "invalid_token" || got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%q: %+v", header, got)
		}
		if got := g.ask(t, http.MethodGet, "/sms/v1/messages/"+sent.Message, "", "Authorization", header); got.status != http.StatusUnauthorized {
			t.Errorf("%q: the status was told: %+v", header, got)
		}
	}
	if got := len(g.box.Messages(inbox.Filter{})); got != 1 {
		t.Errorf("%d messages delivered, want 1", got)
	}
}

func TestRefusalsNameTheirCause(t *testing.T) {
	g := start(t)
	for _, c := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"no json", `hello`, 400, "invalid_json"},
		{"two objects", `{"id":"a","to":"+79161234567","text":"x"}{}`, 400, "invalid_json"},
		{"unknown field", `{"id":"a","to":"+79161234567","text":"x","from":"me"}`, 400, "invalid_json"},
		{"number as text", `{"id":"a","to":79161234567,"text":"x"}`, 400, "invalid_json"},
		{"huge", body(t, "a", "+79161234567", strings.Repeat("x", 20<<10), ""), 413, "too_large"},
		{"no id", body(t, "", "+79161234567", "x", ""), 422, "invalid_id"},
		{"long id", body(t, strings.Repeat("a", 65), "+79161234567", "x", ""), 422, "invalid_id"},
		{"id with spaces", body(t, "a b", "+79161234567", "x", ""), 422, "invalid_id"},
		{"national number", body(t, "a", "89161234567", "x", ""), 422, "invalid_number"},
		{"number with spaces", body(t, "a", "+7 916 1234567", "x", ""), 422, "invalid_number"},
		{"number from zero", body(t, "a", "+09161234567", "x", ""), 422, "invalid_number"},
		{"sixteen digits", body(t, "a", "+7916123456789012", "x", ""), 422, "invalid_number"},
		{"blank text", body(t, "a", "+79161234567", " \n", ""), 422, "invalid_text"},
		{"eleven segments", body(t, "a", "+79161234567", strings.Repeat("я", 671), ""), 422, "too_long"},
		{"callback elsewhere", body(t, "a", "+79161234567", "x", "http://192.0.2.1/hook"), 422, "callback_not_allowed"},
		{"callback of metadata", body(t, "a", "+79161234567", "x", "http://169.254.169.254/"), 422, "callback_not_allowed"},
		{"callback that looks local", body(t, "a", "+79161234567", "x", "http://127.0.0.1.example.test/"), 422, "callback_not_allowed"},
		{"callback everywhere", body(t, "a", "+79161234567", "x", "http://0.0.0.0:80/"), 422, "callback_not_allowed"},
		{"callback with a name", body(t, "a", "+79161234567", "x", "http://127.0.0.1@192.0.2.1/"), 422, "invalid_callback"},
		{"callback to a file", body(t, "a", "+79161234567", "x", "file:///etc/passwd"), 422, "invalid_callback"},
		{"endless callback", body(t, "a", "+79161234567", "x", "http://127.0.0.1/"+strings.Repeat("x", 2048)), 422, "invalid_callback"},
		{"refused number", body(t, "a", "+79990000003", "x", ""), 422, "number_refused"},
		{"busy", body(t, "a", "+79990000004", "x", ""), 503, "busy"},
	} {
		got := g.post(t, c.body)
		if got.status != c.status || got.Code != c.code || got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %+v, want %d %s", c.name, got, c.status, c.code)
		}
		if c.status == 503 && got.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", c.name)
		}
	}
	if got := g.post(t, body(t, "a", "+79161234567", "x", ""), "Content-Type", "text/plain"); got.status != 415 || got.Code != "not_json" {
		t.Errorf("plain text: %+v", got)
	}
	if got := g.ask(t, http.MethodGet, "/sms/v1/messages/unknown", ""); got.status != 404 || got.Code != "not_found" {
		t.Errorf("unknown message: %+v", got)
	}
	if got := len(g.box.Messages(inbox.Filter{})); got != 0 {
		t.Errorf("%d refused messages were delivered", got)
	}
}

func TestSegmentsAreCountedAsPhonesDo(t *testing.T) {
	g := start(t)
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"one of latin":              {strings.Repeat("a", 160), 1},
		"two of latin":              {strings.Repeat("a", 161), 2},
		"three of latin":            {strings.Repeat("a", 307), 3},
		"one of cyrillic":           {strings.Repeat("я", 70), 1},
		"two of cyrillic":           {strings.Repeat("я", 71), 2},
		"ten of cyrillic":           {strings.Repeat("я", 670), 10},
		"euro takes two places":     {strings.Repeat("€", 80), 1},
		"euro is not torn":          {strings.Repeat("a", 152) + "€" + strings.Repeat("a", 151), 2},
		"euro that does not fit":    {strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3},
		"emoji takes two places":    {strings.Repeat("😀", 35), 1},
		"emoji in several is whole": {strings.Repeat("😀", 67), 3},
	} {
		if got := g.post(t, body(t, "seg-"+strings.ReplaceAll(name, " ", "-"), "+79161234567", c.text, "")); got.Segments != c.want {
			t.Errorf("%s: %d segments, want %d (%+v)", name, got.Segments, c.want, got)
		}
	}
}

func TestPageListsNumbersAndJournalInBothLanguages(t *testing.T) {
	g := start(t)
	g.post(t, body(t, "a", "+79990000001", "<script>alert(1)</script>", ""))
	for lang, want := range map[string]string{"ru": "не доставлено", "en": "not delivered"} {
		response, err := http.Get(g.url + "/sms?lang=" + lang)
		if err != nil {
			t.Fatal(err)
		}
		document, err := goquery.NewDocumentFromReader(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		page := document.Text()
		for _, part := range []string{want, "+79990000001", "+79990000002", "+79990000003", "+79990000004", "+79990000005"} {
			if !strings.Contains(page, part) {
				t.Errorf("%s page lacks %q", lang, part)
			}
		}
		if strings.Contains(page, token) || strings.Contains(page, "[sms.") {
			t.Errorf("%s page shows the token or a missing word:\n%s", lang, page)
		}
	}
}
