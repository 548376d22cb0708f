package styleguide_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"veche/handlers/about"
	"veche/handlers/styleguide"
)

// The pages tested here are the pages that are served.
func TestPagesAreTheRoutes(t *testing.T) {
	served := map[string]bool{}
	for _, route := range append(styleguide.Routes(), about.Routes()...) {
		served[route.Path] = true
	}
	for _, p := range pages {
		if !served[p.path] {
			t.Errorf("%s is tested and not served", p.path)
		}
		delete(served, p.path)
	}
	for path := range served {
		t.Errorf("%s is served and not tested", path)
	}
}

func load(t *testing.T, address, cookies string) []byte {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", cookies)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	html, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d", address, answer.StatusCode)
	}
	return html
}

var unsaid = regexp.MustCompile(`\b(styleguide|about|layout|common|ui)\.[a-z_.-]+[a-z]\b`)

func TestEverySentenceIsSaid(t *testing.T) {
	base := serve(t)
	for _, lang := range []string{"ru", "en"} {
		for _, p := range pages {
			if found := unsaid.FindAllString(string(load(t, base+p.path, "lang="+lang)), -1); found != nil {
				t.Errorf("%s in %s shows ids: %v", p.path, lang, found)
			}
		}
	}
}

func TestFirstHTMLIsSmall(t *testing.T) {
	const limit = 40 << 10
	base := serve(t)
	for _, p := range pages {
		var zipped bytes.Buffer
		gz := gzip.NewWriter(&zipped)
		if _, err := gz.Write(load(t, base+p.path, "")); err != nil {
			t.Fatal(err)
		}
		if err := gz.Close(); err != nil {
			t.Fatal(err)
		}
		if zipped.Len() > limit {
			t.Errorf("%s is %d bytes gzipped, at most %d are allowed", p.path, zipped.Len(), limit)
		}
	}
}

// English pages have no Russian left in them, names of people apart.
func TestEnglishIsEnglish(t *testing.T) {
	base := serve(t)
	cyrillic := regexp.MustCompile(`[А-Яа-яЁё]+`)
	for _, p := range pages {
		html := string(load(t, base+p.path, "lang=en"))
		html = strings.ReplaceAll(html, "Русский", "") // the language by its own name
		html = strings.ReplaceAll(html, "РУ", "")
		if found := cyrillic.FindAllString(html, 5); found != nil {
			t.Errorf("%s in English shows %v", p.path, found)
		}
	}
}
