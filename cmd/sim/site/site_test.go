package site_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"veche/cmd/sim/site"
)

func words(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// frame makes a site with one part whose page shows the data it is given.
func frame(t *testing.T, data any) http.Handler {
	t.Helper()
	files := fstest.MapFS{
		"words.ru.toml": words("[bank]\nname = \"Банк\"\nabout = \"Платит\"\nhello = \"Здравствуйте, {{.Name}}\"\n[bank.letters]\none = \"{{.Count}} письмо\"\nfew = \"{{.Count}} письма\"\nmany = \"{{.Count}} писем\"\nother = \"{{.Count}} письма\"\n"),
		"words.en.toml": words("[bank]\nname = \"Bank\"\nabout = \"Pays\"\nhello = \"Hello, {{.Name}}\"\n[bank.letters]\none = \"{{.Count}} letter\"\nother = \"{{.Count}} letters\"\n"),
		"page.html": words(`{{define "title"}}{{.T "bank.name"}}{{end}}{{define "body"}}` +
			`<h1>{{.T "bank.hello" "Name" .Data}}</h1><p>{{.N "bank.letters" 5}}</p>{{.T "bank.unknown"}}{{end}}`),
	}
	card := site.Card{Key: "bank", Files: files, Mount: func(mux *http.ServeMux, s *site.Site) error {
		page, err := s.Page(files, "page.html")
		if err != nil {
			return err
		}
		mux.HandleFunc("GET /bank", func(w http.ResponseWriter, r *http.Request) { page.Render(w, r, http.StatusOK, data) })
		mux.HandleFunc("POST /bank", func(http.ResponseWriter, *http.Request) {})
		return nil
	}}
	s, err := site.New(time.UTC, slog.New(slog.DiscardHandler), card)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(t *testing.T, handler http.Handler, path string, headers ...string) *http.Response {
	t.Helper()
	return ask(t, handler, http.MethodGet, path, headers...)
}

func ask(t *testing.T, handler http.Handler, method, path string, headers ...string) *http.Response {
	t.Helper()
	request := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Result()
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReaderGetsTheirLanguage(t *testing.T) {
	handler := frame(t, "Анна")
	for _, c := range []struct{ name, path, accept, cookie, want string }{
		{"russian when nothing is asked", "/bank", "", "", "Здравствуйте, Анна"},
		{"russian for a language we lack", "/bank", "fr", "", "Здравствуйте, Анна"},
		{"browser", "/bank", "en-GB,en;q=0.9,ru;q=0.2", "", "Hello, Анна"},
		{"cookie over browser", "/bank", "en", "ru", "Здравствуйте, Анна"},
		{"link over cookie", "/bank?lang=en", "ru", "ru", "Hello, Анна"},
		{"nonsense is left aside", "/bank?lang=%00", "en", "", "Hello, Анна"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cookie := ""
			if c.cookie != "" {
				cookie = "sim_lang=" + c.cookie
			}
			page := body(t, get(t, handler, c.path, "Accept-Language", c.accept, "Cookie", cookie))
			if !strings.Contains(page, c.want) {
				t.Errorf("page lacks %q:\n%s", c.want, page)
			}
		})
	}
}

func TestLanguageLinkIsRememberedAndKeepsTheQuery(t *testing.T) {
	response := get(t, frame(t, ""), "/bank?to=anna@demo.test&lang=en")
	cookies := response.Cookies()
	if len(cookies) != 1 || cookies[0].Value != "en" || !cookies[0].HttpOnly {
		t.Errorf("cookies = %v", cookies)
	}
	if page := body(t, response); !strings.Contains(page, `href="/bank?lang=ru&amp;to=anna%40demo.test"`) {
		t.Errorf("no link back to Russian that keeps the recipient:\n%s", page)
	}
}

func TestPluralsFollowTheLanguage(t *testing.T) {
	handler := frame(t, "")
	for lang, want := range map[string]string{"ru": "5 писем", "en": "5 letters"} {
		if page := body(t, get(t, handler, "/bank?lang="+lang)); !strings.Contains(page, want) {
			t.Errorf("%s: no %q", lang, want)
		}
	}
}

func TestMissingKeyIsVisible(t *testing.T) {
	if page := body(t, get(t, frame(t, ""), "/bank")); !strings.Contains(page, "[bank.unknown]") {
		t.Error("a missing key left no mark")
	}
}

func TestDataIsEscaped(t *testing.T) {
	page := body(t, get(t, frame(t, `<script>alert(1)</script>`), "/bank"))
	if strings.Contains(page, "<script>alert") {
		t.Errorf("data became markup:\n%s", page)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	handler := frame(t, "")
	for _, path := range []string{"/bank", "/nowhere", "/healthz", "/static/live.js"} {
		header := get(t, handler, path).Header
		policy := header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: content may be sniffed", path)
		}
	}
}

func TestChangesFromOtherSitesAreRefused(t *testing.T) {
	handler := frame(t, "")
	if got := ask(t, handler, http.MethodPost, "/bank", "Sec-Fetch-Site", "cross-site").StatusCode; got != http.StatusForbidden {
		t.Errorf("another site's form: %d", got)
	}
	if got := ask(t, handler, http.MethodPost, "/bank").StatusCode; got != http.StatusOK {
		t.Errorf("a program: %d", got)
	}
}

func TestUnknownPageIsSaidInWords(t *testing.T) {
	response := get(t, frame(t, ""), "/nowhere")
	if response.StatusCode != http.StatusNotFound || !strings.Contains(body(t, response), "Такой страницы нет") {
		t.Errorf("status %d", response.StatusCode)
	}
}

func TestBrokenTemplateStopsTheProgram(t *testing.T) {
	files := fstest.MapFS{
		"words.ru.toml": words(""), "words.en.toml": words(""), "page.html": words("{{define \"body\"}}{{if}}"),
	}
	_, err := site.New(time.UTC, slog.New(slog.DiscardHandler), site.Card{
		Key: "bank", Files: files, Mount: func(_ *http.ServeMux, s *site.Site) error {
			_, err := s.Page(files, "page.html")
			return err
		},
	})
	if err == nil || !strings.Contains(err.Error(), "mount bank") {
		t.Errorf("err = %v", err)
	}
}
